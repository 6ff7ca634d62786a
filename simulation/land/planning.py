"""P16 and P17: where projects are put, and what the public is shown of it."""

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
from simulation.places import points
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

SITES_PER_DAY, NOTICES_PER_DAY, STOCK_DAYS = 4.0, 3.0, 45
USES = {"M1": 0.30, "R2": 0.22, "U1": 0.08, "A3": 0.08, "S1": 0.14, "B1": 0.10, "W1": 0.08}
NIMBY = {
    "00": 0.78,
    "01": 0.05,
    "02": 0.02,
    "03": 0.01,
    "04": 0.04,
    "05": 0.03,
    "06": 0.04,
    "07": 0.03,
}
JUDGED, SURVEYED, REFUSED, HAS_TOWN = 0.9, 0.93, 0.05, 0.97
BEFORE_SHARE, LINKED_SHARE = 0.7, 0.85


@dataclass(frozen=True)
class Planning:
    """Pre-approvals of sites and notices of planning, each of a project that exists."""

    world: World
    projects: Projects

    def _of_projects(self, rng: np.random.Generator, mean: float) -> pl.DataFrame:
        """Moments `begun`, each with a project entered by then."""
        stay = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        begun = births(self.world, rng, mean, STOCK_DAYS)
        at = earlier(rng, stay["entered"].to_numpy(), begun)
        columns = ("project_code", "town", "town_code", "region_code", "name_zh", "mu")
        chosen: pl.DataFrame = (
            stay.select(columns)[at.tolist()]
            .with_columns(begun=pl.Series(begun))
            .with_row_index("number")
        )
        return chosen

    @cached_property
    def sites(self) -> pl.DataFrame:
        """P16 in declared form."""
        rng = self.world.chance(31_600)
        rows = self._of_projects(rng, SITES_PER_DAY)
        n, begun = rows.height, rows["begun"].to_numpy()
        lon, lat = points(self.world, rng, rows["town"].to_numpy())
        rows = rows.with_columns(
            choice(rng, n, USES).alias("land_use"),
            choice(rng, n, NIMBY).alias("nimby"),
            lon=pl.Series(lon),
            lat=pl.Series(lat),
            judged=pl.Series(rng.random(n) < JUDGED),
            surveyed=pl.Series(rng.random(n) < SURVEYED),
            has_town=pl.Series(rng.random(n) < HAS_TOWN),
            issued=pl.Series(either(rng.random(n) >= REFUSED, after(rng, begun, 8, 40))),
            site_id=numbered("XZ", "number", 7),
        )
        found = history(self.world, "site_id", [changed(rows, s) for s in ("begun", "issued")])
        return found.select(
            "site_id",
            "project_code",
            "land_use",
            "region_code",
            known_day("approve_date", "issued"),
            site_name=pl.format("{}{}号地块", "name_zh", pl.col("number") + 1),
            area_ha=(pl.col("mu") / 15 + 0.01).round(4),
            nimby_type=pl.when("judged").then("nimby"),
            lon=pl.when("surveyed").then("lon"),
            lat=pl.when("surveyed").then("lat"),
            town_code=pl.when("has_town").then("town_code"),
            updated=moment("at"),
        )

    @cached_property
    def notices(self) -> pl.DataFrame:
        """P17 in declared form."""
        rng = self.world.chance(31_700)
        rows = self._of_projects(rng, NOTICES_PER_DAY)
        n, begun = rows.height, rows["begun"].to_numpy()
        before = rng.random(n) < BEFORE_SHARE
        length = np.where(before, rng.integers(30, 36, n), rng.integers(7, 16, n))
        ended = begun + length * DAY_S
        opinions = rng.poisson(np.where(rng.random(n) < 0.08, 14.0, 1.2))
        rows = rows.with_columns(
            linked=pl.Series(rng.random(n) < LINKED_SHARE),
            before=pl.Series(before),
            ended=pl.Series(ended),
            closed=pl.Series(ended + 2 * DAY_S),
            opinions=pl.Series(opinions),
            against=pl.Series(rng.binomial(opinions, 0.4)),
            replied=pl.Series(rng.binomial(opinions, 0.93)),
            has_town=pl.Series(rng.random(n) < HAS_TOWN),
            notice_id=numbered("GS", "number", 7),
        )
        found = history(self.world, "notice_id", [changed(rows, s) for s in ("begun", "closed")])
        closed = known("closed")
        return found.select(
            "notice_id",
            "region_code",
            day("start_date", "begun"),
            day("end_date", "ended"),
            project_code=pl.when("linked").then("project_code"),
            notice_type=pl.when("before").then(pl.lit("01")).otherwise(pl.lit("02")),
            opinion_n=pl.when(closed).then("opinions").otherwise(pl.lit(0)),
            opinion_object_n=pl.when(closed).then("against"),
            reply_n=pl.when(closed).then("replied"),
            town_code=pl.when("has_town").then("town_code"),
            updated=moment("at"),
        )
