"""The golden city: two districts, four towns, about 120 hand-made rows (the day-by-town grid of P40
and the crowd of F12 apart), small enough to count with a finger.

Times in the CSV files are local (UTC+8), as a reader counts them; the lake holds UTC instants,
so loading converts them, and staging converts them back: the round trip is part of the test.
"""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion import places
from ingestion.clock import LOCAL
from ingestion.contract import load_all
from ingestion.lake.tables import feed_schema
from orchestration.transform import declassified, zones

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
AS_OF = datetime(2026, 4, 2, 9, 0, tzinfo=LOCAL)  # before noon: deadlines of the day are open

# Types of the tables that no contract declares: the logs, and what is due.
INSTANTS = {"due_time", "landed_time", "run_time", "cutoff_time"}
DATES = {"period_start", "period_end"}
BOOLEANS = {"is_backfill", "is_category", "passed", "serve"}
KINDS: dict[Any, str] = {
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "instant",
    pl.Float64: "double",
    pl.Int32: "int",
    pl.Int64: "bigint",
    pl.String: "string",
}
ZONED = {
    "health": ["f12_smd_patient_care", "f13_smd_warning"],
    "minors": ["f14_youth_prevention_case"],
}


def tables(zone: str | None = None) -> list[str]:
    """Names of the lake tables: of a zone, or of everything outside the zones.

    A feed without a CSV file here is an empty table: no indicator reads it.
    """
    if zone:
        return ZONED[zone]
    zoned = {table for feeds in ZONED.values() for table in feeds}
    staging = (REPOSITORY / "dbt_project/models/staging").glob("stg_*.sql")
    return sorted({path.stem.removeprefix("stg_") for path in staging} - zoned)


def file_of(table: str) -> Path | None:
    """The hand-made rows of a table, if it has any."""
    path = HERE / "lake" / f"{table}.csv"
    return path if path.exists() else None


def given(table: str) -> list[str]:
    """Columns the CSV file has."""
    path = file_of(table)
    if path is None:
        return []
    with path.open(encoding="utf-8") as lines:
        return next(csv.reader(lines))


def columns(table: str) -> list[str]:
    """Columns of the lake table: those of the generated staging model, which lists them all.

    What the CSV file leaves out is null: no indicator reads it.
    """
    staging = (REPOSITORY / "dbt_project/models/staging" / f"stg_{table}.sql").read_text()
    body = staging.split("select", 1)[1].split("from {{", 1)[0]
    return [line.strip(" ,").split(" as ")[-1] for line in body.splitlines() if line.strip(" ,")]


def expression(table: str, column: str, instant: str) -> str:
    """SQL for one column; `instant` spells the engine's local → UTC conversion of {column}."""
    text = column if column in given(table) else "cast(null as string)"
    if kind(table, column) == "instant":
        return instant.format(column=text) + f" as {column}"
    return f"cast({text} as {kind(table, column)}) as {column}"


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Columns and types of every feed's table, as its contract declares them."""
    return {contract.table: feed_schema(contract) for contract in load_all().values()}


def kind(table: str, column: str) -> str:
    """The SQL type, spelled as both engines accept it; 'instant' for a moment."""
    declared = schemas().get(table.removesuffix("_history"), {}).get(column)
    if isinstance(declared, pl.Decimal):
        return f"decimal({declared.precision},{declared.scale})"
    if declared is not None:
        return next(name for dtype, name in KINDS.items() if declared == dtype)
    if column in INSTANTS:
        return "instant"
    if column in DATES:
        return "date"
    if column in BOOLEANS:
        return "boolean"
    return "bigint" if column == "source_row" or column.endswith("_n") else "string"


def project_copy(into: Path) -> Path:
    """The dbt project with the golden city's reference data in place of Shaoxing's."""
    project = into / "dbt_project"
    shutil.copytree(
        REPOSITORY / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs")
    )
    for seed in (HERE / "seeds").glob("*.csv"):
        shutil.copy(seed, project / "seeds" / seed.name)
    return project


def fill_duckdb(database: Path, zone: str | None = None) -> None:
    """Make schema `lake` of the build file (of a zone's, if one is named)."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database)) as con:
        con.execute("create schema if not exists lake")
        for table in tables(zone):
            instant = "timezone('Asia/Shanghai', cast({column} as timestamp))"
            casts = ", ".join(expression(table, name, instant) for name in columns(table))
            path = file_of(table)
            source = (
                f"read_csv('{path}', header = true, all_varchar = true)"
                if path
                else "(select 1) where false"
            )
            con.execute(f"create or replace table lake.{table} as select {casts} from {source}")


def fill_zones(project: Path) -> None:
    """Count the zones of the golden city and let out what may leave them."""
    crossed = []
    for zone in ZONED:
        fill_duckdb(zones.build_file(zone), zone)
        crossed.append(zones.run_zone(zone, AS_OF, project))
    declassified.replace(places.build() / "fengqiao.duckdb", crossed)
