"""How long pages take: one reader with the caches off, then leaders who open pages at once.

    scripts/install.sh load
    .venv/pipeline/bin/python -m benchmarks.pages --leaders 10 --seconds 120

Needs a served demonstration (`make up`) and a machine that does nothing else. The first part asks
every chart of every page, caches off, several times; the second lets Locust play leaders, caches
on, each with a login of its own (`pages_load.py`). Beside Superset's times stand those of the same
SQL asked of the page file directly, so what is Superset's and what is ours can be told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import quantiles
from typing import Any

import duckdb

from benchmarks.report import machine
from dashboards.compiler.checks import questions
from dashboards.compiler.commands import compiled
from dashboards.compiler.session import Session
from dashboards.server import paths

ROOT = Path(__file__).resolve().parents[1]
Question = tuple[str, str, dict[str, Any]]  # page, chart, body


def asked() -> list[Question]:
    """Every question of every page as it is when the page is opened."""
    with Session("leader") as session:
        return [
            (page.id, chart.name, body)
            for page, chart, body in questions(compiled(), session)
            if body is not None
        ]


def alone(found: list[Question], runs: int) -> dict[str, dict[str, float]]:
    """Per page the p95 of its slowest chart in milliseconds, caches off; and the bare SQL's."""
    superset: dict[tuple[str, str], list[float]] = defaultdict(list)
    bare: dict[tuple[str, str], list[float]] = defaultdict(list)
    with (
        Session("leader") as session,
        duckdb.connect(str(paths.pages_file()), read_only=True) as con,
    ):
        for page, chart, body in found:
            statement = _sql(session, body)
            for _ in range(runs):
                superset[page, chart].append(
                    _timed(lambda b=body: session.post("/api/v1/chart/data", {**b, "force": True}))
                )
                bare[page, chart].append(_timed(lambda s=statement: con.execute(s).fetchall()))
    pages = sorted({page for page, *_ in found})
    return {page: _slowest(page, superset, bare) for page in pages}


def _slowest(
    page: str,
    superset: dict[tuple[str, str], list[float]],
    bare: dict[tuple[str, str], list[float]],
) -> dict[str, float]:
    of_page = {key: p95(taken) for key, taken in superset.items() if key[0] == page}
    worst = max(of_page, key=lambda key: of_page[key])
    return {"p95_ms": round(of_page[worst], 1), "bare_p95_ms": round(p95(bare[worst]), 1)}


def _sql(session: Session, body: dict[str, Any]) -> str:
    answer = session.post("/api/v1/chart/data", {**body, "result_type": "query"})
    return str(answer["result"][0]["query"]).rstrip().rstrip(";")


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def p95(taken: list[float]) -> float:
    """The 95th percentile; of a few values the greatest."""
    return quantiles(taken, n=20)[-1] if len(taken) >= 20 else max(taken)


def together(found: list[Question], leaders: int, seconds: int) -> dict[str, Any]:
    """What Locust saw: requests, failures, and the p95 of a chart in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "questions.json"
        plan.write_text(json.dumps(found), encoding="utf-8")
        command = [
            str(ROOT / ".venv/load/bin/locust"), "-f", str(ROOT / "benchmarks/pages_load.py"),
            "--headless", "--host", paths.address(), "-u", str(leaders), "-r", str(leaders),
            "-t", f"{seconds}s", "--only-summary", "--json-file", str(Path(folder) / "out"),
        ]  # fmt: skip
        told = {
            "FENGQIAO_LOAD_QUESTIONS": str(plan),
            "FENGQIAO_LOAD_LOGINS": str(paths.logins_file()),
        }
        subprocess.run(command, env={**os.environ, **told}, check=False, stdout=subprocess.DEVNULL)
        stats = json.loads((Path(folder) / "out.json").read_text())
    return {one["name"]: _told(one) for one in stats}


def _told(one: dict[str, Any]) -> dict[str, Any]:
    taken = sorted((float(ms), n) for ms, n in one["response_times"].items())
    total, passed, at = sum(n for _, n in taken), 0, 0.0
    for ms, n in taken:
        passed, at = passed + n, ms
        if passed >= 0.95 * total:
            break
    return {"requests": one["num_requests"], "failures": one["num_failures"], "p95_ms": at}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--leaders", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=120)
    given = parser.parse_args()
    about = machine(ROOT)
    found = asked()
    measured = {
        "machine": about,
        "charts": len(found),
        "one_reader_caches_off": alone(found, given.runs),
        "leaders_at_once_caches_on": together(found, given.leaders, given.seconds),
    }
    print(json.dumps(measured, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
