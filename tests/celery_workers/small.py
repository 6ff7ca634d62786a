"""A city of a dozen feeds: files, references, recorded streams, a database that is away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ingestion import city
from ingestion.contract import load_all
from tests.conftest import settle

AS_OF = "2026-10-13T09:00:00"
AWAY = "F03"  # its database does not answer
FEEDS = ("R01", "R02", "R04", "R05", "R06", "F01", AWAY, "P37", "P40", "P44", "P48", "UK01")
SETTINGS: dict[str, Any] = {"seed": 99, "scale": 0.03, "dirt_share": 0.05}


def raise_city(folder: Path) -> Path:
    """Under `folder`: the city's directory, its agencies, and `fresh`, a home where files wait."""
    from ingestion import clock
    from orchestration.run.replay import lay_down, open_arrivals
    from simulation.city import build

    own = folder / "city"
    (own / "seeds").mkdir(parents=True)
    for name in city.LOCAL_SEEDS:
        shutil.copy(city.SEEDS / f"{name}.csv", own / "seeds")
    said = f'code: "330600"\nname: 绍兴市\nprovince: 浙江省\nfeeds: [{", ".join(FEEDS)}]\n'
    (own / "city.yaml").write_text(said, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        home = settle(patch, folder, AS_OF)
        build(out=folder / "agencies", quiet=True, start="2026-09-01", end="2026-10-12", **SETTINGS)
        patch.setenv("FENGQIAO_CITY", str(own))
        contracts = load_all()
        for arrival in open_arrivals(clock.as_of()):
            if arrival.kind == "file" and arrival.feed_code in contracts:
                lay_down(arrival, contracts[arrival.feed_code])
    home.rename(folder / "fresh")
    return folder


def home_of(folder: Path, name: str) -> Path:
    """A home of its own in which everything waits."""
    shutil.copytree(folder / "fresh", folder / name)
    return folder / name


def environment(folder: Path, home: Path, **more: str) -> dict[str, str]:
    """What the run and its workers need to work on that home."""
    return {
        **os.environ,
        "FENGQIAO_CITY": str(folder / "city"),
        "FENGQIAO_HOME": str(home),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": AS_OF,
        "FENGQIAO_STREAMS": (folder / "agencies/streams").as_uri(),
        "FENGQIAO_AGENCY_DB": f"sqlite:///{folder / 'away' / 'agency.sqlite'}",
        "DAGSTER_HOME": str(home / "ops/dagster"),
        "PYTHONWARNINGS": "ignore",
        **more,
    }
