"""When the day's job runs: each morning by the clock of the city, and when a file arrives."""

import hashlib
import os

import dagster as dg

from ingestion import clock, places
from ingestion.connectors import names
from ingestion.contract import load_all
from ingestion.lake.maintain import maintain
from ingestion.lock import run_lock
from orchestration.access.expiry import expire
from orchestration.definitions.alerts import told_when_failed, told_when_published
from orchestration.definitions.executor import day_executor
from orchestration.run.retention import erase_all

daily_job = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    executor_def=day_executor(),
    hooks={told_when_published, told_when_failed},
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


@dg.op
def care_for_the_lake(context: dg.OpExecutionContext) -> None:
    """Delete rows past their days and the access log's past its, compact, checkpoint, delete what
    no version needs."""
    with run_lock():
        for gone in erase_all(clock.as_of()):
            context.log.info(f"{gone.table}: {gone.rows_n} rows before {gone.cutoff} deleted")
        for care in maintain():
            context.log.info(
                f"{care.table}: {care.files_before} files became {care.files_after}, "
                f"{care.files_deleted} old ones deleted"
            )
        # Last: an access log that is not whole stops here, and that must be seen.
        for name in expire():
            context.log.info(f"access log: {name} is past its days, deleted")


@dg.job(executor_def=dg.in_process_executor, description="weekly care of the lake")
def weekly_maintenance() -> None:
    care_for_the_lake()


weekly_schedule = dg.ScheduleDefinition(
    name="every_sunday",
    job=weekly_maintenance,
    cron_schedule="30 3 * * 0",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)


def waiting_files() -> list[str]:
    """Whole files in the inboxes, with size and time: a new one makes a new run key."""
    found = []
    for contract in load_all().values():
        folder = places.inbox() / contract.code
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if names.regular(path) and not path.name.startswith("."):
                    facts = path.stat()
                    found.append(f"{contract.code}/{path.name}|{facts.st_size}|{facts.st_mtime_ns}")
    return found


@dg.sensor(job=daily_job, minimum_interval_seconds=30, name="inbox_sensor")
def inbox_sensor() -> dg.RunRequest | dg.SkipReason:
    """One run for the files that wait; the same files never ask twice."""
    files = waiting_files()
    if not files:
        return dg.SkipReason("the inboxes are empty")
    return dg.RunRequest(run_key=hashlib.sha256(os.fsencode("\n".join(files))).hexdigest())
