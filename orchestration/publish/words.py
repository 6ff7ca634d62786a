"""What page SQL needs besides the build: words, feeds in zones, revisions."""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl

from ingestion.contract.model import Contract
from orchestration.publish.register import Rows, add_register
from orchestration.publish.register import add_table as _add

_SEEDS = {
    "seed_division": "区划表",
    "seed_organisation": "机构表",
    "seed_village": "村社表",
    "seed_code": "代码表",
    "seed_workday_calendar": "工作日历",
}

# How page SQL words what it prints. A feed's name without what only engineers need (the file that
# a list lies in); an indicator's code without the variant's English tail; a count, scaled; the
# reason of a light without the rule, which stands in the definitions.
_MACROS = (
    r"feed_name(name) as regexp_replace(name, '\s*\((见 |AHP)[^)]*\)', '')",
    "plain_code(code) as split_part(code, '#', 1)",
    "counted(n) as case when n is null then '—' when abs(n) >= 1e8 then printf('%.2f 亿', n / 1e8)"
    " when abs(n) >= 1e6 then printf('%.1f 万', n / 1e4)"
    " when n = floor(n) then format('{:,}', n::bigint) else format('{:,.2f}', n) end",
    r"because(reason) as translate("
    r"regexp_replace(reason, '[,，]超过\d+%\([红黄]灯线\)$', ''), ',;()', '，；（）')",
)


def add_words(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Temporary tables for the page SQL to join: `field_word`, `check_word`, `zoned_feed`,
    `category_system` (the source system of each of the 48 categories), and for the register of
    purposes `contract_word`, `column_word`, `exemption_word`, `role_word`, `access_word`; of each
    indicator, `revision_word`; and the macros above."""
    from ingestion.contract.load import load_all

    for macro in _MACROS:
        connection.execute(f"create temporary macro {macro}")
    _add_revisions(connection)
    contracts = list(load_all().values())
    texts = ("feed_code varchar", "column_name varchar", "word varchar")
    _add(connection, "field_word", texts, _fields(contracts))
    texts = ("feed_code varchar", "test_name varchar", "word varchar")
    _add(connection, "check_word", texts, _checks(contracts, as_of))
    zoned = [(contract.code,) for contract in contracts if contract.zone]
    _add(connection, "zoned_feed", ("feed_code varchar",), zoned)
    systems = [(contract.code, contract.domain) for contract in contracts if contract.is_category]
    _add(connection, "category_system", ("feed_code varchar", "system_zh varchar"), systems)
    add_register(connection, contracts)


def _add_revisions(connection: duckdb.DuckDBPyConnection) -> None:
    """`revision_word`: how often a published value of an indicator was read anew, and when last."""
    from ingestion.lake.tables import exists, load
    from orchestration.judging.revision import path

    connection.execute(
        "create temporary table revision_word"
        " (indicator_code varchar, revised_n bigint, last_date timestamp with time zone)"
    )
    if not exists(path()):
        return
    table = load(path())
    if "reason" not in {field.name for field in table.schema().fields}:
        return  # written before reasons were kept
    told = pl.DataFrame(
        pl.from_arrow(
            table.to_pyarrow_table(
                columns=["indicator_code", "as_of"],
                filters=[("reason", "in", ["late data", "correction", "formula"])],
            )
        )
    )
    connection.register("revised", told.to_arrow())
    connection.execute("""
        insert into revision_word
        select indicator_code, count(*), max(as_of) from revised group by indicator_code
    """)


def _fields(contracts: list[Contract]) -> Rows:
    return [
        (contract.code, name, field.label)
        for contract in contracts
        for field in contract.fields
        for name in {field.name, field.landed_name or field.name, field.source}
    ]


def _checks(contracts: list[Contract], as_of: datetime) -> Rows:
    from quality.declared import rules_of

    tables = {**_SEEDS, **{contract.table: contract.name for contract in contracts}}
    return [
        (contract.code, rule.name, _in_words(rule.title_zh, tables))
        for contract in contracts
        for rule in rules_of(contract, as_of)
    ]


def _in_words(title: str, tables: dict[str, str]) -> str:
    """A check's title with tables called by their Chinese names."""
    for table, name in tables.items():
        title = title.replace(table, name)
    return title
