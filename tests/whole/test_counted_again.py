"""Indicators counted again from the lake in another engine, from the list, not from the SQL."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import RUN_TIME, agree, judged, month_of, rows, towns_of

PLACES = ("city", "district", "town")


@pytest.mark.parametrize("level", PLACES)
def test_hotline_on_time(city_home: Path, level: str) -> None:
    tickets = rows("P44").filter(pl.col("ticket_type").is_in(["1", "2", "3", "4"]))
    on_time = (pl.col("finish_time") <= pl.col("due_time")).fill_null(False)
    counted = tickets.filter(on_time | (pl.col("due_time") <= RUN_TIME))
    mine = counted.group_by(
        towns_of(level).alias("unit_code"), month_of("due_time").alias("period_start")
    ).agg(on_time.sum().alias("numerator"), pl.len().alias("denominator"))
    agree(
        mine, judged(city_home, "D07", level, "numerator, denominator"), "numerator", "denominator"
    )


@pytest.mark.parametrize("level", PLACES)
def test_disputes_resolved_within_sixty_days_of_the_month(city_home: Path, level: str) -> None:
    checked_off = (pl.col("to_state") == "06") & (pl.col("close_check") == "1")
    closings = rows("F20").filter(checked_off | (pl.col("to_state") == "07"))
    first = closings.group_by("dispute_code").agg(pl.col("event_time").min().alias("closed"))
    last = (
        rows("P33")
        .sort(pl.coalesce("end_time", "begin_time"), "mediation_id")
        .unique("dispute_code", keep="last", maintain_order=True)
    )
    withdrawn = last.filter(pl.col("result") == "3")
    assert withdrawn.height > 0
    limit = month_of("register_time").dt.month_end().dt.offset_by("61d")
    resolved = (pl.col("closed") < limit.cast(pl.Datetime("us"))).fill_null(False)
    mine = (
        rows("P32")
        .join(withdrawn, on="dispute_code", how="anti")
        .join(first, on="dispute_code", how="left")
        .group_by(
            towns_of(level).alias("unit_code"), month_of("register_time").alias("period_start")
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
        .group_by(towns_of(level).alias("unit_code"), month_of("closed").alias("period_start"))
        .agg(days.median().alias("value"))
    )
    agree(mine, judged(city_home, "D12", level, "value"), "value")


@pytest.mark.parametrize("level", ["district", "town"])
def test_criminal_calls_of_whole_months(city_home: Path, level: str) -> None:
    calls = rows("P40").filter(pl.col("call_type") == "01")
    mine = calls.group_by(
        towns_of(level).alias("unit_code"), month_of("stat_date").alias("period_start")
    ).agg(pl.col("valid_n").sum().alias("numerator"))
    published = judged(city_home, "P01", level, "numerator").drop_nulls("numerator")
    met = published.join(mine, on=["unit_code", "period_start"], suffix="_m")
    assert met.height == published.height > 0
    assert met.filter(pl.col("numerator") != pl.col("numerator_m")).rows() == []
