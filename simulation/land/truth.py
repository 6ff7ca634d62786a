"""What the payments truly say: M09, by amounts, of months that have ended."""

from __future__ import annotations

import polars as pl

from simulation.histories import ended, month_of, shares
from simulation.land.households import Households
from simulation.world import World


def rates(world: World, households: Households) -> pl.DataFrame:
    """M09 by month of the due day, in the columns of `simulation.rates`."""
    rows = households.payments.filter(ended(world, "due", 1)).with_columns(
        month_of("due"),
        good=pl.col("paid") <= pl.col("due"),
        rate=1 - pl.col("late_chance"),
        district=pl.col("town_code").str.head(6),
    )
    levels = {"town": "town_code", "district": "district", "project": "project_code"}
    return shares("M09", rows, levels, weight="amount")
