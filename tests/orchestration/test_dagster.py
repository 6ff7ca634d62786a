"""Dagster sees the whole road, and its job walks it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from ingestion.contract import load_all
from tests.orchestration.conftest import ROOT, command_in, environment, lay_down

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


# The agencies' database is away: every feed that comes from it fails, three times. Each time it is
# asked five times, as ever, only without the eight seconds between (tests/connectors/test_sql.py
# restarts a real one).
_OUTAGE = """
import json
import dagster as dg
from ingestion.connectors import sql
from ingestion.contract import load_all
from orchestration.definitions import defs, feeds
feeds.AGAIN = dg.RetryPolicy(max_retries=2, delay=0.1)
sql.WAIT_SECONDS = 0.001
instance = dg.DagsterInstance.ephemeral()
done = defs.resolve_job_def("daily").execute_in_process(instance=instance, raise_on_error=False)

checks = [c for c in done.get_asset_check_evaluations() if c.check_name == feeds.TAKEN_IN]
codes = {feeds.feed_key(c): c.code for c in load_all().values()}
failed = sorted(codes[c.asset_key] for c in checks if not c.passed)
retried = sum(e.is_step_up_for_retry for e in done.all_events)
tags = feeds.not_taken_in(instance.get_run_by_id(done.run_id).tags)
print(json.dumps([done.success, failed == tags, failed, len(checks) - len(codes), retried]))
"""


_WEEK = """
import json
import dagster as dg
from orchestration.definitions import defs
done = defs.resolve_job_def("weekly_maintenance").execute_in_process(
    instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)
said = " ".join(str(e.message) for e in done.all_events if e.is_step_failure)
print(json.dumps([done.success, said]))
"""


def python(folder: Path, program: str, **more: str) -> str:
    """Run a program as Dagster's process would, and give its last line.

    From a file: pyspark ends a process started with `-c` (it takes it for its doctests).
    """
    file = folder / "program.py"
    file.write_text(program)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(file)],
        env={**environment(folder), **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


def test_lineage_goes_from_every_feed_of_the_city_to_the_cockpit(computed: Path) -> None:
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
    with duckdb.connect(
        str(tmp_path / "data" / "build" / "fengqiao.duckdb"), read_only=True
    ) as con:
        found = con.execute("select count(*) from marts.fct_quality_test").fetchall()
    assert found[0][0] > 40
    assert (tmp_path / "data" / "serving" / "pages.duckdb").exists()
    assert not list((tmp_path / "data" / "inbox" / "UK01").iterdir())


def test_agencies_that_are_away_cost_the_others_nothing(tmp_path: Path) -> None:
    lay_down(tmp_path, "2017-07-west-yorkshire-street-nolocation.csv")
    nowhere = f"sqlite:///{tmp_path / 'away' / 'agency.sqlite'}"
    success, tagged, failed, missing, retried = json.loads(
        python(tmp_path, _OUTAGE, FENGQIAO_AGENCY_DB=nowhere)
    )
    assert success
    assert tagged
    assert missing == 0
    away = [c.code for c in load_all().values() if c.server.kind == "sql"]
    assert failed == sorted(away) != []
    assert retried == 2 * len(failed)
    # Everything after the feeds ran: what arrived was checked, computed and published, and the
    # pages know whose data is missing.
    with duckdb.connect(str(tmp_path / "data/serving/pages.duckdb"), read_only=True) as con:
        (state,) = con.execute("select state from page_status").fetchall()
    assert state[0] == "ok"
    assert last_run_of(tmp_path)["failures"] == failed


def last_run_of(folder: Path) -> dict[str, object]:
    note: dict[str, object] = json.loads((folder / "data/ops/alerts/last-run.json").read_text())
    return note


def test_a_week_compacts_the_lake_and_an_altered_access_log_fails_it_last(
    computed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(computed, folder)
    table = folder / "data/lake/conformed/uk01_street_crime/_delta_log"
    assert not list(table.glob("*.checkpoint.parquet"))
    assert json.loads(python(folder, _WEEK)) == [True, ""]
    assert list(table.glob("*.checkpoint.parquet"))
    assert command_in(folder)("sql", "select count(*) from marts.dim_unit").returncode == 0
    (log,) = (folder / "data/ops/access").glob("access-*.ndjson")
    old = log.with_name("access-2020-01.ndjson")  # a month past its days, that the chain knows not
    shutil.copy(log, old)
    success, said = json.loads(python(folder, _WEEK))
    assert not success
    assert "NotLogged" in said or "failed" in said
    assert old.exists()


def test_a_waiting_file_asks_for_one_run_and_an_empty_inbox_for_none(tmp_path: Path) -> None:
    assert python(tmp_path, _SENSOR).startswith("SkipReason")
    lay_down(tmp_path, "2017-07-west-yorkshire-street-nolocation.csv")
    assert python(tmp_path, _SENSOR) == "RunRequest True"
