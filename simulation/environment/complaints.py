"""P23, P24 and P25: complaints, the penalties of decided cases, and places to be protected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, from_days, moment
from simulation.environment.polluters import Polluters
from simulation.histories import (
    after,
    births,
    changed,
    choice,
    earlier,
    history,
    known,
    known_moment,
    numbered,
    region_of,
)
from simulation.identity import mobiles, sentinel_names
from simulation.justice.cases import AGENCIES, Cases
from simulation.justice.warnings import Warnings
from simulation.offices import Offices
from simulation.places import points
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

PER_DAY, STOCK_DAYS, WORKDAYS = 55.0, 40, 15
CHANNELS = {"01": 0.46, "02": 0.22, "03": 0.03, "04": 0.05, "05": 0.22, "06": 0.02}
POLLUTION = {
    "01": 0.28,
    "02": 0.15,
    "03": 0.30,
    "04": 0.06,
    "05": 0.01,
    "06": 0.01,
    "07": 0.19,
}
LATE, BAD_TOWNS = 0.012, {"330603002000": 0.2, "330681102000": 0.16}
NAMED, AIMED, LINKED, HAS_TOWN, ASKED, TRUE, CONTENT = 0.82, 0.55, 0.05, 0.96, 0.6, 0.55, 0.9
ILLEGAL = {"0101": 0.30, "0102": 0.08, "0103": 0.16, "0104": 0.18, "0105": 0.04, "0199": 0.24}
NO_FINE = 0.05
RECEPTORS, LISTED_BEFORE_D = 7000, 730
# Type, share, name's end, log of persons.
RECEPTOR_TYPES = (
    ("01", 0.16, "小学", 6.2),
    ("02", 0.05, "卫生院", 5.2),
    ("03", 0.70, "居住区", 7.0),
    ("04", 0.07, "养老院", 4.6),
    ("05", 0.02, "水源地", 0.0),
)


@dataclass(frozen=True)
class Complaints:
    """Complaints about polluters and projects."""

    world: World
    polluters: Polluters
    projects: Projects

    @cached_property
    def complaints(self) -> pl.DataFrame:
        """P23 in declared form."""
        world, rng = self.world, self.world.chance(32_300)
        made = births(world, rng, PER_DAY, STOCK_DAYS)
        n = len(made)
        firms = self.polluters.firms
        stay = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        at = earlier(rng, stay["entered"].to_numpy(), made)
        aimed, linked = rng.random(n) < AIMED, rng.random(n) < LINKED
        firm = (rng.random(n) ** 2 * firms.height).astype(np.int64)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        town = np.where(aimed, firms["town"].to_numpy()[firm], town)
        town = np.where(linked, stay["town"].to_numpy()[at], town).astype(np.int64)
        due_day = world.due_day(made // DAY_S, np.full(n, WORKDAYS))
        due = due_day * DAY_S + DAY_S - 1
        late = rng.random(n) < Offices(world).town_rates(32_301, "tailed", LATE, BAD_TOWNS)[town]
        span = due_day - made // DAY_S
        quick = made + (1 + rng.beta(2, 2.5, n) * (span - 1)).astype(np.int64) * DAY_S
        finished = np.where(late, after(rng, made + span * DAY_S, 1, 30), quick).astype(np.int64)
        names = pl.Series(sentinel_names())
        rows = pl.DataFrame(
            {
                "number": np.arange(n),
                "made": made,
                "due": due,
                "finished": finished,
                "aimed": aimed & ~linked,
                "linked": linked,
                "firm_code": firms["uscc"].gather(pl.Series(firm)),
                "project": stay["project_code"].gather(pl.Series(at)),
                "channel": choice(rng, n, CHANNELS),
                "pollute_type": choice(rng, n, POLLUTION),
                "name": names.gather(pl.Series(rng.integers(0, len(names), n))),
                "phone": pl.Series(mobiles(rng, n)).cast(pl.String),
                "named": rng.random(n) < NAMED,
                "true": rng.random(n) < TRUE,
                "asked": rng.random(n) < ASKED,
                "content": rng.random(n) < CONTENT,
                "has_town": rng.random(n) < HAS_TOWN,
                "town": world.towns["town_code"].gather(pl.Series(town)),
            }
        ).with_columns(complaint_id=numbered("HT", "number", 8))
        found = history(world, "complaint_id", [changed(rows, s) for s in ("made", "finished")])
        done = known("finished")
        return found.select(
            "complaint_id",
            "channel",
            "pollute_type",
            moment("complaint_time", "made"),
            moment("due_time", "due"),
            known_moment("finish_time", "finished"),
            project_code=pl.when("linked").then("project"),
            complainant_name=pl.when("named").then("name"),
            complainant_phone=pl.when("named").then("phone"),
            target_uscc=pl.when("aimed").then("firm_code"),
            is_true=pl.when(done).then("true"),
            satisfied=pl.when(done & pl.col("asked")).then("content"),
            town_code=pl.when("has_town").then("town"),
            updated=moment("at"),
        )


def penalties(world: World, cases: Cases, warnings: Warnings) -> pl.DataFrame:
    """P24 in declared form: decided cases of the ecology agency against enterprises.

    What was handed to the police is not decided by the agency, so that none of these was.
    """
    rng = world.chance(32_400)
    handed_over = warnings.transferred.filter(pl.col("sent") < int(OPEN))
    rows = (
        cases.cases.filter(
            (pl.col("agency") == AGENCIES.index("ecology"))
            & (pl.col("party_kind") != "1")
            & ~pl.col("deleted")
            & ~pl.col("no_penalty")
            & (pl.col("decided") < int(OPEN))
        )
        .join(handed_over.select("number"), on="number", how="anti")
        .sort("decided", "number")
    )
    n = rows.height
    rows = rows.with_columns(
        choice(rng, n, ILLEGAL).alias("illegal_type"),
        fined=pl.Series(rng.random(n) >= NO_FINE),
        published=from_days("decided") + DAY_S + 10 * 3600,
        decide_date=pl.col("decided").cast(pl.Int32).cast(pl.Date),
    ).with_columns(
        nth=pl.int_range(1, pl.len() + 1).over(pl.col("decide_date").dt.year()),
    )
    found = history(world, "case_id", [changed(rows, "published")])
    return found.select(
        "case_id",
        "illegal_type",
        "decide_date",
        "region_code",
        penalty_no=pl.format("绍市环罚〔{}〕{}号", pl.col("decide_date").dt.year(), "nth"),
        uscc="party_id",
        file_date=pl.col("filed").cast(pl.Int32).cast(pl.Date),
        fine_amount=pl.when("fined").then((pl.col("fine") / 100).round(2)),
        is_transfer=pl.lit(value=False),
        town_code=pl.when("has_town").then("town_code"),
        updated=moment("at"),
    )


def receptors(world: World) -> pl.DataFrame:
    """P25 in declared form: the list of a year, made before the world began."""
    rng = world.chance(32_500)
    n = max(10, round(RECEPTORS * world.scale))
    town = world.pick_town(rng, n, np.ones(world.towns.height))
    kind = rng.choice(len(RECEPTOR_TYPES), n, p=[t[1] for t in RECEPTOR_TYPES])
    lon, lat = points(world, rng, town)
    village = world.villages["name_zh"].gather(pl.Series(world.pick_village(rng, town)))
    scale = np.array([t[3] for t in RECEPTOR_TYPES])[kind]
    people = np.maximum(1, np.exp(rng.normal(scale, 0.6, n))).astype(np.int64)
    rows = pl.DataFrame(
        {
            "number": np.arange(n),
            "receptor_type": pl.Series([t[0] for t in RECEPTOR_TYPES]).gather(pl.Series(kind)),
            "end": pl.Series([t[2] for t in RECEPTOR_TYPES]).gather(pl.Series(kind)),
            "place": world.towns["name_zh"].gather(pl.Series(town)),
            "village": village,
            "people": people,
            "lon": lon,
            "lat": lat,
            "region_code": region_of(world, town),
            "town_code": world.towns["town_code"].gather(pl.Series(town)),
            "at": np.full(n, (int(world.days[0]) - LISTED_BEFORE_D) * DAY_S),
        }
    )
    housing = pl.col("receptor_type") == "03"
    return rows.select(
        "receptor_type",
        "lon",
        "lat",
        "region_code",
        "town_code",
        receptor_id=numbered("MG", "number", 6),
        receptor_name=pl.format("{}{}{}", "place", "village", "end"),
        households=pl.when(housing).then((pl.col("people") // 3).clip(lower_bound=1)),
        population=pl.when(pl.col("receptor_type") != "05").then("people"),
        updated=moment("at"),
    )
