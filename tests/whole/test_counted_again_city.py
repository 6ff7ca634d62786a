"""City management, inspections, key places and dangers counted again from the lake."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import (
    CITY,
    RUN_TIME,
    TODAY,
    agree,
    agree_on_shares,
    day_of,
    department_of,
    district_of_town,
    judged,
    month_ends,
    rows,
    town_or_none,
)

PLACES = {"town": town_or_none(), "district": district_of_town(), "city": CITY}
UNITS = {"department": pl.col("department"), **PLACES}


def moment_after(column: str) -> pl.Expr:
    """00:00 of the first day after the month of a date or moment."""
    return pl.col(column).cast(pl.Date).dt.month_end().dt.offset_by("1d").cast(pl.Datetime("us"))


def filed() -> pl.DataFrame:
    cases = rows("F10").filter(pl.col("file_time").is_not_null() & pl.col("due_time").is_not_null())
    return department_of(cases, "org_code")


def test_cases_handled_on_time(city_home: Path) -> None:
    good = (pl.col("handle_time") <= pl.col("due_time")).fill_null(False)
    items = filed().select("department", "town_code", "due_time", day=day_of("due_time"), good=good)
    items = items.filter(pl.col("good") | (pl.col("due_time") <= RUN_TIME))
    agree_on_shares(city_home, "U01", items, UNITS, ("day", "month"))


def test_cases_closed_by_the_end_of_the_month_they_were_due(city_home: Path) -> None:
    good = (pl.col("close_time") < moment_after("due_time")).fill_null(False)
    items = filed().select("department", "town_code", "due_time", day=day_of("due_time"), good=good)
    items = items.filter(pl.col("good") | (pl.col("due_time") <= RUN_TIME))
    agree_on_shares(city_home, "U02", items, UNITS)


def test_cases_sent_back(city_home: Path) -> None:
    handled = department_of(rows("F10").drop_nulls("handle_time"), "org_code")
    items = handled.select(
        "department", "town_code", day=day_of("handle_time"), good=pl.col("rework_n") > 0
    )
    agree_on_shares(city_home, "U03", items, UNITS)
    final = judged(city_home, "U03", "city", "is_provisional").filter(~pl.col("is_provisional"))
    last = final["period_start"].dt.month_end().dt.offset_by("15d").max()
    assert isinstance(last, date) and last < TODAY


def test_joint_inspections(city_home: Path) -> None:
    visits = department_of(rows("F11"), "org_code")
    items = visits.select(
        "department", "town_code", day=day_of("inspect_time"), good=pl.col("agency_n") > 1
    )
    agree_on_shares(city_home, "U05", items, UNITS)


def test_places_inspected_in_the_month_they_were_planned_for(city_home: Path) -> None:
    tasks = rows("F19").with_columns(day=(pl.col("plan_month") + "01").str.to_date("%Y%m%d"))
    kept = (pl.col("inspect_time").dt.strftime("%Y%m") == pl.col("plan_month")).fill_null(False)
    items = (
        tasks.with_columns(good=kept)
        .sort("inspect_id")
        .group_by("place_id", "day")
        .agg(pl.col("good").any(), pl.col("town_code").last())
    )
    over = pl.col("day").dt.month_end() < TODAY
    agree_on_shares(city_home, "K01", items.filter(pl.col("good") | over), PLACES)


def test_dangers_rectified_on_time(city_home: Path) -> None:
    dangers = department_of(rows("P37"), "org_code")
    good = (pl.col("rectify_date") <= pl.col("rectify_due")).fill_null(False)
    items = dangers.select("department", "town_code", day="rectify_due", good=good)
    items = items.filter(pl.col("good") | (pl.col("day") < TODAY))
    agree_on_shares(city_home, "K02", items, UNITS)


@pytest.mark.parametrize("code", ["K03", "K03#overdue"])
def test_major_dangers_open_on_a_stock_day(city_home: Path, code: str) -> None:
    major = department_of(rows("P37").filter(pl.col("danger_level") == "2"), "org_code")
    first: date = major["find_time"].dt.date().min()  # type: ignore[assignment]
    days = [*month_ends(first, TODAY), TODAY]
    gone = pl.col("recheck_pass").fill_null(False)
    parts = []
    for day in days:
        found = major.filter(pl.col("find_time").dt.date() < day + timedelta(days=1))
        here = found.filter(~(gone & (pl.col("recheck_date") <= day).fill_null(False)))
        if code == "K03#overdue":
            here = here.filter(pl.col("rectify_due") < day)
        parts.append(here.with_columns(period_start=pl.lit(day)))
    stock = pl.concat(parts)
    for level, unit in UNITS.items():
        mine = stock.group_by(unit.alias("unit_code"), "period_start").agg(
            pl.len().alias("numerator")
        )
        theirs = judged(city_home, code, level, "numerator, denominator, light", "stock")
        assert theirs["denominator"].null_count() == theirs.height
        if mine.height or theirs.height:
            agree(mine, theirs, "numerator")
        # Any major danger is yellow, any overdue one red; who has none does not appear.
        known = theirs.filter(pl.col("unit_code") != "unassigned")
        assert set(known["light"]) <= {"Y" if code == "K03" else "R"}
    assert code == "K03#overdue" or stock.height > 0
