"""The golden city: every count by hand, on two engines, whole and day by day."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.spark import different
from ingestion.clock import LOCAL
from orchestration.transform import DbtFailed, count, run_dbt, zones
from tests.golden import city, spark_cluster
from tests.golden.conftest import Golden

KEY = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]
COUNTS = [
    *KEY, "numerator", "denominator", "stat_value", "population_n", "open_n", "is_complete",
    "is_provisional", "is_running",
]  # fmt: skip
WARNING = [
    "warning_key", "rule_version", "ground", "light", "case_id", "cases_n", "unit_department",
    "unit_enforcement_domain", "unit_district", "unit_town", "raised_at", "ended_at",
    "value_compared", "threshold", "measure_zh", "threshold_key", "life_state", "reviewed_at",
    "review_result",
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
    wanted = {
        "C01", "C02", "C02#2", "C04", "C05", "C07", "C08", "C09", "C10", "D01", "D02", "D03",
        "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D11", "D12", "D14", "D15",
        "D15#homicide", "E01", "E02", "E02#median", "E03", "E04", "E05", "E06", "E08", "H01",
        "H02", "H03", "H04", "H05", "H06", "H07", "J01", "J03", "K01", "K02", "K03",
        "K03#overdue", "L01", "L02", "L03", "L04", "L05", "L06", "L07", "L08", "L09", "M01",
        "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "P01", "P02", "P03", "P04",
        "P05", "P06", "P07", "P09", "P10", "Q01", "Q02", "Q03", "U01", "U02", "U03", "U05",
        "U06", "Y01", "Y02", "Y03", "Y04", "Y05", "Y06", "Y07", "Z01", "Z02", "Z03", "Z05",
        "Z06",
    }  # fmt: skip
    assert set(by_hand()["indicator_code"]) == wanted


def test_each_formula_holds_on_its_edges(golden_home: Golden) -> None:
    run = run_dbt(city.AS_OF, project=golden_home.project, command="test", select="test_type:unit")
    assert len(run.nodes) >= 30
    assert {node.status for node in run.nodes} == {"pass"}


@pytest.mark.parametrize(("zone", "tests_n"), [("health", 10), ("minors", 2)])
def test_each_formula_of_a_zone_holds_on_its_edges(
    golden_home: Golden, zone: str, tests_n: int
) -> None:
    run = run_dbt(
        city.AS_OF,
        project=golden_home.project,
        command="test",
        select=f"test_type:unit,tag:zone_{zone}",
        build_name=zones.build_file(zone).stem,
    )
    assert len(run.nodes) >= tests_n
    assert {node.status for node in run.nodes} == {"pass"}


def lit(database: Path) -> pl.DataFrame:
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(
            f"select {', '.join(WARNING)} from marts.fct_warning order by warning_key"
        ).pl()


def test_every_warning_equals_the_warning_by_hand(golden: Golden) -> None:
    expected = pl.read_csv(
        city.HERE / "expected_warnings.csv",
        schema_overrides={
            "unit_enforcement_domain": pl.String, "unit_district": pl.String,
            "unit_town": pl.String, "value_compared": pl.Float64, "threshold": pl.Float64,
            "review_result": pl.String,
        },
        try_parse_dates=True,
    )  # fmt: skip
    found = lit(golden.database).with_columns(
        pl.col("value_compared").round(9), pl.col("threshold").round(9)
    )
    assert_frame_equal(found, expected, check_dtypes=False)


def test_no_party_is_in_a_warning(golden: Golden) -> None:
    with duckdb.connect(str(golden.database), read_only=True) as con:
        rows = con.execute("select * from marts.fct_warning").fetchall()
    assert len(rows) > 70
    assert not any("party-" in str(value) for row in rows for value in row)


def test_a_department_is_what_the_delivered_directory_says(golden: Golden) -> None:
    with duckdb.connect(str(golden.database), read_only=True) as con:
        rolled = dict(
            con.execute(
                "select org_code, unit_department from marts.int_organisation_department"
            ).fetchall()
        )
        named = con.execute(
            "select count(*) from marts.dim_unit where unit_level in"
            " ('station', 'unit', 'kind', 'enforcement_domain') and name_zh is not null"
        ).fetchall()[0][0]
    assert rolled["11330600GOLD00003C"] == "11330600GOLD00001A", "as stated from 20 March"
    assert "11330600GOLD00004D" not in rolled, "no longer listed: it stands for itself"
    assert rolled["12330600GOLD00002B"] == "11330600GOLD00001A", "never delivered: the seed"
    assert named == 3 + (7 + 5) + 2 + 3, "a unit is an organisation or a town"


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
    city.fill_zones(golden.project)
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
            "update lake.p35_grid_event set finish_time = timestamptz '2026-03-10 04:00:00+00',"
            " _delivery_id = 'dlv-next' where event_id = 'g02'",
            "delete from lake.f01_police_call_110 where call_id = 'c01'",
            "update lake.f08_admin_enforcement_case set transfer_date = date '2026-04-03',"
            " _delivery_id = 'dlv-next' where case_id = 'k05'",
            "update lake.f10_city_mgmt_event set _delivery_id = 'dlv-next',"
            " handle_time = timestamptz '2026-04-02 09:00:00+00' where event_no = 'c5'",
            "update lake.f17_fraud_warning set dissuade_way = '3', _delivery_id = 'dlv-next',"
            " dissuade_time = timestamptz '2026-04-02 02:00:00+00' where warning_id = 'v04'",
            "update lake.p40_police_call_aggregate set valid_n = 7, _delivery_id = 'dlv-next'"
            " where call_type = '01' and stat_date = date '2026-02-05'",
        ):
            con.execute(change)
    next_day = datetime(2026, 4, 3, 9, 0, tzinfo=LOCAL)
    run_dbt(next_day, project=golden.project)
    day_by_day = counts(database, ALL_COLUMNS)
    facts = (
        "fct_hotline_ticket", "fct_dispute_event", "fct_police_call", "fct_dispute",
        "fct_grid_event", "fct_police_call_110", "fct_feedback", "fct_dispatch_order",
        "fct_enforcement_case", "fct_warning", "fct_city_mgmt_event", "fct_fraud_warning",
    )  # fmt: skip
    tables = {name: _table(database, name) for name in facts}
    run_dbt(next_day, project=golden.project, full_refresh=True)
    assert_frame_equal(counts(database, ALL_COLUMNS), day_by_day)
    for name, before in tables.items():
        assert_frame_equal(_table(database, name), before, check_row_order=False)
    assert not day_by_day.equals(counts(golden.database, ALL_COLUMNS)), "the changes must show"


def _table(database: Path, name: str) -> pl.DataFrame:
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(f"select * from marts.{name}").pl()


@pytest.mark.skipif(
    "FENGQIAO_GOLDEN_SPARK" not in os.environ,
    reason="five minutes for a hundred rows; tests/whole counts a whole city on a cluster",
)
@pytest.mark.timeout(2400)  # two hundred models through Spark on two cores
def test_every_portable_table_on_a_spark_cluster_equals_duckdbs(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same project with --target spark on a master and two workers: what is no double is equal
    to the last character, doubles to 1e-9."""
    shutil.copytree(golden.home, tmp_path / "home", ignore=shutil.ignore_patterns("dbt_project"))
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path / "home"))
    database = tmp_path / "home/build/fengqiao.duckdb"
    with duckdb.connect(str(database)) as con:
        con.execute("drop schema marts cascade")  # what is not made again is missed
    with spark_cluster.small(tmp_path / "cluster", monkeypatch):
        count(city.AS_OF, golden.project)
    assert different(database, golden.database) == {}
