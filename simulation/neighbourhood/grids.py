"""P36: the grids of the towns, each a row from a day on; a few change every day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import per_day
from simulation.channels.breaches import refused, warned
from simulation.channels.declared import Extra
from simulation.histories import numbered
from simulation.world import DAY_S, Ints, World

STOCK, CHANGES_PER_DAY = 5_500, 2.0
# Grid events name the grids 1 to 39 of every town: all of them exist.
LEAST_PER_TOWN = 39
PER_HOUSEHOLD = 2.55
EXTRA = Extra(
    cells=[
        refused("population", "counts_not_negative", "-1"),
        warned("full_time_n", "grid_has_worker", "0", pl.col("part_time_n") == "0"),
    ]
)


def grid_counts(world: World) -> Ints:
    """Grids of each town, in town order; the number does not depend on the scale."""
    spare = STOCK - LEAST_PER_TOWN * world.towns.height
    share = world.population / world.population.sum()
    more = np.floor(share * spare).astype(np.int64)
    more[np.argsort(-share)[: spare - int(more.sum())]] += 1
    return np.asarray(LEAST_PER_TOWN + more)


@dataclass(frozen=True)
class Grids:
    """All grids, and the days on which one of them changed."""

    world: World

    @cached_property
    def grids(self) -> pl.DataFrame:
        """(town, nth, households, full, part, kind, since): the stock, in order of code."""
        world, rng = self.world, self.world.chance(8336)
        count = grid_counts(world)
        town = np.repeat(np.arange(len(count)), count)
        nth = np.arange(len(town)) - np.repeat(np.cumsum(count) - count, count) + 1
        n = len(town)
        size = np.exp(rng.normal(0.0, 0.25, n))
        people = world.population[town] / count[town] * size
        urban = (world.towns["town_type"].to_numpy() == "1")[town]
        special = rng.random(n) < 0.07
        return pl.DataFrame(
            {
                "town": town,
                "nth": nth,
                "households": np.maximum(12, people / PER_HOUSEHOLD).astype(np.int64),
                "full": 1 + rng.binomial(1, 0.35, n),
                "part": rng.binomial(6, 0.3, n),
                "kind": np.where(special, "2", np.where(urban, "1", "3")).tolist(),
                "since": int(world.days[0]) - rng.integers(30, 900, n),
            }
        )

    def rows(self) -> pl.DataFrame:
        """P36 in declared form; `updated` is the afternoon of the day from which a row holds."""
        world, rng, stock = self.world, self.world.chance(83361), self.grids
        # the number of grids does not scale, so neither does the number of their changes
        days = per_day(world, rng, CHANGES_PER_DAY / world.scale, world.days)
        again = stock[np.sort(rng.integers(0, stock.height, len(days))).tolist()].with_columns(
            since=pl.Series(rng.permutation(days)),
            households=(pl.col("households") * pl.Series(rng.uniform(0.93, 1.09, len(days)))).cast(
                pl.Int64
            ),
            part=pl.Series(rng.binomial(6, 0.3, len(days))),
        )
        every = pl.concat([stock, again]).unique(
            ["town", "nth", "since"], keep="last", maintain_order=True
        )
        towns = world.towns.select("town_code", town_name="name_zh")[every["town"].to_list()]
        rows: pl.DataFrame = every.with_columns(towns).select(
            grid_code=pl.col("town_code") + numbered("G", "nth", 5),
            valid_from=pl.col("since").cast(pl.Int32).cast(pl.Date),
            grid_name=pl.format("{}第{}网格", "town_name", "nth"),
            grid_type="kind",
            households="households",
            population=(pl.col("households") * PER_HOUSEHOLD).round().cast(pl.Int64),
            full_time_n="full",
            part_time_n="part",
            town_code="town_code",
            updated=((pl.col("since") * DAY_S + 16 * 3600) * 1_000_000).cast(pl.Datetime("us")),
        )
        return rows
