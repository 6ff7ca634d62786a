"""What the page 数据安全 says of the contracts and roles, as temporary tables for its SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import duckdb

from dashboards.server.roles import audiences, roles
from ingestion import clock
from ingestion.contract.model import BANDED, ZONED, Contract, Field
from ingestion.generate.register import treated

Rows = Sequence[tuple[object, ...]]
_CONTRACT = (
    *("feed_code varchar", "name_zh varchar", "system_zh varchar", "purpose varchar"),
    *("legal_basis varchar", "owner varchar", "level_raw varchar", "level_landed varchar"),
    *("zone varchar", "treated_text varchar", "archive_days integer", "retention_days integer"),
)
_COLUMN = ("feed_code varchar", "level varchar", "treatment varchar", "columns_n bigint")
_EXEMPTION = (
    *("feed_code varchar", "test_name varchar", "owner varchar", "reason varchar"),
    "until_date date",
)
_ROLE = (
    *("role_no integer", "role_name varchar", "label_zh varchar", "pages_text varchar"),
    *("bench_text varchar", "feeds_text varchar"),
)
_ACCESS = ("action varchar", "outcome varchar", "accesses_n bigint")
# The log is of the machine's own days, whatever day the data stand at.
ACCESS_DAYS = 30


def add_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: Rows
) -> None:
    """A temporary table of these rows."""
    connection.execute(f"create temporary table {name} ({', '.join(columns)})")
    if rows:  # executemany refuses an empty list
        places = ", ".join("?" * len(columns))
        connection.executemany(f"insert into {name} values ({places})", rows)


def add_register(connection: duckdb.DuckDBPyConnection, contracts: list[Contract]) -> None:
    """`contract_word`, `column_word`, `exemption_word`, `role_word` and `access_word`."""
    add_table(connection, "contract_word", _CONTRACT, [_contract(c) for c in contracts])
    add_table(connection, "column_word", _COLUMN, _columns(contracts))
    exempt: Rows = [
        (c.code, e.check, e.owner, e.reason, e.until) for c in contracts for e in c.exemptions
    ]
    add_table(connection, "exemption_word", _EXEMPTION, exempt)
    add_table(connection, "role_word", _ROLE, _roles())
    add_table(connection, "access_word", _ACCESS, _accesses())


def _contract(c: Contract) -> tuple[object, ...]:
    days = (c.archive_days, c.retention_days)
    levels = (c.level_raw, c.level_landed)
    return (
        c.code,
        c.name,
        c.domain,
        c.purpose,
        c.legal_basis,
        c.owner,
        *levels,
        c.zone,
        treated(c),
        *days,
    )


def _columns(contracts: list[Contract]) -> Rows:
    counted = Counter((c.code, f.level, _treatment(f)) for c in contracts for f in c.fields)
    return [(*key, n) for key, n in sorted(counted.items())]


def _treatment(field: Field) -> str:
    """What becomes of a column before the first durable write, in a word."""
    if not field.personal:
        return "原样（无个人信息）"
    if field.presence_only:
        return "只留有无"
    if field.landed_name is None:
        return "不落湖"
    if field.pii in BANDED:
        return "只留年龄段"
    return "只在专域" if field.pii in ZONED else "换成令牌"


def _roles() -> Rows:
    from orchestration.access.statement import explained

    found: list[tuple[object, ...]] = []
    for number, role in enumerate(roles(), 1):
        # The words of the auditors' statement, without the rule itself.
        pages = explained(role.clause).partition("〔")[0] if role.clause else "—"
        bench = f"bench-{role.bench}（去标识）" if role.bench else "—"
        feeds = f"{len(audiences()[role.bench][1])} 个数据源" if role.bench else "—"
        found.append((number, role.name, role.label, pages, bench, feeds))
    return found


def _accesses() -> Rows:
    """Looks of the last days at data, by what was done and how it ended; no names."""
    from orchestration.access.listing import counted

    return counted(clock.instant() - timedelta(days=ACCESS_DAYS))
