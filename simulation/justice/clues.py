"""F07: clues of the procuratorate's models, what became of them, and suggestions to departments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, end_s, moment
from simulation.channels.breaches import LONG_AGO, refused, warned
from simulation.channels.declared import Extra
from simulation.histories import (
    births,
    changed,
    choice,
    either,
    history,
    known,
    known_day,
    numbered,
    quarter_of,
    region_of,
    shares,
)
from simulation.offices import ROLES, Offices
from simulation.world import DAY_S, World

PER_DAY = 6.0
MODELS = {"M001": 0.14, "M002": 0.17, "M003": 0.20, "M004": 0.09, "M005": 0.16, "M006": 0.24}
# How many of a model's clues become a case: some models are better than others.
MADE_CASE = {"M001": 0.22, "M002": 0.34, "M003": 0.38, "M004": 0.14, "M005": 0.24, "M006": 0.42}
KIND_OF_MODEL = {"M001": "2", "M002": "1", "M003": "1", "M004": "1", "M005": "1", "M006": "4"}
SUGGESTS = 0.62
NO_REPLY, BAD_OFFICE = 0.02, {"330624/enforcement": 0.3, "330603/ecology": 0.22}
IN_CHARGE = ("enforcement", "ecology", "justice", "market", "land", "water", "housing")
EXTRA = Extra(
    cells=[
        warned("review_date", "review_after_found", LONG_AGO),
        warned("reply_date", "reply_after_suggestion", LONG_AGO),
        refused(
            "suggest_date",
            "suggestion_dated",
            None,
            pl.col("suggest_date").is_not_null() & pl.col("suggestion_id").is_not_null(),
        ),
    ]
)


@dataclass(frozen=True)
class Clues:
    """All clues of the world, in order of finding."""

    world: World

    @cached_property
    def clues(self) -> pl.DataFrame:
        """found, taken, review, filed, suggest, reply (local seconds), limit and codes."""
        world, rng = self.world, self.world.chance(8607)
        found = births(world, rng, PER_DAY)
        n = len(found)
        model = choice(rng, n, MODELS)
        chance = model.replace_strict(MADE_CASE, return_dtype=pl.Float64).to_numpy()
        made = rng.random(n) < chance
        result = np.where(made, "1", np.where(rng.random(n) < 0.12, "3", "2"))
        review = found + rng.integers(5, 45, n) * DAY_S
        filed = either(made, review + rng.integers(1, 8, n) * DAY_S)
        suggests = made & (rng.random(n) < SUGGESTS)
        suggest = either(suggests, np.where(made, filed, 0) + rng.integers(5, 30, n) * DAY_S)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        offices = Offices(world)
        role = rng.choice([ROLES.index(r) for r in IN_CHARGE], n)
        office = offices.department(world.district_of_town[town], role)
        slow = offices.rates(86071, "even", NO_REPLY, BAD_OFFICE)[office]
        late = rng.random(n) < slow
        wait = np.where(late, rng.integers(63, 120, n), rng.integers(12, 59, n)) * DAY_S
        reply = either(suggests, np.where(suggests, suggest, 0) + wait)
        limit = (
            pl.Series(np.where(suggests, suggest, 0) * 1_000_000)
            .cast(pl.Datetime("us"))
            .dt.date()
            .dt.offset_by("2mo")
            .to_physical()
            .cast(pl.Int64)
            .to_numpy()
        )
        alike = rng.random(n) < 0.25
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "found": found,
                "taken": found + rng.integers(1, 5, n) * DAY_S,
                "review": review,
                "filed": filed,
                "suggest": suggest,
                "reply": reply,
                "limit": np.where(suggests, (limit + 1) * DAY_S, OPEN),
                "adopted": rng.random(n) < 0.985,
                "model": model,
                "kind": np.where(
                    rng.random(n) < 0.8,
                    model.replace_strict(KIND_OF_MODEL, return_dtype=pl.String).to_numpy(),
                    "3",
                ).tolist(),
                "alike": alike,
                "cases": 2 + rng.poisson(4, n),
                "result": result.tolist(),
                "org_code": offices.code(office),
                "region_code": region_of(world, town),
                "made_chance": chance,
                "slow_chance": slow,
            }
        )

    def rows(self) -> pl.DataFrame:
        """F07 in declared form; `updated` is the time of the change."""
        steps = ("found", "taken", "review", "filed", "suggest", "reply")
        result = pl.when(known("review")).then("result").when(known("taken")).then(pl.lit("4"))
        every = history(self.world, "number", [changed(self.clues, s) for s in steps])
        return every.select(
            clue_id=numbered("XS", "number"),
            model_code="model",
            clue_kind="kind",
            found_date=day("found"),
            is_class_case="alike",
            case_n=pl.when("alike").then("cases"),
            review_result=result,
            filed_date=known_day("filed_date", "filed"),
            suggestion_id=pl.when(known("suggest")).then(numbered("JY", "number")),
            suggest_date=known_day("suggest_date", "suggest"),
            reply_date=known_day("reply_date", "reply"),
            adopted=pl.when(known("reply")).then("adopted"),
            org_code="org_code",
            region_code="region_code",
            review_date=known_day("review_date", "review"),
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """J01 by quarter of the review, J03 by quarter of the suggestion's limit."""
        end = end_s(self.world)
        reviewed = self.clues.filter(pl.col("review") < end).with_columns(
            quarter_of("review"), good=pl.col("result") == "1", rate="made_chance"
        )
        due = self.clues.filter(pl.col("limit") <= end).with_columns(
            (pl.col("limit") - 1).alias("last")
        )
        due = due.with_columns(
            quarter_of("last"),
            good=(pl.col("reply") < pl.col("limit")) & pl.col("adopted"),
            rate=(1 - pl.col("slow_chance")) * 0.985,
        )
        return pl.concat(
            [
                shares("J01", reviewed, {"model": "model", "district": "region_code"}),
                shares("J03", due, {"department": "org_code", "district": "region_code"}),
            ]
        )
