"""F19: key places with one planned inspection a month each; F18: places with a safety code.

The two lists of places are not the same (nobody has decided that they are).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import (
    OPEN,
    days_from,
    end_s,
    moment,
    pseudonyms,
    second_of_day,
)
from simulation.channels.breaches import in_json
from simulation.channels.declared import Extra
from simulation.companies import TRADES
from simulation.histories import changed, choice, history, known, known_day, numbered, shares
from simulation.identity import mobiles, sentinel_names
from simulation.neighbourhood.grids import grid_counts
from simulation.offices import Offices
from simulation.world import DAY_S, Floats, Ints, World, day_number

SINCE = date(2026, 8, 1)
PER_DAY, DAYS_OF_MONTH, LEAST_PER_TOWN = 2_500.0, 30.5, 2
TYPES = {"01": 0.62, "02": 0.07, "03": 0.03, "04": 0.08, "05": 0.17, "06": 0.03}
# Share of places that a month's plan misses: two kinds of towns, and two truly bad ones.
MISSED, BAD_TOWN = 0.011, {"330604101000": 0.13, "330602009000": 0.12}
DANGERS = 0.15
EXTRA = Extra(
    json=[
        *in_json("major_danger_n", "major_not_above_all", "999"),
        *in_json("grid_code", "grid_of_town", '"330600000000G00001"', '"[^"]*"'),
    ]
)
SCANS_PER_DAY = 8_000.0
SCAN_EXTRA = Extra(
    json=[
        *in_json("scan_n", "scans_rounded", "7"),
        *in_json("help_responded_n", "answered_not_above_asked", "999"),
    ]
)


@dataclass(frozen=True)
class Places:
    """The key places of the city and the tasks of each month."""

    world: World

    @cached_property
    def places(self) -> pl.DataFrame:
        """(place, town, kind, grid, owner, phone), sorted by town."""
        world, rng = self.world, self.world.chance(8619)
        least = LEAST_PER_TOWN * world.towns.height
        n = max(least, round(PER_DAY * DAYS_OF_MONTH * world.scale))
        some = world.pick_town(rng, n - least, np.ones(world.towns.height))
        town = np.sort(np.concatenate([np.arange(least) % world.towns.height, some]))
        grids = grid_counts(world)[town]
        return pl.DataFrame(
            {
                "place": np.arange(n),
                "town": town,
                "kind": choice(rng, n, TYPES),
                "grid": 1 + np.floor(rng.random(n) * grids).astype(np.int64),
                "owner": rng.integers(0, len(sentinel_names()), n),
                "phone": mobiles(rng, n),
                "named": rng.random(n) < 0.9,
                "trade": rng.integers(0, len(TRADES), n),
            }
        )

    def of_town(self, draw: Floats, town: Ints) -> Ints:
        """A place of each given town, by draws from 0 to 1."""
        of = self.places["town"].to_numpy()
        low, high = np.searchsorted(of, town), np.searchsorted(of, town, side="right")
        return np.asarray(low + np.floor(draw * (high - low)).astype(np.int64))

    @cached_property
    def tasks(self) -> pl.DataFrame:
        """One task per place and month: told (when it is sent), inspect, rectify (local seconds).

        What was not done by the month's end is told in its last evening; some is done later.
        """
        world, rng, place = self.world, self.world.chance(86191), self.places
        chance = Offices(world).town_rates(86192, "split", MISSED, BAD_TOWN)
        days = days_from(world, day_number(SINCE))
        month = pl.Series(days).cast(pl.Int32).cast(pl.Date)
        parts = []
        for number, first in enumerate(month.filter(month.dt.day() == 1)):
            start = day_number(first)
            length = int(pl.Series([first]).dt.days_in_month()[0])
            n, town = place.height, place["town"].to_numpy()
            missed = rng.random(n) < chance[town]
            day = start + np.floor(rng.random(n) * length).astype(np.int64)
            after = start + length + rng.integers(0, 20, n)
            never = missed & (rng.random(n) < 0.6)
            inspect = np.where(missed, after, day) * DAY_S + second_of_day(rng, n, 8.5, 18.5)
            evening = (start + length) * DAY_S - 3600
            found = (rng.random(n) < DANGERS) * rng.integers(1, 4, n)
            rectify = inspect + rng.integers(1, 12, n) * DAY_S
            parts.append(
                place.with_columns(
                    task=number * n + np.arange(n),
                    month=pl.lit(f"{first:%Y%m}"),
                    inspect=pl.Series(np.where(never, OPEN, inspect)),
                    told=pl.Series(np.where(missed, evening, inspect)),
                    dangers=pl.Series(found),
                    major=pl.Series(np.minimum(found, rng.random(n) < 0.03).astype(np.int64)),
                    rectify=pl.Series(np.where((found > 0) & ~never, rectify, OPEN)),
                    inspector=pl.Series(town * 100 + rng.integers(0, 12, n)),
                    missed=pl.Series(missed),
                    chance=pl.Series(chance[town]),
                    ends=pl.lit(start + length, pl.Int64),
                )
            )
        return pl.concat(parts) if parts else place.head(0)

    def rows(self) -> pl.DataFrame:
        """F19 in declared form; `updated` is the time of the change."""
        world = self.world
        steps = [changed(self.tasks, s) for s in ("told", "inspect", "rectify")]
        every = history(world, "task", steps).unique(
            ["task", "at"], keep="last", maintain_order=True
        )
        towns = world.towns.select("town_code", town_name="name_zh")[every["town"].to_list()]
        owner = pl.Series(sentinel_names()).gather(every["owner"])
        trade = pl.Series(list(TRADES)).gather(every["trade"])
        staff = pseudonyms(every["inspector"].to_numpy(), 19)
        done, bad = known("inspect"), pl.col("dangers") > 0
        return every.with_columns(towns, owner=owner, trade=trade, staff=staff).select(
            inspect_id=numbered("XC", "task", 9),
            place_id=numbered("CS", "place"),
            place_name=pl.format("{}{}{}店", "town_name", "owner", "trade"),
            place_type="kind",
            grid_code=pl.col("town_code") + numbered("G", "grid", 5),
            inspect_time=pl.when(done).then(moment("inspect")),
            plan_month="month",
            inspector_token=pl.col("staff"),
            owner_name=pl.when("named").then("owner"),
            owner_phone=pl.when("named").then(pl.col("phone").cast(pl.String)),
            danger_n=pl.when(done).then("dangers").otherwise(0),
            major_danger_n=pl.when(done).then("major").otherwise(0),
            rectify_due=pl.when(done & bad).then(
                (pl.col("inspect") // DAY_S + 10).cast(pl.Int32, strict=False).cast(pl.Date)
            ),
            rectify_date=known_day("rectify"),
            town_code="town_code",
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """K01 by month that has ended."""
        over = self.tasks.filter(pl.col("ends") * DAY_S <= end_s(self.world))
        towns = self.world.towns["town_code"].gather(over["town"])
        rows = over.with_columns(
            period_label=pl.col("month").str.head(4) + "-" + pl.col("month").str.slice(4),
            good=~pl.col("missed"),
            rate=1 - pl.col("chance"),
            town_code=towns,
            district=towns.str.head(6),
        )
        return shares("K01", rows, {"town": "town_code", "district": "district"})


def scans(world: World) -> pl.DataFrame:
    """F18 in declared form: each place and day; `updated` is late in the evening."""
    rng = world.chance(8618)
    n = max(world.towns.height, round(SCANS_PER_DAY * world.scale))
    days = days_from(world, day_number(SINCE))
    some = world.pick_town(rng, n - world.towns.height, np.ones(world.towns.height))
    town = np.sort(np.concatenate([np.arange(world.towns.height), some]))
    kind = choice(rng, n, TYPES)
    usual, used = np.exp(rng.normal(3.6, 0.9, n)), rng.random(n) < 0.97
    busy = world.day_factor[days - int(world.days[0])]
    size = (len(days), n)
    scan = rng.poisson(usual[None, :] * busy[:, None]) * used
    service = rng.binomial(scan, 0.06)
    helped = rng.binomial(service, 0.03)
    answered = rng.binomial(helped, 0.97)
    place = np.broadcast_to(np.arange(n), size).ravel()
    at = np.repeat(days, n)
    return pl.DataFrame(
        {
            "place": place,
            "day": at,
            "scan_n": (np.round(scan / 10) * 10).astype(np.int64).ravel(),
            "service_n": service.ravel(),
            "help_n": helped.ravel(),
            "help_responded_n": answered.ravel(),
            "code_enabled": used[place],
        }
    ).select(
        place_id=numbered("AX", "place"),
        stat_date=pl.col("day").cast(pl.Int32).cast(pl.Date),
        place_type=kind.gather(pl.Series(place)),
        scan_n="scan_n",
        service_n="service_n",
        help_n="help_n",
        help_responded_n="help_responded_n",
        code_enabled="code_enabled",
        town_code=world.towns["town_code"].gather(pl.Series(town[place])),
        updated=((pl.col("day") * DAY_S + 84_600) * 1_000_000).cast(pl.Datetime("us")),
    )
