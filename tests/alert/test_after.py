"""After a real run: the note, the alerts, the metrics; and none of it can fail the day."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingestion.clock import parse
from orchestration.alert.deliveries import delivery_states
from tests.conftest import settle
from tests.orchestration.conftest import AS_OF, ROOT, command_in, computed

__all__ = ["computed"]
_STATE = (
    "feed_code, owner_org_code, region_code, due_sender, period_start, period_end, is_due, status"
)


def exported(text: str) -> dict[str, dict[str, float]]:
    """Value by labels, by name, as Prometheus's own parser reads it."""
    return {
        sample.name: {
            str(sorted(s.labels.items())): s.value for s in family.samples if s.name == sample.name
        }
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def prom(folder: Path) -> str:
    return (folder / "data" / "ops" / "metrics" / "fengqiao.prom").read_text("utf-8")


def test_the_states_are_those_of_the_fact(computed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = settle(monkeypatch, computed)
    with duckdb.connect(str(home / "build" / "fengqiao.duckdb"), read_only=True) as con:
        fact = con.execute(f"select {_STATE} from marts.fct_delivery").fetchall()
    ours = list(delivery_states(parse(AS_OF)).select(_STATE.split(", ")).iter_rows())
    assert len(ours) == len(fact) > 1000
    assert set(ours) == set(fact)


def test_a_run_leaves_its_metrics_and_the_command_prints_the_same(computed: Path) -> None:
    text = prom(computed)
    found = exported(text)
    assert set(found["fengqiao_day_step_seconds"]) == {
        f"[('step', '{s}')]" for s in ("deliver", "checks", "dbt", "judge", "publish")
    }
    assert found["fengqiao_day_failed"] == {"[]": 0.0}
    assert found["fengqiao_release_age_seconds"] == {"[]": 0.0}
    rows = found["fengqiao_feed_rows_total"]
    assert rows["[('feed', 'UK01'), ('outcome', 'in')]"] > 10_000
    assert not any("F12" in labels or "F14" in labels for labels in rows)
    assert found["fengqiao_deliveries"]["[('feed', 'P44'), ('status', 'missing')]"] >= 29
    assert found["fengqiao_alerts_standing"]["[('severity', 'error')]"] > 50
    printed = command_in(computed)("metrics")
    assert printed.returncode == 0, printed.stderr
    fresh = exported(printed.stdout)
    assert set(fresh) == set(found)
    assert fresh["fengqiao_feed_rows_total"] == rows


def test_the_dashboard_asks_only_for_what_is_exported(computed: Path) -> None:
    board = json.loads((ROOT / "deploy" / "grafana" / "fengqiao.json").read_text("utf-8"))
    asked = [t["expr"] for panel in board["panels"] for t in panel["targets"]]
    names = {n for expr in asked for n in re.findall(r"fengqiao_\w+", expr)}
    found = exported(prom(computed))
    assert names - set(found) == set()
    # And every label that it selects or groups by belongs to a metric of the same expression.
    labels = {name: set(re.findall(r"'(\w+)', '", " ".join(of))) for name, of in found.items()}
    for expr in asked:
        used = set(re.findall(r"[{,]\s*(\w+)\s*=?[=~!]", expr))
        used |= {w.strip() for g in re.findall(r"(?:by|on|group_left) \(([^)]*)\)", expr)
                 for w in g.split(",")}  # fmt: skip
        known = set().union(*(labels[n] for n in re.findall(r"fengqiao_\w+", expr)))
        assert used <= known, expr
    chinese = [p["title"] for p in board["panels"] if re.search(r"[一-鿿]", p["title"])]
    assert len(chinese) == len(board["panels"]) >= 10
    # Everything we export is on it somewhere.
    assert set(found) - names == set()


def test_the_command_lists_what_stands_and_writes_nothing(computed: Path) -> None:
    before = (computed / "data" / "ops" / "alerts" / "state.json").read_bytes()
    done = command_in(computed)("alerts", "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    assert {"missing:P44", "missing:F01"} <= {row["cause"] for row in listed}
    assert (computed / "data" / "ops" / "alerts" / "state.json").read_bytes() == before
    # Nobody has set up mail: that is said, and is no failure of a message.
    sent = command_in(computed)("alerts", "--send")
    assert sent.returncode == 3
    assert "no channel is set up" in sent.stderr


def test_a_day_that_fails_is_told_and_nothing_of_it_can_fail_the_day(
    computed: Path, tmp_path: Path
) -> None:
    """A file of the lake is cut off: yesterday's pages stay, and the platform's office is told."""
    shutil.copytree(computed / "data", tmp_path / "data")
    shutil.copytree(computed / "secrets", tmp_path / "secrets")
    stored = next((tmp_path / "data/lake/conformed/uk01_street_crime").rglob("*.parquet"))
    stored.write_bytes(stored.read_bytes()[:100])
    later = {"FENGQIAO_AS_OF": "2026-10-31T09:30:00"}
    failed = command_in(tmp_path)("run", **later)
    assert failed.returncode == 1, failed.stdout
    assert exported(prom(tmp_path))["fengqiao_day_failed"] == {"[]": 1.0}
    state = json.loads((tmp_path / "data" / "ops" / "alerts" / "state.json").read_text("utf-8"))
    assert state["causes"]["day"]["alert"]["severity"] == "critical"
    # What goes wrong afterwards changes nothing for the day: here the state cannot be written.
    place = tmp_path / "data" / "ops" / "alerts" / "state.json"
    place.unlink()
    place.mkdir()
    again = command_in(tmp_path)("run", **later)
    assert (again.returncode, "yesterday's pages" in again.stderr) == (1, True)
    log = (tmp_path / "data" / "ops" / "logs" / "fengqiao.log").read_text("utf-8")
    assert "alerts: unexpected IsADirectoryError" in log
