"""The one table of the main build file that comes out of the L4 zones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from ingestion.lake import duck

COLUMNS = {
    "indicator_code": "varchar",
    "unit_level": "varchar",
    "unit_code": "varchar",
    "window_kind": "varchar",
    "period_start": "date",
    "period_end": "date",
    "numerator": "double",
    "denominator": "double",
    "population_n": "bigint",
    "is_hidden": "boolean",
}


def ensure(database: Path) -> None:
    """Make the table, empty, where the main build file has none: dbt reads it as a source."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database)) as con:
        con.execute("create schema if not exists declassified")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        con.execute(f"create table if not exists declassified.zone_counts ({columns})")


def replace(database: Path, cells: Sequence[pl.DataFrame]) -> int:
    """Put these cells in the place of all that were there; gives their number."""
    ensure(database)
    with duckdb.connect(str(database)) as con:
        con.execute("begin")
        con.execute("delete from declassified.zone_counts")
        for frame in cells:
            con.register("cells", frame.to_arrow())
            con.execute("insert into declassified.zone_counts by name select * from cells")
            con.unregister("cells")
        con.execute("commit")
    return sum(len(frame) for frame in cells)


def crossing(zone_file: Path, zone: str) -> pl.DataFrame:
    """What a zone lets out: the table its `declassify` made, and nothing else of its file."""
    with duck.connect(zone_file, read_only=True) as con:
        return con.execute(f"select {', '.join(COLUMNS)} from l4.declassified_{zone}").pl()
