"""P02 and P05: the approvals a project needs, and the money it is promised."""

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
    history,
    known,
    known_day,
    known_moment,
    numbered,
)
from simulation.offices import ROLES, Offices
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

ITEMS_PER_DAY, ITEMS_STOCK_DAYS = 260.0, 20
# Service items: code, name, role of the office, working days promised.
ITEMS = (
    ("33-00101-000", "企业投资项目备案", "reform", 3),
    ("33-00102-000", "政府投资项目建议书审批", "reform", 7),
    ("33-00201-000", "建设项目用地预审与选址意见书", "land", 8),
    ("33-00202-000", "建设用地规划许可证核发", "land", 7),
    ("33-00203-000", "建设工程规划许可证核发", "land", 10),
    ("33-00301-000", "建筑工程施工许可证核发", "housing", 5),
    ("33-00302-000", "特殊建设工程消防设计审查", "housing", 12),
    ("33-00401-000", "建设项目环境影响报告表审批", "ecology", 15),
    ("33-00501-000", "生产建设项目水土保持方案审批", "water", 9),
    ("33-00601-000", "涉路施工许可", "transport", 10),
)
LATE, BAD_OFFICES = 0.006, {"330603/housing": 0.14, "330624/land": 0.12}
RESULTS = {"10": 0.955, "20": 0.02, "30": 0.018, "40": 0.007}
PLANS_PER_DAY, PLANS_STOCK_DAYS = 8.0, 60
SOURCES = {"01": 0.25, "02": 0.08, "03": 0.24, "04": 0.36, "05": 0.07}
GOVERNMENT = ("01", "02")


@dataclass(frozen=True)
class Approvals:
    """Matters and funding plans of the projects that exist by then."""

    world: World
    projects: Projects

    @cached_property
    def _stay(self) -> pl.DataFrame:
        """Projects that stay, by entry."""
        return self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")

    @cached_property
    def items(self) -> pl.DataFrame:
        """P02 in declared form."""
        world, rng = self.world, self.world.chance(30_200)
        accepted = births(world, rng, ITEMS_PER_DAY, ITEMS_STOCK_DAYS)
        n = len(accepted)
        at = earlier(rng, self._stay["entered"].to_numpy(), accepted)
        kind = rng.integers(0, len(ITEMS), n)
        offices = Offices(world)
        role = np.array([ROLES.index(i[2]) for i in ITEMS])[kind]
        project = self._stay[at.tolist()].select("project_code", "region_code", "town")
        office = offices.department(world.district_of_town[project["town"].to_numpy()], role)
        promise = np.array([i[3] for i in ITEMS])[kind]
        late = rng.random(n) < offices.rates(30_201, "tailed", LATE, BAD_OFFICES)[office]
        quick = np.ceil(promise * rng.beta(2.0, 2.2, n)).astype(np.int64)
        taken = np.where(late, promise + 1 + rng.poisson(4, n), quick)
        accept_day = accepted // DAY_S
        finished = world.due_day(accept_day, taken) * DAY_S + rng.integers(9, 17, n) * 3600
        rows = project.with_columns(
            choice(rng, n, RESULTS).alias("outcome"),
            offices.code(office).alias("org_code"),
            pl.Series("accepted", accepted),
            pl.Series("finished", finished),
            item_code=pl.Series([i[0] for i in ITEMS]).gather(pl.Series(kind)),
            item_name=pl.Series([i[1] for i in ITEMS]).gather(pl.Series(kind)),
            promise_days=pl.Series(promise),
        ).with_row_index("number")
        rows = rows.with_columns(item_id=numbered("SP", "number", 9))
        found = history(world, "item_id", [changed(rows, s) for s in ("accepted", "finished")])
        return found.select(
            "item_id",
            "project_code",
            "item_code",
            "item_name",
            "promise_days",
            "org_code",
            "region_code",
            moment("accept_time", "accepted"),
            known_moment("finish_time", "finished"),
            result=pl.when(known("finished")).then("outcome"),
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def funding(self) -> pl.DataFrame:
        """P05 in declared form, amounts in 万元: nothing, a part, all (or nearly) has arrived."""
        world, rng = self.world, self.world.chance(30_500)
        planned = births(world, rng, PLANS_PER_DAY, PLANS_STOCK_DAYS)
        n = len(planned)
        at = earlier(rng, self._stay["entered"].to_numpy(), planned)
        project = self._stay[at.tolist()].select("project_code", "region_code", "wan")
        amount = np.round(project["wan"].to_numpy() * rng.uniform(0.05, 0.5, n), 2)
        first = after(rng, planned, 15, 90)
        share = np.where(rng.random(n) < 0.8, 1.0, rng.uniform(0.6, 0.99, n))
        rows = project.with_columns(
            choice(rng, n, SOURCES).alias("fund_source"),
            amount=pl.Series(amount),
            part=pl.Series(np.round(amount * rng.uniform(0.2, 0.6, n), 2)),
            full=pl.Series(np.round(amount * share, 2)),
            planned=pl.Series(planned),
            first=pl.Series(first),
            second=pl.Series(after(rng, first, 40, 150)),
        ).with_row_index("number")
        rows = rows.with_columns(fund_id=numbered("ZJ", "number", 7))
        found = history(
            world, "fund_id", [changed(rows, s) for s in ("planned", "first", "second")]
        )
        part = pl.when(known("first")).then("part").otherwise(pl.lit(0.0))
        day_of_first = known_day("paid_date", "first")
        return found.select(
            "fund_id",
            "project_code",
            "fund_source",
            "region_code",
            pl.when(known("second")).then(day("second")).otherwise(day_of_first).alias("paid_date"),
            fund_year=moment("planned").dt.year(),
            plan_amount="amount",
            paid_amount=pl.when(known("second")).then("full").otherwise(part),
            is_gov_invest=pl.col("fund_source").is_in(GOVERNMENT),
            source_update_time=moment("at"),
            updated=moment("at"),
        )
