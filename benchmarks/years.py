"""What the day's job costs in a city of one month and of five years: all feeds, a day's data.

    python -m benchmarks.years --folder /var/tmp/years [--scale 0.25] [--years 5] [--runs 3]

Two cities that differ in nothing but their past are loaded up to the eve, which is not measured;
what lies in `--folder` is used again, its eve computed anew where the code has changed since (what
a run leaves for the next must be there). Then, in turn, a copy of each home gets the last day's
deliveries and runs the day's job, and runs it once more with nothing new.

Seconds of a clock are those of a quiet machine; `cpu` are the processor's, which other work on the
machine lengthens much less.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parent.parent
SEED, PORT = 41, "8196"
EVE, MORNING, END = "2026-10-30T09:00:00", "2026-10-31T09:00:00", "2026-10-30"


def day() -> dict[str, Any]:
    """The day's job: its steps' seconds, those of the processor apart, and what arrived."""
    from orchestration.run.day import run_day

    began: list[tuple[str, float]] = []
    done = run_day(progress=lambda step: began.append((step, _cpu_s())))
    ends = [at for _, at in began[1:]] + [_cpu_s()]
    cpu = {step: round(end - at, 2) for (step, at), end in zip(began, ends, strict=True)}
    rows = sum(r.rows_n or 0 for r in done.intake.receipts)
    return {
        **done.seconds,
        **{f"{step} cpu": seconds for step, seconds in cpu.items()},
        "whole cpu": round(_cpu_s(), 2),
        "deliveries": len(done.intake.receipts),
        "rows": rows,
    }


def _cpu_s() -> float:
    """Seconds of the processor that this process and its ended children have taken."""
    return sum(os.times()[:4])


def child(environment: dict[str, str], stage: str) -> dict[str, Any]:
    """A stage in a process of its own: what it says, with the seconds of the whole process."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.years", "--stage", stage]
    began = time.perf_counter()
    done = subprocess.run(
        command,
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{stage} failed:\n{done.stderr[-4000:]}")
    seconds = time.perf_counter() - began
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "whole": round(seconds, 2)}


def environment(folder: Path, home: Path, as_of: str) -> dict[str, str]:
    return {
        **os.environ,
        "FENGQIAO_HOME": str(home),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": as_of,
        "FENGQIAO_AGENCY_PORT": PORT,
    }


def prepare(folder: Path, start: str, scale: float) -> None:
    """A city and its home on the eve; what is there is not made again."""
    if (folder / "ready").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "eve", ignore_errors=True)
    own = environment(folder, folder / "eve", EVE)
    with _interface(own):
        code = (
            "from simulation.city import build;"
            f"build(seed={SEED}, scale={scale}, start={start!r}, end={END!r}, quiet=True)"
        )
        subprocess.run([sys.executable, "-c", code], env=own, check=True, cwd=ROOT)
    with _interface(own):
        child(own, "load")
    (folder / "ready").touch()


def compute_the_eve_anew(folder: Path) -> None:
    """The eve by the code of now; over in two seconds where that made it."""
    own = environment(folder, folder / "eve", EVE)
    with _interface(own):
        child(own, "day")


class _interface:
    """The agencies' interface, served while it is needed."""

    def __init__(self, own: dict[str, str]) -> None:
        self._own = own

    def _call(self, what: str) -> None:
        code = f"from orchestration.service import agencies; agencies.{what}()"
        subprocess.run([sys.executable, "-c", code], env=self._own, check=True, cwd=ROOT)

    def __enter__(self) -> None:
        if (Path(self._own["FENGQIAO_AGENCIES"]) / "build.json").exists():
            self._call("start")

    def __exit__(self, *_: object) -> None:
        self._call("stop")


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    """The day with its data, then the day with nothing new."""
    home = folder / "work"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(folder / "eve", home, symlinks=True)
    own = environment(folder, home, MORNING)
    with _interface(own):
        child(own, "lay-out")
        subprocess.run(["sync"], check=True)
        return {"day": child(own, "day"), "nothing new": child(own, "day")}


def main(
    folder: Annotated[Path, typer.Option()] = Path("years"),
    scale: Annotated[float, typer.Option(min=0.01)] = 0.25,
    years: Annotated[int, typer.Option(min=1)] = 5,
    runs: Annotated[int, typer.Option(min=0, help="0 prepares only")] = 3,
    stage: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure both pasts in turn; medians and ratios."""
    if stage:
        from orchestration.service.demonstration import settle_environment

        settle_environment()
        if stage == "day":
            print(json.dumps(day()))
            return
        # Not above: what the day's own process imports is measured.
        from benchmarks.default_pipeline import prepare as homes

        {"load": homes.yesterday, "lay-out": homes.lay_down_the_day}[stage]()
        print("{}")
        return
    end = date.fromisoformat(END)
    pasts = {"month": "2026-09-20", "years": end.replace(year=end.year - years, day=1).isoformat()}
    for past, start in pasts.items():
        prepare(folder.resolve() / past, start, scale)
        if runs:
            compute_the_eve_anew(folder.resolve() / past)
    taken: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _ in range(runs):
        for past in pasts:
            for what, found in measure(folder.resolve() / past).items():
                taken.setdefault((past, what), []).append(found)
    for (past, what), several in taken.items():
        keys = [k for k in several[0] if isinstance(several[0][k], float)]
        middle = {k: statistics.median(f.get(k, 0.0) for f in several) for k in keys}
        print(past, what, middle, {k: several[0][k] for k in ("deliveries", "rows")})
    for what in ("day", "nothing new") if taken else ():
        for of in ("whole", "whole cpu"):
            a, b = (statistics.median(f[of] for f in taken[p, what]) for p in ("years", "month"))
            print(f"{what}, {of}: {a:.1f} s / {b:.1f} s = {a / b:.2f}")


if __name__ == "__main__":
    typer.run(main)
