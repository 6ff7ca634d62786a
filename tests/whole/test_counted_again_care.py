"""Health and youth counted again: from the zones' own lake, what is shown and what is hidden; from
the totals the authorities send, changes against a year before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from ingestion.lake.logs import read_log
from tests.whole.recount import TODAY, agree, judged, month_ends, rows
from tests.whole.test_counted_again_zone import CARED, NUMBERS, compare, expected, published

YEAR = timedelta(days=365)


def readings() -> Iterator[tuple[date, pl.DataFrame]]:
    """The month ends that a year of visits stands behind, each with the latest row per patient."""
    visits = rows("F12").sort("visit_date")
    reaches: date = visits["visit_date"].min()  # type: ignore[assignment]
    for end in month_ends(reaches, TODAY):
        if end - YEAR >= reaches:
            known = visits.filter(pl.col("visit_date") <= end)
            yield end, known.group_by("patient_token").last()


def quarter_ends() -> Iterator[tuple[date, pl.DataFrame]]:
    return ((end, last) for end, last in readings() if end.month % 3 == 0)


def test_patients_on_the_register_per_thousand(city_home: Path) -> None:
    residents = pl.read_csv("dbt_project/seeds/seed_division.csv", infer_schema=False)
    city = residents.filter(pl.col("unit_level") == "1")["pop_resident"].cast(pl.Int64).item()
    mine = [
        ("330600", end, n, city / 1000, n / city * 1000)
        for end, last in readings()
        for n in [last.filter(pl.col("reg_status").is_in(CARED)).height]
    ]
    theirs = judged(city_home, "H01", "city", "numerator, denominator, value", "stock")
    assert len(mine) > 1
    schema = dict(zip(theirs.columns, theirs.dtypes, strict=True))
    frame = pl.DataFrame(mine, schema=schema, orient="row")
    agree(frame, theirs, "numerator", "denominator", "value")
    assert judged(city_home, "H01", "district", "value", "stock").height == 0, "city only"


def test_schizophrenia_treated(city_home: Path) -> None:
    ill = pl.col("is_schizophrenia") & pl.col("reg_status").is_in(CARED)
    mine = expected(
        (end, last.filter(ill).with_columns(good="treated")) for end, last in quarter_ends()
    )
    compare(mine, published(city_home, "H03", "stock"))
    assert mine["numerator"].null_count() < mine.height, "something is shown"


def test_guardians_paid(city_home: Path) -> None:
    periods = []
    for end, last in quarter_ends():
        due = (pl.col("subsidy_due_date") <= end).fill_null(False)
        owed = last.filter(pl.col("subsidy_eligible") & (pl.col("reg_status") == "1") & due)
        periods.append((end, owed.with_columns(good="guardian_subsidy")))
    assert all(owed.height > 0 for _, owed in periods)
    compare(expected(periods), published(city_home, "H07", "stock"))


@pytest.mark.parametrize("code", ["H05", "H06"])
def test_warnings_answered_and_closed(city_home: Path, code: str) -> None:
    warnings = rows("F13")
    due = pl.col("due_time")
    first: date = warnings["due_time"].dt.date().min()  # type: ignore[assignment]
    periods = []
    for end in month_ends(first, TODAY):
        start = end.replace(day=1)
        items = warnings.filter(due.dt.date().is_between(start, end))
        if code == "H05":
            good = (pl.col("respond_time") <= due).fill_null(False)
        else:
            items = items.filter(pl.col("needs_intervention").fill_null(False))
            good = (pl.col("close_time").dt.date() <= end).fill_null(False)
        assert items.height > 0
        periods.append((start, items.with_columns(good=good)))
    compare(expected(periods), published(city_home, code, "month"))


def totals() -> pl.DataFrame:
    """F15's total rows, of each month and district the last batch received by now."""
    received = read_log("o01_delivery_log").group_by("delivery_id").agg(pl.col("landed_time").min())
    landed = pl.col("landed_time").dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
    known = rows("F15").join(received, left_on="_delivery_id", right_on="delivery_id", how="left")
    return (
        known.filter((pl.col("age_band") == "0") & (pl.col("offence_group") == "00"))
        .filter(landed.dt.date() <= TODAY)
        .sort("report_batch")
        .group_by("stat_month", "district_code")
        .last()
        .with_columns(
            unit_code="district_code",
            period_start=(pl.col("stat_month") + "01").str.to_date("%Y%m%d"),
        )
    )


def of_level(frame: pl.DataFrame, level: str) -> pl.DataFrame:
    return frame.filter((pl.col("unit_code") == "330600") == (level == "city"))


@pytest.mark.parametrize("level", ["city", "district"])
def test_young_people_covered(city_home: Path, level: str) -> None:
    mine = of_level(totals(), level).with_columns(value="covered_youth_n")
    theirs = judged(city_home, "Y01", level, "value, denominator")
    agree(mine, theirs, "value")
    assert theirs["denominator"].null_count() == theirs.height


def beside_a_year_before(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    before = frame.select(
        "unit_code",
        pl.col("period_start").dt.offset_by("1y"),
        *[pl.col(name).alias(f"{name}_before") for name in names],
    )
    return frame.join(before, on=["unit_code", "period_start"])


@pytest.mark.parametrize("level", ["city", "district"])
def test_persons_against_a_year_before(city_home: Path, level: str) -> None:
    both = of_level(beside_a_year_before(totals(), "person_ytd_n"), level)
    now, before = pl.col("person_ytd_n"), pl.col("person_ytd_n_before")
    assert both.filter(pl.min_horizontal(now, before) < 30).height == 0, "none is small here"
    mine = both.select(
        "unit_code",
        "period_start",
        numerator=now - before,
        denominator=before,
        value=100 * (now / before - 1),
    )
    theirs = judged(city_home, "Y02", level, "numerator, denominator, value, light", "ytd")
    if level == "district":  # two months to date would differ by one month's persons
        nothing = pl.lit(None, pl.Float64)
        mine = mine.with_columns(
            numerator=nothing, denominator=nothing, value=pl.col("value").round(1)
        )
    agree(mine, theirs, "numerator", "denominator", "value")
    light = pl.when(pl.col("value") > 10).then(pl.lit("R")).when(pl.col("value") > 0)
    lit = theirs.with_columns(mine=light.then(pl.lit("Y")).otherwise(pl.lit("G")))
    assert lit.filter(pl.col("light") != pl.col("mine")).rows() == []


def quarters() -> pl.DataFrame:
    """The city's twelve-month cohort at the last month of each quarter."""
    city = of_level(totals(), "city").filter(pl.col("period_start").dt.month() % 3 == 0)
    return city.with_columns(pl.col("period_start").dt.truncate("1q"))


def test_re_offending_and_its_change(city_home: Path) -> None:
    rate = pl.col("reoffend_person_n") / pl.col("released_cohort_n")
    mine = quarters().with_columns(value=100 * rate)
    theirs = judged(city_home, "Y03", "city", "value, numerator, denominator", "quarter")
    agree(mine, theirs, "value")
    changed = beside_a_year_before(mine, "value").with_columns(
        value=100 * (pl.col("value") / pl.col("value_before") - 1)
    )
    agree(changed, judged(city_home, "Y04", "city", "value", "quarter"), "value")
    assert judged(city_home, "Y03", "district", "value", "quarter").height == 0, "city only"


def test_sealing_is_hidden_while_few_are_missed(city_home: Path) -> None:
    city = of_level(totals(), "city").with_columns(pl.col("period_start").dt.truncate("1q"))
    mine = city.group_by("unit_code", "period_start").agg(
        pl.col("seal_done_n").sum().alias("numerator"),
        pl.col("seal_due_n").sum().alias("denominator"),
    )
    missed = pl.col("denominator") - pl.col("numerator")
    shown = (missed >= 10) & (pl.col("numerator") >= 10) & (pl.col("denominator") >= 30)
    mine = mine.with_columns(pl.when(shown).then(pl.col(n)).alias(n) for n in NUMBERS)
    theirs = judged(city_home, "Y07", "city", "numerator, denominator", "quarter")
    agree(mine, theirs, *NUMBERS)


def test_cases_closed_and_placed(city_home: Path) -> None:
    closed = rows("F14").filter(pl.col("close_reason").is_in(["1", "2"]))
    last = pl.col("close_date") < date(TODAY.year, 1 if TODAY.month < 7 else 7, 1)
    over = closed.filter(last)
    half = pl.when(pl.col("close_date").dt.month() < 7).then(1).otherwise(7)
    starts = over.select(pl.date(pl.col("close_date").dt.year(), half, 1)).to_series()
    placed = pl.col("school_work_status").is_in(["1", "2", "3"]).fill_null(False)
    theirs = published(city_home, "Y06", "half_year")
    assert set(theirs["period_start"]) == set(starts)
    if starts.len():
        cut = over.with_columns(good=placed, start=starts)
        halves = ((s, cut.filter(pl.col("start") == s)) for s in starts.unique())
        compare(expected(halves), theirs)
