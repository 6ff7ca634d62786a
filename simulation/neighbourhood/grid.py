"""P35: events that grid workers report, two messages where the end comes later than the report.

Four of five events are settled on the spot and sent once. Descriptions and addresses are those
of people who do not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from simulation import phrases
from simulation.changes import OPEN, days_from, end_s, moment, per_day
from simulation.crisis import failing
from simulation.identity import mobiles, sentinel_names
from simulation.projects.projects import Projects
from simulation.units import Truth
from simulation.world import DAY_S, World, day_number

SINCE = date(2026, 9, 1)
PER_DAY, ON_THE_SPOT = 9000.0, 0.80
TYPES = ("0100", "0200", "0300", "0400", "0500", "0600", "9900")
TYPE_SHARE = [0.06, 0.24, 0.34, 0.16, 0.05, 0.09, 0.06]
MATTERS = (
    "堆放杂物",
    "井盖破损",
    "电瓶车飞线充电",
    "河面漂浮物",
    "邻里争吵",
    "路灯不亮",
    "出租房未登记",
)
LIMIT_H = np.array([72, 24, 4])  # hours by level 1-3


@dataclass(frozen=True)
class Grid:
    """All grid events of the world from the day the stream begins."""

    world: World
    projects: Projects

    @cached_property
    def events(self) -> pl.DataFrame:
        """report, due, dispatch, finish (local seconds), place and kind."""
        world, rng = self.world, self.world.chance(635)
        days = per_day(world, rng, PER_DAY, days_from(world, day_number(SINCE)))
        n = len(days)
        report = np.sort(
            days * DAY_S + (rng.beta(2.0, 2.2, n) * 14 * 3600 + 6.5 * 3600).astype(int)
        )
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        level = rng.choice(3, n, p=[0.86, 0.12, 0.02])
        due = report + LIMIT_H[level] * 3600
        late_chance = failing(world, "U06", town, days, Truth(world).grid_late[town])
        late = rng.random(n) < late_chance
        spot = rng.random(n) < ON_THE_SPOT
        within = report + 1200 + ((due - report - 1300) * rng.beta(1.2, 3.0, n)).astype(np.int64)
        after = due + 1800 + rng.exponential(1.5 * DAY_S, n).astype(np.int64)
        soon = report + rng.integers(120, 1500, n)
        finish = np.where(late, after, np.where(spot, soon, within))
        return pl.DataFrame(
            {
                "report": report,
                "due": due,
                "dispatch": report + np.minimum(rng.integers(60, 5400, n), (finish - report) // 2),
                "finish": np.where(late & (rng.random(n) < 0.1), OPEN, finish),
                "spot": spot & ~late,
                "town": town,
                "level": level,
                "kind": rng.choice(len(TYPES), n, p=TYPE_SHARE),
                "tier": np.where(spot, 1, rng.choice([2, 3, 4], n, p=[0.9, 0.09, 0.01])),
                "grid": rng.integers(1, 40, n),
                "matter": rng.integers(0, len(MATTERS), n),
                "number": rng.integers(1, 400, n),
                "village": world.pick_village(rng, town),
                "person": rng.integers(0, len(sentinel_names()), n),
                "phone": mobiles(rng, n),
                "names": rng.random(n) < 0.08,
                "described": rng.random(n) < 0.5,
                "project": np.where(rng.random(n) < 0.01, rng.integers(0, 1 << 30, n), -1),
                "no_town": rng.random(n) < 0.003,
                "no_due": rng.random(n) < 0.002,
                "late_chance": late_chance,
            }
        ).with_row_index("event")

    def messages(self) -> pl.DataFrame:
        """(key, at, declared columns) of every message, in the order of sending."""
        event = self.events
        spot = event.filter("spot").with_columns(at="finish", ended=pl.lit(value=True))
        slow = event.filter(~pl.col("spot"))
        opened = slow.with_columns(at="report", ended=pl.lit(value=False))
        closed = slow.with_columns(at="finish", ended=pl.lit(value=True))
        every = (
            pl.concat([spot, opened, closed])
            .filter(pl.col("at") < end_s(self.world))
            .sort("at", "event", maintain_order=True)
        )
        return _declared(self.world, self.projects, every)


def _declared(world: World, projects: Projects, rows: pl.DataFrame) -> pl.DataFrame:
    towns = world.towns["town_code"].gather(rows["town"])
    place = phrases.places(
        world.towns["name_zh"].gather(rows["town"]),
        world.villages["name_zh"].gather(rows["village"]),
        rows["number"],
        pl.repeat(value=True, n=rows.height, eager=True),
    )
    codes = projects.projects["project_code"]
    known = codes.gather((rows["project"].clip(0) % len(codes)).cast(pl.UInt32))
    return rows.with_columns(
        town_code=towns,
        place=place,
        caller=pl.Series(sentinel_names()).gather(rows["person"]),
        matter_zh=pl.Series(list(MATTERS)).gather(rows["matter"]),
        project_code=known,
    ).select(
        key="GE" + pl.col("event").cast(pl.String).str.zfill(9),
        at="at",
        event_id="GE" + pl.col("event").cast(pl.String).str.zfill(9),
        report_time=moment("report"),
        grid_code=pl.format("{}G{}", "town_code", pl.col("grid").cast(pl.String).str.zfill(5)),
        event_type=pl.Series(list(TYPES)).gather(rows["kind"]),
        event_level=(pl.col("level") + 1).cast(pl.String),
        project_code=pl.when(pl.col("project") >= 0).then("project_code"),
        due_time=pl.when(~pl.col("no_due")).then(moment("due")),
        event_desc=pl.when("names")
        .then(pl.format("{}(电话{})反映{}", "caller", "phone", "matter_zh"))
        .otherwise(pl.when("described").then("matter_zh")),
        addr=pl.when(pl.col("described") | pl.col("names")).then("place"),
        dispatch_time=pl.when(~pl.col("spot")).then(moment("dispatch")),
        finish_time=pl.when("ended").then(moment("finish")),
        close_tier=pl.when("ended").then(pl.col("tier").cast(pl.String)),
        town_code=pl.when(~pl.col("no_town")).then("town_code"),
        source_update_time=moment("at"),
    )
