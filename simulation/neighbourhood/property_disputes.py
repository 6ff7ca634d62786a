"""P39: disputes between owners and property managers; three of ten are disputes of P32 too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment, per_day, second_of_day
from simulation.channels.breaches import LONG_AGO, refused, warned
from simulation.channels.declared import Extra
from simulation.companies import WORDS
from simulation.disputes import Disputes
from simulation.histories import changed, choice, history, known, known_day, numbered
from simulation.offices import Offices
from simulation.world import DAY_S, World

# 22 disputes a day: those of the owners alone, and more than half of the 11.5 of P32
OWN_PER_DAY, LINKED = 15.4, 0.57
PROPERTY_DISPUTE = 5
ISSUES = {"01": 0.26, "02": 0.11, "03": 0.21, "04": 0.12, "05": 0.22, "06": 0.08}
LIMIT_D, LATE = 15, 0.035
EXTRA = Extra(
    cells=[
        refused("due_date", "due_after_register", LONG_AGO),
        warned("close_date", "close_after_register", LONG_AGO),
        refused("owner_n", "owners_positive", "0"),
    ]
)


@dataclass(frozen=True)
class PropertyDisputes:
    """All disputes of the world, in order of registration."""

    world: World
    disputes: Disputes

    @cached_property
    def matters(self) -> pl.DataFrame:
        """register, due, close, asked (local seconds), place, issue and dispute code."""
        world, rng = self.world, self.world.chance(8339)
        known_too = self.disputes.cases.filter(pl.col("kind") == PROPERTY_DISPUTE)
        chosen = known_too.filter(pl.Series(rng.random(known_too.height) < LINKED))
        days = per_day(world, rng, OWN_PER_DAY, world.days)
        own = pl.DataFrame(
            {
                "register": days * DAY_S + second_of_day(rng, len(days)),
                "town": world.pick_town(rng, len(days), np.ones(world.towns.height)),
                "dispute_code": pl.Series([None] * len(days), dtype=pl.String),
            }
        )
        linked = chosen.select(
            # entered by the housing office within the hour
            register=pl.col("register") + 1800,
            town="town",
            dispute_code="code",
        )
        base = pl.concat([own, linked]).sort("register", "town", "dispute_code")
        n, register = base.height, base["register"].to_numpy()
        town = base["town"].to_numpy()
        late = rng.random(n) < Offices(world).town_rates(83391, "even", LATE, {})[town]
        due = (register // DAY_S + LIMIT_D) * DAY_S
        soon = register + (LIMIT_D * DAY_S * rng.beta(2, 2, n) * 0.97).astype(np.int64) + 3600
        close = np.where(late, due + (1 + rng.exponential(12, n)) * DAY_S, soon).astype(np.int64)
        close = np.where(late & (rng.random(n) < 0.2), OPEN, close)
        asks = (rng.random(n) < 0.8) & (close < OPEN)
        return base.with_columns(
            world.towns.select("town_code", town_name="name_zh")[town.tolist()],
            number=pl.int_range(n),
            due=pl.Series(due),
            close=pl.Series(close),
            asked=pl.Series(
                np.where(asks, np.minimum(close, OPEN // 2) + rng.integers(1, 6, n) * DAY_S, OPEN)
            ),
            satisfied=pl.Series(rng.random(n) < 0.93),
            issue=choice(rng, n, ISSUES),
            owners=pl.Series(1 + rng.negative_binomial(1, 0.08, n)),
            counted=pl.Series(rng.random(n) < 0.9),
            quarter=pl.Series(list(WORDS)).gather(pl.Series(rng.integers(0, len(WORDS), n))),
            no_town=pl.Series(rng.random(n) < 0.005),
        )

    def rows(self) -> pl.DataFrame:
        """P39 in declared form; `updated` is the time of the change."""
        steps = [changed(self.matters, s) for s in ("register", "close", "asked")]
        every = history(self.world, "number", steps)
        return every.select(
            pd_id=numbered("WY", "number", 8),
            dispute_code="dispute_code",
            community_name=pl.format("{}{}苑", "town_name", "quarter"),
            issue_type="issue",
            register_date=day("register"),
            due_date=day("due"),
            close_date=known_day("close_date", "close"),
            owner_n=pl.when("counted").then("owners"),
            satisfied=pl.when(known("asked")).then("satisfied"),
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            updated=moment("at"),
        )
