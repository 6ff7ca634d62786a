"""P01: major investment projects, a stock and what is new, with their changes and withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import day, end_s, moment, per_day, second_of_day, shown
from simulation.world import DAY_S, World

STOCK, NEW_PER_DAY, UPDATES_PER_DAY = 2600, 12.0, 168.0
REMOVED = 9  # projects entered twice, taken out again: tombstones
KINDS = ("厂房", "道路", "安置房", "污水管网", "物流园", "学校", "医院", "产业园")
INDUSTRY = ("4710", "4813", "7010", "4620", "5320", "8321", "8411", "7221")
FROM_STATUS_D = ((0, "10"), (60, "20"), (200, "30"), (900, "40"))


@dataclass(frozen=True)
class Projects:
    """All projects of the world, one element each, in order of entry."""

    world: World

    @cached_property
    def projects(self) -> pl.DataFrame:
        """What never changes, and `entered`, `removed` (local seconds)."""
        world, rng = self.world, self.world.chance(601)
        stock = max(20, round(STOCK * world.scale))
        before = int(world.days[0]) - rng.integers(1, 1100, stock)
        later = per_day(world, rng, NEW_PER_DAY, world.days)
        days = np.concatenate([np.sort(before), later])
        n = len(days)
        entered = days * DAY_S + second_of_day(rng, n)
        kind = rng.integers(0, len(KINDS), n)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        removed = np.full(n, np.int64(2**62))
        candidates = np.flatnonzero(entered >= int(world.days[0]) * DAY_S)[:-5]
        gone = rng.choice(candidates, min(REMOVED, len(candidates)), replace=False)
        removed[gone] = entered[gone] + rng.integers(5 * DAY_S, 40 * DAY_S, len(gone))
        towns = world.towns.select("town_code", "region_code", "name_zh")[town.tolist()]
        return (
            pl.DataFrame(
                {
                    "entered": entered,
                    "removed": removed,
                    "town": town,
                    "kind": kind,
                    "type": rng.choice(["10", "20", "30"], n, p=[0.3, 0.1, 0.6]),
                    "nature": rng.choice(["10", "20", "30", "40"], n, p=[0.7, 0.15, 0.12, 0.03]),
                    "wan": np.round(np.exp(rng.normal(9.2, 1.1, n)), 2),
                    "mu": np.round(np.exp(rng.normal(3.4, 0.8, n)), 1),
                    "has_land": rng.random(n) < 0.85,
                    "has_town": rng.random(n) < 0.96,
                    "halted": rng.random(n) < 0.03,
                    "start_after": rng.integers(60, 260, n),
                    "takes": rng.integers(300, 1000, n),
                }
            )
            .with_row_index("project")
            .with_columns(towns)
            .with_columns(
                project_code=pl.format(
                    "{}-{}-{}-{}-{}",
                    moment("entered").dt.strftime("%y%m"),
                    "region_code",
                    pl.Series(list(INDUSTRY)).gather(pl.Series(kind)).str.head(2),
                    pl.lit("01"),
                    (pl.col("project") + 1).cast(pl.String).str.zfill(6),
                ),
                name=pl.format(
                    "{}{}建设项目({})",
                    "name_zh",
                    pl.Series(list(KINDS)).gather(pl.Series(kind)),
                    pl.col("project") + 1,
                ),
            )
        )

    @cached_property
    def changes(self) -> pl.DataFrame:
        """P01 in declared form, what each pull shows; `updated` is the time of the change."""
        world, rng = self.world, self.world.chance(602)
        project, start = self.projects, int(world.days[0]) * DAY_S
        n_updates = int(rng.poisson(UPDATES_PER_DAY * world.scale * len(world.days)))
        at = np.sort(rng.integers(start, end_s(world), n_updates))
        chosen = rng.integers(0, project.height, n_updates)
        first = project.select("project", at=pl.max_horizontal("entered", pl.lit(start + 1800)))
        later = pl.DataFrame({"project": chosen.astype(np.uint32), "at": at})
        gone = project.filter(pl.col("removed") < end_s(world))
        every = pl.concat(
            [
                first.with_columns(op=pl.lit("upsert")),
                later.with_columns(op=pl.lit("upsert")),
                gone.select("project", at="removed", op=pl.lit("delete")),
            ]
        ).join(project, on="project", how="left")
        age = (pl.col("at") - pl.col("entered")) // DAY_S
        status = pl.lit("10")
        for days, code in FROM_STATUS_D:
            status = pl.when(age >= days).then(pl.lit(code)).otherwise(status)
        rows = (
            every.filter(
                (pl.col("at") >= pl.col("entered"))
                & ((pl.col("at") < pl.col("removed")) | (pl.col("op") == "delete"))
            )
            .with_columns(
                begin=pl.col("entered") + pl.col("start_after") * DAY_S,
                grown=1 + (age // 180) * 0.02,
            )
            .with_columns(finish=pl.col("begin") + pl.col("takes") * DAY_S)
            .select(
                "project_code",
                project_name="name",
                project_type="type",
                industry_code=pl.lit(pl.Series(list(INDUSTRY))).implode().list.get("kind"),
                total_investment=(pl.col("wan") * pl.col("grown")).round(2),
                land_area=pl.when("has_land").then("mu"),
                is_major=pl.col("wan") > 30_000,
                construct_nature="nature",
                planned_start=day("begin").cast(pl.String),
                planned_finish=day("finish").cast(pl.String),
                project_status=pl.when(pl.col("halted") & (age > 400))
                .then(pl.lit("50"))
                .otherwise(status),
                region_code="region_code",
                town_code=pl.when("has_town").then("town_code"),
                source_update_time=moment("at"),
                op="op",
                updated=moment("at"),
            )
        )
        return shown(rows, "project_code", world)
