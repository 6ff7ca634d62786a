"""A published small city, and one real Superset for the whole run, on a free port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.compiler import commands
from dashboards.compiler.browser import browser
from dashboards.server import control
from ingestion import places
from ingestion.clock import parse
from orchestration.publish import publish
from tests.dashboards.small_city import AS_OF, write_build


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def city_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A temporary data home with the small city built and published."""
    home = tmp_path_factory.mktemp("city")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FENGQIAO_HOME", str(home / "data"))
        patch.setenv("FENGQIAO_SECRETS", str(home / "secrets"))
        patch.setenv("FENGQIAO_SUPERSET_PORT", str(free_port()))
        write_build(places.build() / "fengqiao.duckdb")
        publish("small-city", parse(AS_OF))
        yield home


@pytest.fixture(scope="session")
def superset(city_home: Path) -> Iterator[control.Running]:
    """Superset with all pages deployed."""
    running = control.start()
    try:
        commands.apply()
        yield running
    finally:
        control.stop()


@pytest.fixture(scope="module")
def leader(superset: control.Running) -> Iterator[Any]:
    """A browser in which a leader is logged in."""
    with browser("leader") as context:
        yield context
