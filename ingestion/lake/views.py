"""The exact snapshot of the lake as views of a DuckDB connection, for dbt and the checks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from deltalake import DeltaTable

from ingestion import clock
from ingestion.contract import codes, load_all
from ingestion.contract.calendar import due_periods
from ingestion.lake.tables import LOGS, MONTH, feed_path, feed_schema, log_path

SCHEMA = "lake"
CONTRACT: dict[str, Any] = {
    "feed_code": pl.String,
    "feed_table": pl.String,
    "name_zh": pl.String,
    "is_category": pl.Boolean,
    "frequency": pl.String,
    "contracted_regions": pl.String,
    "owner_org_code": pl.String,
    "owner_zh": pl.String,
    "level_landed": pl.String,
    "serve": pl.Boolean,
    "contract_version": pl.String,
}
DUE: dict[str, Any] = {
    "feed_code": pl.String,
    "owner_org_code": pl.String,
    "region_code": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "due_time": pl.Datetime("us", "UTC"),
}


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


def contract_rows() -> pl.DataFrame:
    """One row per contract: what Q02 and the pages need to know of it."""
    districts = codes.districts()
    rows = []
    for c in load_all().values():
        located = {"town_code", "region_code"} & {f.name for f in c.fields}
        rows.append(
            {
                "feed_code": c.code,
                "feed_table": c.table,
                "name_zh": c.name,
                "is_category": c.is_category,
                "frequency": c.frequency,
                "contracted_regions": ",".join(districts) if located else "",
                "owner_org_code": c.owner_org_code,
                "owner_zh": c.owner,
                "level_landed": c.level_landed,
                "serve": c.serve,
                "contract_version": c.version,
            }
        )
    return pl.DataFrame(rows, schema=CONTRACT)


def due_rows(as_of: datetime) -> pl.DataFrame:
    """One row per delivery that was due by `as_of`, over all contracts."""
    rows = [
        {
            "feed_code": c.code,
            "owner_org_code": c.owner_org_code,
            "region_code": c.region_code,
            "period_start": p.period_start,
            "period_end": p.period_end,
            "due_time": p.due,
        }
        for c in load_all().values()
        for p in due_periods(c, as_of)
    ]
    return pl.DataFrame(rows, schema=DUE)


def derived(as_of: datetime) -> dict[str, pl.DataFrame]:
    """Tables that follow from the contracts alone."""
    return {"contract": contract_rows(), "due_delivery": due_rows(as_of)}


def register(con: duckdb.DuckDBPyConnection, as_of: datetime | None = None) -> dict[str, int]:
    """(Re)create the schema `lake`; gives the number of files behind each view."""
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    counts = {}
    for name, frame in derived(as_of or clock.as_of()).items():
        con.register("_derived", frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        con.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.{name} AS SELECT * FROM _derived")
        con.unregister("_derived")
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
