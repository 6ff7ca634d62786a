"""When the day's job runs: each morning by the clock of the city, and when a file arrives."""

from __future__ import annotations

import hashlib

import dagster as dg

from ingestion import places
from ingestion.contract import load_all

daily_job = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="deliver → checks → dbt → judge → publish → clear cache",
)

daily_schedule = dg.ScheduleDefinition(
    name="every_morning",
    job=daily_job,
    cron_schedule="15 8 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="After the agencies' deadline of 08:00",
)


def waiting_files() -> list[str]:
    """Whole files in the inboxes, with size and time: a new one makes a new run key."""
    found = []
    for contract in load_all().values():
        folder = places.inbox() / contract.code
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    facts = path.stat()
                    found.append(f"{contract.code}/{path.name}|{facts.st_size}|{facts.st_mtime_ns}")
    return found


@dg.sensor(job=daily_job, minimum_interval_seconds=30, name="inbox_sensor")
def inbox_sensor() -> dg.RunRequest | dg.SkipReason:
    """One run for the files that wait; the same files never ask twice."""
    files = waiting_files()
    if not files:
        return dg.SkipReason("the inboxes are empty")
    return dg.RunRequest(run_key=hashlib.sha256("\n".join(files).encode()).hexdigest())
