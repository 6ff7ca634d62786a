"""P06: major decisions from their beginning to the collective decision, and their days.

A decision that must be assessed gets a report (and a second one where the first asked for
changes), is reviewed for legality and decided. A few offices decide before the report is filed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment
from simulation.decisions.levels import Levels, levels
from simulation.histories import (
    Flags,
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
from simulation.offices import CITY, REGIONS, ROLES, Offices
from simulation.projects.projects import Projects
from simulation.world import DAY_S, Floats, Ints, World

PER_DAY, STOCK_DAYS = 3.0, 220
KINDS = {"1": 0.20, "2": 0.12, "3": 0.06, "4": 0.50, "5": 0.12}
PROJECT_KIND = "4"
MUST_SHARE, MUST_SHARE_PROJECT = 0.46, 0.85
CITY_SHARE, TOWN_SHARE = 0.12, 0.35
# Who leads a decision of each kind where no town does, by role.
LEADERS = {
    "1": ("reform", "education", "health", "transport"),
    "2": ("land", "reform", "housing"),
    "3": ("land", "water", "culture", "agriculture"),
    "4": ("housing", "transport", "water", "ecology"),
    "5": ("civil", "agriculture", "labour"),
}
MATTERS = {
    "1": "公共服务调价方案",
    "2": "专项规划修编",
    "3": "资源保护利用方案",
    "4": "建设项目实施方案",
    "5": "重要改革方案",
}
NOT_ASSESSED, BAD_ASSESSED = 0.0008, {"330603/housing": 0.18, "330681102000": 0.30}
NEVER_FILED_SHARE = 0.3
CONSULTED_AFTER_D, CARRIED_OUT_AFTER_D = 5, 30


@dataclass(frozen=True)
class Decisions:
    """All decisions of the world, one element each, in order of their beginning."""

    world: World
    projects: Projects

    @cached_property
    def offices(self) -> Offices:
        return Offices(self.world)

    @cached_property
    def _known_projects(self) -> pl.DataFrame:
        """Projects that stay, by entry."""
        return self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")

    def _places(
        self, rng: np.random.Generator, start: Ints, kind: pl.Series
    ) -> tuple[Ints, Ints, pl.Series]:
        """(town, region as in REGIONS, project code or null) of each decision."""
        world, n, stay = self.world, len(start), self._known_projects
        entered = stay["entered"].to_numpy()
        linked = (kind == PROJECT_KIND).to_numpy() & (start >= entered[0])
        at = np.where(linked, earlier(rng, entered, start), 0)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        town = np.where(linked, stay["town"].to_numpy()[at], town).astype(np.int64)
        region = np.where(rng.random(n) < CITY_SHARE, CITY, world.district_of_town[town])
        codes = stay["project_code"].gather(pl.Series(at))
        project = pl.select(pl.when(pl.Series(linked)).then(codes)).to_series()
        return town, region.astype(np.int64), project

    def _leaders(self, rng: np.random.Generator, town: Ints, region: Ints, kind: pl.Series) -> Ints:
        n = len(town)
        most = max(len(v) for v in LEADERS.values())
        table = np.array(
            [[ROLES.index(v[i % len(v)]) for i in range(most)] for v in LEADERS.values()]
        )
        row = kind.cast(pl.Int64).to_numpy() - 1
        role = table[row, rng.integers(0, most, n)]
        own = (region != CITY) & (rng.random(n) < TOWN_SHARE)
        office = self.offices
        return np.asarray(np.where(own, office.of_town[town], office.department(region, role)))

    @cached_property
    def _lives(self) -> tuple[pl.DataFrame, Levels]:
        world, rng = self.world, self.world.chance(30_600)
        start = births(world, rng, PER_DAY, STOCK_DAYS)
        n = len(start)
        kind = choice(rng, n, KINDS)
        town, region, project = self._places(rng, start, kind)
        leader = self._leaders(rng, town, region, kind)
        share = np.where((kind == PROJECT_KIND).to_numpy(), MUST_SHARE_PROJECT, MUST_SHARE)
        must = rng.random(n) < share
        miss = self.offices.rates(30_601, "tailed", NOT_ASSESSED, BAD_ASSESSED)[leader]
        failed = must & (rng.random(n) < miss)
        drawn = levels(rng, must, failed)
        moments = _moments(rng, start, must, failed, drawn)
        code = self.offices.code(leader)
        place = pl.Series(list(REGIONS)).gather(pl.Series(region))
        name = world.towns["name_zh"].gather(pl.Series(town))
        frame = pl.DataFrame(
            {
                "number": np.arange(n),
                "start": start,
                "kind": kind,
                "town": town,
                "region": region,
                "leader": leader,
                "project_code": project,
                "must": must,
                "miss": miss,
                **moments,
            }
        ).with_columns(
            code.alias("lead_org_code"),
            place.alias("region_code"),
            pl.format(
                "{}{}({}号)",
                name,
                pl.col("kind").replace_strict(MATTERS, return_dtype=pl.String),
                pl.col("number") + 1,
            ).alias("decision_title"),
            decision_id=pl.format(
                "JC{}{}", moment("start").dt.strftime("%y%m"), numbered("", width=6)
            ),
        )
        return frame, drawn

    @cached_property
    def decisions(self) -> pl.DataFrame:
        """Every decision with its moments; `report`, `filed` … OPEN where there is none."""
        return self._lives[0]

    @cached_property
    def levels(self) -> Levels:
        """The risk points of the first and second reports."""
        return self._lives[1]

    @cached_property
    def catalogue(self) -> pl.DataFrame:
        """P06 in declared form."""
        rows = self.decisions.with_columns(
            consulted=pl.col("start") + CONSULTED_AFTER_D * DAY_S,
            carried=pl.when(pl.col("decide") < int(OPEN))
            .then(pl.col("decide") + CARRIED_OUT_AFTER_D * DAY_S)
            .otherwise(pl.lit(int(OPEN))),
        )
        steps = ("start", "consulted", "report", "legality", "decide", "carried", "stopped")
        found = history(self.world, "number", [changed(rows, s) for s in steps])
        status = pl.lit("01")
        for number, step in enumerate(steps[1:]):
            reached = pl.lit(f"{number + 2:02d}")
            status = pl.when(known(step)).then(reached).otherwise(status)
        return found.select(
            "decision_id",
            "decision_title",
            "project_code",
            "lead_org_code",
            "region_code",
            known_day("legality_review_date", "legality"),
            known_day("decide_date", "decide"),
            day("start_date", "start"),
            decision_type="kind",
            must_assess="must",
            decision_status=status,
            source_update_time=moment("at"),
            updated=moment("at"),
        )


def _moments(
    rng: np.random.Generator, start: Ints, must: Flags, failed: Flags, drawn: Levels
) -> dict[str, Ints | Floats]:
    """The days of reports, filing, review and decision."""
    n = len(start)
    report = either(must, after(rng, start, 20, 60))
    filed = after(rng, report, 1, 9)
    again = must & drawn.again
    report2 = either(again, after(rng, filed, 15, 40))
    filed2 = after(rng, report2, 1, 9)
    last = np.where(again, filed2, np.where(must, filed, after(rng, start, 35, 75)))
    # who does not wait for the filing lets the review begin right after the report
    ready = np.where(failed, after(rng, report, 1, 4), last).astype(np.int64)
    stopped = either(drawn.stops, after(rng, last.astype(np.int64), 5, 15))
    goes_on = stopped >= OPEN
    legality = either(goes_on, after(rng, ready, 5, 20))
    decide = after(rng, legality, 3, 20)
    late = after(rng, decide, 5, 40)
    never = rng.random(n) < NEVER_FILED_SHARE
    filed = np.where(failed, either(~never, late), filed).astype(np.int64)
    return {
        "report": report,
        "filed": filed,
        "report2": report2,
        "filed2": filed2,
        "legality": legality,
        "decide": decide,
        "stopped": stopped,
    }
