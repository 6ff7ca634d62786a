"""P41: calls about investment projects, counted by project and week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.changes import OPEN, end_s
from simulation.channels.breaches import refused
from simulation.channels.declared import Extra
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

PER_DAY, WEEK_D, MONDAY = 3.0, 7, 4  # 1970-01-05 was a Monday
KINDS = ("dispute_call_n", "obstruct_call_n", "labour_call_n", "env_call_n")
MORE = np.array([0.4, 0.2, 0.3, 0.25])
INJURY = 0.012
EXTRA = Extra(
    cells=[
        refused(
            "env_call_n",
            "counts_not_negative",
            "-1",
            # the other calls keep the sum above zero: one rule is broken, not two
            pl.col("dispute_call_n").cast(pl.Int64, strict=False) >= 2,
        )
    ]
)


@dataclass(frozen=True)
class ProjectCalls:
    """Weeks of projects with at least one call."""

    world: World
    projects: Projects

    def rows(self) -> pl.DataFrame:
        """P41 in declared form; `updated` is the Monday after the week, early."""
        world, rng = self.world, self.world.chance(8341)
        first, last = int(world.days[0]), end_s(world) // DAY_S
        monday = np.arange(first - (first - MONDAY) % WEEK_D, last, WEEK_D)
        # counted on the Monday after the week: that day must still be in the world
        monday = monday[(monday + WEEK_D < last) & (monday + WEEK_D >= first)]
        there = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        entered = there["entered"].to_numpy() // DAY_S
        weight = 1 + rng.pareto(1.8, there.height)  # a few projects carry most of the trouble
        total = np.cumsum(weight)
        week = np.repeat(monday, rng.poisson(PER_DAY * WEEK_D * world.scale, len(monday)))
        known = np.searchsorted(entered, week)
        n = len(week)
        reach = np.where(known > 0, total[np.maximum(known, 1) - 1], 0.0)
        project = np.minimum(np.searchsorted(total, rng.random(n) * reach), there.height - 1)
        calls = rng.poisson(MORE, (n, len(KINDS)))
        kind = rng.choice(len(KINDS), n, p=MORE / MORE.sum())
        calls[np.arange(n), kind] += 1
        return (
            pl.DataFrame({"week": week, "project": project, "known": known})
            .with_columns(
                *there.select("project_code", "region_code")[project.tolist()],
                *[pl.Series(name, calls[:, i]) for i, name in enumerate(KINDS)],
                injury_flag=pl.Series(rng.random(n) < INJURY),
            )
            .filter(pl.col("known") > 0)
            .unique(["project_code", "week"], keep="first", maintain_order=True)
            .select(
                "project_code",
                *KINDS,
                "injury_flag",
                "region_code",
                week_start=pl.col("week").cast(pl.Int32).cast(pl.Date),
                updated=(((pl.col("week") + WEEK_D) * DAY_S + 6 * 3600) * 1_000_000).cast(
                    pl.Datetime("us")
                ),
            )
        )
