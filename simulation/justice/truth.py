"""What courts and transfers truly say: E02, E02#median, E04, E08, L01 to L08 and D14.

Amounts, medians and means have no rate: what is drawn is a whole distribution. D14 has none
either: its mean is a product of town, cause, court and season that differs in every cell.
"""

from __future__ import annotations

import polars as pl

from simulation.changes import OPEN, end_s
from simulation.directory import with_department
from simulation.histories import month_of, quarter_of
from simulation.justice.cases import Cases
from simulation.justice.cooperation import Cooperation
from simulation.justice.enforcement import Enforcement
from simulation.justice.filings import Filings
from simulation.justice.warnings import DECLINED, REVIEW, SLOW_TRANSFER, VERDICT, Warnings
from simulation.tally import COUNT, EVERYWHERE, NOTHING, good, per_residents, percent, tally
from simulation.world import DAY_S, World, to_datetime

COURTS = {"court": "court", "district": "court", **EVERYWHERE}
REGIONS = {"district": "region_code", **EVERYWHERE}
AGENCIES = {"department": "department", **EVERYWHERE}
TITLES = ["0302", "0303", "0306", "0307"]  # transfers of title after an auction
FEW, TRIMMED = 20, 20  # fewer are not trimmed; one in twenty is, at each end
REVIEW_WORKDAYS, DECIDE_DAYS, POLICE_DAYS, HAND_OVER_S = 3, 3, 3, DAY_S


def recovered(world: World, enforcement: Enforcement) -> pl.DataFrame:
    """E02 and E02#median by month of closing; the median stands in the numerator."""
    closed = enforcement.cases.filter(
        (pl.col("close") < end_s(world)) & (pl.col("kind") != "4") & (pl.col("subject") > 0)
    ).with_columns(month_of("close"), got=pl.min_horizontal("actual", "subject"))
    share = (100 * pl.col("got") / pl.col("subject")).median()
    return pl.concat(
        [
            tally("E02", closed, COURTS, pl.col("got").sum(), pl.col("subject").sum()),
            tally("E02#median", closed, COURTS, share),
        ]
    )


def answered(world: World, cooperation: Cooperation) -> pl.DataFrame:
    """E04 and E08 by month of the finish; mean and median (days) stand in the numerator."""
    done = cooperation.matters.filter(pl.col("finish") < end_s(world)).with_columns(
        month_of("finish"), days=(pl.col("finish") - pl.col("submit")) / DAY_S
    )
    done = with_department(world, done, "org_code")
    cut = pl.when(pl.len() < FEW).then(0).otherwise(pl.len() // TRIMMED)
    mean = pl.col("days").sort().slice(cut, pl.len() - 2 * cut).mean()
    titles = done.filter(pl.col("code").is_in(TITLES))
    units = {"department": "department", "district": "court", **EVERYWHERE}
    return pl.concat(
        [
            tally("E04", done, units, mean),
            tally("E08", titles, COURTS, pl.col("days").median()),
        ]
    )


def lights(world: World, warnings: Warnings, lit: pl.DataFrame) -> pl.DataFrame:
    """L04 by month of the third workday after a red light, L05 by quarter of the review."""
    red = lit.filter(pl.col("light") == "R")
    due = world.due_day(
        red["warned"].to_numpy() // DAY_S,
        pl.repeat(REVIEW_WORKDAYS, red.height, dtype=pl.Int64, eager=True).to_numpy(),
    )
    due_rows = red.with_columns(limit=pl.Series(due, dtype=pl.Int64) * DAY_S).filter(
        pl.col("limit") + DAY_S <= end_s(world)
    )
    due_rows = due_rows.with_columns(
        month_of("limit"), good=pl.col("reviewed") < pl.col("limit") + DAY_S
    )
    final = red.join(warnings.ruled, on="number").filter(
        (pl.col("reviewed") < end_s(world)) & pl.col("result").is_in(["1", "2", "4"])
    )
    final = final.with_columns(quarter_of("reviewed"), good=pl.col("result") == "1")
    yes, no, _, false = REVIEW["R"]
    right = yes / (yes + no + false)
    return pl.concat(
        [
            tally("L04", due_rows, AGENCIES, good()),
            tally("L05", final, {"rule": "rule"}, good(), rate=percent(right)),
        ]
    )


def transfers(world: World, lit: pl.DataFrame) -> pl.DataFrame:
    """L06, L07 and L08: what was reported, handed over and decided, case by case."""
    end = end_s(world)
    told = lit.filter(pl.col("approve") < end).with_columns(
        third=(pl.col("report") // DAY_S + DECIDE_DAYS) * DAY_S,
        hand_over_by=pl.col("approve") + HAND_OVER_S,
    )
    in_time = pl.col("approve") < pl.col("third") + DAY_S
    approved, declined = in_time & ~pl.col("refused"), in_time & pl.col("refused")
    told = told.with_columns(
        counts=pl.when(approved).then("approve").otherwise("third"),
        good=declined | (approved & (pl.col("sent") <= pl.col("hand_over_by"))),
    ).filter(
        declined
        | (approved & ((pl.col("sent") < end) | (pl.col("hand_over_by") < end)))
        | (~in_time & (pl.col("third") + DAY_S <= end))
    )
    limit = (pl.col("taken") // DAY_S + POLICE_DAYS) * DAY_S
    taken = lit.filter(pl.col("taken") < int(OPEN)).with_columns(limit=limit)
    taken = taken.filter(pl.col("limit") + DAY_S <= end).with_columns(
        month_of("limit"), good=pl.col("police") < pl.col("limit") + DAY_S
    )
    decided = lit.filter((pl.col("police") < end) & pl.col("verdict").is_in(["1", "2"]))
    decided = decided.with_columns(quarter_of("police"), good=pl.col("verdict") == "1")
    handed_over = DECLINED + (1 - DECLINED) * (1 - SLOW_TRANSFER)
    filed = VERDICT["1"] / (VERDICT["1"] + VERDICT["2"])
    months = told.with_columns(month_of("counts"))
    return pl.concat(
        [
            tally("L06", months, AGENCIES, good(), rate=percent(handed_over)),
            # three times a day passes at most before the police decide
            tally("L07", taken, REGIONS, good(), rate=percent(1.0)),
            tally("L08", decided, AGENCIES, good(), rate=percent(filed)),
        ]
    )


def pooled(world: World, cases: Cases, warnings: Warnings) -> pl.DataFrame:
    """L01 to date; L02 and L03 to date and by month of the filing, each light as read at its end.

    Nothing is drawn: cases, red and yellow lights are made as many as were published.
    """
    end, red = end_s(world), pl.col("light") == "R"
    lit = warnings.warnings.group_by("number").agg(
        red=pl.col("warned").filter(red).min(), yellow=pl.col("warned").filter(~red).min()
    )
    every = cases.cases.filter(~pl.col("deleted")).join(lit, on="number", how="left")
    every = with_department(world, every, "agency_code").with_columns(
        filed_s=pl.col("filed") * DAY_S
    )
    month_end = to_datetime("filed_s").dt.truncate("1mo").dt.offset_by("1mo").dt.epoch("s")
    whole = every.with_columns(period_label=pl.lit(f"截至{world.end}"), read=pl.lit(end, pl.Int64))
    monthly = every.with_columns(
        month_of("filed_s"), read=pl.min_horizontal(month_end, pl.lit(end, pl.Int64))
    )
    is_red = (pl.col("red") < pl.col("read")).fill_null(value=False)
    is_yellow = (pl.col("yellow") < pl.col("read")).fill_null(value=False) & ~is_red
    rows = pl.concat([whole, monthly.select(whole.columns)]).with_columns(
        is_red=is_red, is_yellow=is_yellow
    )
    levels = {"department": "department", "enforcement_domain": "domain", **REGIONS}
    return pl.concat(
        [
            tally("L01", whole, levels, COUNT, NOTHING),
            tally("L02", rows, levels, good("is_red")),
            tally("L03", rows, levels, good("is_yellow")),
        ]
    )


def filings(world: World, sent: Filings) -> pl.DataFrame:
    """D14 of the twelve months that end with each month reported, by the newest batch."""
    rows = sent.rows()
    key = ["stat_month", "court_code", "town_code", "cause_code"]
    newest = (
        rows.sort("report_batch")
        .unique(key, keep="last")
        .with_columns(
            month=pl.col("stat_month").str.to_date("%Y%m"),
            filed=pl.col("civil_first_n") + pl.col("admin_first_n"),
            district=pl.col("town_code").str.head(6),
        )
    )
    known = newest.select("month").unique().sort("month")
    first = known.select(pl.col("month").min().dt.offset_by("11mo")).to_series()
    closing = known.select(last="month").filter(pl.col("last") >= first.first())
    window = newest.join(closing, how="cross").filter(
        pl.col("month").is_between(pl.col("last").dt.offset_by("-11mo"), pl.col("last"))
    )
    window = window.with_columns(period_label=pl.col("last").dt.strftime("近12个月至%Y-%m"))
    levels = {"town": "town_code", "district": "district", **EVERYWHERE}
    return per_residents(world, tally("D14", window, levels, pl.col("filed").sum(), COUNT), 10_000)


def rates(
    world: World,
    cases: Cases,
    warnings: Warnings,
    enforcement: Enforcement,
    cooperation: Cooperation,
    sent: Filings,
) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`."""
    places = cases.cases.select("number", "agency_code", "region_code")
    lit = warnings.warnings.join(places, on="number").filter(pl.col("warned") < end_s(world))
    lit = with_department(world, lit, "agency_code")
    return pl.concat(
        [
            recovered(world, enforcement),
            answered(world, cooperation),
            lights(world, warnings, lit),
            transfers(world, lit),
            pooled(world, cases, warnings),
            filings(world, sent),
        ]
    )
