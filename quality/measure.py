"""All violation counts of a feed from one DuckDB query, kept as a one-row table.

The connection is private to a run: views on the lake's exact snapshot (schema `lake`), the seeds
as text (schema `seeds`) and the counts (catalog `counts`, one table per feed), a small file that
great-expectations judges. No check waits for dbt's lock, and none holds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.city import seed
from ingestion.contract.model import ZONES
from ingestion.lake import register
from quality.rules import Rule, quoted

SEED_TABLES = ("seed_division", "seed_organisation", "seed_code")
COULD_NOT_RUN = -1


@contextmanager
def lake_connection(counts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees the lake and the seeds and writes its counts to the file `counts`."""
    with duckdb.connect() as con:
        # Counts only leave this connection, so it may look into the L4 zones too.
        register(con, None, None, *ZONES)
        con.execute("create schema seeds")
        for name in SEED_TABLES:
            file = str(seed(name)).replace("'", "''")
            con.execute(
                f"create view seeds.{name} as "
                f"select * from read_csv('{file}', header = true, all_varchar = true)"
            )
        path = str(counts).replace("'", "''")
        con.execute(f"attach '{path}' as counts")
        yield con
        con.execute("detach counts")


def _columns(rules: list[Rule]) -> str:
    return ", ".join(
        f"({r.failed})::bigint as {quoted(r.name)}, ({r.checked})::bigint as "
        f"{quoted(r.name + '_checked')}"
        for r in rules
    )


def _store(con: duckdb.DuckDBPyConnection, table: str, rules: list[Rule]) -> None:
    shares = ", ".join(
        f"case when {quoted(r.name)} < 0 then 0 when {quoted(r.name + '_checked')} = 0 then 1 "
        f"else 1 - {quoted(r.name)} / {quoted(r.name + '_checked')}::double end "
        f"as {quoted(r.name + '_share')}"
        for r in rules
        if r.share is not None
    )
    more = f", {shares}" if shares else ""
    con.execute(
        f"create or replace table counts.main.{quoted(table)} as "
        f"select *{more} from (select {_columns(rules)})"
    )


def measure(con: duckdb.DuckDBPyConnection, table: str, rules: list[Rule]) -> dict[str, str]:
    """Store the counts of a feed; gives the rules that could not run, with the reason's kind.

    A rule that cannot run counts as failed (Q03): its count is -1 and its share 0.
    """
    try:
        _store(con, table, rules)
    except duckdb.Error:
        broken: dict[str, str] = {}
        for rule in rules:
            try:
                con.execute(f"select {_columns([rule])}")
            except duckdb.Error as error:
                broken[rule.name] = type(error).__name__
        shown = [
            r
            if r.name not in broken
            else Rule(r.name, r.severity, r.title_zh, str(COULD_NOT_RUN), "0", r.share)
            for r in rules
        ]
        _store(con, table, shown)
        return broken
    return {}
