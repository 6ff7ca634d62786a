"""One small city for all tests of the whole run; they read it, or spoil a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.small_city import raise_city, settled


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a city that was replayed and published: agencies, secrets, data."""
    return raise_city(tmp_path_factory.mktemp("city"))


@pytest.fixture
def city_home(city: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city's data home as this test's home."""
    return settled(city, monkeypatch)
