"""`make up`: the demonstration city, its past, the pages, the services. Redoes nothing.

The demonstration's clock stands at its last delivery day; every process started here gets it
through the environment.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingestion import clock, places
from ingestion.city import city
from ingestion.lock import run_lock
from orchestration.run.day import last_day, release_now, stands
from orchestration.run.replay import open_arrivals, replay_apart
from orchestration.service import agencies, dagster

AS_OF = "2026-10-31T09:00:00"
WORKERS = 4  # each takes about 0.7 GiB, and waits for its source half of the time
NEEDED_DISK_BYTES = 3 << 30
Say = Callable[[str], None]


@dataclass(frozen=True)
class Up:
    """Where everything is."""

    superset: str
    dagster: str
    logins: str
    release_id: str


class NotReady(RuntimeError):
    """Something the machine lacks, in one line."""


def settle_environment() -> None:
    """The demonstration's clock and addresses, unless the user set others."""
    os.environ.setdefault("FENGQIAO_AS_OF", AS_OF)
    os.environ.setdefault("FENGQIAO_AGENCY_API", agencies.address())
    os.environ.setdefault("FENGQIAO_AGENCY_DB", agencies.database())
    os.environ.setdefault("FENGQIAO_STREAMS", agencies.streams())


def settle_if_demonstration() -> None:
    """The demonstration's clock where its city was built here; a real city has its own."""
    if (places.agencies() / "build.json").exists():
        settle_environment()


def require_disk() -> None:
    places.home().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(places.home()).free
    if free < NEEDED_DISK_BYTES:
        raise NotReady(f"{free / 2**30:.1f} GiB free at {places.home()}, 3 GiB are needed")


def build_city(say: Say) -> None:
    """Write the simulated agencies' deliveries, once."""
    if (places.agencies() / "build.json").exists():
        return
    from simulation.city import build

    say("building the demonstration city (synthetic)")
    build()


def load_city(say: Say) -> str:
    """Replay what has not arrived yet, then the daily job in Dagster; gives the release.

    Nothing new means nothing done: the job is not even started.
    """
    as_of = clock.as_of()
    waiting = len(open_arrivals(as_of))
    columns = (
        TextColumn("  … {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with run_lock(), Progress(*columns, console=Console(stderr=True), disable=waiting < 3) as bar:
        task = bar.add_task("delivering", total=waiting)
        failures = replay_apart(
            as_of, WORKERS, lambda feed, n: bar.update(task, advance=n, description=feed)
        )
        for code, why in failures.items():
            say(f"feed:{code} could not be taken in: {why}")
    release = release_now(as_of)
    if not stands(release):
        say("running the daily job in Dagster: checks, dbt, judge, publish")
        dagster.run_daily(say)
    return last_day()["release_id"]


def deploy_pages(say: Say) -> bool:
    """Bring the pages to the server where they differ; says whether they did."""
    from dashboards.compiler import commands

    say("comparing the dashboards with the server")
    changes = commands.apply()
    if changes:
        say(f"{len(changes)} changes applied to the dashboards")
    return bool(changes)


def up(say: Say) -> Up:
    """Bring everything up; a second call finds all in place.

    In the directory of a city of its own nothing is simulated: its day has been run already, and
    its pages and services are brought up.
    """
    if not city().is_synthetic:
        return serve(last_release(), say)
    settle_environment()
    require_disk()
    build_city(say)
    if agencies.start():
        say(f"agencies' API at {agencies.address()}")
    return serve(load_city(say), say)


def last_release() -> str:
    """The release of the last day that was run; `NotReady` where none was."""
    if not (release_id := last_day().get("release_id")):
        raise NotReady("nothing is published yet: `fengqiao run` first")
    return str(release_id)


def serve(release_id: str, say: Say) -> Up:
    """Superset with the pages, and Dagster."""
    from dashboards.server import control

    say("starting Superset (the first start initialises it: about a minute)")
    superset = control.start()
    if deploy_pages(say) or superset.started_here:
        control.begin_warming()
    say("starting Dagster")
    dagster.start()
    return Up(superset.address, dagster.address(), str(superset.logins_file), release_id)


def down() -> list[str]:
    """Stop what `up` started; gives the names of what was running."""
    from dashboards.server import control

    parts = {"Dagster": dagster.stop, "Superset": control.stop, "agencies' API": agencies.stop}
    return [name for name, halt in parts.items() if halt()]
