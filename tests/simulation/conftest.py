"""A small simulated city, built once: three months, a twentieth of the tickets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingestion.contract import load
from ingestion.delivery.received import from_file
from ingestion.delivery.unwrap import clear
from simulation.city import build

SEALED = ("F12", "F14")
ARGUMENTS = {"scale": 0.05, "dirt_share": 0.01, "start": "2026-08-01", "end": "2026-10-30"}


def opened(path: Path) -> bytes:
    """What is in a sealed drop, with the keys of this environment."""
    day = date(2026, 10, 1)
    received = from_file(load(path.parent.name), path, day, day, None)
    with clear(received)() as stream:
        return stream.read()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sim")
    with pytest.MonkeyPatch.context() as patch:
        # the senders' keys of the encrypted drops are made there
        patch.setenv("FENGQIAO_SECRETS", str(folder / "secrets"))
        return build(out=folder / "agencies", quiet=True, **ARGUMENTS)


@pytest.fixture
def city_secrets(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys with which that city's drops can be opened, or others sealed alike."""
    monkeypatch.setenv("FENGQIAO_SECRETS", str(city.parent / "secrets"))
