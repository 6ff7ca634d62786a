"""F22: findings about the conduct of the stations of 新昌县, never about citizens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import day, end_s, moment, per_day, pseudonyms, second_of_day
from simulation.channels.breaches import LONG_AGO, refused, warned
from simulation.channels.declared import Extra
from simulation.histories import (
    changed,
    choice,
    either,
    history,
    known,
    known_day,
    month_of,
    numbered,
    shares,
)
from simulation.policing.calls import stations
from simulation.world import DAY_S, World

XINCHANG, PER_DAY, OFFICERS = "330624", 3.0, 14
SOURCES = {"1": 0.62, "2": 0.13, "3": 0.25}
ISSUES = {"01": 0.30, "02": 0.16, "03": 0.24, "04": 0.09, "05": 0.15, "06": 0.06}
SEVERITIES = {"1": 0.66, "2": 0.29, "3": 0.05}
RESULTS = {"1": 0.83, "2": 0.06, "3": 0.11}
# Share of findings not put right in time: two kinds of stations.
USUAL, WORSE = 0.008, 0.075
EXTRA = Extra(
    cells=[
        refused("rectify_due", "due_after_found", LONG_AGO),
        warned("rectify_date", "rectify_after_found", LONG_AGO),
    ]
)


@dataclass(frozen=True)
class Supervision:
    """All findings of the world, in order."""

    world: World

    @cached_property
    def findings(self) -> pl.DataFrame:
        """found, due, rectify, conclude (local seconds), station, officer and codes."""
        world, rng = self.world, self.world.chance(8622)
        towns = np.flatnonzero(world.towns["region_code"].to_numpy() == XINCHANG)
        worse = np.zeros(len(towns), bool)
        worse[rng.choice(len(towns), 2, replace=False)] = True
        days = per_day(world, rng, PER_DAY, world.days)
        n = len(days)
        found = np.sort(days * DAY_S + second_of_day(rng, n))
        people = world.population[towns]
        at = rng.choice(len(towns), n, p=people / people.sum())
        chance = np.where(worse, WORSE, USUAL)[at]
        late = rng.random(n) < chance
        limit = rng.integers(7, 31, n)
        due = (found // DAY_S + limit) * DAY_S
        soon = found // DAY_S + 1 + np.floor((limit - 1) * rng.beta(1.8, 1.6, n)).astype(np.int64)
        later = due // DAY_S + 1 + rng.exponential(9, n).astype(np.int64)
        rectify = np.where(late, later, soon) * DAY_S + second_of_day(rng, n)
        result = choice(rng, n, RESULTS)
        true = result.to_numpy() != "3"
        concluded = (np.where(true, rectify, found) // DAY_S + rng.integers(1, 9, n)) * DAY_S
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "found": found,
                "due": due,
                # what is not true needs not be put right
                "rectify": either(true, rectify),
                "conclude": concluded + second_of_day(rng, n),
                "result": result,
                "source": choice(rng, n, SOURCES),
                "issue": choice(rng, n, ISSUES),
                "severity": choice(rng, n, SEVERITIES),
                "officer": pseudonyms(towns[at] * 100 + rng.integers(0, OFFICERS, n), 22),
                "has_officer": rng.random(n) < 0.88,
                "appeal": rng.random(n) < 0.04,
                "station": stations(world)["station_code"].gather(pl.Series(towns[at])),
                "chance": chance,
            }
        )

    def rows(self) -> pl.DataFrame:
        """F22 in declared form; `updated` is the time of the change."""
        steps = [changed(self.findings, s) for s in ("found", "rectify", "conclude")]
        return history(self.world, "number", steps).select(
            finding_id=numbered("JD", "number"),
            found_date=day("found"),
            source="source",
            issue_type="issue",
            severity="severity",
            officer_token=pl.when("has_officer").then("officer"),
            unit_code="station",
            rectify_due=day("due"),
            rectify_date=known_day("rectify_date", "rectify"),
            appeal="appeal",
            result=pl.when(known("conclude")).then("result"),
            region_code=pl.lit(XINCHANG),
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """P10 by month of the limit; findings known to be untrue by the world's end are out."""
        end = end_s(self.world)
        untrue = (pl.col("result") == "3") & (pl.col("conclude") < end)
        rows = self.findings.filter((pl.col("due") + DAY_S <= end) & ~untrue).with_columns(
            month_of("due"),
            good=pl.col("rectify") // DAY_S <= pl.col("due") // DAY_S,
            rate=1 - pl.col("chance"),
            district=pl.lit(XINCHANG),
        )
        return shares("P10", rows, {"unit": "station", "district": "district"})
