"""The golden city: two districts, four towns, about 120 hand-made rows (the day-by-town grid of P40
and the crowd of F12 apart), small enough to count with a finger.

Times in the CSV files are local (UTC+8), as a reader counts them; the lake holds UTC instants,
so loading converts them, and staging converts them back: the round trip is part of the test.
"""

from __future__ import annotations

import csv
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion import places
from ingestion.clock import LOCAL
from orchestration.transform import declassified, zones

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
AS_OF = datetime(2026, 4, 2, 9, 0, tzinfo=LOCAL)  # before noon: deadlines of the day are open

INSTANTS = {
    "accept_time", "due_time", "finish_time", "source_update_time", "register_time",
    "escalation_time", "joint_response_time", "event_time", "landed_time", "run_time",
    "call_time", "dispatch_time", "arrive_time", "service_time", "sms_time", "callback_time",
    "order_due", "order_finish", "issue_time", "sign_time", "sign_due", "feedback_due",
    "feedback_time", "warn_time", "review_time", "approve_time", "transfer_time",
    "police_accept_time", "begin_time", "end_time", "report_time", "_valid_from", "_loaded_at",
}  # fmt: skip
DATES = {
    "stat_date", "report_date", "review_date", "registered_date", "online_date",
    "period_start", "period_end", "month", "_period_end", "file_date", "decide_date",
    "close_date", "transfer_date", "approve_date", "police_decide_date", "object_date",
    "review_answer_date", "supervise_ask_date", "visit_date", "next_due", "register_date",
    "subsidy_due_date", "open_date", "first_contact_due", "first_contact_date", "measure_date",
    "valid_from", "valid_to", "perform_due",
}  # fmt: skip
BOOLEANS = {
    "has_caller_phone", "has_party_a_phone", "extend_agreed", "overdue", "reopened",
    "is_backfill", "is_category", "passed", "serve", "is_valid", "is_police_matter",
    "feedback_ok", "extra_condition_met", "supervise_flag", "performed", "party_refused",
    "in_hospital", "is_schizophrenia", "treated", "guardian_subsidy", "consent_managed",
    "has_guardian", "subsidy_eligible", "guardian_informed", "appeal_flag", "on_dept_card",
    "_deleted",
}  # fmt: skip
DOUBLES = {"amount", "median_arrive_min", "longitude", "latitude", "quantity"}
DECIMALS = {"amount_involved", "amount2", "fine_amount"}
INTEGERS = {
    "party_n",
    "_occurrence",
    "reform_measure_n",
    "review_round",
    "call_n",
    "valid_n",
    "non_police_n",
    "prior_penalty_n",
    "prior_penalty_3y_n",
    "prior_penalty_ever_n",
    "suspend_days",
    "joint_unit_n",
    "risk_level",
}
COUNTS = {"source_row", "_source_row", "failed_rows_n", "checked_rows_n", "repeat_n"}
ZONED = {"health": ["f12_smd_patient_care"], "minors": ["f14_youth_prevention_case"]}


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
    if column in DECIMALS:
        return "decimal(18,2)"
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
