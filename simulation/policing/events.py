"""P42: permits for large public events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.changes import day, moment, per_day, second_of_day
from simulation.channels.breaches import LONG_AGO, in_json
from simulation.channels.declared import Extra
from simulation.companies import credit_codes
from simulation.histories import changed, choice, history, known, known_day, numbered, region_of
from simulation.world import DAY_S, World

PER_DAY, DECIDE_WITHIN_D = 2.0, 7
NAMES = ("黄酒节", "灯会", "演唱会", "马拉松", "庙会", "美食节", "汽车展", "龙舟赛", "桂花节")
RESULTS = {"10": 0.94, "20": 0.03, "30": 0.02, "40": 0.01}
EXTRA = Extra(
    json=[
        *in_json("expect_n", "visitors_positive", "0"),
        *in_json("event_date", "event_after_apply", f'"{LONG_AGO}"', '"[^"]*"'),
    ]
)


@dataclass(frozen=True)
class Events:
    """All applications of the world."""

    world: World

    def rows(self) -> pl.DataFrame:
        """P42 in declared form; `updated` is the time of the change."""
        world, rng = self.world, self.world.chance(8342)
        days = per_day(world, rng, PER_DAY, world.days)
        n = len(days)
        apply = np.sort(days * DAY_S + second_of_day(rng, n))
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        decide = apply + rng.integers(1, DECIDE_WITHIN_D + 1, n) * DAY_S
        people = np.maximum(1000, np.round(np.exp(rng.normal(8.1, 0.8, n)), -2))
        matters = pl.DataFrame(
            {
                "number": np.arange(n),
                "apply": apply,
                # an event that was refused has been announced for a day all the same
                "event": (apply // DAY_S + rng.integers(21, 60, n)) * DAY_S,
                "decide": decide,
                "result": choice(rng, n, RESULTS),
                "people": people.astype(np.int64),
                "what": pl.Series(NAMES).gather(pl.Series(rng.integers(0, len(NAMES), n))),
                "uscc": credit_codes(
                    region_of(world, town), rng.permutation(900_000)[:n].astype(np.int64)
                ),
                "region_code": region_of(world, town),
                "no_town": rng.random(n) < 0.1,
            }
        ).with_columns(
            world.towns.select("town_code", town_name="name_zh")[town.tolist()],
        )
        steps = [changed(matters, s) for s in ("apply", "decide")]
        return history(world, "number", steps).select(
            permit_id=numbered("XK", "number"),
            event_name=pl.format("{}{}", "town_name", "what"),
            organizer_uscc="uscc",
            expect_n="people",
            apply_date=day("apply"),
            decide_date=known_day("decide_date", "decide"),
            result=pl.when(known("decide")).then("result"),
            event_date=day("event"),
            region_code="region_code",
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            updated=moment("at"),
        )
