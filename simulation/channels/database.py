"""The agencies' database: tables with one line per change, as their replica shows them.

SQLite, moments as SQLAlchemy stores them (with microseconds), so that text compares as time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date

import polars as pl

from simulation.deliveries import Ground

FILE = "db/agency.sqlite"
TYPES = {pl.String: "TEXT", pl.Boolean: "BOOLEAN", pl.Date: "DATE", pl.Float64: "REAL"}


def _type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Datetime):
        return "DATETIME"
    return next((name for kind, name in TYPES.items() if dtype == kind), "INTEGER")


def write_table(ground: Ground, feed: str, table: str, rows: pl.DataFrame, watermark: str) -> None:
    """Create `table` and fill it in the order of its watermark; one read per period."""
    fill(ground, table, rows, watermark)
    for period in ground.periods(date.min):
        ground.manifest.add(feed, "sql", period.start, period.end)


def fill(ground: Ground, table: str, rows: pl.DataFrame, watermark: str) -> None:
    """Create `table` and fill it in the order of its watermark."""
    ground.folder("db")
    path = ground.manifest.out / FILE
    columns = [(n, _type(t)) for n, t in rows.schema.items()]
    text = rows.with_columns(
        pl.col(n).dt.strftime("%Y-%m-%d %H:%M:%S.000000") if kind == "DATETIME" else pl.col(n)
        for n, kind in columns
    ).with_columns(pl.col(n).cast(pl.String) for n, kind in columns if kind == "DATE")
    with closing(sqlite3.connect(path)) as base:
        declared = ", ".join(f"{n} {kind}" for n, kind in columns)
        base.execute(f"create table {table} ({declared})")
        marks = ", ".join("?" for _ in columns)
        base.executemany(f"insert into {table} values ({marks})", text.rows())
        base.execute(f"create index {table}_{watermark} on {table} ({watermark})")
        base.commit()
