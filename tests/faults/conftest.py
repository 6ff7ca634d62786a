"""Two homes for all fault tests: before today's run, and after one that was left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import homes


@pytest.fixture(scope="session")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published yesterday, today's file in the inbox. Tests copy it."""
    folder = homes.raise_yesterday(tmp_path_factory.mktemp("faults") / "yesterday")
    homes.lay_today(folder)
    return folder


@pytest.fixture(scope="session")
def alone(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after today's run. Tests read it, or copy it."""
    folder = homes.copy(yesterday, tmp_path_factory.mktemp("alone") / "city")
    done = homes.run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    homes.conserved(folder)
    assert homes.state(folder) == (homes.TODAY, "ok")
    return folder
