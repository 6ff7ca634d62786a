"""One golden build per session: it is read, never changed, by the tests that share it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.judging import JudgeReport, judge
from orchestration.transform import DbtRun, run_dbt
from tests.golden import city


@dataclass(frozen=True)
class Golden:
    """The golden city, built: where it lies and what the steps reported."""

    home: Path
    project: Path
    database: Path
    run: DbtRun
    report: JudgeReport


_built: list[Golden] = []


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """Lake, dbt and judging of the golden city on DuckDB, once for all folders that import it."""
    if not _built:
        _built.append(build(tmp_path_factory.mktemp("golden")))
    return _built[0]


def build(home: Path) -> Golden:
    """Build the golden city in a data home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FENGQIAO_HOME", str(home))
        project = city.project_copy(home)
        database = home / "build" / "fengqiao.duckdb"
        city.fill_duckdb(database)
        city.fill_zones(project)
        run = run_dbt(city.AS_OF, project=project)
        report = judge(city.AS_OF, "golden-1")
        return Golden(home, project, database, run, report)


@pytest.fixture
def golden_home(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> Golden:
    """The golden city as the data home of one test."""
    monkeypatch.setenv("FENGQIAO_HOME", str(golden.home))
    return golden
