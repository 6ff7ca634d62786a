"""The exact snapshot of the lake as views of a DuckDB connection, for dbt and the checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from ingestion import clock, places
from ingestion.contract import codes, load_all, load_known
from ingestion.contract.calendar import due_periods
from ingestion.contract.model import ZONES
from ingestion.lake import lookup
from ingestion.lake.damage import refuse_short
from ingestion.lake.tables import (
    LOGS,
    MONTH,
    PARTITIONED,
    WIDENED,
    exists,
    feed_path,
    feed_schema,
    history_path,
    log_path,
    opened,
)
from ingestion.store import Location

SCHEMA = "lake"
HISTORY = "_history"  # what the name of a table of versions ends with
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
    "zone": pl.String,
    "contract_version": pl.String,
}
DUE: dict[str, Any] = {
    "feed_code": pl.String,
    "owner_org_code": pl.String,
    "region_code": pl.String,
    "sender": pl.String,  # of a feed that several agencies send: who owes this one
    "period_start": pl.Date,
    "period_end": pl.Date,
    "due_time": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True)
class Stored:
    """One table of the lake: where, with which columns, partitioned by what, in which zone."""

    path: Location
    schema: dict[str, Any]
    partition: str | None
    zone: str | None = None
    tombstones: bool = False


def snapshots(*zones: str | None) -> dict[str, Stored]:
    """The tables of the named zones (None: everything outside the L4 zones) by their name."""
    found: dict[str, Stored] = {}
    # Also of feeds this city has not: the models read them, empty.
    for c in load_known().values():
        if c.zone not in zones:
            continue
        found[c.table] = Stored(feed_path(c), feed_schema(c), MONTH, c.zone, True)
        if c.history:
            name = f"{c.table}{HISTORY}"
            found[name] = Stored(history_path(c), feed_schema(c), None, c.zone)
    if None in zones:
        for name, schema in LOGS.items():
            found[name] = Stored(log_path(name), schema, PARTITIONED.get(name))
    return found


def everything() -> dict[str, Stored]:
    """Every table of the lake and of its L4 zones."""
    return snapshots(None, *ZONES)


def files(path: Location) -> tuple[list[str], bool]:
    """The data files of a Delta table's newest version, and whether older ones lack columns.

    Raises `Damaged` if one of them is gone or has not the length that the log says.
    """
    if not exists(path):
        return [], False
    table = opened(path)
    refuse_short(path, lookup.actions(table).select("path", "size_bytes").iter_rows())
    uris = [u.removeprefix("file://") for u in table.file_uris()]
    return uris, WIDENED in table.metadata().configuration


def duckdb_type(dtype: Any) -> str:
    """A lake type as DuckDB spells it."""
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
                "zone": c.zone,
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
            "sender": sender,
            "period_start": p.period_start,
            "period_end": p.period_end,
            "due_time": p.due,
        }
        for c in load_all().values()
        for p in due_periods(c, as_of)
        for sender in c.senders or (None,)
    ]
    return pl.DataFrame(rows, schema=DUE)


def derived(as_of: datetime) -> dict[str, pl.DataFrame]:
    """Tables that follow from the contracts alone."""
    return {"contract": contract_rows(), "due_delivery": due_rows(as_of)}


def register(
    con: duckdb.DuckDBPyConnection, as_of: datetime | None = None, *zones: str | None
) -> dict[str, int]:
    """(Re)create the schema `lake`; gives the number of files behind each view.

    Without `zones` it shows everything outside the L4 zones; a zone's own run names its zone.
    A tombstone is not a row of its feed, so the views leave it out.
    """
    places.lake().let_in(con)
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    counts = {}
    for name, frame in derived(as_of or clock.as_of()).items():
        con.register("_derived", frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        con.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.{name} AS SELECT * FROM _derived")
        con.unregister("_derived")
    for name, stored in snapshots(*(zones or (None,))).items():
        paths, widened = files(stored.path)
        counts[name] = len(paths)
        body = _body(stored, paths, widened, _columns(stored.path) if paths else set())
        con.execute(f'CREATE OR REPLACE VIEW {SCHEMA}."{name}" AS {body}')
    return counts


def _columns(path: Location) -> set[str]:
    """The columns a table has; one that its contract has gained comes with the next delivery."""
    return {field.name for field in opened(path).schema().fields}


def _body(stored: Stored, paths: list[str], widened: bool, there: set[str]) -> str:
    if not paths:
        empty = ", ".join(f'NULL::{duckdb_type(t)} AS "{c}"' for c, t in stored.schema.items())
        return f"SELECT {empty} WHERE false"
    listed = ", ".join("'" + p.replace("'", "''") + "'" for p in paths)
    hive = ""
    if stored.partition:
        hive = f", hive_partitioning = true, hive_types = {{'{stored.partition}': VARCHAR}}"
    columns = ", ".join(
        f'"{c}"' if c in there else f'NULL::{duckdb_type(t)} AS "{c}"'
        for c, t in stored.schema.items()
    )
    if widened:  # costs a look into every file, so only where it is needed
        hive += ", union_by_name = true"
    source = f"read_parquet([{listed}]{hive})"
    kept = " WHERE _deleted IS NOT TRUE" if stored.tombstones else ""
    return f"SELECT {columns} FROM {source}{kept}"
