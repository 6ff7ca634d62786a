"""F21: calls of 嵊州市 that are no matter for the police, handed to a department."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import end_s, moment, second_of_day
from simulation.channels.breaches import LONG_AGO_MOMENT, refused
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
from simulation.offices import ROLES, Offices
from simulation.policing.calls import Calls
from simulation.world import DAY_S, DISTRICTS, World

SHENGZHOU, PER_DAY = DISTRICTS.index("330683"), 9.0
LEVEL_ONE = {"1": 0.22, "2": 0.38, "3": 0.27, "4": 0.13}
LEVEL_TWO_N = {"1": 17, "2": 16, "3": 16, "4": 16}
IN_CHARGE = ("enforcement", "housing", "civil", "market", "labour", "transport", "water", "health")
EXTRA = Extra(
    cells=[
        refused("due_time", "due_after_dispatch", LONG_AGO_MOMENT),
        refused("biz_l1", "level_two_of_one", "4", pl.col("biz_l1") != "4"),
    ]
)
BACK = 0.006
LATE, BAD_OFFICE = 0.006, {"330683/housing": 0.09}
LIMIT_H = 24


@dataclass(frozen=True)
class Handovers:
    """All hand-overs of the world, in order."""

    world: World
    calls: Calls

    @cached_property
    def matters(self) -> pl.DataFrame:
        """dispatch, sign, arrive, finish, due, asked (local seconds), department and business."""
        world, rng = self.world, self.world.chance(8621)
        there = pl.Series(world.district_of_town).gather(self.calls.calls["town"]) == SHENGZHOU
        able = self.calls.calls.filter(
            there & pl.col("valid") & ~pl.col("police") & (pl.col("accept") < end_s(world))
        ).sort("accept")
        days = able.select((pl.col("call") // DAY_S).n_unique()).item() if able.height else 1
        wanted = PER_DAY * world.scale * days / max(able.height, 1)
        able = able.filter(pl.Series(rng.random(able.height) < wanted))
        n = able.height
        offices = Offices(world)
        role = rng.choice([ROLES.index(r) for r in IN_CHARGE], n)
        office = offices.department(np.full(n, SHENGZHOU), role)
        chance = offices.rates(86211, "even", LATE, BAD_OFFICE)[office]
        late = rng.random(n) < chance
        dispatch = able["accept"].to_numpy() + rng.integers(180, 2400, n)
        due = dispatch + LIMIT_H * 3600
        sign = dispatch + rng.integers(60, 5400, n)
        soon = sign + 1800 + (rng.beta(1.3, 2.4, n) * (due - sign - 1900)).astype(np.int64)
        finish = np.where(late, due + 900 + rng.exponential(DAY_S, n).astype(np.int64), soon)
        arrives = rng.random(n) < 0.7
        first = choice(rng, n, LEVEL_ONE)
        count = first.replace_strict(LEVEL_TWO_N, return_dtype=pl.Int64).to_numpy()
        second = 1 + np.floor(rng.random(n) * count).astype(np.int64)
        asked = (finish // DAY_S + rng.integers(1, 4, n)) * DAY_S + second_of_day(rng, n)
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "call_id": able["call_id"],
                "dispatch": dispatch,
                "sign": sign,
                "arrive": either(arrives, sign + (finish - sign) // 2),
                "finish": finish,
                "due": due,
                "asked": either(rng.random(n) < 0.9, asked),
                "satisfied": rng.random(n) < 0.985,
                "back": rng.random(n) < BACK,
                "first": first,
                "second": second,
                "org_code": offices.code(office),
                "town_code": world.towns["town_code"].gather(able["town"]),
                "no_town": able["no_town"],
                "chance": chance,
            }
        )

    def rows(self) -> pl.DataFrame:
        """F21 in declared form; `updated` is the time of the change."""
        steps = ("dispatch", "sign", "arrive", "finish", "asked")
        every = history(self.world, "number", [changed(self.matters, s) for s in steps])
        return every.select(
            coop_id=numbered("JW", "number"),
            call_id="call_id",
            biz_l1="first",
            biz_l2=pl.format("0{}{}", "first", pl.col("second").cast(pl.String).str.zfill(2)),
            dispatch_time=moment("dispatch"),
            sign_time=known_moment("sign_time", "sign"),
            arrive_time=known_moment("arrive_time", "arrive"),
            finish_time=known_moment("finish_time", "finish"),
            due_time=moment("due"),
            satisfied=pl.when(known("asked")).then("satisfied"),
            back_to_police=pl.col("back") & known("finish"),
            dept_org_code="org_code",
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            update_time=moment("at"),
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """P04 by month of the limit, for limits that have passed."""
        rows = self.matters.filter(pl.col("due") < end_s(self.world)).with_columns(
            month_of("due"),
            good=(pl.col("finish") <= pl.col("due")) & ~pl.col("back"),
            rate=(1 - pl.col("chance")) * (1 - BACK),
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
        )
        rows = rows.with_columns(district=pl.col("town_code").str.head(6))
        levels = {"department": "org_code", "town": "town_code", "district": "district"}
        return shares("P04", rows, levels)
