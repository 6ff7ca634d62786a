"""P45: callbacks after tickets of P44, some days after a ticket was finished."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import end_s, moment, second_of_day
from simulation.channels.breaches import in_json
from simulation.channels.declared import Extra
from simulation.histories import month_of, numbered, shares
from simulation.hotline import Hotline
from simulation.offices import Offices
from simulation.world import DAY_S, World

CALLED = 0.35  # of finished tickets with a unit: 900 of 2,600 a day
REACHED = 0.78
# Share of matters that are not solved, as the caller says; two truly bad units.
UNSOLVED, BAD_OFFICE = 0.085, {"330603/housing": 0.30, "330681/market": 0.27}
SATISFIED = np.array([0.01, 0.03, 0.10, 0.34, 0.52])
UNSATISFIED = np.array([0.34, 0.36, 0.22, 0.06, 0.02])
EXTRA = Extra(json=in_json("satisfied", "satisfied_in_range", "9"))


@dataclass(frozen=True)
class Callbacks:
    """All callbacks of the world, in order."""

    world: World
    hotline: Hotline

    @cached_property
    def callbacks(self) -> pl.DataFrame:
        """(call, ticket_id, reached, solved, satisfied, again, org_code, town_code, chance)."""
        world, rng = self.world, self.world.chance(8345)
        tickets = self.hotline.tickets.filter(
            pl.col("handler").is_not_null() & (pl.col("finish") < end_s(world))
        )
        tickets = tickets.filter(pl.Series(rng.random(tickets.height) < CALLED))
        n = tickets.height
        day = tickets["finish"].to_numpy() // DAY_S + rng.integers(1, 5, n)
        call = day * DAY_S + second_of_day(rng, n, 9.0, 18.5)
        offices = Offices(world)
        unsolved = pl.DataFrame(
            {
                "handler": offices.codes,
                "unsolved": offices.rates(83451, "even", UNSOLVED, BAD_OFFICE),
            }
        )
        rows = tickets.join(unsolved, on="handler", how="left", maintain_order="left")
        chance = rows["unsolved"].to_numpy()
        solved = rng.random(n) >= chance
        score = np.where(
            solved, rng.choice(5, n, p=SATISFIED) + 1, rng.choice(5, n, p=UNSATISFIED) + 1
        )
        reached = rng.random(n) < REACHED
        return (
            rows.select(
                ticket_id="SX"
                + moment("accept").dt.strftime("%Y%m%d")
                + pl.col("ticket").cast(pl.String).str.zfill(8),
                org_code="handler",
                town="town",
            )
            .with_columns(
                call=pl.Series(call),
                reached=pl.Series(reached),
                solved=pl.Series(solved),
                score=pl.Series(score),
                again=pl.Series(reached & ~solved & (rng.random(n) < 0.55)),
                chance=pl.Series(chance),
                town_code=pl.when(pl.col("town") >= 0).then(
                    world.towns["town_code"].gather(rows["town"].clip(0))
                ),
            )
            .filter(pl.col("call") < end_s(world))
            .sort("call", "ticket_id")
            .with_row_index("number")
        )

    def rows(self) -> pl.DataFrame:
        """P45 in declared form; `updated` is the end of the call."""
        return self.callbacks.select(
            callback_id=numbered("HF", "number", 9),
            ticket_id="ticket_id",
            callback_time=moment("call"),
            reached="reached",
            solved=pl.when("reached").then("solved"),
            satisfied=pl.when("reached").then("score"),
            second_round="again",
            handle_org_code="org_code",
            town_code="town_code",
            updated=moment("end", "call") + pl.duration(minutes=5),
        )

    def rates(self) -> pl.DataFrame:
        """D08 by month of the call."""
        rows = self.callbacks.filter("reached").with_columns(
            month_of("call"),
            good="solved",
            rate=1 - pl.col("chance"),
            district=pl.col("town_code").str.head(6),
        )
        levels = {"department": "org_code", "town": "town_code", "district": "district"}
        return shares("D08", rows, levels)
