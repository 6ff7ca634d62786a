"""The same day put together from defaults: Dagster's multiprocess executor, dlt, GX, dbt's command.

    dagster job execute -m benchmarks.default_pipeline.peer -j daily

An asset per feed reads what arrived with pandas, merges it with dlt into DuckDB (dlt's quick
start) by the contract's key, and checks it with GX on the frame (GX's quick start). Then
`dbt build` as a subprocess, then our judging and publishing. Runs in the environment `bench`,
which has none of our packages: what a team would write down of each feed is in `feeds.json`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

FOLDER = Path(os.environ["BENCH_DAY_FOLDER"])
HOME = Path(os.environ["FENGQIAO_HOME"])
OURS = os.environ.get("BENCH_OURS", sys.executable)
FEEDS: dict[str, dict[str, Any]] = json.loads((FOLDER / "feeds.json").read_text("utf-8"))
STAGES = HOME / "stages.jsonl"
OWN_STEPS = os.environ.get("BENCH_CHECKS") == "own"


def _cpu() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(r.ru_utime + r.ru_stime for r in both)


def _age_s() -> float:
    """Seconds since this process was made: Dagster's start and the imports."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    up = float(Path("/proc/uptime").read_text().split()[0])
    return up - ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def noted(stage: str, name: str) -> Iterator[dict[str, Any]]:
    """One line for the report: when the step began and ended, and the CPU of its whole process."""
    facts: dict[str, Any] = {"stage": stage, "name": name, "start_s": _age_s()}
    facts["began"] = time.monotonic()
    yield facts
    facts |= {"ended": time.monotonic(), "cpu_s": _cpu()}
    with STAGES.open("a", encoding="utf-8") as file:  # one write of a line is whole
        file.write(json.dumps(facts) + "\n")


@contextmanager
def timed(facts: dict[str, Any], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    facts[name] = time.perf_counter() - began


def _checked(facts: dict[str, Any], frame: Any, feed: dict[str, Any]) -> int:
    """Run GX on the frame; gives how many expectations failed."""
    from benchmarks.default_pipeline import peer_feed

    with timed(facts, "gx_s"):
        failed, run = peer_feed.check(frame, feed)
    facts |= {"failed": failed, "expectations": run}
    return len(failed)


def _read(facts: dict[str, Any], code: str, feed: dict[str, Any]) -> Any:
    with timed(facts, "import_s"):
        from benchmarks.default_pipeline import peer_feed
    with timed(facts, "read_s"):
        return peer_feed.read(FOLDER / "delivered" / code, feed)


def feed_asset(code: str, feed: dict[str, Any]) -> dg.AssetsDefinition:
    """What loads one feed, and checks it in the same step if the checks have none of their own."""

    @dg.asset(name=feed["table"], group_name="feeds")
    def load() -> dg.MaterializeResult:  # type: ignore[type-arg]
        with noted("feeds", code) as facts:
            frame = _read(facts, code, feed)
            with timed(facts, "dlt_s"):
                from benchmarks.default_pipeline import peer_feed

                facts["rows"] = len(frame)
                facts["after"] = peer_feed.merge(frame, code, feed, HOME)
            if not OWN_STEPS:
                _checked(facts, frame, feed)
        return dg.MaterializeResult(metadata={"rows": len(frame)})

    return load


def feed_check(code: str, feed: dict[str, Any]) -> dg.AssetChecksDefinition:
    """The checks of one feed as Dagster's guide to asset checks has them: a step of their own."""

    @dg.asset_check(asset=feed["table"], name="gx", blocking=True)
    def check() -> dg.AssetCheckResult:
        with noted("feeds", f"{code} gx") as facts:
            failed = _checked(facts, _read(facts, code, feed), feed)
        # A warning: it does not stop what comes after, and ours publishes as well.
        return dg.AssetCheckResult(passed=not failed, severity=dg.AssetCheckSeverity.WARN)

    return check


ASSETS = [feed_asset(code, feed) for code, feed in FEEDS.items()]
CHECKS = [feed_check(code, feed) for code, feed in FEEDS.items()] if OWN_STEPS else []


@dg.asset(deps=ASSETS)
def dbt_models() -> None:
    """`dbt build` without what the day's job leaves out too: seeds, unit tests, the L4 zones."""
    from benchmarks.default_pipeline import peer_dbt

    with noted("dbt", "dbt"):
        peer_dbt.dbt(HOME, os.environ["FENGQIAO_AS_OF"], "build", *peer_dbt.WITHOUT)


@dg.asset(deps=[dbt_models])
def pages() -> None:
    """Judging and publishing are ours, in a process of its own, because they live in `pipeline`."""
    with noted("publish", "publish"):
        command = [OURS, "-W", "ignore", "-m", "benchmarks.default_pipeline.ours", "compute"]
        subprocess.run(command, check=True)


daily = dg.define_asset_job("daily", selection=dg.AssetSelection.all())
defs = dg.Definitions(assets=[*ASSETS, dbt_models, pages], asset_checks=CHECKS, jobs=[daily])
