"""The true answer: counts and rates of the clean world, before any defect was planted.

One row per (indicator, unit level, unit, period): numerator, denominator, value, and the
probability the simulation drew from (`true_rate`, % or units of the indicator).
"""

from __future__ import annotations

import polars as pl

from simulation.directory import with_department
from simulation.disputes import Disputes, month_end_plus_60
from simulation.hotline import Hotline
from simulation.ledger import Ledger
from simulation.police import Police
from simulation.world import DAY_S, World, to_datetime

UNASSIGNED = "unassigned"


def by_units(rows: pl.DataFrame, values: list[pl.Expr]) -> pl.DataFrame:
    """Aggregate rows with town_code (null = unassigned) to town, district and city by month."""
    town = pl.col("town_code").fill_null(UNASSIGNED)
    district = (
        pl.when(pl.col("town_code").is_null())
        .then(pl.lit(UNASSIGNED))
        .otherwise(pl.col("town_code").str.head(6))
    )
    levels = [("town", town), ("district", district), ("city", pl.lit("330600"))]
    return pl.concat(
        [
            rows.group_by(
                pl.lit(level).alias("unit_level"), unit.alias("unit_code"), "period_label"
            ).agg(*values)
            for level, unit in levels
        ]
    )


def month(seconds: str) -> pl.Expr:
    return to_datetime(seconds).dt.strftime("%Y-%m").alias("period_label")


def hotline_on_time(world: World, hotline: Hotline) -> pl.DataFrame:
    """D07 by month of the due time, for due times before the end of the world."""
    end = int(world.period_bounds_s[-1])
    codes = world.towns["town_code"]
    rows = hotline.tickets.filter((pl.col("kind") < 4) & (pl.col("due") < end)).select(
        month("due"),
        good=pl.col("finish") <= pl.col("due"),
        org_code="handler",
        town="town",
        rate=(1 - pl.col("late_chance")) * 100,
    )
    rows = rows.with_columns(
        town_code=pl.when(pl.col("town") >= 0).then(codes.gather(rows["town"].clip(0))),
    )
    share = [
        pl.col("good").sum().cast(pl.Float64).alias("numerator"),
        pl.len().cast(pl.Float64).alias("denominator"),
        pl.col("rate").mean().alias("true_rate"),
    ]
    offices = with_department(world, rows, "org_code").group_by(
        pl.lit("department").alias("unit_level"),
        pl.col("department").fill_null(UNASSIGNED).alias("unit_code"),
        "period_label",
    )
    places = by_units(rows, share)
    return pl.concat([places, offices.agg(*share)]).with_columns(indicator_code=pl.lit("D07"))


def disputes_resolved(world: World, disputes: Disputes, withdrawn: pl.Series) -> pl.DataFrame:
    """D09 by register month, final ones only; withdrawn matters are on neither side."""
    case = disputes.cases.filter(~pl.col("code").is_in(withdrawn.implode()))
    limit = pl.Series((month_end_plus_60(case["register"].to_numpy() // DAY_S) + 1) * DAY_S)
    ends = (
        disputes.events.filter(
            ((pl.col("to_state") == "06") & (pl.col("close_check") == "1"))
            | (pl.col("to_state") == "07")
        )
        .group_by("dispute_code")
        .agg(pl.col("event_time").min().alias("ended"))
    )
    end = int(world.period_bounds_s[-1])
    rows = (
        case.with_columns(limit=limit, rate=(1 - pl.col("unresolved")) * 100)
        .join(ends, left_on="code", right_on="dispute_code", how="left")
        .filter(pl.col("limit") <= end)
        .with_columns(month("register"))
    )
    good = (pl.col("ended") < to_datetime("limit")).fill_null(value=False)
    return by_units(
        rows.with_columns(good=good),
        [
            pl.col("good").sum().cast(pl.Float64).alias("numerator"),
            pl.len().cast(pl.Float64).alias("denominator"),
            pl.col("rate").mean().alias("true_rate"),
        ],
    ).with_columns(indicator_code=pl.lit("D09"))


def days_to_settle(disputes: Disputes) -> pl.DataFrame:
    """D12: median days to the first 06, by its month; the numerator is the median."""
    first = (
        disputes.events.filter(pl.col("to_state") == "06")
        .group_by("dispute_code")
        .agg(pl.col("event_time").min().alias("settled"))
    )
    rows = first.join(
        disputes.cases.select("code", "register", "town_code"),
        left_on="dispute_code",
        right_on="code",
    ).with_columns(
        days=(pl.col("settled") - to_datetime("register")).dt.total_seconds() / DAY_S,
        period_label=pl.col("settled").dt.strftime("%Y-%m"),
    )
    return by_units(
        rows,
        [
            pl.col("days").median().alias("numerator"),
            pl.len().cast(pl.Float64).alias("denominator"),
            pl.lit(None, pl.Float64).alias("true_rate"),
        ],
    ).with_columns(indicator_code=pl.lit("D12"))


def criminal_calls(world: World, police: Police) -> pl.DataFrame:
    """P01: valid criminal calls over residents / 10,000, and how many they are drawn around."""
    people = world.towns.select("town_code", people=pl.col("pop") / 10_000)
    rows = (
        police.calls.filter(pl.col("kind") == 0)
        .join(police.expected_crime(), on=["day", "town"], maintain_order="left")
        .with_columns(
            pl.col("day").cast(pl.Int32).cast(pl.Date).dt.strftime("%Y-%m").alias("period_label"),
            town_code=world.towns["town_code"].gather(
                police.calls.filter(pl.col("kind") == 0)["town"]
            ),
        )
        .join(people, on="town_code")
        .with_columns(
            # every town counts once a month, however many days it has
            people=pl.col("people") / pl.len().over("town_code", "period_label")
        )
    )
    return by_units(
        rows,
        [
            pl.col("valid_n").sum().cast(pl.Float64).alias("numerator"),
            pl.col("people").sum().alias("denominator"),
            (pl.col("mean_n").sum() / pl.col("people").sum()).alias("true_rate"),
        ],
    ).with_columns(indicator_code=pl.lit("P01"))


def applications(world: World, ledger: Ledger) -> pl.DataFrame:
    """C01, C02 and C02#2 for the city, as the ledger stood at the end."""
    known = ledger.known_at(world.end).sort("review_round").group_by("app_id").last()
    registered = known["registered_date"].count()
    online = known["online_date"].count()
    pilot = known.filter(
        pl.col("pilot_level").is_in(["P", "T"]) & pl.col("online_date").is_not_null()
    ).height
    return pl.DataFrame(
        {
            "indicator_code": ["C01", "C02", "C02#2"],
            "unit_level": ["city"] * 3,
            "unit_code": ["330600"] * 3,
            "period_label": [world.end.isoformat()] * 3,
            "numerator": [float(online), float(pilot), float(pilot)],
            "denominator": [float(registered), float(online), float(registered)],
            "true_rate": pl.Series([None] * 3, dtype=pl.Float64),
        }
    )


def true_rates(
    world: World,
    hotline: Hotline,
    disputes: Disputes,
    police: Police,
    ledger: Ledger,
    withdrawn: pl.Series,
) -> pl.DataFrame:
    """The true answers of the first feeds in one table."""
    columns = [
        "indicator_code",
        "unit_level",
        "unit_code",
        "period_label",
        "numerator",
        "denominator",
        "true_rate",
    ]
    parts = [
        hotline_on_time(world, hotline),
        disputes_resolved(world, disputes, withdrawn),
        days_to_settle(disputes),
        criminal_calls(world, police),
        applications(world, ledger),
    ]
    ratio = (
        pl.when(pl.col("indicator_code").is_in(["D12"]))
        .then(pl.col("numerator"))
        .when(pl.col("indicator_code") == "P01")
        .then(pl.col("numerator") / pl.col("denominator"))
        .otherwise(100 * pl.col("numerator") / pl.col("denominator"))
    )
    return pl.concat([p.select(columns) for p in parts]).with_columns(value=ratio).sort(columns[:4])
