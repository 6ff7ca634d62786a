"""`make up`: the demonstration city, its past, the pages, the services. Redoes nothing.

The demonstration's clock stands at its last delivery day; every process started here gets it
through the environment.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from ingestion import clock, places
from orchestration.run.day import Day, last_day, run_day
from orchestration.run.replay import open_arrivals, replay
from orchestration.service import agencies, dagster

AS_OF = "2026-10-31T09:00:00"
NEEDED_DISK_BYTES = 3 << 30
Say = Callable[[str], None]


@dataclass(frozen=True)
class Up:
    """Where everything is."""

    superset: str
    dagster: str
    logins: str
    day: Day


class NotReady(RuntimeError):
    """Something the machine lacks, in one line."""


def settle_environment() -> None:
    """The demonstration's clock and addresses, unless the user set others."""
    os.environ.setdefault("FENGQIAO_AS_OF", AS_OF)
    os.environ.setdefault("FENGQIAO_AGENCY_API", agencies.address())


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


def load_city(say: Say) -> Day:
    """Replay what has not arrived yet and run the day's job."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    waiting = len(open_arrivals(clock.as_of()))
    with Progress(*columns, disable=waiting < 3) as bar:
        task = bar.add_task("delivering", total=waiting)

        def step(what: str) -> None:
            bar.update(task, advance=1, description=f"delivering {what}")

        return run_day(before=lambda: replay(clock.as_of(), step), progress=say)


def deploy_pages(say: Say) -> None:
    """Bring the pages to the server where they differ."""
    from dashboards.compiler import commands

    say("comparing the dashboards with the server")
    for change in commands.apply():
        say(str(change))


def up(say: Say) -> Up:
    """Bring everything up; a second call finds all in place."""
    settle_environment()
    require_disk()
    build_city(say)
    if agencies.start():
        say(f"agencies' API at {agencies.address()}")
    day = load_city(say)
    from dashboards.server import control

    say("starting Superset (the first start initialises it: about a minute)")
    superset = control.start()
    deploy_pages(say)
    say("starting Dagster")
    dagster.start()
    return Up(superset.address, dagster.address(), str(superset.logins_file), day)


def down() -> list[str]:
    """Stop what `up` started; gives the names of what was running."""
    from dashboards.server import control

    parts = {"Dagster": dagster.stop, "Superset": control.stop, "agencies' API": agencies.stop}
    return [name for name, halt in parts.items() if halt()]


def published() -> str:
    """The release on the pages, or an empty text."""
    return last_day().get("release_id", "")
