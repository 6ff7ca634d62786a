"""What the decisions truly say: M01, M02, M03, M05, M06 and M07 of periods that have ended."""

from __future__ import annotations

import polars as pl

from simulation.changes import OPEN
from simulation.decisions.consultations import NOTICE, SHORT_WITH_REASON, Consultations
from simulation.decisions.levels import HIGH_LET_PASS
from simulation.decisions.reports import Reports
from simulation.histories import ended, month_of, of_town_governments, quarter_of, shares
from simulation.world import DAY_S, World, to_datetime

FEEDBACK_DAYS = 15
LEAD = {"department": "lead_org_code", "district": "region_code", "town": "town_of_org"}
MEASURE = {**LEAD, "department": "measure_org_code"}
LISTED = ("town",)


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


def rates(world: World, reports: Reports, consultations: Consultations) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    parts = [f(world, reports) for f in (assessed, high_risks, measures)]
    return pl.concat([*parts, consulted(world, consultations)])
