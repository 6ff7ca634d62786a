"""A small but whole city: built, replayed over the agencies' real API, computed and published."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingestion import clock
from ingestion.contract import load_all
from ingestion.lock import run_lock
from tests.conftest import settle
from tests.loopback import serving

# Not the demonstration's seed: nothing may hold for one city only. Large enough that some case
# has a red light and that some districts' patients are shown and others hidden.
ARGUMENTS: dict[str, Any] = {
    "seed": 4711,
    "scale": 0.15,
    "dirt_share": 0.02,
    "start": "2026-09-01",
    "end": "2026-10-16",
}
YESTERDAY = "2026-10-16T09:00:00"
AS_OF = "2026-10-17T09:00:00"
SECONDS = "seconds.json"  # how long each step of the last day took


@contextmanager
def agencies_api(folder: Path) -> Iterator[str]:
    """The simulated agencies' interface, limits and failures included."""
    from simulation.agency_api import Door, application, credentials

    door = Door(credentials(), limit_every=40, failure_share=0.03)
    with serving(application(folder, door)) as address:
        yield address


def sources(folder: Path) -> dict[str, str]:
    """Where the agencies' database and the recordings of their streams lie."""
    return {
        "FENGQIAO_AGENCY_DB": f"sqlite:///{folder / 'agencies/db/agency.sqlite'}",
        "FENGQIAO_STREAMS": (folder / "agencies/streams").as_uri(),
    }


def raise_city(folder: Path) -> Path:
    """Everything under `folder`: agencies, secrets, and a data home with published pages.

    Its last day was run apart, on what all agencies sent: `yesterday` is the home as it was
    before, with those files waiting.
    """
    from orchestration.run.day import run_day
    from orchestration.run.replay import replay_apart
    from simulation.city import build

    with pytest.MonkeyPatch.context() as patch:
        home = settled(folder, patch)
        build(out=folder / "agencies", quiet=True, **ARGUMENTS)
        with agencies_api(folder / "agencies") as url:
            patch.setenv("FENGQIAO_AGENCY_API", url)
            patch.setenv("FENGQIAO_AS_OF", YESTERDAY)
            with run_lock():
                failures = replay_apart(clock.as_of(), workers=2)
            day = run_day()
            assert failures == day.intake.failures == {}
            patch.setenv("FENGQIAO_AS_OF", AS_OF)
            lay_down_the_last_day()
            shutil.copytree(home, folder / "yesterday", symlinks=True)
            day = run_day()
        assert day.intake.failures == {}
        assert not day.skipped
    (folder / SECONDS).write_text(json.dumps(day.seconds))
    return folder


def lay_down_the_last_day() -> None:
    """Put into the inbox what arrives as a file between yesterday and now."""
    from orchestration.run.replay import lay_down, open_arrivals

    contracts = load_all()
    for arrival in open_arrivals(clock.as_of()):
        if arrival.kind == "file":
            lay_down(arrival, contracts[arrival.feed_code])


def environment(folder: Path, home: Path, url: str) -> dict[str, str]:
    """What a process needs to run the last day on a copy of a home."""
    return {
        "FENGQIAO_HOME": str(home),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": AS_OF,
        "FENGQIAO_AGENCY_API": url,
        **sources(folder),
    }


def settled(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Point this process at that city."""
    for name, value in sources(folder).items():
        patch.setenv(name, value)
    return settle(patch, folder, AS_OF)
