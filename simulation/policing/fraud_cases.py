"""F16: cases of telecom and online fraud, and what was stopped, frozen and given back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, moment, per_day
from simulation.channels.breaches import LONG_AGO_DAY, refused, warned
from simulation.channels.declared import Extra
from simulation.histories import (
    changed,
    choice,
    either,
    history,
    known,
    known_day,
    known_moment,
    numbered,
)
from simulation.identity import mobiles, sentinel_names
from simulation.world import DAY_S, World

PER_DAY = 26.0
TYPES = {
    "01": 0.34,
    "02": 0.08,
    "03": 0.14,
    "04": 0.10,
    "05": 0.13,
    "06": 0.05,
    "07": 0.05,
    "08": 0.07,
    "99": 0.04,
}
AGES = {"00": 0.02, "01": 0.19, "02": 0.29, "03": 0.20, "04": 0.14, "05": 0.10, "06": 0.06}
EXTRA = Extra(
    cells=[
        refused("loss_amount", "loss_not_negative", -1.0),
        warned("solved_date", "solved_after_report", LONG_AGO_DAY),
    ]
)
STOPS, FREEZES, RETURNS, SOLVED = 0.82, 0.35, 0.14, 0.27
NO_TOWN = 0.01


@dataclass(frozen=True)
class FraudCases:
    """All cases of the world, in order of report."""

    world: World

    @cached_property
    def cases(self) -> pl.DataFrame:
        """report, transfer, stop, freeze, give_back, solve (local seconds), amounts (元)."""
        world, rng = self.world, self.world.chance(8616)
        days = per_day(world, rng, PER_DAY, world.days)
        n = len(days)
        report = np.sort(days * DAY_S + (rng.beta(2.4, 2.0, n) * DAY_S).astype(np.int64))
        loss = np.round(np.exp(np.minimum(rng.normal(9.6, 1.35, n), 14.5)), 2)
        stop = either(rng.random(n) < STOPS, report + rng.integers(240, 10_800, n))
        works = (stop < OPEN) & (rng.random(n) < 0.62)
        stopped = np.where(works, np.round(loss * rng.beta(1.6, 1.9, n), 2), 0.0)
        freezes = (stop < OPEN) & (rng.random(n) < FREEZES)
        frozen = np.where(freezes, np.round((loss - stopped) * rng.beta(1.2, 2.6, n), 2), 0.0)
        freeze = either(freezes, np.minimum(stop, OPEN // 2) + rng.integers(7200, 2 * DAY_S, n))
        back = (stopped + frozen > 0) & (rng.random(n) < RETURNS)
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "report": report,
                "transfer": report - rng.exponential(1.4 * DAY_S, n).astype(np.int64) - 600,
                "transfer_known": rng.random(n) < 0.94,
                "stop": stop,
                "stopped": stopped,
                "freeze": freeze,
                "frozen": frozen,
                "give_back": either(back, report + rng.integers(30, 130, n) * DAY_S),
                "given": np.round((stopped + frozen) * rng.beta(6, 1.5, n), 2),
                "solve": either(rng.random(n) < SOLVED, report + rng.integers(12, 210, n) * DAY_S),
                "loss": loss,
                "kind": choice(rng, n, TYPES),
                "age": choice(rng, n, AGES),
                "age_known": rng.random(n) < 0.97,
                "name": pl.Series(sentinel_names()).gather(
                    pl.Series(rng.integers(0, len(sentinel_names()), n))
                ),
                "phone": pl.Series(mobiles(rng, n)).cast(pl.String),
                "has_phone": rng.random(n) < 0.96,
                "town_code": world.towns["town_code"].gather(
                    pl.Series(world.pick_town(rng, n, np.ones(world.towns.height)))
                ),
                "no_town": rng.random(n) < NO_TOWN,
            }
        )

    def rows(self) -> pl.DataFrame:
        """F16 in declared form; `updated` is the time of the change."""
        steps = ("report", "stop", "freeze", "give_back", "solve")
        every = history(self.world, "number", [changed(self.cases, s) for s in steps])
        return every.select(
            case_id=numbered("DZ", "number"),
            report_time=moment("report"),
            fraud_type="kind",
            loss_amount="loss",
            victim_name="name",
            victim_phone=pl.when("has_phone").then("phone"),
            victim_age_band=pl.when("age_known").then("age"),
            first_transfer_time=pl.when("transfer_known").then(moment("transfer")),
            stop_apply_time=known_moment("stop_apply_time", "stop"),
            stop_amount=pl.when(known("stop") & (pl.col("stopped") > 0)).then("stopped"),
            frozen_amount=pl.when(known("freeze")).then("frozen"),
            returned_amount=pl.when(known("give_back")).then("given"),
            solved_date=known_day("solved_date", "solve"),
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            update_time=moment("at"),
            updated=moment("at"),
        )
