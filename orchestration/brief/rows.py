"""Rows of the published page file as one reader may see them, and nothing else.

The clause over `scope_code` is that of the reader's role on the pages (ADR 27), so paper and
pages cannot differ in who sees what. Suppression is in the rows already: a hidden cell reads
不公开.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from dashboards.server.roles import districts, roles
from ingestion import places
from ingestion.city import city
from orchestration.publish.publish import PAGES_FILE_NAME

WHOLE = "全市"


class NoBrief(ValueError):
    """No brief can be made as asked; the text says why."""


@dataclass(frozen=True)
class Reader:
    """Whose brief it is: the city's leadership, or one district's."""

    unit: str
    name: str
    clause: str

    @property
    def is_city(self) -> bool:
        return self.unit == city().code

    @property
    def place(self) -> str:
        """The choice of 区县 whose rows are this reader's own."""
        return WHOLE if self.is_city else self.name


def reader_of(unit: str) -> Reader:
    """The reader of a unit's brief. Raises `NoBrief` for a unit that has none."""
    clauses = {role.name: role.clause for role in roles()}
    own = districts()
    if unit != city().code and unit not in own:
        known = "、".join(f"{code} {name}" for code, name in own.items())
        raise NoBrief(f"{unit}: briefs are made for {city().code} 全市 and {known}")
    clause = clauses["leader" if unit == city().code else f"leader_{unit}"]
    assert clause is not None
    return Reader(unit, own.get(unit, WHOLE), clause)


class Pages:
    """The page tables behind one reader's clause."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, reader: Reader) -> None:
        self._connection, self.reader = connection, reader

    def read(
        self, table: str, where: str = "true", order: str = "all", **values: object
    ) -> pl.DataFrame:
        """Rows of `table` that the reader may see; `values` fill `$name` in `where`."""
        query = f"select * from {table} where ({self.reader.clause}) and ({where}) order by {order}"
        rows = self._connection.execute(query, values).pl()
        # DuckDB's sums of whole numbers are wider than anything counted here.
        return rows.with_columns(
            pl.selectors.decimal().cast(pl.Int64), pl.col(pl.Int128).cast(pl.Int64)
        )


@contextmanager
def pages_for(unit: str, file: Path | None = None) -> Iterator[Pages]:
    """The published pages for one reader. Raises `NoBrief` when nothing is published."""
    reader = reader_of(unit)
    file = file or places.serving() / PAGES_FILE_NAME
    if not file.exists():
        raise NoBrief("nothing is published yet: `fengqiao run` first")
    with duckdb.connect(str(file), read_only=True) as connection:
        names = {
            str(n)
            for (n,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
        if "brief_value" not in names:
            raise NoBrief("the pages are of an older version: `fengqiao run` first")
        yield Pages(connection, reader)
