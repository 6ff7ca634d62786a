"""F03: orders of the joint operations room, one row for each unit that must obey.

The agencies' database keeps one line per change, so that a read of an old window shows what
stood there then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, end_s, moment, per_day, second_of_day, shown
from simulation.policing.calls import stations
from simulation.units import Truth
from simulation.world import DAY_S, DISTRICTS, World

ORDERS_PER_DAY = 400.0  # with 1.63 units each: 650 rows a day
SIGN_MIN = np.array([10, 30, 120])  # minutes to sign, by level
FEEDBACK_H = np.array([12, 24, 48])


@dataclass(frozen=True)
class Orders:
    """All orders of the world, one element per order and unit."""

    world: World

    @cached_property
    def orders(self) -> pl.DataFrame:
        """issue, sign, feedback with their limits (local seconds), level, type, unit."""
        world, rng = self.world, self.world.chance(703)
        days = per_day(world, rng, ORDERS_PER_DAY, world.days)
        issue = np.sort(days * DAY_S + second_of_day(rng, len(days), 0.2, 23.8))
        units = 1 + rng.binomial(2, 0.315, len(days))
        order = np.repeat(np.arange(len(days)), units)
        nth = np.arange(len(order)) - np.repeat(np.cumsum(units) - units, units)
        n = len(order)
        # units of one order are neighbours in the list of stations, so that none is named twice
        town = (world.pick_town(rng, len(days), np.ones(world.towns.height))[order] + nth) % 103
        level = rng.choice(3, len(days), p=[0.1, 0.55, 0.35])[order]
        sign_due = issue[order] + SIGN_MIN[level] * 60
        due = issue[order] + FEEDBACK_H[level] * 3600
        late_chance = Truth(world).order_late[town]
        late = rng.random(n) < late_chance
        late_sign = late & (rng.random(n) < 0.4)
        span = SIGN_MIN[level] * 60
        sign = issue[order] + (span * np.where(late_sign, 1.1 + rng.random(n), rng.random(n)))
        back = issue[order] + (due - issue[order]) * rng.beta(2, 2, n) * 0.99
        back = np.where(late & ~late_sign, due + rng.exponential(DAY_S, n) + 600, back)
        sign = sign.astype(np.int64)
        back = np.maximum(back.astype(np.int64), sign + 300)
        return pl.DataFrame(
            {
                "order": order,
                "issue": issue[order],
                "sign": sign,
                "sign_due": sign_due,
                "due": due,
                "back": np.where(late & (rng.random(n) < 0.05), OPEN, back),
                "level": level,
                "type": rng.integers(1, 6, len(days))[order],
                "town": town,
                "good": rng.random(n) < 0.96,
                "joint": units[order],
                "late_chance": late_chance,
            }
        ).with_columns(
            unit_code=stations(world)["station_code"].gather(pl.Series(town)),
            region_code=pl.Series(list(DISTRICTS)).gather(pl.Series(world.district_of_town[town])),
        )

    @cached_property
    def changes(self) -> pl.DataFrame:
        """F03 in declared form, what each read shows; `updated` is `update_time`."""
        world, rows = self.world, self.orders
        every = pl.concat(
            [rows.with_columns(at=pl.col(name)) for name in ("issue", "sign", "back")]
        ).filter(pl.col("at") < end_s(world))
        signed, answered = pl.col("sign") <= pl.col("at"), pl.col("back") <= pl.col("at")
        declared = every.select(
            order_id="ZL" + pl.col("order").cast(pl.String).str.zfill(8),
            unit_code="unit_code",
            order_level=(pl.col("level") + 1).cast(pl.String),
            order_type=pl.col("type").cast(pl.String).str.zfill(2),
            issue_time=moment("issue"),
            sign_time=pl.when(signed).then(moment("sign")),
            sign_due=moment("sign_due"),
            feedback_due=moment("due"),
            feedback_time=pl.when(answered).then(moment("back")),
            feedback_ok=pl.when(answered).then("good"),
            joint_unit_n="joint",
            region_code="region_code",
            update_time=moment("at"),
            updated=moment("at"),
        )
        return shown(declared, ["order_id", "unit_code"], world)
