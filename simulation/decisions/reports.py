"""P07, P08 and P10: reports in versions, their risk points with measures, who assessed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment, pseudonyms
from simulation.companies import credit_codes
from simulation.decisions.decisions import Decisions
from simulation.decisions.levels import Drawn
from simulation.histories import (
    after,
    changed,
    choice,
    either,
    history,
    known,
    known_day,
    numbered,
)
from simulation.identity import mobiles, sentinel_names
from simulation.offices import CITY, ROLES
from simulation.world import DAY_S, Ints, World

METHODS = {"01": 0.5, "02": 0.4, "03": 0.1}
FIRMS, FIRST_FIRM, EXPERTS = 24, 940_000, 60
EXPERT_SHARE, FREE_SHARE = 0.25, 0.1
FACTORS = {
    "01": 0.20,
    "02": 0.16,
    "03": 0.18,
    "04": 0.10,
    "05": 0.08,
    "06": 0.06,
    "07": 0.08,
    "08": 0.06,
    "09": 0.05,
    "99": 0.03,
}
MEASURES = ("落实补偿资金专户", "增设隔声屏障", "公开施工安排", "入户征询意见", "制定应急预案")
MEASURE_LATE, BAD_MEASURES = 0.022, {"330604/transport": 0.30, "330624107000": 0.35}
MEASURE_NEVER, LEAD_SHARE, TOWN_SHARE = 0.2, 0.5, 0.25
LOWERED_SHARE = 0.75


@dataclass(frozen=True)
class Reports:
    """The reports of all decisions, in order of their decision and version."""

    world: World
    decisions: Decisions

    def _version(self, version: int, drawn: Drawn, report: str, filed: str) -> pl.DataFrame:
        """One version of the reports there are."""
        rows = self.decisions.decisions.with_columns(
            version=pl.lit(version),
            risk_level=pl.Series(drawn.level),
            prob_score=pl.Series(drawn.score),
            conclusion=pl.Series(drawn.conclusion),
            reported=pl.col(report),
            handed_in=pl.col(filed),
            superseded=pl.col("report2") if version == 1 else pl.lit(int(OPEN)),
        )
        return rows.filter(pl.col("reported") < int(OPEN))

    @cached_property
    def reports(self) -> pl.DataFrame:
        """Each version with its days (`reported`, `handed_in`), level and assessor."""
        rng = self.world.chance(30_700)
        drawn = self.decisions.levels
        rows = pl.concat(
            [
                self._version(1, drawn.first, "report", "filed"),
                self._version(2, drawn.second, "report2", "filed2"),
            ]
        ).sort("number", "version")
        n = rows.height
        method = choice(rng, n, METHODS)
        number = FIRST_FIRM + rng.integers(0, FIRMS, n)
        region = pl.Series(["330600"] * n)
        firm = credit_codes(region, number.astype(np.int64))
        third = pl.col("method") != "01"
        return rows.with_columns(
            method.alias("method"),
            firm.alias("firm"),
            score=pl.Series(np.round(np.clip(rng.normal(84, 7, n), 40, 100), 1)),
            fee=pl.Series(np.round(np.exp(rng.normal(11.2, 0.5, n)), 2)),
            expert=pl.Series(rng.random(n) < EXPERT_SHARE),
            free=pl.Series(rng.random(n) < FREE_SHARE),
            token=pseudonyms(rng.integers(1, EXPERTS + 1, n).astype(np.int64), 30_700),
            field=choice(rng, n, {f"{i:02d}": 1.0 for i in range(1, 7)}),
            independent=pl.Series(rng.random(n) < 0.995),
            report_id=pl.format("{}-BG{}", "decision_id", "version"),
        ).with_columns(assessor_uscc=pl.when(third).then("firm"))

    @cached_property
    def filed(self) -> pl.DataFrame:
        """P07 in declared form."""
        rows = self.reports
        found = history(
            self.world, "report_id", [changed(rows, "reported"), changed(rows, "handed_in")]
        )
        return found.select(
            "report_id",
            "decision_id",
            "project_code",
            "risk_level",
            "prob_score",
            "method",
            "assessor_uscc",
            "conclusion",
            "region_code",
            day("report_date", "reported"),
            known_day("filed_date", "handed_in"),
            report_version="version",
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def assessors(self) -> pl.DataFrame:
        """P10 in declared form: of each report that was not the office's own work."""
        rows = self.reports.filter(pl.col("method") != "01").with_columns(
            scored=pl.when(pl.col("handed_in") < int(OPEN))
            .then(pl.col("handed_in") + DAY_S)
            .otherwise(pl.lit(int(OPEN)))
        )
        found = history(
            self.world, "report_id", [changed(rows, "reported"), changed(rows, "scored")]
        )
        return found.select(
            "report_id",
            "field",
            "region_code",
            assessor_id=pl.format("PQ{}", "report_id"),
            assessor_uscc=pl.when(~pl.col("expert")).then("assessor_uscc"),
            expert_token=pl.when("expert").then("token"),
            independence_ok="independent",
            fee=pl.when(~(pl.col("expert") & pl.col("free"))).then("fee"),
            quality_score=pl.when(known("scored")).then("score"),
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    def _measure_offices(self, rng: np.random.Generator, rows: pl.DataFrame) -> Ints:
        """Who answers for each measure: the leader, the town, or another department."""
        office, n = self.decisions.offices, rows.height
        region = rows["region"].to_numpy()
        draw = rng.random(n)
        other = office.department(region, rng.integers(0, len(ROLES), n))
        town = np.where(region == CITY, other, office.of_town[rows["town"].to_numpy()])
        rest = np.where(draw < LEAD_SHARE + TOWN_SHARE, town, other)
        return np.where(draw < LEAD_SHARE, rows["leader"].to_numpy(), rest).astype(np.int64)

    @cached_property
    def points(self) -> pl.DataFrame:
        """Every risk point of every version, with `due`, `done` and the chance to be late."""
        rng = self.world.chance(30_800)
        drawn = self.decisions.levels
        steps = [
            pl.DataFrame(
                {
                    "number": d.decision,
                    "version": np.full(len(d.decision), version),
                    "probability": d.probability,
                    "impact": d.impact,
                },
                schema_overrides={"version": pl.Int32},
            )
            for version, d in ((1, drawn.first), (2, drawn.second))
        ]
        rows = (
            pl.concat(steps)
            .join(self.reports, on=["number", "version"], maintain_order="left")
            .with_columns(nth=pl.int_range(pl.len()).over("report_id"))
        )
        n = rows.height
        office = self._measure_offices(rng, rows)
        late_chance = self.decisions.offices.rates(30_801, "split", MEASURE_LATE, BAD_MEASURES)
        chance = late_chance[office]
        late = rng.random(n) < chance
        reported = rows["reported"].to_numpy()
        # measures of a report that is soon replaced lie beyond the next one
        replaced = (rows["superseded"] < int(OPEN)).to_numpy()
        due = np.where(replaced, after(rng, reported, 60, 150), after(rng, reported, 30, 150))
        in_time = np.maximum(due - rng.integers(0, 26, n) * DAY_S, reported + DAY_S)
        overdue = either(rng.random(n) >= MEASURE_NEVER, after(rng, due, 1, 40))
        done = np.where(late, overdue, in_time).astype(np.int64)
        # what was replaced by a second report is not followed any more
        done = either(done < rows["superseded"].to_numpy(), done)
        product = rows["probability"].to_numpy() * rows["impact"].to_numpy()
        before = np.where(product >= 16, 2, np.where(product >= 9, 1, 0))
        left = np.maximum(before - (rng.random(n) < LOWERED_SHARE), 0)
        names, scale = pl.Series(sentinel_names()), pl.Series(["L", "M", "H"])
        return rows.with_columns(
            self.decisions.offices.code(office).alias("measure_org_code"),
            choice(rng, n, FACTORS).alias("risk_factor"),
            scale.gather(pl.Series(before)).alias("before_level"),
            scale.gather(pl.Series(left)).alias("after_level"),
            due=pl.Series(due),
            done=pl.Series(done),
            late_chance=pl.Series(chance),
            measure=pl.Series(list(MEASURES)).gather(pl.Series(rng.integers(0, 5, n))),
            person=names.gather(pl.Series(rng.integers(0, len(names), n))),
            phone=pl.Series(mobiles(rng, n)).cast(pl.String),
            telling=pl.Series(rng.random(n)),
            risk_point_id=pl.format("{}-{}", "report_id", numbered("", "nth", 2)),
        )

    @cached_property
    def measures(self) -> pl.DataFrame:
        """P08 in declared form."""
        rows = self.points
        found = history(
            self.world, "risk_point_id", [changed(rows, "reported"), changed(rows, "done")]
        )
        told = (
            pl.when(pl.col("telling") < 0.15)
            .then(pl.format("{},联系人{},电话{}。", "measure", "person", "phone"))
            .when(pl.col("telling") < 0.85)
            .then(pl.format("{}。", "measure"))
        )
        return found.select(
            "risk_point_id",
            "report_id",
            "risk_factor",
            "probability",
            "impact",
            "before_level",
            "after_level",
            "measure_org_code",
            day("measure_due", "due"),
            known_day("measure_done", "done"),
            measure_text=told,
            source_update_time=moment("at"),
            updated=moment("at"),
        )
