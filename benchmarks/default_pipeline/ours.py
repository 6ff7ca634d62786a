"""The day's job of ours, measured step by step; or only its last two steps, for the peer.

python -m benchmarks.default_pipeline.ours day|compute
"""

from __future__ import annotations

import json
import resource
import sys
import time

from ingestion import clock, places
from orchestration.judging import judge
from orchestration.publish import publish
from orchestration.run.day import register_lake, release_now, run_day
from orchestration.transform import run_dbt


def _cpu() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(r.ru_utime + r.ru_stime for r in both)


def day() -> None:
    """One day; `stages.jsonl` in the home says when each step began, and with how much CPU."""
    steps: list[dict[str, object]] = []

    def began(step: str) -> None:
        steps.append({"step": step, "at": time.monotonic(), "cpu_s": _cpu()})

    done = run_day(progress=began)
    began("end")
    if done.skipped or done.intake.failures:
        raise SystemExit(f"the day was not run whole: {done.intake.failures or 'skipped'}")
    lines = "".join(json.dumps(step) + "\n" for step in steps)
    (places.home() / "stages.jsonl").write_text(lines, "utf-8")


def compute() -> None:
    """Judge and publish the build as it is."""
    as_of = clock.as_of()
    release = release_now(as_of)
    judge(as_of, release.release_id)
    publish(release.release_id, as_of)


def rebuild() -> None:
    """Make every model new."""
    as_of = clock.as_of()
    register_lake(as_of)
    run_dbt(as_of, full_refresh=True)


if __name__ == "__main__":
    {"day": day, "compute": compute, "rebuild": rebuild}[sys.argv[1]]()
