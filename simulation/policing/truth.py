"""What calls, orders and frauds truly say: P03, P07, Z01, Z02 and Z03."""

from __future__ import annotations

import polars as pl

from simulation.changes import end_s
from simulation.directory import with_department
from simulation.histories import month_of
from simulation.policing.calls import Calls, stations
from simulation.policing.feedback import DONE_WITHIN_D, ORDER_LIMIT_D, Feedback
from simulation.policing.fraud_cases import NO_TOWN, PER_DAY, FraudCases
from simulation.tally import COUNT, EVERYWHERE, good, per_residents, percent, tally
from simulation.world import DAY_S, World

TOWNS = {"town": "town_code", "district": "district", **EVERYWHERE}
DISTRICTS_ONLY = {"district": "district", **EVERYWHERE}
CUT_AT = 0.99


def rates(world: World, calls: Calls, feedback: Feedback, frauds: FraudCases) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    parts = [no_police_matter(world, calls), ordered(world, feedback)]
    return pl.concat([*parts, fraud(world, frauds)])


def no_police_matter(world: World, calls: Calls) -> pl.DataFrame:
    """P03 by month of the call, of the calls that a message has shown by the end."""
    first = pl.min_horizontal("dispatch", pl.col("accept") + 120)
    shown = pl.when(pl.col("parts") > 1).then(first).otherwise("finish")
    rows = calls.calls.filter(pl.col("valid") & (shown < end_s(world)))
    codes = stations(world)["town_code"].gather(rows["town"])
    rows = rows.with_columns(
        month_of("call"), good=~pl.col("police"), town_code=pl.when(~pl.col("no_town")).then(codes)
    )
    rows = rows.with_columns(district=pl.col("town_code").str.head(6))
    return tally("P03", rows, TOWNS, good())


def ordered(world: World, feedback: Feedback) -> pl.DataFrame:
    """P07 by month of the order's limit, for limits that have passed."""
    limit = ORDER_LIMIT_D * DAY_S
    told = feedback.contacts.filter(pl.col("ordered")).with_columns(due=pl.col("callback") + limit)
    due = told.filter(pl.col("due") < end_s(world))
    station = stations(world)["station_code"].gather(due["town"])
    due = due.with_columns(month_of("due"), station=station, good=pl.col("finish") <= pl.col("due"))
    due = with_department(world, due, "station")
    low, high = (d * DAY_S for d in DONE_WITHIN_D)
    # any second between the first and the last day is as likely
    chance = (limit - low + 1) / (high - low)
    levels = {"station": "station", "department": "department", **EVERYWHERE}
    return tally("P07", due, levels, good(), rate=percent(chance))


def fraud(world: World, frauds: FraudCases) -> pl.DataFrame:
    """Z01 and Z03 by month of the report; Z02 by month, where the year before has cases."""
    cases = frauds.cases.filter(pl.col("report") < end_s(world)).with_columns(
        month_of("report"), town_code=pl.when(~pl.col("no_town")).then("town_code")
    )
    cases = cases.with_columns(district=pl.col("town_code").str.head(6))
    shown = per_residents(world, tally("Z01", cases, TOWNS, COUNT), 10_000, zeros=TOWNS)
    stopped = pl.when(pl.col("stop") < end_s(world)).then("stopped").otherwise(pl.lit(0.0))
    frozen = pl.when(pl.col("freeze") < end_s(world)).then("frozen").otherwise(pl.lit(0.0))
    saved = pl.min_horizontal(stopped + frozen, "loss").sum()
    return pl.concat(
        [
            _with_intensity(world, shown),
            _against_last_year(world, cases),
            tally("Z03", cases, DISTRICTS_ONLY, saved, pl.col("loss").sum()),
        ]
    )


def _with_intensity(world: World, shown: pl.DataFrame) -> pl.DataFrame:
    """With the mean number of cases per 10,000 residents that each month is drawn from.

    Towns are drawn by their residents, so that it is the same everywhere; one case in a hundred
    loses its town afterwards, and is missing there but not in the city.
    """
    mean = PER_DAY * world.scale * 10_000 / float(world.population.sum())
    months = (
        pl.DataFrame({"day": world.days, "busy": world.day_factor})
        .with_columns(pl.col("day").cast(pl.Int32).cast(pl.Date))
        .group_by(period_label=pl.col("day").dt.strftime("%Y-%m"))
        .agg(drawn=pl.col("busy").sum() * mean)
    )
    known = pl.when(pl.col("unit_level") == "city").then(1.0).otherwise(1 - NO_TOWN)
    return (
        shown.join(months, on="period_label")
        .with_columns(true_rate=pl.col("drawn") * known)
        .select(shown.columns)
    )


def _against_last_year(world: World, cases: pl.DataFrame) -> pl.DataFrame:
    """Z02: what was lost more than in the month a year before, a running month up to its moment.

    Each loss is cut at the 99th percentile of the city's two months together.
    """
    at = (pl.col("report") * 1_000_000).cast(pl.Datetime("us"))
    a_year_on = at.dt.offset_by("1y")
    end = pl.lit(end_s(world) * 1_000_000).cast(pl.Datetime("us"))
    before = cases.filter(at <= end.dt.offset_by("-1y")).with_columns(
        period_label=a_year_on.dt.strftime("%Y-%m"), now=pl.lit(value=False)
    )
    both = pl.concat([cases.with_columns(now=pl.lit(value=True)), before])
    both = both.with_columns(
        cut=pl.min_horizontal(
            "loss", pl.col("loss").quantile(CUT_AT, "linear").over("period_label")
        )
    )
    now, then = (pl.col("cut").filter(which).sum() for which in (pl.col("now"), ~pl.col("now")))
    counted = tally("Z02", both, DISTRICTS_ONLY, now - then, then)
    return counted.filter(pl.col("denominator") > 0)
