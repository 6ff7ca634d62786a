"""A small simulated city, built once: three months, a twentieth of the tickets."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.city import build

ARGUMENTS = {"scale": 0.05, "dirt_share": 0.01, "start": "2026-08-01", "end": "2026-10-30"}


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(out=tmp_path_factory.mktemp("sim") / "agencies", quiet=True, **ARGUMENTS)
