"""F23: task sheets of the safe-city programme, one code each, for departments and towns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, end_s, moment
from simulation.channels.breaches import LONG_AGO, refused, warned
from simulation.channels.declared import Extra
from simulation.histories import (
    births,
    changed,
    either,
    history,
    known,
    known_day,
    month_of,
    numbered,
    region_of,
    shares,
)
from simulation.offices import ROLES, Offices
from simulation.world import DAY_S, World

PER_DAY, ITEMS, VETO_ITEMS = 25.0, 20, 2
LATE, BAD_UNIT = 0.016, {"330604101000": 0.22, "330681/emergency": 0.2}
PASSES = 0.982
EXTRA = Extra(
    cells=[
        refused("due_date", "due_after_issue", LONG_AGO),
        warned("finish_date", "finish_after_issue", LONG_AGO),
        refused("deduct_score", "deduction_not_negative", "-2.5"),
    ]
)


@dataclass(frozen=True)
class Sheets:
    """All sheets of the world, in order of issue."""

    world: World

    @cached_property
    def sheets(self) -> pl.DataFrame:
        """issue, finish, check, deduct, appeal, confirm (local seconds), due, unit and item."""
        world, rng = self.world, self.world.chance(8623)
        issue = births(world, rng, PER_DAY)
        n = len(issue)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        offices = Offices(world)
        district = world.district_of_town[town]
        department = offices.department(district, rng.integers(0, len(ROLES), n))
        office = np.where(rng.random(n) < 0.6, offices.of_town[town], department)
        chance = offices.rates(86231, "tailed", LATE, BAD_UNIT)[office]
        late = rng.random(n) < chance
        limit = rng.integers(15, 61, n)
        due = (issue // DAY_S + limit) * DAY_S
        soon = issue + ((limit - 1) * DAY_S * rng.beta(3.0, 1.6, n)).astype(np.int64)
        after = due + rng.integers(1, 25, n) * DAY_S + 10 * 3600
        never = late & (rng.random(n) < 0.1)
        finish = either(~never, np.where(late, after, soon))
        done = np.where(never, 0, finish)
        passes = rng.random(n) < PASSES
        item = rng.integers(1, ITEMS + 1, n)
        veto = item <= VETO_ITEMS
        bad = late | ~passes
        deduct = either(bad & (rng.random(n) < 0.6), due + rng.integers(26, 40, n) * DAY_S)
        appeal = either((deduct < OPEN) & (rng.random(n) < 0.25), np.minimum(deduct, OPEN // 2))
        confirmed = veto & bad & (deduct < OPEN) & (rng.random(n) < 0.3)
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "issue": issue,
                "due": due,
                "finish": finish,
                "check": either(~never, done + rng.integers(1, 9, n) * DAY_S),
                "deduct": deduct,
                "appeal": np.where(appeal < OPEN, appeal + 12 * DAY_S, OPEN),
                "confirm": either(confirmed, np.where(confirmed, deduct, 0) + 5 * DAY_S),
                "passes": passes,
                "score": np.round(0.5 * rng.integers(1, 7, n), 1),
                "outcome": rng.choice(["1", "2", "3"], n, p=[0.7, 0.2, 0.1]).tolist(),
                "item": item,
                "veto": veto,
                "org_code": offices.code(office),
                "region_code": region_of(world, town),
                "chance": chance,
            }
        )

    def rows(self) -> pl.DataFrame:
        """F23 in declared form; `updated` is the time of the change."""
        world = self.world
        steps = ("issue", "finish", "check", "deduct", "appeal", "confirm")
        every = history(world, "number", [changed(self.sheets, s) for s in steps])
        checked = pl.when("passes").then(pl.lit("1")).otherwise(pl.lit("2"))
        return every.select(
            sheet_code=numbered("PA", "number"),
            assess_year=moment("issue").dt.year().cast(pl.Int64),
            item_code=pl.format("PA{}", pl.col("item").cast(pl.String).str.zfill(4)),
            unit_code="org_code",
            issue_date=day("issue"),
            due_date=day("due"),
            finish_date=known_day("finish_date", "finish"),
            check_result=pl.when(known("check"))
            .then(checked)
            .when(known("finish"))
            .then(pl.lit("0")),
            deduct_score=pl.when(known("deduct")).then("score"),
            is_veto="veto",
            appeal_result=pl.when(known("appeal")).then("outcome"),
            region_code="region_code",
            veto_confirmed=known("confirm"),
            veto_confirm_date=known_day("veto_confirm_date", "confirm"),
            confirm_org_code=pl.when(known("confirm")).then(
                pl.lit(world.organisation("330600", "politics_law"))
            ),
            evidence_no=pl.when(known("finish")).then(numbered("ZJ", "number")),
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """C10 by month of the limit; done in time and not yet checked is on neither side."""
        end = end_s(self.world)
        checked = pl.col("check") < end
        in_time = pl.col("finish") // DAY_S <= pl.col("due") // DAY_S
        rows = self.sheets.filter((pl.col("due") + DAY_S <= end) & (checked | ~in_time))
        rows = rows.with_columns(
            month_of("due"),
            good=in_time & pl.col("passes"),
            rate=(1 - pl.col("chance")) * PASSES,
        )
        return shares("C10", rows, {"unit": "org_code", "district": "region_code"})
