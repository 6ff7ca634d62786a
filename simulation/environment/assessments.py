"""P19 and P20: environmental impact assessments of projects, and what the public says of them."""

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
    numbered,
)
from simulation.identity import mobiles, sentinel_names
from simulation.offices import ROLES, Offices
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

PER_DAY, STOCK_DAYS = 6.0, 60
TYPES = {"1": 0.12, "2": 0.63, "3": 0.25}
POLLUTION = {
    "01": 0.30,
    "02": 0.26,
    "03": 0.16,
    "04": 0.10,
    "05": 0.06,
    "06": 0.02,
    "07": 0.10,
}
RESULTS = {"10": 0.95, "20": 0.03, "30": 0.02}
DISTANCE_SHARE, DISTANCES_M = 0.18, np.array([50.0, 100.0, 200.0, 300.0])
COMMENTS_PER_DAY, HEATED_SHARE, HEATED_TIMES = 9.0, 0.05, 8.0
CONCERNS = {f"{i:02d}": w for i, w in enumerate((0.16, 0.20, 0.2, 0.1, 0.12, 0.08, 0.06, 0.05), 1)}
NAMED, WITH_PHONE, REPLIED, ADOPTED, HAS_TOWN = 0.8, 0.75, 0.94, 0.3, 0.94
WORDS = ("担心异味影响生活", "希望公开监测数据", "支持项目建设", "要求设置绿化隔离", "夜间噪声偏大")
STREAM = 31_900


@dataclass(frozen=True)
class Assessments:
    """Documents and comments of the world."""

    world: World
    projects: Projects

    @cached_property
    def documents(self) -> pl.DataFrame:
        """Each document with its days: `accepted`, `shown`, `decided`."""
        world, rng = self.world, self.world.chance(STREAM)
        stay = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        accepted = births(world, rng, PER_DAY, STOCK_DAYS)
        n = len(accepted)
        at = earlier(rng, stay["entered"].to_numpy(), accepted)
        offices = Offices(world)
        rows = stay.select("project_code", "region_code", "town")[at.tolist()]
        district = world.district_of_town[rows["town"].to_numpy()]
        office = offices.department(district, np.full(n, ROLES.index("ecology")))
        kind = choice(rng, n, TYPES)
        filed_only = (kind == "3").to_numpy()
        shown = either(~filed_only, after(rng, accepted, 1, 3))
        slow = np.where((kind == "1").to_numpy(), 45, 22)
        waits = np.where(filed_only, 1, 10 + (rng.beta(2, 2, n) * slow).astype(np.int64))
        distance = np.where(rng.random(n) < DISTANCE_SHARE, rng.choice(DISTANCES_M, n), np.nan)
        documents: pl.DataFrame = (
            rows.with_row_index("number")
            .with_columns(
                choice(rng, n, POLLUTION).alias("pollutant_type"),
                choice(rng, n, RESULTS).alias("outcome"),
                offices.code(office).alias("org_code"),
                kind.alias("eia_type"),
                accepted=pl.Series(accepted),
                shown=pl.Series(shown),
                decided=pl.Series(accepted + waits * DAY_S),
                protect_distance=pl.Series(distance).fill_nan(None),
                heated=pl.Series(rng.random(n) < HEATED_SHARE),
            )
            .with_columns(eia_id=numbered("HP", "number", 7))
        )
        return documents

    @cached_property
    def approvals(self) -> pl.DataFrame:
        """P19 in declared form."""
        rows = self.documents
        found = history(
            self.world, "eia_id", [changed(rows, s) for s in ("accepted", "shown", "decided")]
        )
        return found.select(
            "eia_id",
            "project_code",
            "eia_type",
            "pollutant_type",
            "protect_distance",
            "org_code",
            "region_code",
            day("accept_date", "accepted"),
            known_day("public_start", "shown"),
            known_day("approve_date", "decided"),
            approve_result=pl.when(known("decided")).then("outcome"),
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def comments(self) -> pl.DataFrame:
        """P20 in declared form: a few documents get most of them, and many objections."""
        world, rng = self.world, self.world.chance(STREAM + 100)
        shown = self.documents.filter(pl.col("shown") < int(OPEN))
        weight = np.where(shown["heated"].to_numpy(), HEATED_TIMES, 1.0)
        total = COMMENTS_PER_DAY / PER_DAY * self.documents.height
        size = rng.poisson(total * weight / weight.sum())
        rows = shown[np.repeat(np.arange(shown.height), size).tolist()]
        n = rows.height
        said = after(rng, rows["shown"].to_numpy(), 1, 9)
        heated = rows["heated"].to_numpy()
        draw = rng.random(n)
        against = np.where(heated, 0.6, 0.15)
        stance = np.where(draw < against, "2", np.where(draw < against + 0.3, "3", "1"))
        names = pl.Series(sentinel_names())
        answered = either(rng.random(n) < REPLIED, after(rng, said, 3, 20))
        rows = rows.with_columns(
            pl.Series("stance", stance.tolist()),
            choice(rng, n, {**CONCERNS, "09": 0.03}).alias("concern"),
            name=names.gather(pl.Series(rng.integers(0, len(names), n))),
            phone=pl.Series(mobiles(rng, n)).cast(pl.String),
            words=pl.Series(list(WORDS)).gather(pl.Series(rng.integers(0, len(WORDS), n))),
            named=pl.Series(rng.random(n) < NAMED),
            reachable=pl.Series(rng.random(n) < WITH_PHONE),
            wanted=pl.Series(rng.random(n) < ADOPTED),
            has_town=pl.Series(rng.random(n) < HAS_TOWN),
            town_code=world.towns["town_code"].gather(rows["town"]),
            said=pl.Series(said),
            answered=pl.Series(answered),
            comment_id=pl.format("YJ{}", pl.int_range(n).cast(pl.String).str.zfill(8)),
        )
        found = history(world, "comment_id", [changed(rows, s) for s in ("said", "answered")])
        reachable = pl.col("named") & pl.col("reachable")
        told = pl.format("{},联系电话{}。", "words", "phone")
        return found.select(
            "comment_id",
            "eia_id",
            "stance",
            "concern",
            day("comment_date", "said"),
            commenter_name=pl.when("named").then("name"),
            commenter_phone=pl.when(reachable).then("phone"),
            comment_text=pl.when(reachable & pl.col("wanted")).then(told).otherwise("words"),
            replied=known("answered"),
            adopted=pl.when(known("answered")).then("wanted"),
            town_code=pl.when("has_town").then("town_code"),
            updated=moment("at"),
        )
