"""Dagster sees the whole road, and its job walks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.orchestration.conftest import ROOT, environment, lay_down

_GRAPH = """
import json
from orchestration.definitions import defs
graph = defs.resolve_asset_graph()
feeds = sorted(k.to_user_string() for k in graph.get_all_asset_keys() if k.path[0] == "lake")
page = next(k for k in graph.get_all_asset_keys() if k.to_user_string() == "superset/1_cockpit")
seen, front = set(), {page}
while front:
    front = {p for k in front for p in graph.get(k).parent_keys} - seen
    seen |= front
checks = sorted({k.asset_key.to_user_string() for k in graph.asset_check_keys})
print(json.dumps([feeds, sorted(k.to_user_string() for k in seen), checks]))
"""

_JOB = """
import dagster as dg
from orchestration.definitions import defs
instance = dg.DagsterInstance.ephemeral()
done = defs.resolve_job_def("daily").execute_in_process(instance=instance, raise_on_error=False)
failed = [str(e.message) for e in done.all_events if e.is_step_failure]
checks = done.get_asset_check_evaluations()
print(done.success, failed, len(checks), sum(not c.passed for c in checks))
"""

_SENSOR = """
import dagster as dg
from orchestration.definitions import inbox_sensor
from orchestration.definitions.automation import inbox_sensor as sensor
first, again = (sensor(dg.build_sensor_context()) for _ in range(2))
print(type(first).__name__, getattr(first, "run_key", "") == getattr(again, "run_key", ""))
"""


def python(folder: Path, program: str) -> str:
    """Run a program as Dagster's process would, and give its last line.

    From a file: pyspark ends a process started with `-c` (it takes it for its doctests).
    """
    file = folder / "program.py"
    file.write_text(program)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(file)],
        env=environment(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


def test_lineage_goes_from_every_feed_of_the_city_to_the_cockpit(computed: Path) -> None:
    import json

    from ingestion.contract import load_all

    feeds, ancestors, checked = json.loads(python(computed, _GRAPH))
    tables = {f"lake/{c.table}" for c in load_all().values()}
    assert tables <= set(feeds)
    of_the_city = {t for t in tables if not t.startswith("lake/uk01")}
    assert of_the_city <= set(ancestors)
    assert tables <= set(checked)


def test_the_daily_job_runs_in_process_from_delivery_to_pages(tmp_path: Path) -> None:
    lay_down(tmp_path, "2017-07-west-yorkshire-street-nolocation.csv")
    words = python(tmp_path, _JOB)
    assert words.startswith("True [] "), words
    # The marts of a run see the checks of that run, however its steps are ordered.
    import duckdb

    with duckdb.connect(
        str(tmp_path / "data" / "build" / "fengqiao.duckdb"), read_only=True
    ) as con:
        found = con.execute("select count(*) from marts.fct_quality_test").fetchall()
    assert found[0][0] > 40
    assert (tmp_path / "data" / "serving" / "pages.duckdb").exists()
    assert not list((tmp_path / "data" / "inbox" / "UK01").iterdir())


def test_a_waiting_file_asks_for_one_run_and_an_empty_inbox_for_none(tmp_path: Path) -> None:
    assert python(tmp_path, _SENSOR).startswith("SkipReason")
    lay_down(tmp_path, "2017-07-west-yorkshire-street-nolocation.csv")
    assert python(tmp_path, _SENSOR) == "RunRequest True"
