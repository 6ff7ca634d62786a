"""P11 and P12: land taken for projects, from the survey to the end, and the plans announced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment
from simulation.histories import (
    after,
    births,
    changed,
    earlier,
    either,
    history,
    known,
    known_day,
    numbered,
    region_of,
)
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

PER_DAY, STOCK_DAYS = 2.0, 260
LINKED_SHARE, COLLECTIVE_SHARE, SEVERAL_TOWNS = 0.8, 0.45, 0.03
HOUSEHOLDS_LOG, MOST_HOUSEHOLDS = (2.79, 0.8), 160
FAMILY_MORE = 2.2
HALTED_SHARE, UNASSESSED_SHARE, SHORT_NOTICE_SHARE = 0.02, 0.006, 0.01
SECOND_PLAN_SHARE = 0.12
OBJECTING, HEARING_SHARE = 0.05, 0.35


@dataclass(frozen=True)
class Expropriations:
    """All expropriations, one element each, in order of their survey."""

    world: World
    projects: Projects

    @cached_property
    def expropriations(self) -> pl.DataFrame:
        """Each with its days, households and the numbers that never change."""
        world, rng = self.world, self.world.chance(31_100)
        begun = births(world, rng, PER_DAY, STOCK_DAYS)
        n = len(begun)
        stay = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        entered = stay["entered"].to_numpy()
        linked = (rng.random(n) < LINKED_SHARE) & (begun >= entered[0])
        at = np.where(linked, earlier(rng, entered, begun), 0)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        town = np.where(linked, stay["town"].to_numpy()[at], town).astype(np.int64)
        collective = rng.random(n) < COLLECTIVE_SHARE
        households = np.exp(rng.normal(*HOUSEHOLDS_LOG, n)).astype(np.int64)
        households = np.clip(households, 3, MOST_HOUSEHOLDS)
        assessed = after(rng, begun, 15, 50)
        notice = np.where(
            rng.random(n) < SHORT_NOTICE_SHARE, rng.integers(15, 30, n), rng.integers(30, 41, n)
        )
        published = either(collective, after(rng, assessed, 2, 10))
        heard = either(collective, published + notice * DAY_S)
        ready = np.where(collective, heard, assessed).astype(np.int64)
        halted = rng.random(n) < HALTED_SHARE
        decided = either(~halted, after(rng, ready, 5, 25))
        # a few announce first and assess later, if at all
        unassessed = rng.random(n) < UNASSESSED_SHARE
        late = either(rng.random(n) < 0.6, after(rng, decided, 5, 40))
        assessed = np.where(unassessed, late, assessed).astype(np.int64)
        deadline = after(rng, decided, 45, 75)
        vacated = after(rng, deadline, 20, 60)
        again = collective & (rng.random(n) < SECOND_PLAN_SHARE) & ~halted
        frame = pl.DataFrame(
            {
                "number": np.arange(n),
                "begun": begun,
                "assessed": assessed,
                "published": published,
                "heard": heard,
                "decided": decided,
                "deadline": deadline,
                "vacated": vacated,
                "finished": after(rng, vacated, 30, 90),
                "halted": either(halted, after(rng, ready, 5, 25)),
                "town": town,
                "collective": collective,
                "households": households,
                "area": np.round(households * np.exp(rng.normal(5.6, 0.35, n)), 1),
                "standard": np.round(rng.uniform(7_000, 16_000, n), -2),
                "several": rng.random(n) < SEVERAL_TOWNS,
                "again": again,
                "objecting": rng.binomial(households, OBJECTING),
                "hears": rng.random(n) < HEARING_SHARE,
            }
        )
        codes = stay["project_code"].gather(pl.Series(at))
        people = rng.poisson(FAMILY_MORE, int(households.sum())) + 1
        owner = np.repeat(np.arange(n), households)
        return frame.with_columns(
            pl.Series("families", np.split(people, np.cumsum(households)[:-1])),
            population=pl.Series(np.bincount(owner, people, minlength=n).astype(np.int64)),
            project_code=pl.select(pl.when(pl.Series(linked)).then(codes)).to_series(),
            region_code=region_of(world, town),
            town_code=world.towns["town_code"].gather(pl.Series(town)),
            exprop_id=pl.format("ZS{}{}", day("begun").dt.strftime("%y%m"), numbered("", width=6)),
        ).with_columns(town_code=pl.when(~pl.col("several")).then("town_code"))

    @cached_property
    def declared(self) -> pl.DataFrame:
        """P11 in declared form."""
        rows = self.expropriations
        steps = ("begun", "assessed", "published", "decided", "deadline", "vacated", "finished")
        found = history(self.world, "exprop_id", [changed(rows, s) for s in (*steps, "halted")])
        status = pl.lit("01")
        for step, code in (
            ("published", "02"),
            ("decided", "03"),
            ("deadline", "04"),
            ("finished", "05"),
            ("halted", "06"),
        ):
            status = pl.when(known(step)).then(pl.lit(code)).otherwise(status)
        return found.select(
            "exprop_id",
            "project_code",
            "region_code",
            "town_code",
            known_day("assess_done_date", "assessed"),
            known_day("decision_date", "decided"),
            sign_deadline=pl.when(known("decided")).then(day("deadline")),
            land_nature=pl.when("collective").then(pl.lit("2")).otherwise(pl.lit("1")),
            area_m2="area",
            household_total="households",
            population_total="population",
            exprop_status=status,
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def plans(self) -> pl.DataFrame:
        """P12 in declared form: a plan for collective land, sometimes a second one."""
        rows = self.expropriations.filter("collective").with_columns(version=pl.lit(1))
        second = rows.filter("again").with_columns(
            version=pl.lit(2),
            published=pl.col("heard") + 2 * DAY_S,
            heard=pl.col("heard") + 33 * DAY_S,
            objecting=pl.col("objecting") // 3,
            hears=pl.lit(value=False),
        )
        both = pl.concat([rows, second]).with_columns(
            closed=pl.col("heard") + DAY_S,
            plan_id=pl.format("FA{}-{}", pl.col("exprop_id").str.slice(2), "version"),
        )
        found = history(self.world, "plan_id", [changed(both, s) for s in ("published", "closed")])
        closed = known("closed")
        hearing = closed & pl.col("hears") & (pl.col("objecting") >= 2)
        return found.select(
            "plan_id",
            "exprop_id",
            "region_code",
            day("publish_date", "published"),
            day("consult_end", "heard"),
            plan_version="version",
            objection_n=pl.when(closed).then("objecting"),
            hearing_applied_n=pl.when(closed).then(pl.col("objecting") // 2),
            hearing_held=hearing,
            comp_standard=(pl.col("standard") * (0.95 + 0.05 * pl.col("version"))).round(2),
            modified_flag=closed & pl.col("again") & (pl.col("version") == 1),
            updated=moment("at"),
        )
