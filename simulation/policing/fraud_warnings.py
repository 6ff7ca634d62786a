"""F17: warnings of a fraud under way, and whether the person was reached in time.

High ones are told at once and again when the person was reached; whether the person reported a
fraud all the same is told after thirty days. No number is in the messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, days_from, end_s, moment, per_day
from simulation.channels.breaches import LONG_AGO_TIME, in_json
from simulation.channels.declared import Extra
from simulation.histories import (
    changed,
    choice,
    either,
    history,
    known,
    known_moment,
    month_of,
    numbered,
    shares,
)
from simulation.offices import Offices
from simulation.policing.fraud_cases import TYPES
from simulation.world import DAY_S, World, day_number

SINCE = date(2026, 8, 1)
PER_DAY, WATCHED_D = 1_500.0, 30
LEVELS, LIMIT_H = {"1": 0.08, "2": 0.32, "3": 0.60}, np.array([2, 24, 48])
RESULTS = {"1": 0.74, "2": 0.08, "3": 0.155, "4": 0.025}
FALSE_ALARM = RESULTS["3"]
# Share of high warnings not met in person in time: most towns near nothing, two truly bad.
LATE, BAD_TOWN = 0.011, {"330602009000": 0.16, "330683104000": 0.14}
EXTRA = Extra(json=in_json("due_time", "due_after_warning", f'"{LONG_AGO_TIME}"', '"[^"]*"'))


@dataclass(frozen=True)
class FraudWarnings:
    """All warnings from the day the stream begins, in order."""

    world: World

    @cached_property
    def warnings(self) -> pl.DataFrame:
        """warn, due, reach, told, later (local seconds), level, way, result and amount (元)."""
        world, rng = self.world, self.world.chance(8617)
        days = per_day(world, rng, PER_DAY, days_from(world, day_number(SINCE)))
        n = len(days)
        warn = np.sort(days * DAY_S + (rng.beta(2.2, 2.0, n) * DAY_S).astype(np.int64))
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        level = choice(rng, n, LEVELS)
        grade = level.cast(pl.Int64).to_numpy() - 1
        chance = Offices(world).town_rates(86171, "tailed", LATE, BAD_TOWN)[town]
        late = rng.random(n) < chance
        by_phone = late & (rng.random(n) < 0.4)  # reached in time, but not met
        limit = LIMIT_H[grade] * 3600
        within = (limit * rng.beta(1.5, 2.6, n) * 0.98).astype(np.int64) + 30
        after = limit + 600 + rng.exponential(6 * 3600, n).astype(np.int64)
        never = late & ~by_phone & (rng.random(n) < 0.2)
        reach = either(~never, warn + np.where(late & ~by_phone, after, within))
        calls = np.where(rng.random(n) < 0.9, "2", "1")
        way = np.select([(grade == 0) & ~by_phone, grade == 2], ["3", "1"], calls)
        result = choice(rng, n, RESULTS)
        draw = rng.random(n)
        victim = np.select(
            [result.to_numpy() == "1", result.to_numpy() == "2", result.to_numpy() == "4"],
            [draw < 0.004, draw < 0.07, draw < 0.55],
            default=False,
        )
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "warn": warn,
                "due": warn + limit,
                "reach": reach,
                "told": either(grade == 0, warn, np.minimum(reach, warn + limit)),
                "watched": either(reach < OPEN, warn + WATCHED_D * DAY_S),
                "level": level,
                "kind": choice(rng, n, TYPES),
                "way": way.tolist(),
                "result": result,
                "victim": victim,
                "saved": np.round(np.exp(rng.normal(9.0, 1.1, n)), 2),
                "saves": (result.to_numpy() == "1") & (grade < 2) & (rng.random(n) < 0.5),
                "town_code": world.towns["town_code"].gather(pl.Series(town)),
                "no_town": rng.random(n) < 0.004,
                "late_chance": chance,
            }
        )

    def rows(self) -> pl.DataFrame:
        """F17 in declared form, one row per message; `updated` is the time of sending."""
        steps = [changed(self.warnings, s) for s in ("told", "reach", "watched")]
        every = history(self.world, "number", steps).unique(
            ["number", "at"], keep="last", maintain_order=True
        )
        reached = known("reach")
        return every.select(
            warning_id=numbered("FZ", "number", 9),
            warn_time=moment("warn"),
            warn_level="level",
            fraud_type="kind",
            dissuade_way=pl.when(reached).then("way"),
            due_time=moment("due"),
            dissuade_time=known_moment("dissuade_time", "reach"),
            result=pl.when(reached).then("result"),
            saved_amount=pl.when(reached & pl.col("saves")).then("saved"),
            later_victim=pl.when(known("watched")).then("victim"),
            false_alarm=pl.when(reached).then(pl.col("result") == "3"),
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """Z05 by month of the limit, Z06 by month of the warning."""
        end = end_s(self.world)
        rows = self.warnings.with_columns(
            town_code=pl.when(~pl.col("no_town")).then("town_code")
        ).with_columns(district=pl.col("town_code").str.head(6))
        levels = {"town": "town_code", "district": "district"}
        high = rows.filter((pl.col("level") == "1") & (pl.col("due") < end)).with_columns(
            month_of("due"),
            good=(pl.col("way") == "3") & (pl.col("reach") <= pl.col("due")),
            rate=1 - pl.col("late_chance"),
        )
        known_result = rows.filter(pl.col("reach") < end).with_columns(
            month_of("warn"), good=pl.col("result") == "3", rate=pl.lit(FALSE_ALARM)
        )
        return pl.concat([shares("Z05", high, levels), shares("Z06", known_result, levels)])
