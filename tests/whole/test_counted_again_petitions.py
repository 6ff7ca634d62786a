"""The indicators of petitions, the hotline's callbacks and disputes counted again from the lake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from tests.whole.recount import (
    CITY,
    RUN_TIME,
    TODAY,
    agree,
    agree_on_shares,
    department_of,
    district_of_town,
    judged,
    month_of,
    rows,
    start_of,
    town_or_none,
    towns_of,
)

PLACES = {level: towns_of(level) for level in ("city", "district", "town")}
DEPARTMENT = pl.col("department").fill_null("unassigned")


def in_days(column: str, days: int | pl.Expr) -> pl.Expr:
    """The n-th calendar day after a moment, that moment's own day not counted."""
    return pl.col(column).cast(pl.Date) + pl.duration(days=days)


def ended(step: str, name: str) -> pl.DataFrame:
    """The earliest end of a step of each petition."""
    done = rows("P27").filter(pl.col("step_code") == step, pl.col("end_time") <= RUN_TIME)
    return done.group_by("petition_no").agg(pl.col("end_time").min().alias(name))


def petitions() -> pl.DataFrame:
    """Every matter with the times of its notice and its closing."""
    known = rows("P26").filter(pl.col("register_time") <= RUN_TIME)
    for step, name in (("03", "accepted"), ("05", "closed")):
        known = known.join(ended(step, name), on="petition_no", how="left")
    return known


def due(items: pl.DataFrame, done: str) -> pl.DataFrame:
    """Items whose day has passed, or that were done by it: `good` is done by 24:00 of `day`."""
    good = (pl.col(done).cast(pl.Date) <= pl.col("day")).fill_null(False)
    items = items.with_columns(good=good)
    return items.filter(pl.col("good") | (pl.col("day") < TODAY))


def begun(items: pl.DataFrame) -> pl.DataFrame:
    """What belongs to the running month and before it."""
    return items.filter(month_of("day") <= TODAY)


def responsible(items: pl.DataFrame) -> pl.DataFrame:
    return department_of(items, "target_org_code")


def test_notices_in_fifteen_days(city_home: Path) -> None:
    items = petitions().filter(pl.col("purpose").is_in(["1", "3"]))
    items = due(items.with_columns(day=in_days("register_time", 15)), "accepted")
    steps = rows("P27").filter(pl.col("step_code").is_in(["01", "03"]))
    steps = steps.sort(
        pl.col("step_code") == "01", pl.col("end_time"), "step_id", nulls_last=True
    ).unique("petition_no", keep="first", maintain_order=True)
    who = steps.select("petition_no", "step_org_code")
    items = department_of(begun(items).join(who, on="petition_no", how="left"), "step_org_code")
    agree_on_shares(city_home, "D01", items, {**PLACES, "department": DEPARTMENT})


def test_petitions_closed_in_sixty_days_and_their_extension(city_home: Path) -> None:
    granted = rows("P27").filter(pl.col("step_code") == "04").group_by("petition_no")
    longer = granted.agg(pl.col("extend_days").max().clip(upper_bound=30).alias("more"))
    assert longer.height > 0
    items = petitions().filter(pl.col("purpose") == "3", pl.col("handle_path") == "6")
    items = items.join(longer, on="petition_no", how="left").drop_nulls("accepted")
    items = items.with_columns(day=in_days("accepted", 60 + pl.col("more").fill_null(0)))
    items = responsible(begun(due(items, "closed")))
    agree_on_shares(city_home, "D02", items, {**PLACES, "department": DEPARTMENT})


def test_ratings_of_the_responsible_unit(city_home: Path) -> None:
    towns = rows("P26").select("petition_no", "town_code")
    rated = rows("P31").filter(pl.col("eval_target") == "2", pl.col("eval_time") <= RUN_TIME)
    items = department_of(rated.join(towns, on="petition_no", how="left"), "org_code")
    items = items.with_columns(day=pl.col("eval_time").cast(pl.Date), good=pl.col("score") >= 4)
    units = {"city": CITY, "district": pl.col("region_code"), "town": town_or_none()}
    agree_on_shares(city_home, "D03", items, {**units, "department": DEPARTMENT})


def test_petitions_rated_in_thirty_days(city_home: Path) -> None:
    first = rows("P31").filter(pl.col("eval_time") <= RUN_TIME).group_by("petition_no")
    items = petitions().join(
        first.agg(pl.col("eval_time").min().alias("rated")), on="petition_no", how="left"
    )
    items = items.with_columns(day=in_days("closed", 30)).filter(pl.col("day") < TODAY)
    items = responsible(due(items, "rated"))
    agree_on_shares(city_home, "D04", items, {**PLACES, "department": DEPARTMENT})


def test_first_petitions_settled_once(city_home: Path) -> None:
    later = rows("P26").select(petition_no="prev_petition_no", again="register_time").drop_nulls()
    known = petitions()
    pairs = known.join(later, on="petition_no").filter(
        pl.col("again") > pl.col("register_time"), pl.col("again") <= RUN_TIME
    )
    assert pairs.height > 0
    next_one = pairs.group_by("petition_no").agg(pl.col("again").min())
    items = known.filter("is_first").join(next_one, on="petition_no", how="left")
    items = items.with_columns(day=in_days("closed", 90)).filter(pl.col("day") < TODAY)
    back = (pl.col("again").cast(pl.Date) <= pl.col("day")).fill_null(False)
    items = responsible(items.with_columns(good=~back))
    agree_on_shares(city_home, "D05", items, {**PLACES, "department": DEPARTMENT})


def test_old_cases_resolved_and_not_rebounded(city_home: Path) -> None:
    cases = rows("P30")
    starts = pl.date_range(date(2026, 1, 1), TODAY, "1q", eager=True).alias("day").to_frame()
    resolved, rebound = pl.col("resolved_date"), pl.col("rebound_date")
    listed = cases.join(starts, how="cross").filter(
        pl.col("list_date") < pl.col("day"),
        resolved.is_null() | (resolved >= pl.col("day")),
    )
    kept = rebound.is_null() | (rebound > resolved.dt.offset_by("180d"))
    good = (resolved < pl.col("day").dt.offset_by("3mo")) & (resolved <= TODAY) & kept
    items = listed.with_columns(good=good.fill_null(False))
    left = district_of_town()
    district = pl.when(left == "unassigned").then("region_code").otherwise(left)
    units = {"city": CITY, "district": district, "town": town_or_none()}
    agree_on_shares(city_home, "D06", items, units, ("quarter",), mixed=False)


def test_tickets_solved_by_the_last_callback_that_reached_them(city_home: Path) -> None:
    reached = rows("P45").filter("reached", pl.col("callback_time") <= RUN_TIME)
    reached = reached.with_columns(
        day=pl.col("callback_time").cast(pl.Date), month=month_of("callback_time")
    ).sort("callback_time", "callback_id")
    last = reached.unique(["ticket_id", "month"], keep="last", maintain_order=True)
    assert reached.height < rows("P45").height, "some ticket was not reached"
    items = department_of(
        last.with_columns(good=pl.col("solved").fill_null(False)), "handle_org_code"
    )
    agree_on_shares(city_home, "D08", items, {**PLACES, "department": DEPARTMENT})


def test_disputes_settled_at_village_or_town(city_home: Path) -> None:
    closings = rows("F20").filter(pl.col("to_state") == "06", pl.col("event_time") <= RUN_TIME)
    closings = closings.with_columns(
        day=pl.col("event_time").cast(pl.Date), month=month_of("event_time")
    ).sort("event_time", "event_id")
    last = closings.unique(["dispute_code", "month"], keep="last", maintain_order=True)
    items = last.with_columns(good=pl.col("tier").is_in(["1", "2"]))
    agree_on_shares(city_home, "D11", items, PLACES)


def test_closings_of_ninety_days_ago_that_were_reopened(city_home: Path) -> None:
    """F20 begins with the city, so nothing may be counted before its ninetieth day is over."""
    closings = rows("F20").filter(pl.col("to_state") == "06")
    followed = closings.filter(in_days("event_time", 90) < TODAY)
    published = judged(city_home, "D10", "city", "denominator")
    assert closings.height > 0
    assert published["denominator"].sum() == followed.height


def test_disputes_that_became_crimes(city_home: Path) -> None:
    events = rows("F20").filter(pl.col("event_time") <= RUN_TIME)
    crimes = events.with_columns(
        crime=pl.when(pl.col("to_state") == "09").then("dispute_code"),
        homicide=pl.when((pl.col("to_state") == "09") & (pl.col("crime_kind") == "1")).then(
            "dispute_code"
        ),
        period_start=start_of("event_time", "quarter"),
    )
    for code, column in (("D15", "crime"), ("D15#homicide", "homicide")):
        mine = crimes.group_by("period_start").agg(
            pl.col(column).drop_nulls().n_unique().alias("numerator")
        )
        mine = mine.with_columns(CITY.alias("unit_code"))
        agree(mine, judged(city_home, code, "city", "numerator", "quarter"), "numerator")
        districts = judged(city_home, code, "district", "numerator, suppressed", "quarter")
        assert districts.filter(pl.col("numerator") < 10).height == 0, "hidden below the city"
        assert districts.height > 0


def test_filings_of_less_than_twelve_months_have_no_value(city_home: Path) -> None:
    months = rows("F06")["stat_month"].n_unique()
    published = judged(city_home, "D14", "city", "value", "rolling_year")
    assert (months < 12) == (published.height == 0)
