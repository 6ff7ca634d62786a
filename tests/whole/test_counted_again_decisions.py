"""The indicators of major decisions counted again from the lake, from the list."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from tests.whole.recount import (
    CITY,
    TODAY,
    agree,
    agree_on_shares,
    department_of,
    judged,
    month_of,
    rows,
    start_of,
    towns_of,
)

REGIONS = {"city": CITY, "district": pl.col("region_code")}


def led(items: pl.DataFrame, organisation: str) -> pl.DataFrame:
    """With the department of an organisation, and its town where it governs one."""
    governs = rows("R02").filter(pl.col("org_kind") == "02")
    governs = governs.select(pl.col("org_code").alias(organisation), governed="town_code")
    items = department_of(items, organisation).join(governs, on=organisation, how="left")
    return items.with_columns(pl.col("department").fill_null("unassigned"))


def agree_everywhere(home: Path, code: str, items: pl.DataFrame, window: str, mixed: bool) -> None:
    """At city, district, department, and at the towns whose government is responsible."""
    units = {**REGIONS, "department": pl.col("department")}
    agree_on_shares(home, code, items, units, (window,), mixed=mixed)
    governed = items.drop_nulls("governed")
    assert 0 < governed.height < items.height
    agree_on_shares(home, code, governed, {"town": pl.col("governed")}, (window,), mixed=False)


def decided() -> pl.DataFrame:
    """Decisions that must be assessed and were taken, with the first filing of a report on them."""
    filed = rows("P07").filter(pl.col("filed_date") <= TODAY)
    first = filed.group_by("decision_id").agg(pl.col("filed_date").min().alias("first_filed"))
    taken = rows("P06").filter(pl.col("must_assess"), pl.col("decide_date") <= TODAY)
    return led(taken.join(first, on="decision_id", how="left"), "lead_org_code").with_columns(
        day="decide_date"
    )


def test_decisions_assessed_by_the_end_of_their_month(city_home: Path) -> None:
    by_then = pl.col("first_filed") <= pl.col("day").dt.month_end()
    items = decided().with_columns(good=by_then.fill_null(False))
    agree_everywhere(city_home, "M01", items, "month", mixed=False)


def test_decisions_assessed_before_they_were_taken(city_home: Path) -> None:
    before = pl.col("first_filed") <= pl.col("day")
    items = decided().with_columns(good=before.fill_null(False))
    agree_everywhere(city_home, "M02", items, "month", mixed=False)


def test_high_risk_that_was_held_back(city_home: Path) -> None:
    high = rows("P07").filter(pl.col("risk_level") == "H", pl.col("report_date") <= TODAY)
    held = pl.col("conclusion").is_in(["02", "03", "04"])
    items = high.with_columns(day="report_date", good=held)
    agree_on_shares(city_home, "M03", items, REGIONS, ("quarter",), mixed=False)


def test_share_of_medium_and_high_risk(city_home: Path) -> None:
    reports = rows("P07").filter(pl.col("report_date") <= TODAY)
    ends = reports.select(end=start_of("report_date", "quarter").dt.offset_by("3mo")).unique()
    known = reports.join(ends, how="cross").filter(pl.col("report_date") < pl.col("end"))
    latest = known.sort("report_version").unique(["decision_id", "end"], keep="last")
    here = start_of("report_date", "quarter").dt.offset_by("3mo") == pl.col("end")
    items = latest.filter(here).with_columns(
        day="report_date", good=pl.col("risk_level").is_in(["H", "M"])
    )
    agree_on_shares(city_home, "M04", items, REGIONS, ("quarter",))


def test_measures_done_when_they_were_due(city_home: Path) -> None:
    reports = rows("P07").filter(pl.col("report_date") <= TODAY)
    of_report = reports.select(
        "report_id", "decision_id", "report_version", "report_date", "region_code"
    )
    points = rows("P08").join(of_report, on="report_id").with_columns(day="measure_due")
    read = pl.min_horizontal(pl.col("day").dt.month_end(), pl.lit(TODAY))
    points = points.filter(pl.col("report_date") <= read)
    versions = reports.select("decision_id", other="report_version", told="report_date")
    newer = points.join(versions, on="decision_id").filter(
        pl.col("other") > pl.col("report_version"), pl.col("told") <= read
    )
    points = points.join(newer, on="risk_point_id", how="anti")
    good = (pl.col("measure_done") <= pl.min_horizontal("day", pl.lit(TODAY))).fill_null(False)
    points = points.with_columns(good=good)
    due = points.filter(pl.col("good") | (pl.col("day") < TODAY))
    items = led(due, "measure_org_code").filter(pl.col("day") <= pl.lit(TODAY).dt.month_end())
    agree_everywhere(city_home, "M05", items, "month", mixed=True)


def consultations() -> pl.DataFrame:
    leads = rows("P06").select("decision_id", "lead_org_code")
    held = rows("P09").filter(pl.col("end_date") <= TODAY)
    return led(held.join(leads, on="decision_id", how="left"), "lead_org_code")


def test_consultations_of_thirty_days(city_home: Path) -> None:
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days()
    items = consultations().filter(pl.col("consult_form") == "01")
    items = items.with_columns(day="end_date", good=(days >= 30) | pl.col("short_reason_given"))
    agree_everywhere(city_home, "M06", items, "quarter", mixed=False)


def test_consultations_answered_in_fifteen_days(city_home: Path) -> None:
    items = consultations().filter(pl.col("opinion_n") > 0)
    items = items.with_columns(day=pl.col("end_date").dt.offset_by("15d"))
    good = (pl.col("feedback_date") <= pl.min_horizontal("day", pl.lit(TODAY))).fill_null(False)
    items = items.with_columns(good=good).filter(pl.col("good") | (pl.col("day") < TODAY))
    agree_everywhere(city_home, "M07", items, "quarter", mixed=True)


def test_compensation_paid_when_it_was_due(city_home: Path) -> None:
    """Shown are the sums of cells of five payments and more; the rest is hidden, and no less."""
    paid = (pl.col("paid_date") <= pl.min_horizontal("due_date", pl.lit(TODAY))).fill_null(False)
    items = rows("P14").with_columns(good=paid, amount=pl.col("amount").cast(pl.Float64))
    items = items.filter(pl.col("good") | (pl.col("due_date") < TODAY))
    projects = rows("P11").select("exprop_id", project=pl.col("project_code"))
    items = items.join(projects, on="exprop_id", how="left").with_columns(
        pl.col("project").fill_null("unassigned")
    )
    units = {level: towns_of(level) for level in ("city", "district", "town")}
    for level, unit in {**units, "project": pl.col("project")}.items():
        mine = items.group_by(
            unit.alias("unit_code"), month_of("due_date").alias("period_start")
        ).agg(
            pl.col("amount").filter("good").sum().alias("numerator"),
            pl.col("amount").sum().alias("denominator"),
            pl.len().alias("payments"),
        )
        begun = mine.filter(pl.col("period_start") <= TODAY)
        published = judged(city_home, "M09", level, "numerator, denominator, suppressed")
        assert set(begun.select("unit_code", "period_start").rows()) == set(
            published.select("unit_code", "period_start").rows()
        )
        met = begun.join(published, on=["unit_code", "period_start"], suffix="_p")
        assert met.filter(pl.col("payments") < 5, ~pl.col("suppressed")).height == 0
        assert met.filter("suppressed").drop_nulls("denominator_p").height == 0
        shown = met.filter(~pl.col("suppressed"))
        assert shown.height > 0
        agree(
            shown.select("unit_code", "period_start", "numerator", "denominator"),
            published.filter(~pl.col("suppressed")),
            "numerator",
            "denominator",
        )


def test_no_low_risk_report_is_a_year_old_here(city_home: Path) -> None:
    """M08 has values only where a report was followed for a year; a city of weeks has none."""
    low = rows("P07").filter(pl.col("risk_level") == "L", pl.col("filed_date").is_not_null())
    followed = low.filter(pl.col("filed_date") + timedelta(days=365) < TODAY)
    published = judged(city_home, "M08", "city", "denominator", "year")
    assert (followed.height == 0) == (published.height == 0)
