"""F11: inspections of enterprises, alone or together with other agencies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import moment
from simulation.channels.breaches import in_json
from simulation.channels.declared import Extra
from simulation.companies import credit_codes
from simulation.histories import (
    births,
    changed,
    either,
    history,
    known,
    known_day,
    month_of,
    numbered,
    region_of,
    shares,
)
from simulation.offices import ROLES, Offices
from simulation.world import DAY_S, World

PER_DAY, COMPANIES = 480.0, 60_000
IN_CHARGE = ("market", "enforcement", "emergency", "ecology", "transport", "housing", "labour")
ALONE, BAD_OFFICE = 0.33, {"330603/ecology": 0.72, "330683/transport": 0.78}
FOUND = 0.24
EXTRA = Extra(
    json=[
        *in_json("item_n", "items_positive", "0"),
        (
            "breach of joint_is_two",
            "is_joint",
            r'"agency_n":[0-9]+,"is_joint":(true|false)',
            '"agency_n":1,"is_joint":true',
            "joint_is_two",
        ),
    ]
)


@dataclass(frozen=True)
class Inspections:
    """All visits of the world, in order."""

    world: World

    @cached_property
    def visits(self) -> pl.DataFrame:
        """visit, publish, rectify (local seconds), agencies, items, outcome and unit."""
        world, rng = self.world, self.world.chance(8611)
        visit = births(world, rng, PER_DAY)
        n = len(visit)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        offices = Offices(world)
        role = rng.choice([ROLES.index(r) for r in IN_CHARGE], n)
        office = offices.department(world.district_of_town[town], role)
        chance = np.minimum(offices.rates(86111, "even", ALONE, BAD_OFFICE)[office], 0.9)
        joint = rng.random(n) >= chance
        found = rng.random(n) < FOUND
        way = np.where(
            found, rng.choice(["02", "03", "04", "05"], n, p=[0.63, 0.14, 0.01, 0.22]), "01"
        )
        publish = (visit // DAY_S + rng.integers(1, 8, n)) * DAY_S + 15 * 3600
        rectify = publish + rng.integers(1, 25, n) * DAY_S + 3600
        # a town's companies are always the same
        company = town * (COMPANIES // 103) + rng.integers(0, COMPANIES // 103, n)
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "visit": visit,
                "publish": publish,
                "rectify": either(found & (rng.random(n) < 0.95), rectify),
                "agencies": np.where(joint, 2 + rng.binomial(3, 0.25, n), 1),
                "joint": joint,
                "items": 1 + rng.poisson(6, n),
                "found": found,
                "way": way.tolist(),
                "uscc": credit_codes(region_of(world, town), company),
                "org_code": offices.code(office),
                "chance": chance,
                "town_code": world.towns["town_code"].gather(pl.Series(town)),
                "no_town": rng.random(n) < 0.004,
            }
        ).with_columns(town_code=pl.when(~pl.col("no_town")).then("town_code"))

    def rows(self) -> pl.DataFrame:
        """F11 in declared form; `updated` is the time of the change."""
        steps = [changed(self.visits, s) for s in ("visit", "publish", "rectify")]
        return history(self.world, "number", steps).select(
            inspect_id=numbered("JC", "number", 9),
            inspect_time=moment("visit"),
            agency_n="agencies",
            is_joint="joint",
            uscc="uscc",
            item_n="items",
            found_issue="found",
            handle_way="way",
            first_exempt=pl.col("way") == "05",
            # asked for when the result is published
            rectified=pl.when(pl.col("found") & known("publish")).then(known("rectify")),
            public_date=known_day("public_date", "publish"),
            org_code="org_code",
            town_code="town_code",
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """U05 by month of the visit."""
        rows = self.visits.with_columns(
            month_of("visit"),
            good="joint",
            rate=1 - pl.col("chance"),
            district=pl.col("town_code").str.head(6),
        )
        levels = {"department": "org_code", "town": "town_code", "district": "district"}
        return shares("U05", rows, levels)
