"""The police's later indicators counted again from the lake: calls, orders, findings, fraud."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import (
    CITY,
    DIVISIONS,
    RUN_TIME,
    TODAY,
    agree,
    agree_on_amounts,
    agree_on_shares,
    day_of,
    department_of,
    district_of_town,
    judged,
    month_ends,
    month_of,
    rows,
    town_or_none,
)

PLACES = {"city": CITY, "district": district_of_town(), "town": town_or_none()}
TWO = {level: PLACES[level] for level in ("city", "district")}


def cases() -> pl.DataFrame:
    frauds = rows("F16").filter(pl.col("report_time") <= RUN_TIME)
    return frauds.with_columns(pl.col(pl.Decimal).cast(pl.Float64), day=day_of("report_time"))


def test_calls_that_are_no_police_matter(city_home: Path) -> None:
    items = rows("F01").filter("is_valid", pl.col("call_time") <= RUN_TIME)
    items = items.with_columns(day=day_of("call_time"), good=~pl.col("is_police_matter"))
    agree_on_shares(city_home, "P03", items, PLACES)


def test_calls_handed_over(city_home: Path) -> None:
    in_time = (pl.col("finish_time") <= pl.col("due_time")).fill_null(False)
    done = in_time & (pl.col("finish_time") <= RUN_TIME)
    items = (
        department_of(rows("F21"), "dept_org_code")
        .filter(done | (pl.col("due_time") <= RUN_TIME))
        .with_columns(day=day_of("due_time"), good=in_time & ~pl.col("back_to_police"))
    )
    units = {**PLACES, "department": pl.col("department")}
    agree_on_shares(city_home, "P04", items, units)


def test_orders_of_the_dissatisfied(city_home: Path) -> None:
    in_time = (pl.col("order_finish") <= pl.col("order_due")).fill_null(False)
    items = (
        department_of(rows("F02").drop_nulls(["order_id", "order_due"]), "station_code")
        .filter(in_time & (pl.col("order_finish") <= RUN_TIME) | (pl.col("order_due") <= RUN_TIME))
        .with_columns(day=day_of("order_due"), good=in_time)
    )
    units = {"city": CITY, "station": pl.col("station_code"), "department": pl.col("department")}
    agree_on_shares(city_home, "P07", items, units)


def test_police_conduct_rectified(city_home: Path) -> None:
    in_time = (pl.col("rectify_date") <= pl.col("rectify_due")).fill_null(False)
    items = (
        rows("F22")
        .filter(pl.col("result").fill_null("-") != "3")
        .filter(in_time | (pl.col("rectify_due") < TODAY))
        .with_columns(day="rectify_due", good=in_time)
    )
    units = {"city": CITY, "district": pl.col("region_code"), "unit": pl.col("unit_code")}
    agree_on_shares(city_home, "P10", items, units, mixed=False)


def test_fraud_per_head_and_zero_where_there_is_none(city_home: Path) -> None:
    divisions = pl.read_csv(DIVISIONS, infer_schema=False)
    months = cases().select(month_of("day").unique().alias("period_start"))
    codes = {"city": ("1", "region_code"), "district": ("2", "region_code")}
    for level, (kind, code) in {**codes, "town": ("3", "town_code")}.items():
        places = divisions.filter(pl.col("unit_level") == kind).select(
            unit_code=code, denominator=pl.col("pop_resident").cast(pl.Float64) / 10_000
        )
        counted = cases().group_by(
            PLACES[level].alias("unit_code"), month_of("day").alias("period_start")
        ).agg(pl.len().alias("numerator"))  # fmt: skip
        mine = (
            places.join(months, how="cross")
            .join(counted, on=["unit_code", "period_start"], how="full", coalesce=True)
            .with_columns(pl.col("numerator").fill_null(0))
            .with_columns(value=pl.col("numerator") / pl.col("denominator"))
        )
        assert level != "town" or (mine["numerator"] == 0).any()
        published = judged(city_home, "Z01", level, "numerator, denominator, value")
        agree(mine, published, "numerator", "denominator", "value")


def compared(start: date, end: date) -> pl.DataFrame:
    """Cases of a window and of the same one a year before, each loss cut at their percentile."""
    a_year = RUN_TIME.replace(year=RUN_TIME.year - 1)
    now = cases().filter(pl.col("day").is_between(start, end))
    moved = cases().filter(pl.col("report_time") <= a_year)
    before = moved.filter(pl.col("day").dt.offset_by("1y").is_between(start, end))
    both = pl.concat([now.with_columns(sign=1), before.with_columns(sign=-1)])
    most = both["loss_amount"].quantile(0.99, "linear")
    return both.with_columns(
        pl.col("loss_amount").clip(upper_bound=most), period_start=pl.lit(end.replace(day=1))
    )


@pytest.mark.parametrize("window", ["month", "ytd"])
def test_loss_against_a_year_before(city_home: Path, window: str) -> None:
    """A city of six weeks has no year before: then no value may be published either."""
    first = cases()["day"].min()
    assert isinstance(first, date)
    ends = [*month_ends(first, TODAY), month_ends(TODAY, TODAY + timedelta(days=62))[0]]
    starts = [e.replace(day=1) if window == "month" else e.replace(month=1, day=1) for e in ends]
    lost = pl.concat([compared(*pair) for pair in zip(starts, ends, strict=True)])
    more = (pl.col("loss_amount") * pl.col("sign")).sum()
    before = pl.col("loss_amount").filter(pl.col("sign") < 0).sum()
    for level, unit in TWO.items():
        mine = (
            lost.group_by(unit.alias("unit_code"), "period_start")
            .agg(more.alias("numerator"), before.alias("denominator"))
            .filter(pl.col("denominator") > 0)
            .with_columns(value=100 * pl.col("numerator") / pl.col("denominator"))
        )
        published = judged(city_home, "Z02", level, "numerator, denominator, value", window)
        if mine.is_empty():
            assert published.is_empty()
        else:
            agree(mine, published, "numerator", "denominator", "value")


def test_loss_stopped_or_frozen(city_home: Path) -> None:
    held = pl.col("stop_amount").fill_null(0) + pl.col("frozen_amount").fill_null(0)
    items = cases().with_columns(
        whole="loss_amount", part=pl.min_horizontal(held, pl.col("loss_amount"))
    )
    agree_on_amounts(city_home, "Z03", items, TWO)


def test_met_in_person_on_time(city_home: Path) -> None:
    in_person = (pl.col("dissuade_way") == "3").fill_null(False)
    met = in_person & (pl.col("dissuade_time") <= pl.col("due_time")).fill_null(False)
    met = met & (pl.col("dissuade_time") <= RUN_TIME).fill_null(False)
    items = (
        rows("F17")
        .filter(pl.col("warn_level") == "1")
        .with_columns(good=met, day=day_of("due_time"))
        .filter(pl.col("good") | (pl.col("due_time") <= RUN_TIME))
    )
    agree_on_shares(city_home, "Z05", items, PLACES, ("day", "month"))


def test_false_alarms(city_home: Path) -> None:
    items = (
        rows("F17")
        .drop_nulls("result")
        .filter(pl.col("warn_time") <= RUN_TIME)
        .with_columns(good=pl.col("result") == "3", day=day_of("warn_time"))
    )
    agree_on_shares(city_home, "Z06", items, PLACES)
