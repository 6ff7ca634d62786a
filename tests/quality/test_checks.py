"""What the checks between and over tables promise."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from ingestion import clock
from ingestion.contract import load_all
from ingestion.lake.logs import read_log
from quality.declared import complete_grid
from quality.measure import lake_connection, measure
from quality.run import CheckResult, build_data_docs, record, run_checks
from tests.quality import small_lake

AS_OF = datetime(2026, 10, 31, 9, tzinfo=clock.LOCAL)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    return tmp_path


def by_name(results: list[CheckResult], feed: str) -> dict[str, CheckResult]:
    return {r.name: r for r in results if r.feed == feed}


def test_a_whole_lake_passes_every_check(home: Path) -> None:
    small_lake.build()
    results = run_checks(["F20", "P32", "P40"], AS_OF)
    assert [r for r in results if not r.passed] == []
    assert {"key_unique", "rows_conserved", "fresh", "weekday_volume"} <= set(
        by_name(results, "P40")
    )


def test_a_repeated_key_is_counted(home: Path) -> None:
    small_lake.build()
    rows = small_lake.police_rows()
    small_lake.write("P40", pl.concat([rows, rows.head(3)]))
    found = by_name(run_checks(["P40"], AS_OF), "P40")
    assert not found["key_unique"].passed
    assert found["key_unique"].failed_rows_n == 3
    assert not found["rows_conserved"].passed


def test_a_day_with_a_fifth_of_its_rows_is_seen(home: Path) -> None:
    last = pl.col("stat_date") == date(2026, 10, 30)
    small_lake.build(drop_police=last & (pl.col("call_type") > "01"))
    found = by_name(run_checks(["P40"], AS_OF), "P40")
    assert not found["weekday_volume"].passed
    assert found["weekday_volume"].severity == "W"


def test_a_missing_delivery_is_not_fresh(home: Path) -> None:
    small_lake.build()
    late = datetime(2026, 11, 2, 9, tzinfo=clock.LOCAL)
    found = by_name(run_checks(["P40"], late), "P40")
    assert not found["fresh"].passed
    assert found["fresh"].failed_rows_n == 2


def test_events_of_unregistered_disputes_are_found_between_feeds(home: Path) -> None:
    small_lake.build(orphan_events=400)
    found = by_name(run_checks(["F20"], AS_OF), "F20")["known_dispute_code"]
    assert not found.passed
    assert found.failed_rows_n == 400


def test_a_check_that_cannot_run_has_failed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quality import rules

    small_lake.build()
    broken = rules.Rule("broken", "E", "坏", "(select nothing from nowhere)", "0")
    monkeypatch.setattr(rules, "FAMILIES", (rules.key_unique, lambda c, a: [broken]))
    found = by_name(run_checks(["P40"], AS_OF), "P40")
    assert found["key_unique"].passed
    assert not found["broken"].passed
    assert "未能运行" in found["broken"].detail


def test_results_are_recorded_once_and_hold_no_value(home: Path) -> None:
    small_lake.build()
    results = run_checks(["P32"], AS_OF)
    record(results, AS_OF)
    record(results, AS_OF)
    log = read_log("o02_test_run")
    assert log.height == len(results)
    assert log["passed"].all()


def test_a_test_run_again_at_the_same_moment_states_its_result_anew(home: Path) -> None:
    """The demonstration's clock stands still while files come in."""
    small_lake.build()
    first = run_checks(["P32", "P40"], AS_OF)
    record(first, AS_OF)
    again = [replace(r, passed=False, failed_rows_n=7) for r in first if r.feed == "P32"]
    for _ in range(2):
        record(again, AS_OF)
        log = read_log("o02_test_run")
        assert log.height == len(first) == log["run_id"].n_unique()
        assert (log.filter(pl.col("feed_code") == "P32")["failed_rows_n"] == 7).all()
        assert log.filter(pl.col("feed_code") == "P40")["passed"].all()
    record(first, AS_OF.replace(hour=10))
    assert read_log("o02_test_run").height == 2 * len(first)


def test_data_docs_show_counts_and_no_value_of_a_row(home: Path) -> None:
    small_lake.build()
    build_data_docs(AS_OF)
    folder = home / "docs" / "data-docs"
    pages = [p.read_text("utf-8") for p in folder.rglob("*.html")]
    assert any("主键唯一" in page for page in pages)
    some = small_lake.Disputes(small_lake.world()).registrations
    for column in ("dispute_code", "town_code", "party_a_name"):
        for value in some[column].drop_nulls().head(20):
            assert not any(value in page for page in pages)


def test_a_missing_town_of_one_day_breaks_the_declared_grid(home: Path) -> None:
    plan = {"check": "complete_grid", "day": "stat_date", "by": ["town_code", "call_type"]}
    node = {
        "name": "complete_grid",
        "severity": "error",
        "description": "d",
        "implementation": plan,
    }
    contract = replace(load_all()["P40"], table_rules=(node,))
    rules = complete_grid(contract, AS_OF)
    gone = (pl.col("stat_date") == date(2026, 10, 20)) & (pl.col("town_code") == "330602001000")
    for drop, missing in ((None, 0), (gone, 8)):
        small_lake.build(drop_police=drop)
        with lake_connection(home / "counts.duckdb") as con:
            assert measure(con, contract.table, rules) == {}
            row = con.execute(f"select * from counts.main.{contract.table}").fetchall()[0]
        assert row == (missing, 35 * 103 * 8)
        shutil.rmtree(home / "lake")
