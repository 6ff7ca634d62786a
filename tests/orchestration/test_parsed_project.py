"""A parsed dbt project is kept and lent to another home, and says what parsing says."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ingestion import clock
from orchestration.transform import manifest, run_dbt
from tests.conftest import settle


def parsed(patch: pytest.MonkeyPatch, folder: Path) -> dict[str, Any]:
    """manifest.json as `parse` leaves it in the home in a folder."""
    home = settle(patch, folder)
    run_dbt(clock.as_of(), command="parse")
    found: dict[str, Any] = json.loads((target_of(home) / "manifest.json").read_text("utf-8"))
    return found


def target_of(home: Path) -> Path:
    return home / "build" / "dbt" / "duckdb"


def test_what_one_home_parsed_another_has_and_a_changed_project_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_DBT_PARSED", str(tmp_path / "shared"))
    first = parsed(monkeypatch, tmp_path / "one")
    again = parsed(monkeypatch, tmp_path / "one")
    lent = parsed(monkeypatch, tmp_path / "other")
    # dbt notes how long it parsed where it did.
    noted = [target_of(tmp_path / h / "data") / "perf_info.json" for h in ("one", "other")]
    assert [file.exists() for file in noted] == [True, False]
    assert len(first["nodes"]) > 500
    for found in (again, lent):
        assert found.keys() == first.keys()
        assert [k for k in first if k != "metadata" and found[k] != first[k]] == []

    project = tmp_path / "project"
    shutil.copytree(manifest.PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    target = target_of(tmp_path / "other" / "data")
    assert manifest.load(manifest.PROJECT, target, "duckdb") is not None
    assert manifest.load(project, target, "duckdb") is None  # it lies elsewhere
    monkeypatch.delenv("FENGQIAO_DBT_PARSED")
    manifest.remember(project, target, "duckdb")
    assert manifest.load(project, target, "duckdb") is not None
    model = next(project.rglob("ind_d09_rows.sql"))
    os.utime(model, ns=(0, 0))
    assert manifest.load(project, target, "duckdb") is None
