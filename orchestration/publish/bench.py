"""One DuckDB file per audience of SQL Lab, holding only what that audience may read.

SQL Lab on DuckDB is no boundary (traps): the file is. It gets the rows of the audience's feeds
whose contract says `serve` (levels L1 and L2, no landed column with a personal class, no zone),
the published values of the indicators that are made of these feeds alone (the whole city's
statistician: of all), and the words to read them by. No row of level L3 or L4 ever enters
`serving/`.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import duckdb

from dashboards.server import paths
from dashboards.server.roles import EVERY_INDICATOR, audiences, bench_name
from ingestion.contract import Contract, load_all
from ingestion.contract.model import Field

SERVED_LEVELS = ("L1", "L2")
# Reference data and logs that every audience may use.
COMMON_SOURCES = frozenset({"R01", "R02", "R05", "R06", "O01", "O02"})
# Words for the tables that are no feed; a line without a column is for the table.
_WORDS = Path(__file__).parent / "bench_words.csv"
_UNIT = "unit_level, unit_code, name_zh, parent_level, parent_code, district_code, population"


class NotServable(RuntimeError):
    """A contract that says `serve` but lands what no SQL Lab may show."""


def servable(contract: Contract) -> bool:
    """Whether the rows of a feed may be read in SQL Lab; raises for a contract that errs."""
    if not contract.serve:
        return False
    personal = [f.name for f in contract.landed if f.personal]
    if contract.zone or personal or contract.level_landed not in SERVED_LEVELS:
        why = contract.zone or ", ".join(personal) or contract.level_landed
        raise NotServable(f"{contract.path}: serve is true, but the feed lands {why}")
    return True


def build_benches(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[Path, Path]:
    """Write a fresh file per audience beside the old one; gives fresh file → its place.

    `con` reads the build file; unqualified names find judged, marts, staging and seeds.
    """
    made = {}
    contracts = load_all()
    for audience, (_, feeds) in audiences().items():
        place = paths.bench_file(bench_name(audience))
        fresh = folder / f".{place.name}.{os.getpid()}.new"
        fresh.unlink(missing_ok=True)
        con.execute(f"attach '{fresh}' as bench (read_write)")
        try:
            _fill(con, [contracts[f] for f in feeds if f in contracts and servable(contracts[f])])
            _indicators(con, feeds)
            _describe(con, [contracts[f] for f in feeds if f in contracts])
        finally:
            con.execute("detach bench")
        made[fresh] = place
    return made


def _fill(con: duckdb.DuckDBPyConnection, contracts: list[Contract]) -> None:
    words = []
    for contract in contracts:
        # Columns with a leading underscore are lineage, not content.
        con.execute(
            f"create table bench.main.{contract.table} as "
            f"select columns('^[^_].*') from stg_{contract.table}"
        )
        words += [
            (
                contract.table,
                f.landed_name,
                f.label,
                f.description,
                f.unit,
                f.code_table,
                f.level,
            )
            for f in contract.landed
        ]
    con.execute("""
        create table bench.main.data_dictionary (table_name varchar, column_name varchar,
            label_zh varchar, description varchar, unit varchar, code_table varchar,
            level varchar)
    """)
    if words:
        con.executemany(
            "insert into bench.main.data_dictionary values (?, ?, ?, ?, ?, ?, ?)", words
        )


def _indicators(con: duckdb.DuckDBPyConnection, feeds: tuple[str, ...]) -> None:
    """The register and the values; of indicators under disclosure control only where the audience
    has every indicator, and never a hidden cell (it is hidden on the pages, too)."""
    known = ", ".join(f"'{code}'" for code in sorted({*feeds, *COMMON_SOURCES}))
    made_of_these = f"""
        where len(list_filter(string_split(sources, ';'), s -> s not in ({known}))) = 0
            and disclosure = 'none'
    """
    con.execute(f"""
        create table bench.main.indicator_registry as
        select * from dim_indicator {"" if EVERY_INDICATOR in feeds else made_of_these}
    """)
    con.execute("""
        create table bench.main.indicator as
        select * from fct_indicator
        where indicator_code in (select indicator_code from bench.main.indicator_registry)
            and not suppressed
    """)
    con.execute(f"create table bench.main.unit as select {_UNIT} from dim_unit")
    con.execute("create table bench.main.code as select * from dim_code")
    con.execute("create table bench.main.calendar as select * from dim_date")


def _describe(con: duckdb.DuckDBPyConnection, contracts: list[Contract]) -> None:
    """Write what tables and columns mean into the file: SQL Lab shows it beside their names, and so
    does any program that opens a snapshot."""
    found = con.execute(
        "select table_name, column_name from duckdb_columns() where database_name = 'bench'"
    ).fetchall()
    there = {(str(t), str(c)) for t, c in found} | {(str(t), "") for t, _ in found}
    with _WORDS.open(encoding="utf-8", newline="") as file:
        words = {(r["table_name"], r["column_name"]): r["words"] for r in csv.DictReader(file)}
    for contract in contracts:
        words[contract.table, ""] = f"{contract.name}（{contract.code}）"
        words |= {(contract.table, f.landed_name): _words(f) for f in contract.landed}
    con.execute("begin")  # else each comment waits for the disk
    for (table, column), text in words.items():
        if (table, column) in there:
            what = (
                f'column bench.main.{table}."{column}"' if column else f"table bench.main.{table}"
            )
            con.execute(f"comment on {what} is {_quoted(text)}")
    con.execute("commit")


def _words(field: Field) -> str:
    unit = f"（{field.unit}）" if field.unit else ""
    codes = f"；代码表 {field.code_table}" if field.code_table else ""
    return f"{field.label}{unit}：{field.description}{codes}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
