"""The golden city: two districts, four towns, about sixty hand-made rows (and the day-by-town
grid of P40), small enough to count with a finger.

Times in the CSV files are local (UTC+8), as a reader counts them; the lake holds UTC instants,
so loading converts them, and staging converts them back: the round trip is part of the test.
"""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.clock import LOCAL

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
AS_OF = datetime(2026, 4, 2, 9, 0, tzinfo=LOCAL)  # before noon: deadlines of the day are open

INSTANTS = {
    "accept_time", "due_time", "finish_time", "source_update_time", "register_time",
    "escalation_time", "joint_response_time", "event_time", "landed_time", "run_time",
    "_valid_from",
}  # fmt: skip
DATES = {
    "stat_date", "report_date", "review_date", "registered_date", "online_date",
    "period_start", "period_end", "month", "_period_end",
}  # fmt: skip
BOOLEANS = {
    "has_caller_phone", "has_party_a_phone", "extend_agreed", "overdue", "reopened",
    "is_backfill", "is_category", "passed", "serve",
}  # fmt: skip
DOUBLES = {"amount", "median_arrive_min", "longitude", "latitude"}
INTEGERS = {
    "party_n",
    "_occurrence",
    "reform_measure_n",
    "review_round",
    "call_n",
    "valid_n",
    "non_police_n",
}
COUNTS = {"source_row", "_source_row", "failed_rows_n", "checked_rows_n", "repeat_n"}


def tables() -> list[str]:
    """Names of the lake tables the golden city has."""
    return sorted(path.stem for path in (HERE / "lake").glob("*.csv"))


def given(table: str) -> list[str]:
    """Columns the CSV file has."""
    with (HERE / "lake" / f"{table}.csv").open(encoding="utf-8") as lines:
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
    if kind(column) == "instant":
        return instant.format(column=text) + f" as {column}"
    return f"cast({text} as {kind(column)}) as {column}"


def kind(column: str) -> str:
    """The SQL type, spelled as both engines accept it; 'instant' for a moment."""
    if column in INSTANTS:
        return "instant"
    if column in DATES:
        return "date"
    if column in BOOLEANS:
        return "boolean"
    if column in DOUBLES:
        return "double"
    if column in INTEGERS:
        return "int"
    if column in COUNTS or (column.endswith("_n") and column not in INTEGERS):
        return "bigint"
    return "string"


def project_copy(into: Path) -> Path:
    """The dbt project with the golden city's reference data in place of Shaoxing's."""
    project = into / "dbt_project"
    shutil.copytree(
        REPOSITORY / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs")
    )
    for seed in (HERE / "seeds").glob("*.csv"):
        shutil.copy(seed, project / "seeds" / seed.name)
    return project


def fill_duckdb(database: Path) -> None:
    """Make schema `lake` of the build file."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database)) as con:
        con.execute("create schema if not exists lake")
        for table in tables():
            instant = "timezone('Asia/Shanghai', cast({column} as timestamp))"
            casts = ", ".join(expression(table, name, instant) for name in columns(table))
            path = HERE / "lake" / f"{table}.csv"
            con.execute(
                f"create or replace table lake.{table} as select {casts} from "
                f"read_csv('{path}', header = true, all_varchar = true)"
            )
