"""The indicators of transfers to the police counted again from the lake, from the list.

A small city has a dozen warnings: too few for every branch. The branches are counted by hand in the
golden city; here the whole road of a real lake is.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.whole.recount import (
    CITY,
    RUN_TIME,
    TODAY,
    agree_on_shares,
    day_of,
    department_of,
    judged,
    rows,
)

CALENDAR = Path("dbt_project/seeds/seed_workday_calendar.csv")


def warnings() -> pl.DataFrame:
    """F09's warnings with the department and the district of their case."""
    cases = department_of(rows("F08"), "agency_code").select("case_id", "department", "region_code")
    raised = rows("F09").filter(pl.col("warn_time") <= RUN_TIME)
    return raised.join(cases, on="case_id", how="left").with_columns(
        pl.col("department", "region_code").fill_null("unassigned")
    )


def once(items: pl.DataFrame, *course: str) -> pl.DataFrame:
    """Lights of one case with one course are one transfer."""
    return items.unique(["case_id", *course])


UNITS = {"city": CITY, "department": pl.col("department")}


def compare(
    home: Path, code: str, items: pl.DataFrame, units: dict[str, pl.Expr], window: str = "month"
) -> None:
    """Equal counts; where nothing is due, nothing is published."""
    if items.is_empty():
        assert all(judged(home, code, level, "numerator", window).is_empty() for level in units)
    else:
        agree_on_shares(home, code, items, units, (window,), mixed=False)


def third_workday() -> pl.DataFrame:
    """`raised` (any day) and `day`, the third workday after it."""
    calendar = pl.read_csv(CALENDAR, try_parse_dates=True)
    workdays = calendar.filter("is_workday")["cal_date"].sort()
    every = calendar["cal_date"].sort()
    place = workdays.search_sorted(every, side="right") + 2
    days = pl.DataFrame({"raised": every, "place": place}).filter(pl.col("place") < workdays.len())
    return days.select("raised", day=workdays.gather(days["place"]))


def test_red_lights_reviewed_in_three_workdays(city_home: Path) -> None:
    red = warnings().filter(pl.col("light") == "R").with_columns(raised=day_of("warn_time"))
    in_time = (day_of("review_time") <= pl.col("day")).fill_null(False)
    items = (
        red.join(third_workday(), on="raised")
        .with_columns(good=in_time)
        .filter(pl.col("good") | (pl.col("day") < TODAY))
    )
    compare(city_home, "L04", items, UNITS)


def test_red_lights_confirmed(city_home: Path) -> None:
    items = (
        warnings()
        .filter(
            pl.col("light") == "R",
            pl.col("review_result").is_in(["1", "2", "4"]),
            pl.col("review_time") <= RUN_TIME,
        )
        .with_columns(good=pl.col("review_result") == "1", day=day_of("review_time"))
    )
    compare(city_home, "L05", items, {"rule": pl.col("rule_id")}, "quarter")


def test_transfers_decided_and_handed_over(city_home: Path) -> None:
    limit = pl.col("report_date") + pl.duration(days=3)
    decided = (day_of("approve_time") <= limit).fill_null(False)
    refused = decided & (pl.col("approve_result") == "2").fill_null(False)
    approved = decided & ~refused
    until = pl.col("approve_time") + pl.duration(hours=24)
    handed = approved & pl.col("transfer_time").is_not_null()
    known = refused | handed | (approved & (until <= RUN_TIME)) | (~decided & (limit < TODAY))
    items = (
        once(warnings(), "report_date", "approve_time", "approve_result", "transfer_time")
        .filter(pl.col("report_date") <= TODAY)
        .filter(known)
        .with_columns(
            good=refused | (handed & (pl.col("transfer_time") <= until)),
            day=pl.when(approved).then(day_of("approve_time")).otherwise(limit),
        )
    )
    compare(city_home, "L06", items, UNITS)


def test_police_decisions_in_three_days(city_home: Path) -> None:
    limit = day_of("police_accept_time") + pl.duration(days=3)
    items = (
        once(warnings(), "police_accept_time", "police_decide_date", "police_result")
        .filter(pl.col("police_accept_time") <= RUN_TIME)
        .with_columns(day=limit)
        .with_columns(good=(pl.col("police_decide_date") <= pl.col("day")).fill_null(False))
        .filter(pl.col("good") | (pl.col("day") < TODAY))
    )
    compare(city_home, "L07", items, {"city": CITY, "district": pl.col("region_code")})


def test_transfers_that_were_filed(city_home: Path) -> None:
    items = (
        once(warnings(), "police_accept_time", "police_decide_date", "police_result")
        .filter(pl.col("police_result").is_in(["1", "2"]), pl.col("police_decide_date") <= TODAY)
        .with_columns(good=pl.col("police_result") == "1", day="police_decide_date")
    )
    compare(city_home, "L08", items, UNITS, "quarter")


@pytest.mark.parametrize("code", ["L04", "L05"])
def test_some_red_light_was_raised(city_home: Path, code: str) -> None:
    """Else the comparisons above would compare nothing."""
    level, window = {"L04": ("city", "month"), "L05": ("rule", "quarter")}[code]
    assert judged(city_home, code, level, "denominator", window)["denominator"].sum() > 0
