"""Indicators counted again from the lake in another engine, from the list, not from the SQL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion.contract import load
from ingestion.lake.tables import feed_path
from tests.whole.small_city import AS_OF

RUN_TIME = datetime.fromisoformat(AS_OF)
PLACES = {
    "city": pl.lit("330600"),
    "district": pl.col("town_code").str.head(6).fill_null("unassigned"),
    "town": pl.col("town_code").fill_null("unassigned"),
}


def rows(feed: str) -> pl.DataFrame:
    """A feed's stored rows, moments in local time."""
    frame = pl.read_delta(str(feed_path(load(feed))))
    moments = [c for c, t in frame.schema.items() if isinstance(t, pl.Datetime)]
    local = pl.col(moments).dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
    return frame.with_columns(local)


def first_of_month(column: str) -> pl.Expr:
    return pl.col(column).dt.truncate("1mo").cast(pl.Date)


def judged(home: Path, code: str, level: str, columns: str) -> pl.DataFrame:
    query = (
        f"select unit_code, period_start, {columns} from judged.fct_indicator where"
        " indicator_code = ? and unit_level = ? and window_kind = 'month' and period_start <= ?"
    )
    with duckdb.connect(str(home / "build" / "fengqiao.duckdb"), read_only=True) as con:
        return con.execute(query, [code, level, RUN_TIME.date()]).pl()


def agree(mine: pl.DataFrame, published: pl.DataFrame, *names: str) -> None:
    assert mine.height > 0
    mine = mine.filter(pl.col("period_start") <= RUN_TIME.date())
    both = mine.join(published, on=["unit_code", "period_start"], how="full", suffix="_p")
    apart = [(pl.col(n).cast(pl.Float64) - pl.col(f"{n}_p")).abs() > 1e-6 for n in names]
    absent = [pl.col(n).is_null() != pl.col(f"{n}_p").is_null() for n in names]
    assert both.filter(pl.any_horizontal(*apart, *absent)).rows() == []


@pytest.mark.parametrize("level", PLACES)
def test_hotline_on_time(city_home: Path, level: str) -> None:
    tickets = rows("P44").filter(pl.col("ticket_type").is_in(["1", "2", "3", "4"]))
    on_time = (pl.col("finish_time") <= pl.col("due_time")).fill_null(False)
    counted = tickets.filter(on_time | (pl.col("due_time") <= RUN_TIME))
    mine = counted.group_by(
        PLACES[level].alias("unit_code"), first_of_month("due_time").alias("period_start")
    ).agg(on_time.sum().alias("numerator"), pl.len().alias("denominator"))
    agree(
        mine, judged(city_home, "D07", level, "numerator, denominator"), "numerator", "denominator"
    )


@pytest.mark.parametrize("level", PLACES)
def test_disputes_resolved_within_sixty_days_of_the_month(city_home: Path, level: str) -> None:
    checked_off = (pl.col("to_state") == "06") & (pl.col("close_check") == "1")
    closings = rows("F20").filter(checked_off | (pl.col("to_state") == "07"))
    first = closings.group_by("dispute_code").agg(pl.col("event_time").min().alias("closed"))
    limit = first_of_month("register_time").dt.month_end().dt.offset_by("61d")
    resolved = (pl.col("closed") < limit.cast(pl.Datetime("us"))).fill_null(False)
    mine = (
        rows("P32")
        .join(first, on="dispute_code", how="left")
        .group_by(
            PLACES[level].alias("unit_code"), first_of_month("register_time").alias("period_start")
        )
        .agg(resolved.sum().alias("numerator"), pl.len().alias("denominator"))
    )
    agree(
        mine, judged(city_home, "D09", level, "numerator, denominator"), "numerator", "denominator"
    )


@pytest.mark.parametrize("level", PLACES)
def test_median_days_to_the_first_checking_off(city_home: Path, level: str) -> None:
    first = rows("F20").filter(pl.col("to_state") == "06")
    first = first.group_by("dispute_code").agg(pl.col("event_time").min().alias("closed"))
    days = (pl.col("closed") - pl.col("register_time")).dt.total_microseconds() / 86_400e6
    mine = (
        rows("P32")
        .join(first, on="dispute_code")
        .group_by(PLACES[level].alias("unit_code"), first_of_month("closed").alias("period_start"))
        .agg(days.median().alias("value"))
    )
    agree(mine, judged(city_home, "D12", level, "value"), "value")


@pytest.mark.parametrize("level", ["district", "town"])
def test_criminal_calls_of_whole_months(city_home: Path, level: str) -> None:
    calls = rows("P40").filter(pl.col("call_type") == "01")
    mine = calls.group_by(
        PLACES[level].alias("unit_code"), first_of_month("stat_date").alias("period_start")
    ).agg(pl.col("valid_n").sum().alias("numerator"))
    published = judged(city_home, "P01", level, "numerator").drop_nulls("numerator")
    met = published.join(mine, on=["unit_code", "period_start"], suffix="_m")
    assert met.height == published.height > 0
    assert met.filter(pl.col("numerator") != pl.col("numerator_m")).rows() == []
