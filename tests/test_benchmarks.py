"""The benchmarks run: every program of ours does its work whole, and the report is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.default_pipeline.page import difference
from benchmarks.scaling import DRIVERS, Point, at_one_pace, judged

ROOT = Path(__file__).resolve().parents[1]


def test_the_benchmark_runs_and_writes_its_report(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    programs = ["copy", "append", "merge", "changed"]
    command = [sys.executable, "-m", "benchmarks.ingestion", "--rows", "20000", "--runs", "1"]
    command += ["--folder", str(tmp_path), "--report", str(report), "--only", *programs]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    done = json.loads(report.with_suffix(".json").read_text("utf-8"))
    assert {name: v["rows"] for name, v in done["medians"].items()} == dict.fromkeys(
        programs, 20_000
    )
    assert set(done["ratios"]) == {"append / copy", "merge / copy"}
    assert "ours, append" in report.read_text("utf-8")
    assert list(tmp_path.glob("fengqiao-benchmark-*")) == []


def test_a_peer_that_leaves_other_rows_is_told() -> None:
    facts = {"rows": 10, "before": 100, "inserted": 6, "quarantined": 1, "tokenised_key": False}
    step = {"rows": 10, "after": 106}
    assert difference("P44", facts, step) == ""
    assert difference("P44", facts, step | {"after": 107}) == ""
    assert "grown by 8 instead of 6 to 7" in difference("P44", facts, step | {"after": 108})
    assert "grown by 5" in difference("P44", facts, step | {"after": 105})
    assert "9 rows read" in difference("P44", facts, step | {"rows": 9})
    assert "not run" in difference("P44", facts, None)


def test_the_model_of_growth_finds_what_made_the_points() -> None:
    def point(scale: float) -> Point:
        rows, day_rows = int(scale * 1e6), int(scale * 3e4)
        drivers = {"rows": rows, "day_rows": day_rows}
        taken = {name: 5 + 40 * drivers[by] / 1e6 for name, by in DRIVERS.items()}
        return Point(scale, rows, day_rows, taken)

    points = [point(scale) for scale in (0.5, 1, 2, 4)]
    found = judged(points, [2])
    assert found["model"]["dbt_seconds"] == pytest.approx({"fixed": 5, "per_million_rows": 40})
    assert max(map(abs, found["misses"]["2"].values())) < 1e-6
    points[2].taken["dbt_seconds"] *= 2
    assert judged(points, [2])["misses"]["2"]["dbt_seconds"] == pytest.approx(-0.5)


def test_a_machine_that_became_slower_is_told_at_one_pace() -> None:
    steps = ("load", "day", "full_dbt")
    usual = Point(1, 100, 10, dict.fromkeys(DRIVERS, 10.0), dict.fromkeys(steps, 2.0))
    slower = {name: 15.0 if name.endswith("seconds") else 10.0 for name in DRIVERS}
    again = Point(1, 100, 10, slower, dict.fromkeys(steps, 3.0))
    assert at_one_pace([usual, again])[1].taken == usual.taken
    assert at_one_pace([usual])[0] == usual
