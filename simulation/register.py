"""What the programme register and the ledger say: C04, C05, C07 and C08.

The register R07 is a committed seed, part of the city's reference data like its places: what it
says is true of every city that is built. It is read here by its own dates, as the ledger is.
"""

from __future__ import annotations

import polars as pl

from simulation.directory import with_department
from simulation.ledger import Ledger
from simulation.rates import COLUMNS
from simulation.tally import (
    CITY_CODE,
    COUNT,
    EVERYWHERE,
    NOTHING,
    good,
    reading_days,
    tally,
)
from simulation.world import DISTRICTS, World, seed

CHALLENGES, MEASURES, SAFE = "CH", "RM", "PD"
HEADER, PROJECT, MEASURE, HONOUR, NAMED = "01", "02", "03", "04", "01"


def rates(world: World, ledger: Ledger) -> pl.DataFrame:
    """All of them, in the columns of `simulation.rates`: nothing in them is drawn."""
    rows = seed("seed_programme_register")
    return pl.concat(
        [under_s1(world, ledger), challenges(world, rows), measures(world, rows), safe(rows)]
    )


def under_s1(world: World, ledger: Ledger) -> pl.DataFrame:
    """C04 at the ends of months and of the world."""
    stands = []
    for day in sorted({*reading_days(world), world.end}):
        last = ledger.known_at(day).sort("review_round").group_by("app_id").last()
        listed = last.filter(
            pl.col("registered_date").is_not_null() & pl.col("s1_major_app").is_not_null()
        )
        stands.append(listed.select("app_id", period_label=pl.lit(day.isoformat())))
    return tally("C04", pl.concat(stands), EVERYWHERE, COUNT, NOTHING)


def challenges(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """C05: of as many projects as the province's list states, those that are local."""
    listed = rows.filter(pl.col("list_code") == CHALLENGES)
    local = listed.filter((pl.col("item_kind") == PROJECT) & (pl.col("is_local") == "true"))
    stated = listed.filter(pl.col("item_kind") == HEADER)["count_stated"].cast(pl.Float64)
    return pl.DataFrame(
        {
            "indicator_code": "C05",
            "unit_level": "city",
            "unit_code": CITY_CODE,
            "period_label": world.end.isoformat(),
            "numerator": float(local.height),
            "denominator": stated.sum(),
            "true_rate": None,
        },
        schema_overrides={"true_rate": pl.Float64},
    ).select(COLUMNS)


def measures(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """C07 at the ends of months and of the world: of the measures issued, those done."""
    dates = pl.col("issued_date", "done_date").str.to_date()
    listed = rows.filter(
        (pl.col("list_code") == MEASURES) & (pl.col("item_kind") == MEASURE)
    ).with_columns(dates)
    days = pl.DataFrame({"read": sorted({*reading_days(world), world.end})})
    known = listed.join(days, how="cross").filter(pl.col("issued_date") <= pl.col("read"))
    known = with_department(world, known, "org_code").with_columns(
        period_label=pl.col("read").cast(pl.String),
        good=(pl.col("done_date") <= pl.col("read")).fill_null(value=False),
    )
    return tally("C07", known, {"department": "department", **EVERYWHERE}, good())


def safe(rows: pl.DataFrame) -> pl.DataFrame:
    """C08 of each year with an honour: every district is in the denominator."""
    given = rows.filter((pl.col("list_code") == SAFE) & (pl.col("item_kind") == HONOUR))
    named = given.filter((pl.col("result") == NAMED) & pl.col("region_code").is_in(DISTRICTS))
    years = given.select("item_year").drop_nulls().unique()
    each = years.join(pl.DataFrame({"region_code": list(DISTRICTS)}), how="cross")
    each = each.join(
        named.select("item_year", "region_code", good=pl.lit(value=True)).unique(),
        on=["item_year", "region_code"],
        how="left",
    ).with_columns(pl.col("good").fill_null(value=False), period_label="item_year")
    return tally("C08", each, EVERYWHERE, good())
