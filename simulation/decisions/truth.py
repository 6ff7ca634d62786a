"""What the decisions truly say: M01 to M08, all but M04 and M08 of periods that have ended.

M01 has no rate: nothing is drawn but whether a report comes before the decision (M02); that it
comes before the month is over follows from the days between.
"""

from __future__ import annotations

import polars as pl

from simulation.changes import OPEN, end_s
from simulation.decisions.consultations import NOTICE, SHORT_WITH_REASON, Consultations
from simulation.decisions.levels import HIGH_LET_PASS
from simulation.decisions.reports import Reports
from simulation.histories import ended, month_of, of_town_governments, quarter_of, shares
from simulation.petitions.gatherings import Gatherings
from simulation.policing.project_calls import KINDS, ProjectCalls
from simulation.tally import EVERYWHERE, good, tally, year_of
from simulation.world import DAY_S, World, to_datetime

FEEDBACK_DAYS = 15
LEAD = {"department": "lead_org_code", "district": "region_code", "town": "town_of_org"}
MEASURE = {**LEAD, "department": "measure_org_code"}
LISTED = ("town",)
FOLLOWED_DAYS, MUCH_TROUBLE = 365, 10
REGIONS = {"district": "region_code", **EVERYWHERE}


def assessed(world: World, reports: Reports) -> pl.DataFrame:
    """M01 and M02 by month of the decision."""
    rows = reports.decisions.decisions.filter(
        pl.col("must") & (pl.col("decide") < int(OPEN)) & ended(world, "decide", 1)
    )
    rows = of_town_governments(world, rows, "lead_org_code").with_columns(month_of("decide"))
    month_end = to_datetime("decide").dt.truncate("1mo").dt.offset_by("1mo").dt.epoch("s")
    filed = rows.with_columns(good=pl.col("filed") < month_end, rate=pl.lit(None, pl.Float64))
    before = rows.with_columns(good=pl.col("filed") <= pl.col("decide"), rate=1 - pl.col("miss"))
    return pl.concat(
        [shares("M01", filed, LEAD, listed=LISTED), shares("M02", before, LEAD, listed=LISTED)]
    )


def high_risks(world: World, reports: Reports) -> pl.DataFrame:
    """M03 by quarter of the report."""
    rows = reports.reports.filter((pl.col("risk_level") == "H") & ended(world, "reported", 3))
    rows = rows.with_columns(
        quarter_of("reported"),
        good=pl.col("conclusion").is_in(["02", "03", "04"]),
        rate=pl.lit(1 - HIGH_LET_PASS),
    )
    return shares("M03", rows, {"district": "region_code"})


def measures(world: World, reports: Reports) -> pl.DataFrame:
    """M05 by month of the deadline, of each decision's latest report."""
    latest = pl.col("superseded") == int(OPEN)
    rows = reports.points.filter(latest & ended(world, "due", 1))
    rows = of_town_governments(world, rows, "measure_org_code").with_columns(
        month_of("due"), good=pl.col("done") <= pl.col("due"), rate=1 - pl.col("late_chance")
    )
    return shares("M05", rows, MEASURE, listed=LISTED)


def consulted(world: World, consultations: Consultations) -> pl.DataFrame:
    """M06 by quarter of the last day, M07 by quarter of the fifteenth day after it."""
    rows = of_town_governments(world, consultations.rounds, "lead_org_code")
    public = rows.filter((pl.col("form") == NOTICE) & ended(world, "end", 3)).with_columns(
        quarter_of("end"),
        good=(pl.col("length") >= 30) | pl.col("reasoned"),
        rate=1 - (1 - SHORT_WITH_REASON) * pl.col("short_chance"),
    )
    spoken = rows.with_columns(limit=pl.col("end") + FEEDBACK_DAYS * DAY_S).filter(
        (pl.col("opinions") > 0) & ended(world, "limit", 3)
    )
    answered = spoken.with_columns(
        quarter_of("limit"),
        good=pl.col("answer") // DAY_S <= pl.col("limit") // DAY_S,
        rate=1 - pl.col("late_chance"),
    )
    return pl.concat(
        [shares("M06", public, LEAD, listed=LISTED), shares("M07", answered, LEAD, listed=LISTED)]
    )


def medium_or_high(world: World, reports: Reports) -> pl.DataFrame:
    """M04 by quarter of the report: each decision once, by its last version of the quarter."""
    known = reports.reports.filter(pl.col("reported") < end_s(world))
    last = (
        known.with_columns(quarter_of("reported"))
        .sort("version")
        .unique(["decision_id", "period_label"], keep="last")
        .with_columns(good=pl.col("risk_level").is_in(["H", "M"]))
    )
    return tally("M04", last, REGIONS, good())


def proved_wrong(
    world: World, reports: Reports, gatherings: Gatherings, calls: ProjectCalls
) -> pl.DataFrame:
    """M08 by year of the 365th day after a low risk was filed that no later version replaced."""
    every = reports.reports.with_columns(
        filed_day=pl.col("handed_in") // DAY_S, until=pl.col("handed_in") // DAY_S + FOLLOWED_DAYS
    )
    read = to_datetime("limit").dt.truncate("1y").dt.offset_by("1y").dt.epoch("s")
    low = (
        every.filter((pl.col("risk_level") == "L") & pl.col("project_code").is_not_null())
        .with_columns(limit=pl.col("until") * DAY_S)
        .filter((pl.col("until") + 1) * DAY_S <= end_s(world))
        # a version of the year's last day counts; what comes after the world does not
        .filter(pl.col("superseded") >= pl.min_horizontal(read, pl.lit(end_s(world))))
        .with_columns(year_of("limit"))
    )
    n = pl.lit(1, pl.Int64)
    groups = gatherings.weeks.select("project_code", day="week_start", groups=n)
    called = calls.rows().select(
        "project_code", day="week_start", hurt="injury_flag", matters=pl.sum_horizontal(KINDS)
    )
    petitions = gatherings.petitions.petitions.filter(pl.col("registered") < end_s(world))
    raised = petitions.select(
        "project_code", day=(pl.col("registered") // DAY_S).cast(pl.Int32).cast(pl.Date), matters=n
    )
    trouble = pl.concat([groups, called, raised], how="diagonal_relaxed").with_columns(
        pl.col("day").to_physical().cast(pl.Int64)
    )
    after = (
        low.select("report_id", "project_code", "filed_day", "until")
        .join(trouble, on="project_code")
        .filter((pl.col("day") > pl.col("filed_day")) & (pl.col("day") <= pl.col("until")))
        .group_by("report_id")
        .agg(
            good=(pl.col("groups").sum() > 0)
            | pl.col("hurt").any()
            | (pl.col("matters").sum() >= MUCH_TROUBLE)
        )
    )
    rows = low.join(after, on="report_id", how="left").with_columns(
        pl.col("good").fill_null(value=False)
    )
    return tally("M08", rows, REGIONS, good())


def rates(
    world: World,
    reports: Reports,
    consultations: Consultations,
    gatherings: Gatherings,
    calls: ProjectCalls,
) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    parts = [f(world, reports) for f in (assessed, high_risks, medium_or_high, measures)]
    parts += [consulted(world, consultations), proved_wrong(world, reports, gatherings, calls)]
    return pl.concat(parts)
