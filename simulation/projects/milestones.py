"""P04: one Excel sheet a month, amounts in 万元; one month is sent again, corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import end_s
from simulation.projects.projects import Projects
from simulation.world import World, day_number

PER_MONTH = 900
GROUPS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "项目",
        [
            ("milestone_id", "进度记录号"),
            ("project_code", "投资项目统一代码"),
            ("stat_month", "统计月"),
        ],
    ),
    (
        "节点",
        [
            ("milestone_code", "节点"),
            ("plan_date", "计划完成日"),
            ("actual_date", "实际完成日"),
            ("progress_pct", "形象进度(%)"),
            ("delay_reason", "滞后原因"),
        ],
    ),
    (
        "投资与属地",
        [
            ("invest_done", "本月完成投资(万元)"),
            ("region_code", "县(市、区)代码"),
            ("source_update_time", "源系统更新时间"),
        ],
    ),
]
FOOTNOTES = ("注:完成投资以万元计,保留两位小数。", "说明:本表由市发展改革委汇总,演示数据。")
CORRECTED = 40  # rows whose figures change when the month is sent again


@dataclass(frozen=True)
class Milestones:
    """The monthly reports of active projects."""

    world: World
    projects: Projects

    @cached_property
    def _active(self) -> pl.DataFrame:
        """Projects in the order in which they report; the same ones month after month."""
        known = self.projects.projects.filter(pl.col("removed") >= end_s(self.world))
        order = self.world.chance(604).permutation(known.height)
        ordered: pl.DataFrame = known[order.tolist()]
        return ordered

    def month(self, start: date, end: date) -> pl.DataFrame:
        """The text rows of one month, in declared order, as first reported."""
        rng = self.world.chance(60_400 + start.year * 12 + start.month)
        first, last = day_number(start), day_number(end)
        wanted = max(10, round(PER_MONTH * self.world.scale))
        rows = self._active.filter(pl.col("entered") < first * 86_400).head(wanted)
        n = rows.height
        age = last - rows["entered"].to_numpy() // 86_400
        step = np.clip(age // 130, 0, 7)
        plan = rows["entered"].to_numpy() // 86_400 + (step + 1) * 130 - rng.integers(0, 30, n)
        late = rng.random(n) < 0.12
        done = ~late & (plan <= last)
        return pl.DataFrame(
            {
                "milestone_id": [f"JD{start:%Y%m}{i + 1:05d}" for i in range(n)],
                "project_code": rows["project_code"],
                "stat_month": [f"{start:%Y%m}"] * n,
                "milestone_code": pl.Series(step + 1).cast(pl.String).str.zfill(2),
                "plan_date": pl.Series(plan).cast(pl.Int32).cast(pl.Date).cast(pl.String),
                "actual_date": pl.Series(np.where(done, plan, 0))
                .cast(pl.Int32)
                .cast(pl.Date)
                .cast(pl.String)
                .scatter(np.flatnonzero(~done), None),
                "progress_pct": pl.Series(np.clip(np.round(age / 10.4, 1), 0, 100)).cast(pl.String),
                "delay_reason": pl.Series(rng.choice(["01", "02", "03", "04"], n).tolist()).scatter(
                    np.flatnonzero(~late), None
                ),
                "invest_done": pl.Series(np.round(rows["wan"].to_numpy() / 30 * rng.random(n), 2))
                .cast(pl.Decimal(18, 2))
                .cast(pl.String),
                "region_code": rows["region_code"],
                "source_update_time": [f"{end + timedelta(days=4)} 10:00:00"] * n,
            }
        )

    def corrected(self, start: date, end: date, when: date) -> pl.DataFrame:
        """The month sent again on `when`: some figures corrected, the second row gone."""
        rows = self.month(start, end)
        n = min(CORRECTED, rows.height)
        more = rows["invest_done"].cast(pl.Float64) * 1.1
        fixed = more.round(2).cast(pl.Decimal(18, 2)).cast(pl.String)
        head = pl.int_range(rows.height) < n
        at = f"{when} 14:00:00"
        changed = rows.with_columns(
            invest_done=pl.when(head).then(fixed).otherwise("invest_done"),
            source_update_time=pl.when(head).then(pl.lit(at)).otherwise("source_update_time"),
        )
        return pl.concat([changed.head(1), changed.slice(2)])
