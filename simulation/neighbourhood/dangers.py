"""P37: hidden dangers, found, put right and looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, end_s, moment, per_day, second_of_day
from simulation.channels.breaches import LONG_AGO, refused, warned
from simulation.channels.declared import Extra
from simulation.directory import with_department
from simulation.histories import (
    changed,
    choice,
    history,
    known,
    known_day,
    month_of,
    numbered,
    shares,
)
from simulation.management.places import Places
from simulation.offices import ROLES, Offices
from simulation.tally import COUNT, EVERYWHERE, NOTHING, standing, tally
from simulation.world import DAY_S, World

PER_DAY, MAJOR, IN_PLACE = 420.0, 0.012, 0.7
TYPES = {
    "0100": 0.38,
    "0200": 0.24,
    "0300": 0.10,
    "0400": 0.04,
    "0500": 0.08,
    "0600": 0.05,
    "9900": 0.11,
}
IN_CHARGE = [ROLES.index(r) for r in ("emergency", "housing", "market", "transport")]
# Share of dangers not put right in time: most towns near the scale, a few far above it.
LATE = 0.011
BAD_TOWN = {"330604101000": 0.17, "330681110000": 0.14}
EXTRA = Extra(
    cells=[
        refused("rectify_due", "due_after_find", LONG_AGO),
        warned("rectify_date", "rectify_after_find", LONG_AGO),
    ]
)


@dataclass(frozen=True)
class Dangers:
    """All dangers of the world, in order of finding."""

    world: World
    places: Places

    @cached_property
    def dangers(self) -> pl.DataFrame:
        """find, due, rectify, recheck, second (local seconds), place, unit and kind."""
        world, rng = self.world, self.world.chance(8337)
        days = per_day(world, rng, PER_DAY, world.days)
        n = len(days)
        find = np.sort(days * DAY_S + second_of_day(rng, n, 7.5, 18.0))
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        offices = Offices(world)
        late_chance = offices.town_rates(83371, "tailed", LATE, BAD_TOWN)[town]
        late, major = rng.random(n) < late_chance, rng.random(n) < MAJOR
        limit = np.where(major, rng.integers(10, 46, n), rng.integers(1, 16, n))
        due = (find // DAY_S + limit) * DAY_S
        soon = find // DAY_S + np.floor(limit * rng.beta(1.6, 1.6, n) + 0.3).astype(np.int64)
        later = due // DAY_S + 1 + rng.exponential(7, n).astype(np.int64)
        never = late & (rng.random(n) < 0.08)
        # what is put right on the day it was found is so in the evening
        rectify = np.where(late, later, np.minimum(soon, due // DAY_S)) * DAY_S + 19 * 3600
        recheck = rectify + rng.integers(1, 6, n) * DAY_S
        failed = rng.random(n) < 0.02
        role = rng.choice(IN_CHARGE, n)
        department = offices.department(world.district_of_town[town], role)
        unit = np.where(rng.random(n) < 0.6, offices.of_town[town], department)
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "find": find,
                "due": due,
                "rectify": np.where(never, OPEN, rectify),
                "recheck": np.where(never, OPEN, recheck),
                "second": np.where(failed & ~never, recheck + 7 * DAY_S, OPEN),
                "failed": failed,
                "town": town,
                "major": major,
                "kind": choice(rng, n, TYPES),
                "place": np.where(
                    rng.random(n) < IN_PLACE, self.places.of_town(rng.random(n), town), -1
                ),
                "no_town": rng.random(n) < 0.004,
                "late_chance": late_chance,
            }
        ).with_columns(
            town_code=pl.when(~pl.col("no_town")).then(
                world.towns["town_code"].gather(pl.Series(town))
            ),
            org_code=offices.code(unit),
        )

    def rows(self) -> pl.DataFrame:
        """P37 in declared form; `updated` is the time of the change."""
        steps = ("find", "rectify", "recheck", "second")
        every = history(self.world, "number", [changed(self.dangers, s) for s in steps])
        again = pl.when(known("second")).then(pl.col("second")).otherwise(pl.col("recheck"))
        return every.with_columns(looked=again).select(
            danger_id=numbered("YH", "number", 9),
            find_time=moment("find"),
            danger_type="kind",
            danger_level=pl.when("major").then(pl.lit("2")).otherwise(pl.lit("1")),
            place_id=pl.when(pl.col("place") >= 0).then(numbered("CS", "place", 8)),
            rectify_due=day("due"),
            rectify_date=known_day("rectify_date", "rectify"),
            recheck_date=known_day("recheck_date", "looked"),
            recheck_pass=pl.when(known("recheck")).then(~pl.col("failed") | known("second")),
            org_code="org_code",
            town_code="town_code",
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """K02 by month of the limit, for limits that have passed."""
        due = self.dangers.filter(pl.col("due") + DAY_S <= end_s(self.world)).with_columns(
            month_of("due"),
            good=pl.col("rectify") // DAY_S <= pl.col("due") // DAY_S,
            rate=1 - pl.col("late_chance"),
            district=pl.col("town_code").str.head(6),
        )
        levels = {"town": "town_code", "district": "district", "department": "org_code"}
        return pl.concat([shares("K02", due, levels), self._stock()])

    def _stock(self) -> pl.DataFrame:
        """K03 and K03#overdue as they stood at the ends of months and of the world: counts."""
        passed = pl.when("failed").then("second").otherwise("recheck")
        major = self.dangers.filter("major").with_columns(
            passed=passed, district=pl.col("town_code").str.head(6)
        )
        major = with_department(self.world, major, "org_code")
        stands = standing(self.world, major, "find", "passed")
        late = stands.filter(pl.col("due") // DAY_S < pl.col("read"))
        levels = {"town": "town_code", "district": "district", "department": "department"}
        levels |= EVERYWHERE
        return pl.concat(
            [
                tally("K03", stands, levels, COUNT, NOTHING),
                tally("K03#overdue", late, levels, COUNT, NOTHING),
            ]
        )
