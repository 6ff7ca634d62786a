"""The judged table: flags before lights, small cells hidden, the past never rewritten."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable

from ingestion.clock import LOCAL
from orchestration.judging import judge, revision, suppression
from orchestration.judging.step import COLUMNS
from tests.golden import city
from tests.golden.conftest import Golden


@pytest.fixture
def own_home(golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the golden build that a test may change."""
    (tmp_path / "build").mkdir()
    shutil.copy(golden.database, tmp_path / "build" / "fengqiao.duckdb")
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    return tmp_path


def judged(home: Path) -> pl.DataFrame:
    with duckdb.connect(str(home / "build" / "fengqiao.duckdb")) as con:
        return con.execute("select * from judged.fct_indicator").pl()


def test_the_judged_table_has_the_columns_everybody_agreed_on(golden_home: Golden) -> None:
    table = judged(golden_home.home)
    assert table.columns == COLUMNS
    key = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]
    assert table.select(key).is_unique().all()


def test_what_is_not_final_has_no_light(golden_home: Golden) -> None:
    table = judged(golden_home.home)
    unfinished = table.filter(
        pl.col("is_provisional") | pl.col("is_running") | ~pl.col("is_complete")
    )
    assert len(unfinished) > 20
    assert unfinished["light"].is_null().all()
    assert unfinished["light_reason_zh"].is_not_null().all()


def test_an_incomplete_month_has_no_value_at_all(golden_home: Golden) -> None:
    table = judged(golden_home.home).filter(~pl.col("is_complete"))
    assert table["value"].is_null().all() and table["value_shrunk"].is_null().all()


def test_the_bucket_of_unassigned_rows_is_shown_and_never_lit(golden_home: Golden) -> None:
    bucket = judged(golden_home.home).filter(pl.col("unit_code") == "unassigned")
    assert len(bucket) > 5 and bucket["light"].is_null().all()
    assert bucket.filter(pl.col("indicator_code") == "D07")["value"].is_not_null().all()


def test_q02_stays_dark_until_every_category_is_contracted(golden_home: Golden) -> None:
    q02 = judged(golden_home.home).filter(pl.col("indicator_code") == "Q02")
    assert q02["light"].is_null().all()
    assert q02["light_reason_zh"].unique().to_list() == ["目录48类中已签约3类;全部签约前不亮灯"]
    city_now = q02.filter((pl.col("unit_level") == "city") & (pl.col("period_label") == "2026-03"))
    assert city_now.select("numerator", "denominator").row(0) == (2.0, 48.0)


def test_a_failed_error_check_greys_the_newest_value_only(golden_home: Golden) -> None:
    d09 = judged(golden_home.home).filter(
        (pl.col("indicator_code") == "D09") & (pl.col("unit_level") == "city")
    )
    newest = d09.filter(pl.col("period_label") == "2026-01")
    assert newest["quality_flag"].to_list() == ["error"]
    assert newest["light"].to_list() == [None]
    assert "检验未通过" in newest["light_reason_zh"][0]


def test_judging_again_publishes_no_revision(own_home: Path) -> None:
    first = judge(city.AS_OF, "r1")
    again = judge(city.AS_OF, "r2")
    assert first.revised_n == first.rows_n
    assert again.revised_n == 0


def test_a_changed_value_is_a_dated_revision_beside_the_old_one(own_home: Path) -> None:
    judge(city.AS_OF, "r1")
    with duckdb.connect(str(own_home / "build" / "fengqiao.duckdb")) as con:
        con.execute(
            "update marts.agg_indicator_counts set numerator = numerator + 1"
            " where indicator_code = 'D07' and unit_code = '330602' and window_kind = 'month'"
            " and period_start = date '2026-03-01'"
        )
    report = judge(datetime(2026, 4, 3, 9, 0, tzinfo=LOCAL), "r2")
    assert report.revised_n == 1
    known = pl.DataFrame(pl.from_arrow(DeltaTable(str(revision.path())).to_pyarrow_table()))
    of_cell = known.filter(
        (pl.col("indicator_code") == "D07")
        & (pl.col("unit_code") == "330602")
        & (pl.col("period_label") == "2026-03")
    ).sort("as_of")
    assert of_cell["numerator"].to_list() == [1.0, 2.0]
    assert of_cell["release_id"].to_list() == ["r1", "r2"]


CELLS = pl.DataFrame(
    {
        "indicator_code": ["X"] * 5,
        "window_kind": ["month"] * 5,
        "period_start": ["2026-01-01"] * 5,
        "unit_level": ["district", "town", "town", "town", "town"],
        "unit_code": ["d", "t1", "t2", "t3", "t4"],
        "numerator": [60.0, 3.0, 20.0, 17.0, 20.0],
        "denominator": [160.0, 40.0, 50.0, 30.0, 40.0],
    }
)
PARENTS = CELLS.select(
    "unit_level",
    "unit_code",
    pl.when(pl.col("unit_level") == "town").then(pl.lit("district")).alias("parent_level"),
    pl.when(pl.col("unit_level") == "town").then(pl.lit("d")).alias("parent_code"),
)


def test_places_and_organisations_are_never_suppressed() -> None:
    assert not suppression.mark(CELLS, "none", PARENTS)["suppressed"].any()


def test_a_single_small_cell_takes_a_second_one_with_it() -> None:
    hidden = suppression.mark(CELLS, "k5", PARENTS).filter(pl.col("suppressed"))
    assert hidden["unit_code"].to_list() == ["t1", "t3"], "else the district's total gives t1 back"


def test_a_rate_of_health_needs_thirty_behind_it() -> None:
    few = CELLS.with_columns(denominator=pl.lit(29.0), numerator=pl.lit(12.0))
    assert suppression.mark(few, "k10", PARENTS)["suppressed"].all()


def test_a_zero_of_health_is_hidden_too_and_what_arrives_hidden_stays_hidden() -> None:
    none = CELLS.with_columns(numerator=pl.lit(0.0), denominator=pl.lit(200.0))
    assert suppression.mark(none, "k10", PARENTS)["suppressed"].all()
    assert not suppression.mark(none, "k5", PARENTS)["suppressed"].any()
    arrived = CELLS.with_columns(
        numerator=pl.lit(None, pl.Float64), denominator=pl.lit(None, pl.Float64)
    )
    assert suppression.mark(arrived, "k10", PARENTS)["suppressed"].all()


def test_a_count_has_a_value_and_never_a_light(golden_home: Golden) -> None:
    pooled = judged(golden_home.home).filter(pl.col("indicator_code") == "L01")
    assert (pooled["value"] == pooled["numerator"]).all() and pooled["light"].is_null().all()
    to_date = pooled.filter(pl.col("window_kind") == "to_date")
    assert to_date.filter(pl.col("unit_level") == "city")["value"].to_list() == [8.0]


def test_p06_is_provisional_for_fifteen_days_and_dark(golden_home: Golden) -> None:
    march = judged(golden_home.home).filter(
        (pl.col("indicator_code") == "P06") & (pl.col("period_label") == "2026-03")
    )
    assert march["is_provisional"].all() and march["light"].is_null().all()
    assert march["light_reason_zh"].unique().to_list() == ["暂定值,期满前不亮灯"]


def test_a_hidden_cell_keeps_its_row_and_loses_its_numbers() -> None:
    hidden = suppression.hide(suppression.mark(CELLS, "k5", PARENTS))
    assert len(hidden) == len(CELLS)
    assert hidden.filter(pl.col("suppressed"))["numerator"].is_null().all()
