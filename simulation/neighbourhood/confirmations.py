"""P34: applications to a court to confirm the written agreement of a mediation of P33."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from simulation.changes import day, end_s, moment, second_of_day
from simulation.channels.breaches import LONG_AGO_DAY, refused
from simulation.channels.declared import Extra
from simulation.histories import changed, history, known, known_day
from simulation.neighbourhood.mediations import Mediations
from simulation.world import DAY_S, DISTRICTS, World

EXTRA = Extra(cells=[refused("apply_date", "apply_after_effect", LONG_AGO_DAY)])
APPLIES = 0.14  # of written agreements: 9 applications a day
APPLY_WITHIN_D, DECIDE_WITHIN_D = 28, 27  # the law: 30 days each
CONFIRMED = 0.965


@dataclass(frozen=True)
class Confirmations:
    """All applications of the world."""

    world: World
    mediations: Mediations

    @cached_property
    def applications(self) -> pl.DataFrame:
        """effective, apply, accept, decide (local seconds), session and court."""
        world, rng = self.world, self.world.chance(8334)
        agreed = (
            self.mediations.sessions.filter(
                (pl.col("result") == "1") & pl.col("written") & (pl.col("end") < end_s(world))
            )
            .join(
                self.mediations.disputes.cases.select("town", dispute_code="code"),
                on="dispute_code",
                how="left",
                maintain_order="left",
            )
            .sort("end", "dispute_code")
        )
        agreed = agreed.filter(pl.Series(rng.random(agreed.height) < APPLIES))
        n = agreed.height
        # whoever applies on the day of the agreement does so after it
        apply = agreed["end"].to_numpy() + rng.integers(0, APPLY_WITHIN_D, n) * DAY_S + 1800
        accept = (apply // DAY_S + rng.integers(1, 5, n)) * DAY_S + second_of_day(rng, n)
        decide = (accept // DAY_S + rng.integers(1, DECIDE_WITHIN_D, n)) * DAY_S
        district = pl.Series(self.world.district_of_town).gather(agreed["town"])
        return agreed.select(
            mediation_id="TJ" + pl.col("dispute_code").str.slice(2) + pl.col("nth").cast(pl.String),
            effective="end",
        ).with_columns(
            number=pl.int_range(n),
            apply=pl.Series(apply),
            accept=pl.Series(accept),
            decide=pl.Series(decide + second_of_day(rng, n)),
            confirmed=pl.Series(rng.random(n) < CONFIRMED),
            court=pl.Series(list(DISTRICTS)).gather(district),
        )

    def rows(self) -> pl.DataFrame:
        """P34 in declared form; `updated` is the time of the change."""
        steps = [changed(self.applications, s) for s in ("apply", "accept", "decide")]
        every = history(self.world, "number", steps)
        outcome = pl.when("confirmed").then(pl.lit("1")).otherwise(pl.lit("2"))
        return every.select(
            confirm_id=pl.lit("SQ") + pl.col("number").cast(pl.String).str.zfill(8),
            mediation_id="mediation_id",
            effective_date=day("effective"),
            apply_date=day("apply"),
            accept_date=known_day("accept_date", "accept"),
            result=pl.when(known("decide")).then(outcome),
            decide_date=known_day("decide_date", "decide"),
            court_code="court",
            region_code="court",
            update_time=moment("at"),
            updated=moment("at"),
        )
