"""What the two services truly say: H01, H03, H07, Y01 to Y04 and Y06.

Nothing is hidden here: the truth is the answer before any disclosure rule. What nobody draws has
no rate: the size of a register (H01), the published counts of F15 and their changes (Y01 to Y04).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from simulation.care.patients import PAID, TREATED, Patients
from simulation.care.youth import STATUS_SHARE, Youth
from simulation.care.youth_monthly import CITY, YouthMonthly
from simulation.changes import end_s
from simulation.tally import (
    COUNT,
    EVERYWHERE,
    NOTHING,
    good,
    half_year_of,
    per_residents,
    percent,
    reading_days,
    tally,
)
from simulation.world import DISTRICTS, World

PLACES = {"district": "district_code", **EVERYWHERE}
REGISTERED, IN_CARE = ["1", "2", "3"], "1"
ENDED_WELL, PLACED = ["1", "2"], ["1", "2", "3"]
YES = "是"


def rates(world: World, patients: Patients, youth: Youth, monthly: YouthMonthly) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    return pl.concat(
        [
            registers(world, patients),
            placements(world, youth),
            covered(world, monthly),
            persons(world, monthly),
            again(world, monthly),
        ]
    )


def _standing(visits: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    """Every patient as the last visit by each of the days says."""
    read = pl.DataFrame({"read": [d.isoformat() for d in days]}, schema={"read": pl.String})
    known = visits.join(read, how="cross").filter(pl.col("visit_date") <= pl.col("read"))
    return (
        known.sort("visit_date")
        .unique(["patient_token", "read"], keep="last", maintain_order=True)
        .with_columns(period_label="read")
    )


def registers(world: World, patients: Patients) -> pl.DataFrame:
    """H01 at the ends of months, H03 and H07 at those of quarters.

    Treatment and subsidy are drawn anew at each visit, with the same chance for everybody.
    """
    visits = patients.visits
    monthly = _standing(visits, reading_days(world))
    listed = monthly.filter(pl.col("reg_status").is_in(REGISTERED))
    h01 = per_residents(world, tally("H01", listed, EVERYWHERE, COUNT), 1000)
    quarterly = _standing(visits, reading_days(world, 3))
    ill = quarterly.filter(
        pl.col("reg_status").is_in(REGISTERED) & (pl.col("is_schizophrenia") == YES)
    ).with_columns(good=pl.col("treated") == YES)
    owed = quarterly.filter(
        (pl.col("reg_status") == IN_CARE)
        & (pl.col("subsidy_eligible") == YES)
        & (pl.col("subsidy_due_date") <= pl.col("read"))
    ).with_columns(good=pl.col("guardian_subsidy") == YES)
    return pl.concat(
        [
            h01,
            tally("H03", ill, PLACES, good(), rate=percent(TREATED)),
            tally("H07", owed, PLACES, good(), rate=percent(PAID)),
        ]
    )


def placements(world: World, youth: Youth) -> pl.DataFrame:
    """Y06 by half-year of closing: cases that ended well or were handed on."""
    closed = youth.cases.filter(
        (pl.col("closes") < end_s(world)) & pl.col("reason").is_in(ENDED_WELL)
    )
    rows = closed.with_columns(
        half_year_of("closes"),
        good=pl.col("status").is_in(PLACED),
        district_code=pl.Series(list(DISTRICTS)).gather(closed["district"]),
    )
    chance = sum(STATUS_SHARE[int(s) - 1] for s in PLACED)
    return tally("Y06", rows, PLACES, good(), rate=percent(chance))


def _totals(monthly: YouthMonthly) -> pl.DataFrame:
    """The totals of districts and of the city, months in order."""
    return monthly.counts.filter(pl.col("age_band") == "0").with_columns(
        district_code=pl.when(pl.col("district_code") != CITY).then("district_code")
    )


def _either(code: str, rows: pl.DataFrame, numerator: pl.Expr, below: pl.Expr) -> pl.DataFrame:
    """Totals as they were counted: the city's is a row of its own, no sum of its districts."""
    of_city = pl.col("district_code").is_null()
    return pl.concat(
        [
            tally(code, rows.filter(~of_city), {"district": "district_code"}, numerator, below),
            tally(code, rows.filter(of_city), EVERYWHERE, numerator, below),
        ]
    )


def covered(world: World, monthly: YouthMonthly) -> pl.DataFrame:
    """Y01 by month: how many the services reached, late reports of the services included."""
    sent = monthly.rows().filter(
        (pl.col("age_band") == "0") & (pl.col("updated").dt.epoch("s") < end_s(world))
    )
    last = sent.sort("report_batch").unique(["stat_month", "district_code"], keep="last")
    rows = last.with_columns(
        district_code=pl.when(pl.col("district_code") != CITY).then("district_code"),
        period_label=pl.concat_str(
            pl.col("stat_month").str.head(4), pl.col("stat_month").str.slice(4), separator="-"
        ),
    )
    return _either("Y01", rows, pl.col("covered_youth_n").sum(), NOTHING)


def persons(world: World, monthly: YouthMonthly) -> pl.DataFrame:
    """Y02 by year to date: persons since January against the same months a year before."""
    totals = _totals(monthly)
    before = totals.select("district_code", pl.col("month").dt.offset_by("1y"), before="since")
    both = totals.join(before, on=["district_code", "month"], nulls_equal=True).with_columns(
        period_label=pl.col("month").dt.strftime("%Y-01至%m")
    )
    more = pl.col("since").sum() - pl.col("before").sum()
    return _either("Y02", both, more, pl.col("before").sum())


def again(world: World, monthly: YouthMonthly) -> pl.DataFrame:
    """Y03 and Y04 by quarter, of the cohort whose twelve months end with it."""
    day = pl.col("month").dt
    ends = _totals(monthly).filter(pl.col("district_code").is_null() & (day.month() % 3 == 0))
    ends = ends.with_columns(
        share=pl.col("again") / pl.col("cohort"),
        period_label=pl.format("{}-Q{}", day.year(), day.quarter()),
    )
    before = ends.select(pl.col("month").dt.offset_by("1y"), before="share")
    both = ends.join(before, on="month")
    more = (pl.col("share") - pl.col("before")).sum()
    return pl.concat(
        [
            tally("Y03", ends, EVERYWHERE, pl.col("again").sum(), pl.col("cohort").sum()),
            tally("Y04", both, EVERYWHERE, more, pl.col("before").sum()),
        ]
    )
