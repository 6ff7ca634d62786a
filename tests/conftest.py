"""What every test may ask for: a data home of its own, with its own secrets, agencies and clock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

AS_OF = "2026-10-31T09:00:00"


@pytest.fixture(scope="session", autouse=True)
def parsed_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The dbt project is parsed once for all the homes that tests make of it, in any process."""
    os.environ.setdefault("FENGQIAO_DBT_PARSED", str(tmp_path_factory.mktemp("parsed")))


def settle(patch: pytest.MonkeyPatch, folder: Path, as_of: str = AS_OF) -> Path:
    """Point every place of the product under `folder`; gives the data home."""
    patch.setenv("FENGQIAO_HOME", str(folder / "data"))
    patch.setenv("FENGQIAO_SECRETS", str(folder / "secrets"))
    patch.setenv("FENGQIAO_AGENCIES", str(folder / "agencies"))
    patch.setenv("FENGQIAO_AS_OF", as_of)
    return folder / "data"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home; secrets and agencies lie beside it, the clock stands."""
    return settle(monkeypatch, tmp_path)
