"""P29 and P30: groups that came together, counted by week, and matters that stayed unsettled."""

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
    choice,
    earlier,
    either,
    history,
    known,
    known_day,
)
from simulation.offices import ROLES
from simulation.petitions.petitions import CATEGORIES, Petitions
from simulation.world import DAY_S, World

GROUP_WEEKS_PER_DAY, MORE_WEEKS, LINKED = 2.0, 1.6, 0.3
PERSONS_LOG = (3.0, 0.5)
COUNTED_AT_S = 10 * 3600
# 26 matters a day go through the petition procedure, one of them comes onto the ledger.
LISTED_SHARE, LISTED_AFTER_D = 1 / 26, (50, 130)
SETTLED_AFTER_D, REBOUND = 42.0, 0.04
LEADERS = {"01": 0.08, "02": 0.34, "03": 0.30, "04": 0.28}
WAYS = {"01": 0.55, "02": 0.18, "03": 0.12, "04": 0.15}


@dataclass(frozen=True)
class Gatherings:
    """Group appeals and the ledger of long-standing petitions."""

    world: World
    petitions: Petitions

    @cached_property
    def weeks(self) -> pl.DataFrame:
        """P29 in declared form: each group's weeks, the last of them settled."""
        world, rng = self.world, self.world.chance(32_900)
        began = births(world, rng, GROUP_WEEKS_PER_DAY / (1 + MORE_WEEKS), 20)
        n = len(began)
        stay = self.petitions.projects.projects.filter(pl.col("removed") == int(OPEN))
        stay = stay.sort("entered")
        at = earlier(rng, stay["entered"].to_numpy(), began)
        linked = rng.random(n) < LINKED
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        district = np.where(
            linked,
            world.district_of_town[stay["town"].to_numpy()[at]],
            world.district_of_town[town],
        )
        category = choice(rng, n, {c: share for c, (share, _) in CATEGORIES.items()})
        roles = pl.Series([ROLES.index(r) for _, r in CATEGORIES.values()])
        role = category.replace_strict(
            pl.Series(list(CATEGORIES)), roles, return_dtype=pl.Int64
        ).to_numpy()
        offices = self.petitions.offices
        size = 1 + rng.poisson(MORE_WEEKS, n)
        # 1970-01-01 was a Thursday: the Monday of its week is day -3
        monday = (began // DAY_S + 3) // 7 * 7 - 3
        groups = pl.DataFrame(
            {
                "group": np.arange(n),
                "monday": monday,
                "category": category,
                "linked": linked,
                "project": stay["project_code"].gather(pl.Series(at)),
                "lead_org_code": offices.code(offices.department(district, role)),
                "region_code": pl.Series(self._regions).gather(pl.Series(district)),
                "weeks": size,
                "persons": np.exp(rng.normal(*PERSONS_LOG, n)),
            }
        )
        rows = groups[np.repeat(np.arange(n), size).tolist()].with_columns(
            nth=pl.int_range(pl.len()).over("group")
        )
        m = rows.height
        persons = rows["persons"].to_numpy() * rng.uniform(0.6, 1.4, m)
        rounded = np.maximum(1, np.round(persons / 5)).astype(np.int64) * 5
        rows = rows.with_columns(
            start=(pl.col("monday") + 7 * pl.col("nth")),
            visits=pl.Series(1 + rng.poisson(0.8, m)),
            persons=pl.Series(rounded),
        ).with_columns(
            counted=(pl.col("start") + 7) * DAY_S + COUNTED_AT_S,
            id=pl.format("{}|{}", "group", "nth"),
        )
        found = history(world, "id", [changed(rows, "counted")])
        return found.select(
            "category",
            "lead_org_code",
            "region_code",
            group_key=pl.format("QT{}", pl.col("group").cast(pl.String).str.zfill(6)),
            week_start=pl.col("start").cast(pl.Int32).cast(pl.Date),
            project_code=pl.when("linked").then("project"),
            visit_n="visits",
            person_n="persons",
            resolved_flag=pl.col("nth") == pl.col("weeks") - 1,
            updated=moment("at"),
        )

    @cached_property
    def _regions(self) -> list[str]:
        towns = self.world.towns.unique("district").sort("district")
        return list(towns["region_code"].to_list())

    @cached_property
    def backlog(self) -> pl.DataFrame:
        """Each case on the ledger with `listed`, `planned`, `settled` and `rebounded`."""
        rng = self.world.chance(33_000)
        old = self.petitions.petitions.filter("procedure")
        chosen = old.filter(pl.Series(rng.random(old.height) < LISTED_SHARE))
        n = chosen.height
        listed = after(rng, chosen["registered"].to_numpy(), *LISTED_AFTER_D)
        waits = (5 + rng.exponential(SETTLED_AFTER_D, n)).astype(np.int64)
        settled = listed + waits * DAY_S
        back = rng.random(n) < REBOUND
        return chosen.with_columns(
            choice(rng, n, LEADERS).alias("leader_level"),
            choice(rng, n, WAYS).alias("way"),
            listed=pl.Series(listed),
            planned=pl.Series(after(rng, listed, 60, 150)),
            settled=pl.Series(settled),
            rebounded=pl.Series(either(back, after(rng, settled, 20, 170))),
            backlog_id=pl.format("JA{}", pl.col("petition_no").str.slice(2)),
        )

    @cached_property
    def ledger(self) -> pl.DataFrame:
        """P30 in declared form."""
        rows = self.backlog
        found = history(
            self.world, "backlog_id", [changed(rows, s) for s in ("listed", "settled", "rebounded")]
        )
        return found.select(
            "backlog_id",
            "petition_no",
            "leader_level",
            "region_code",
            "town_code",
            day("list_date", "listed"),
            day("plan_date", "planned"),
            known_day("resolved_date", "settled"),
            known_day("rebound_date", "rebounded"),
            resolve_way=pl.when(known("settled")).then("way"),
            rebound=known("rebounded"),
            updated=moment("at"),
        )
