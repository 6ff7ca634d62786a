"""The benchmark runs: every program of ours takes all rows in, and the report is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

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
