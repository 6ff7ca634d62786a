"""The exact snapshot of the lake as views of a DuckDB connection, for dbt and the checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from deltalake import DeltaTable

from ingestion.contract import load_all
from ingestion.lake.tables import LOGS, MONTH, feed_path, feed_schema, log_path

SCHEMA = "lake"


def snapshots() -> dict[str, tuple[Path, dict[str, Any], str | None]]:
    """Every table of the lake: its path, its columns, its partition column."""
    found: dict[str, tuple[Path, dict[str, Any], str | None]] = {
        c.table: (feed_path(c), feed_schema(c), MONTH) for c in load_all().values()
    }
    for name, schema in LOGS.items():
        partition = "feed_code" if name == "quarantine" else None
        found[name] = (log_path(name), schema, partition)
    return found


def files(path: Path) -> list[str]:
    """The data files of the newest version of a Delta table; none when it is not there."""
    if not DeltaTable.is_deltatable(str(path)):
        return []
    return [u.removeprefix("file://") for u in DeltaTable(str(path)).file_uris()]


def _duckdb_type(dtype: Any) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMP WITH TIME ZONE"
    return {
        pl.String: "VARCHAR",
        pl.Int64: "BIGINT",
        pl.Int32: "INTEGER",
        pl.Float64: "DOUBLE",
        pl.Boolean: "BOOLEAN",
        pl.Date: "DATE",
    }[dtype]


def register(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """(Re)create the schema `lake`; gives the number of files behind each view."""
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    counts = {}
    for name, (path, schema, partition) in snapshots().items():
        paths = files(path)
        counts[name] = len(paths)
        if paths:
            listed = ", ".join("'" + p.replace("'", "''") + "'" for p in paths)
            hive = (
                f", hive_partitioning = true, hive_types = {{'{partition}': VARCHAR}}"
                if partition
                else ""
            )
            columns = ", ".join(f'"{c}"' for c in schema)
            body = f"SELECT {columns} FROM read_parquet([{listed}]{hive})"
        else:
            empty = ", ".join(f'NULL::{_duckdb_type(t)} AS "{c}"' for c, t in schema.items())
            body = f"SELECT {empty} WHERE false"
        con.execute(f'CREATE OR REPLACE VIEW {SCHEMA}."{name}" AS {body}')
    return counts
