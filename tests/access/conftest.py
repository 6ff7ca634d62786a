"""A published small city with dbt's manifest: what may leave follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import clock, places
from orchestration.publish import publish
from orchestration.transform.run import run_dbt
from tests.conftest import settle
from tests.dashboards.small_city import write_build


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the city; its log grows, its tables stay."""
    top = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, top)
        write_build(places.build() / "fengqiao.duckdb")
        publish("small-city", clock.as_of())
        run_dbt(clock.as_of(), command="parse")
        yield top


@pytest.fixture
def city(published: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settle(monkeypatch, published)
    return published
