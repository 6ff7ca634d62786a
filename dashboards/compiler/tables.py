"""The page tables as they lie in `pages.duckdb`: what a dataset may name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Column:
    """A column of a page table, with its DuckDB type."""

    name: str
    type: str

    @property
    def is_temporal(self) -> bool:
        """True for dates and timestamps."""
        return self.type.startswith(("DATE", "TIMESTAMP"))


Tables = dict[str, list[Column]]


def read_tables(pages_file: Path) -> Tables:
    """Every table of the published file, columns in order."""
    with duckdb.connect(str(pages_file), read_only=True) as connection:
        rows = connection.execute("""
            select table_name, column_name, data_type from information_schema.columns
            where table_schema = 'main' order by table_name, ordinal_position
        """).fetchall()
    tables: Tables = {}
    for table, column, type_ in rows:
        tables.setdefault(table, []).append(Column(column, type_))
    return tables
