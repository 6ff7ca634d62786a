"""The golden city: every count by hand, on two engines, whole and day by day."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingestion.clock import LOCAL
from orchestration.transform import DbtFailed, run_dbt
from tests.golden import city
from tests.golden.conftest import Golden

KEY = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]
COUNTS = [
    *KEY, "numerator", "denominator", "stat_value", "population_n", "open_n", "is_complete",
    "is_provisional", "is_running",
]  # fmt: skip
ALL_COLUMNS = [*COUNTS, "period_end", "open_age_days"]


def counts(database: Path, columns: list[str]) -> pl.DataFrame:
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(
            f"select {', '.join(columns)} from marts.agg_indicator_counts order by {', '.join(KEY)}"
        ).pl()


def by_hand() -> pl.DataFrame:
    return pl.read_csv(
        city.HERE / "expected_counts.csv",
        schema_overrides={
            "unit_code": pl.String, "period_start": pl.Date, "numerator": pl.Float64,
            "denominator": pl.Float64, "stat_value": pl.Float64,
        },
    ).sort(KEY)  # fmt: skip


def test_every_count_equals_the_count_by_hand(golden: Golden) -> None:
    assert_frame_equal(counts(golden.database, COUNTS), by_hand(), abs_tol=1e-12)


def test_no_formula_of_the_road_is_missing_from_the_hand_count() -> None:
    wanted = {"C01", "C02", "C02#2", "D07", "D09", "D12", "P01", "Q01", "Q02", "Q03"}
    assert set(by_hand()["indicator_code"]) == wanted


def test_each_formula_holds_on_its_edges(golden_home: Golden) -> None:
    run = run_dbt(city.AS_OF, project=golden_home.project, command="test", select="test_type:unit")
    assert len(run.nodes) >= 17
    assert {node.status for node in run.nodes} == {"pass"}


def test_a_formula_that_forgets_its_rule_is_caught(golden_home: Golden, tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(golden_home.project, project)
    model = project / "models/indicators/ind_d07_rows.sql"
    text = model.read_text()
    assert "('1', '2', '3', '4')" in text
    model.write_text(text.replace("('1', '2', '3', '4')", "('1', '2', '3', '4', '5')"))
    with pytest.raises(DbtFailed, match="d07_counts_a_ticket_once"):
        run_dbt(city.AS_OF, project=project, command="test", select="test_type:unit")


def test_a_second_run_changes_nothing(golden_home: Golden) -> None:
    before = counts(golden_home.database, ALL_COLUMNS)
    again = run_dbt(city.AS_OF, project=golden_home.project)
    assert_frame_equal(counts(golden_home.database, ALL_COLUMNS), before)
    assert {node.kind for node in golden_home.run.nodes} == {"seed", "model", "test"}
    assert {node.kind for node in again.nodes} == {"model", "test"}, "unchanged seeds stay loaded"


def test_incremental_days_equal_a_full_refresh(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update, a deletion, a new month and a month that vanishes, then both ways of building."""
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    database = tmp_path / "build" / "fengqiao.duckdb"
    city.fill_duckdb(database)
    run_dbt(city.AS_OF, project=golden.project)
    with duckdb.connect(str(database)) as con:
        for change in (
            "update lake.p44_hotline_ticket set finish_time = timestamptz '2026-04-02 02:00:00+00',"
            " _delivery_id = 'dlv-next' where ticket_id = 't07'",
            "delete from lake.p44_hotline_ticket where ticket_id = 't01'",
            "insert into lake.p44_hotline_ticket by name select * replace ('t99' as ticket_id,"
            " 'dlv-next' as _delivery_id, '2026-04' as _month,"
            " timestamptz '2026-04-02 01:00:00+00' as accept_time) from lake.p44_hotline_ticket"
            " where ticket_id = 't02'",
            "delete from lake.f20_dispute_case_event where _month = '2026-03'",
            "update lake.p40_police_call_aggregate set valid_n = 7, _delivery_id = 'dlv-next'"
            " where call_type = '01' and stat_date = date '2026-02-05'",
        ):
            con.execute(change)
    next_day = datetime(2026, 4, 3, 9, 0, tzinfo=LOCAL)
    run_dbt(next_day, project=golden.project)
    day_by_day = counts(database, ALL_COLUMNS)
    facts = ("fct_hotline_ticket", "fct_dispute_event", "fct_police_call", "fct_dispute")
    tables = {name: _table(database, name) for name in facts}
    run_dbt(next_day, project=golden.project, full_refresh=True)
    assert_frame_equal(counts(database, ALL_COLUMNS), day_by_day)
    for name, before in tables.items():
        assert_frame_equal(_table(database, name), before, check_row_order=False)
    assert not day_by_day.equals(counts(golden.database, ALL_COLUMNS)), "the changes must show"


def _table(database: Path, name: str) -> pl.DataFrame:
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(f"select * from marts.{name}").pl()


def test_spark_counts_equal_duckdb_counts(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same project with --target spark: integers and dates exact, doubles to 1e-9."""
    from tests.golden.spark_city import collect, fill_spark, session

    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    spark = session(tmp_path / "warehouse")
    try:
        fill_spark(spark)
        run_dbt(city.AS_OF, project=golden.project, target="spark", command="run")
        found = collect(spark, "marts.agg_indicator_counts", ALL_COLUMNS).sort(KEY)
        durations = collect(spark, "marts.agg_duration_days", ["unit_code", "days_upto", "rows_n"])
    finally:
        spark.stop()
    expected = counts(golden.database, ALL_COLUMNS)
    assert_frame_equal(found, expected, abs_tol=1e-9, rel_tol=1e-9)
    with duckdb.connect(str(golden.database), read_only=True) as con:
        on_duckdb = con.execute(
            "select unit_code, days_upto, rows_n from marts.agg_duration_days"
        ).pl()
    assert_frame_equal(durations, on_duckdb, check_row_order=False)
