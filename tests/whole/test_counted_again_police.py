"""The police's and the grid's indicators counted again from the lake, from the list of formulas."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.whole.recount import (
    CITY,
    RUN_TIME,
    agree_on_shares,
    day_of,
    district_of_town,
    rows,
    town_or_none,
    towns,
)

BOTH = ("day", "month")
PLACES = {"city": CITY, "district": district_of_town(), "town": town_or_none()}


def test_arrivals_on_time(city_home: Path) -> None:
    calls = rows("F01").filter("is_valid", "is_police_matter")
    calls = calls.join(towns(), on="town_code", how="left").with_columns(
        taken=(pl.col("arrive_time") - pl.col("dispatch_time")).dt.total_microseconds() / 60e6,
        standard=pl.col("arrive_std_min").fill_null(10),
    )
    waited = (pl.lit(RUN_TIME) - pl.col("dispatch_time")).dt.total_microseconds() / 60e6
    finished = pl.col("finish_time").is_not_null()
    nobody = pl.col("arrive_time").is_null() & (finished | (waited >= pl.col("standard")))
    items = calls.filter((pl.col("taken") >= 0) | nobody).select(
        "town_code",
        "station_code",
        day_of("dispatch_time").alias("day"),
        (pl.col("taken") <= pl.col("standard")).fill_null(False).alias("good"),
    )
    items = items.drop_nulls("day")
    agree_on_shares(city_home, "P02", items, {**PLACES, "station": pl.col("station_code")}, BOTH)


def test_contacts_asked(city_home: Path) -> None:
    asked = pl.col("sms_time").is_not_null() | pl.col("callback_time").is_not_null()
    items = rows("F02").select(
        "station_code", "opinion_kind", day_of("service_time").alias("day"), asked.alias("good")
    )
    units = {"city": CITY, "station": pl.col("station_code"), "kind": pl.col("opinion_kind")}
    agree_on_shares(city_home, "P05", items, units, BOTH)


def test_contacts_satisfied(city_home: Path) -> None:
    spoken = ["1", "2", "3"]
    second, first = pl.col("second_result"), pl.col("callback_result")
    by_voice = pl.when(second.is_in(spoken)).then(second).when(first.is_in(spoken)).then(first)
    written = pl.col("sms_reply").is_in(["1", "2"])
    items = (
        rows("F02")
        .with_columns(voice=by_voice)
        .filter(pl.col("voice").is_not_null() | written)
        .with_columns(
            day=day_of("service_time"),
            good=pl.when(pl.col("voice").is_not_null())
            .then(pl.col("voice").is_in(["1", "2"]))
            .otherwise(pl.col("sms_reply") == "1"),
        )
    )
    units = {"city": CITY, "station": pl.col("station_code"), "kind": pl.col("opinion_kind")}
    agree_on_shares(city_home, "P06", items, units)
    served = items.select("day", "good", "station_code").join(
        towns(), on="station_code", how="left"
    )
    agree_on_shares(city_home, "P06", served, {"town": town_or_none()})


def test_orders_signed_and_answered(city_home: Path) -> None:
    organisations = rows("R02").select("org_code", "dept_org_code")
    good = (pl.col("sign_time") <= pl.col("sign_due")) & (
        pl.col("feedback_time") <= pl.col("feedback_due")
    )
    done = pl.col("feedback_time") <= pl.col("feedback_due")
    items = (
        rows("F03")
        .filter(done.fill_null(False) | (pl.col("feedback_due") <= RUN_TIME))
        .join(organisations, left_on="unit_code", right_on="org_code", how="left")
        .with_columns(day=day_of("feedback_due"), good=good.fill_null(False))
    )
    assert items["unit_code"].is_in(organisations["org_code"].implode()).all()
    units = {
        "city": CITY,
        "district": pl.col("region_code"),
        "department": pl.col("dept_org_code").fill_null("unassigned"),
        "unit": pl.col("unit_code"),
    }
    agree_on_shares(city_home, "P09", items, units, BOTH)


def test_grid_events_closed_on_time(city_home: Path) -> None:
    on_time = (pl.col("finish_time") <= pl.col("due_time")).fill_null(False)
    items = (
        rows("P35")
        .drop_nulls("due_time")
        .with_columns(day=day_of("due_time"), good=on_time)
        .filter(pl.col("good") | (pl.col("due_time") <= RUN_TIME))
    )
    agree_on_shares(city_home, "U06", items, PLACES, BOTH)
