"""A small but whole city: built, replayed over the agencies' real API, computed and published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion import clock
from ingestion.lock import run_lock
from tests.conftest import settle
from tests.loopback import serving

# Not the demonstration's seed: nothing may hold for one city only.
ARGUMENTS: dict[str, Any] = {
    "seed": 4711,
    "scale": 0.05,
    "dirt_share": 0.02,
    "start": "2026-09-01",
    "end": "2026-10-21",
}
AS_OF = "2026-10-22T09:00:00"


@contextmanager
def agencies_api(folder: Path) -> Iterator[str]:
    """The simulated agencies' interface, limits and failures included."""
    from simulation.agency_api import Door, application, credentials

    door = Door(credentials(), limit_every=40, failure_share=0.03)
    with serving(application(folder, door)) as address:
        yield address


def raise_city(folder: Path) -> Path:
    """Everything under `folder`: agencies, secrets, and a data home with published pages."""
    from orchestration.run.day import Day, check, register_lake, run_day
    from orchestration.run.replay import replay
    from simulation.city import build

    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder, AS_OF)
        build(out=folder / "agencies", quiet=True, **ARGUMENTS)
        with agencies_api(folder / "agencies") as url:
            patch.setenv("FENGQIAO_AGENCY_API", url)
            with run_lock():
                past = replay(clock.as_of())
            register_lake(clock.as_of())
            check(sorted(past.changed()), clock.as_of(), Day())
            day = run_day()
        assert past.failures == day.intake.failures == {}
        assert not day.skipped
    return folder


def copy_city(city: Path, to: Path) -> Path:
    """The same city once more, to be spoilt; links into the old home are not followed."""
    shutil.copytree(city / "data", to / "data", symlinks=True)
    shutil.copytree(city / "secrets", to / "secrets")
    return to


def environment(folder: Path, as_of: datetime) -> dict[str, str]:
    """What a process needs to run on that city; its API is not asked again."""
    return {
        "FENGQIAO_HOME": str(folder / "data"),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": as_of.replace(tzinfo=None).isoformat(),
        "FENGQIAO_AGENCY_API": "",
    }


def settled(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Point this process at that city."""
    return settle(patch, folder, AS_OF)
