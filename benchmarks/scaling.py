"""What a larger city costs, and whether that can be told before it is loaded.

    .venv/pipeline/bin/python -m benchmarks.scaling --points docs/scaling.json

For each size: a simulated city of six weeks is loaded from nothing, the following day is run, and
everything is counted anew (a full dbt build), each in a fresh process; seconds, CPU, peak memory
and the lake's bytes are kept in the file of points. A size that is in the file already is not
measured again. Seconds are told at the pace of the first point of the file: a fixed piece of work
is timed before and after each step (`pace.py`). Then a model is fitted: for each quantity a fixed
part and a part in proportion to rows, neither negative (least squares). The sizes of `--test` are
not fitted: the model must foretell them within a fifth.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks import report
from benchmarks.default_pipeline import runs
from benchmarks.default_pipeline.layout import ROOT, Layout, mornings
from benchmarks.pace import pace

ALLOWED = 0.20
PYTHON = [sys.executable, "-W", "ignore", "-m"]
# Which rows a quantity is told from: those of the lake, or those that the day adds.
DRIVERS = {
    "load_seconds": "rows",
    "load_cpu_seconds": "rows",
    "load_peak_mib": "rows",
    "lake_bytes": "rows",
    "deliver_seconds": "day_rows",
    "checks_seconds": "rows",
    "dbt_seconds": "rows",
    "judge_seconds": "rows",
    "publish_seconds": "rows",
    "day_seconds": "rows",
    "day_cpu_seconds": "rows",
    "day_peak_mib": "rows",
    "full_dbt_seconds": "rows",
    "full_dbt_cpu_seconds": "rows",
    "full_dbt_peak_mib": "rows",
}


@dataclass
class Point:
    """One size: rows of the lake before the day, rows that the day added, and what it took."""

    scale: float
    rows: int = 0
    day_rows: int = 0
    taken: dict[str, float] = field(default_factory=dict)
    paces: dict[str, float] = field(default_factory=dict)  # seconds of the fixed work, by step


def _note(point: Point, name: str, run: Callable[[], dict[str, float]]) -> None:
    before = pace()
    taken = run()
    point.paces[name] = round((before + pace()) / 2, 3)
    for key in ("seconds", "cpu_seconds", "peak_mib"):
        point.taken[f"{name}_{key}"] = round(taken[key], 2)


def at_one_pace(points: list[Point]) -> list[Point]:
    """The points as a machine would have given them that kept the pace of the first load."""
    usual = points[0].paces["load"]

    def told(point: Point, name: str, value: float) -> float:
        if not name.endswith("seconds"):
            return value
        step = next((s for s in point.paces if name.startswith(f"{s}_")), "day")
        return round(value * usual / point.paces[step], 2)

    return [
        replace(p, taken={name: told(p, name, value) for name, value in p.taken.items()})
        for p in points
    ]


def _rows(environment: dict[str, str]) -> int:
    command = [*PYTHON, "benchmarks.default_pipeline.prepare", "counts"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return sum(json.loads(done.stdout).values())


def _bytes(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def measured(scale: float, start: date, end: date, folder: Path) -> Point:
    """Load a city of that size up to the day before `end`, run that day, count everything anew."""
    layout, point = Layout(folder), Point(scale)
    before, now = mornings(end)
    log = folder / "run.log"
    base = layout.environment(layout.yesterday, before)
    prepare = [*PYTHON, "benchmarks.default_pipeline.prepare"]
    runs.timed([*prepare, "city", start.isoformat(), end.isoformat(), str(scale)], base, log)
    with runs.agencies_api(layout, base) as url:
        base = layout.environment(layout.yesterday, before, url)
        _note(point, "load", lambda: runs.timed([*prepare, "load"], base, log))
        point.rows = _rows(base)
        point.taken["lake_bytes"] = _bytes(layout.yesterday / "lake")
        ours = [*PYTHON, "benchmarks.default_pipeline.ours"]
        runs.timed([*prepare, "yesterday"], base, log)  # is there: publishes it
        today = layout.environment(layout.yesterday, now, url)
        runs.timed([*prepare, "waiting"], today, log)
        _note(point, "day", lambda: runs.timed([*ours, "day"], today, log))
        steps = runs.lines(layout.yesterday)
        for step, after in pairwise(steps):
            point.taken[f"{step['step']}_seconds"] = round(after["at"] - step["at"], 2)
        point.day_rows = _rows(today) - point.rows
        _note(point, "full_dbt", lambda: runs.timed([*ours, "rebuild"], today, log))
    return point


def fitted(points: list[Point]) -> dict[str, dict[str, float]]:
    """`fixed` and `per_million_rows` of each quantity, by relative least squares: a small city
    counts as much as a large one."""
    model = {}
    for name, driver in DRIVERS.items():
        millions = np.array([getattr(p, driver) / 1e6 for p in points])
        values = np.array([p.taken[name] for p in points])
        sides = np.column_stack([np.ones_like(millions), millions]) / values[:, None]
        (fixed, slope), _ = nnls(sides, np.ones_like(values))
        model[name] = {"fixed": float(fixed), "per_million_rows": float(slope)}
    return model


def foretold(model: dict[str, dict[str, float]], point: Point) -> dict[str, float]:
    """What the model says of a size, by quantity."""
    return {
        name: part["fixed"] + part["per_million_rows"] * getattr(point, DRIVERS[name]) / 1e6
        for name, part in model.items()
    }


def judged(points: list[Point], tested: list[float]) -> dict[str, Any]:
    """The model of the other sizes, and by how much it misses the tested ones."""
    model = fitted([p for p in points if p.scale not in tested])
    misses = {}
    for point in (p for p in points if p.scale in tested):
        told = foretold(model, point)
        misses[f"{point.scale:g}"] = {n: told[n] / point.taken[n] - 1 for n in told}
    return {"model": model, "misses": misses}


def table(points: list[Point], found: dict[str, Any]) -> str:
    """What was measured, the model, and the test, in Markdown."""
    shown = sorted(points, key=lambda p: p.scale)
    heads = "".join(f" scale {p.scale:g} |" for p in shown)
    lines = [f"| quantity |{heads} fixed | per million rows |", f"|---|{'--:|' * (len(shown) + 2)}"]
    lines.append(f"| rows of the lake |{''.join(f' {p.rows:,} |' for p in shown)} | |")
    lines.append(f"| rows of the day |{''.join(f' {p.day_rows:,} |' for p in shown)} | |")
    for name, part in found["model"].items():
        cells = "".join(f" {p.taken[name]:,.1f} |" for p in shown)
        lines.append(f"| {name} |{cells} {part['fixed']:,.1f} | {part['per_million_rows']:,.1f} |")
    for scale, misses in found["misses"].items():
        worst = max(misses, key=lambda n: abs(misses[n]))
        lines += ["", f"Scale {scale}, not fitted: worst miss {misses[worst]:+.0%} ({worst})."]
        lines += [f"- {name} {miss:+.0%}" for name, miss in misses.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.5, 1.0, 4.0])
    parser.add_argument("--test", type=float, nargs="+", default=[2.0])
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 9, 15))
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 10, 30))
    parser.add_argument("--points", type=Path, help="JSON; what it holds is not measured again")
    parser.add_argument("--folder", type=Path, help="where the temporary folders are made")
    given = parser.parse_args()
    file = given.points
    known = json.loads(file.read_text("utf-8")) if file and file.exists() else {"points": []}
    points = [Point(**p) for p in known["points"]]
    about = known.get("machine") or report.machine(ROOT)
    found: dict[str, Any] = {}
    for scale in (*given.scales, *given.test):
        if scale not in {p.scale for p in points}:
            print(f"  … scale {scale:g}", file=sys.stderr)
            with tempfile.TemporaryDirectory(prefix="fengqiao-scaling-", dir=given.folder) as made:
                points.append(measured(scale, given.start, given.end, Path(made)))
        kept = {"machine": about, "points": [asdict(p) for p in points]}
        if file:
            file.write_text(json.dumps(kept | found, indent=1) + "\n", "utf-8")
    points = at_one_pace(points)
    found = judged(points, given.test)
    if file:
        file.write_text(json.dumps(kept | found, indent=1) + "\n", "utf-8")
    paces = [taken for point in points for taken in point.paces.values()]
    print(
        f"Pace of the machine: {min(paces):.1f} to {max(paces):.1f} s; seconds are at the first.\n"
    )
    print(table(points, found))
    wrong = {n: m for misses in found["misses"].values() for n, m in misses.items()}
    if any(abs(miss) > ALLOWED for miss in wrong.values()):
        raise SystemExit(f"the model misses a size it was not fitted on by more than {ALLOWED:.0%}")


if __name__ == "__main__":
    main()
