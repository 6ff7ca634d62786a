"""What counting costs: the whole dbt build beside the same SQL asked of DuckDB directly.

    .venv/pipeline/bin/python -m benchmarks.counting [--runs 3]

Needs a loaded home (`make up`, or `FENGQIAO_HOME` of a city) and a machine that does nothing else.
Both parts start from a copy of the build file and make every model new, on the same snapshot of the
lake. `raw` runs the statements that dbt compiled, in dependency order, as views and tables, without
contracts, tests, or anybody noting what was done: what the figures alone cost.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks.measure import measure
from benchmarks.report import machine

ROOT = Path(__file__).resolve().parents[1]
BUILD = "fengqiao.duckdb"
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb")


def home_beside(folder: Path) -> Path:
    """A home that shares the lake of the city's and has its own copy of the build files."""
    from ingestion import places

    home = folder / "home"
    home.mkdir()
    for shared in (places.home() / "lake", places.home() / "lake-l4"):
        (home / shared.name).symlink_to(shared)
    shutil.copytree(places.build(), home / "build")
    return home


def _rows(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as con:
        found = con.execute("select count(*) from marts.agg_indicator_counts").fetchone()
    return int(found[0]) if found else 0


def with_dbt() -> None:
    """One full build in the home of this process."""
    from ingestion import clock, places
    from orchestration.run.day import register_lake
    from orchestration.transform import run_dbt

    as_of = clock.as_of()
    register_lake(as_of)

    def work() -> None:
        run_dbt(as_of, full_refresh=True)

    measure(work, lambda: _rows(places.build() / BUILD), PACKAGES)


def raw() -> None:
    """The compiled statements of the last build, in the home of this process."""
    from ingestion import clock, places
    from orchestration.run.day import register_lake

    register_lake(clock.as_of())
    statements = compiled(places.build() / "dbt" / "duckdb")
    file = places.build() / BUILD

    def work() -> None:
        with duckdb.connect(str(file)) as con:
            con.execute("set TimeZone = 'Asia/Shanghai'")
            for statement in statements:
                con.execute(statement)

    measure(work, lambda: _rows(file), PACKAGES)


def compiled(target: Path) -> list[str]:
    """`create or replace …` of every model outside the zones, in the order of their making."""
    from orchestration.transform import manifest

    parsed = manifest.load(manifest.PROJECT, target, "duckdb")
    if parsed is None:
        raise SystemExit(f"{target}: no build of this project yet; the part `dbt` comes first")
    models = {
        name: node
        for name, node in parsed.nodes.items()
        if node.resource_type == "model" and "l4" not in node.tags
    }
    needs = {n: [d for d in m.depends_on.nodes if d in models] for n, m in models.items()}
    made = []
    for name in TopologicalSorter(needs).static_order():
        model = models[name]
        kind = "view" if model.config.materialized == "view" else "table"
        path = target / "compiled" / "fengqiao" / model.original_file_path
        relation = f'"{model.schema}"."{model.name}"'
        made.append(f"create or replace {kind} {relation} as (\n{path.read_text('utf-8')}\n)")
    return made


def compare(runs: int) -> dict[str, Any]:
    """Medians of both in turns, and how many times the bare SQL the build takes."""
    taken: dict[str, list[dict[str, Any]]] = {"dbt": [], "raw": []}
    about = machine(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        home = home_beside(Path(folder))
        for _ in range(runs):
            for part, results in taken.items():
                command = [sys.executable, "-W", "ignore", "-m", "benchmarks.counting", "--part"]
                done = subprocess.run(
                    [*command, part],
                    env={**os.environ, "FENGQIAO_HOME": str(home)},
                    cwd=ROOT, capture_output=True, text=True, check=True,
                )  # fmt: skip
                results.append(json.loads(done.stdout.splitlines()[-1]))
    rows = {one["rows"] for results in taken.values() for one in results}
    if len(rows) != 1:
        raise SystemExit(f"the two did not count the same: {sorted(rows)} rows")
    keys = ("seconds", "cpu_seconds", "peak_mib")
    medians = {p: {k: round(median(r[k] for r in rs), 2) for k in keys} for p, rs in taken.items()}
    ratio = round(medians["dbt"]["seconds"] / medians["raw"]["seconds"], 2)
    versions = taken["dbt"][0]["versions"]
    return {"machine": about, **medians, "rows": rows.pop(), "times": ratio, "versions": versions}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=("dbt", "raw"))
    given = parser.parse_args()
    if given.part:
        {"dbt": with_dbt, "raw": raw}[given.part]()
    else:
        print(json.dumps(compare(given.runs), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
