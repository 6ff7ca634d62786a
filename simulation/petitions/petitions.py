"""P26: petition matters, when each is accepted and answered, and those that are raised again.

A suggestion is only noted; an appeal by another way than the petition procedure gets a plain
answer; one by the petition procedure is handled within 60 days, perhaps extended by 30 at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, moment
from simulation.histories import (
    Flags,
    births,
    changed,
    choice,
    earlier,
    either,
    history,
    known,
    numbered,
    region_of,
)
from simulation.identity import mobiles, resident_ids, sentinel_names
from simulation.offices import NOBODY, ROLES, Offices
from simulation.projects.projects import Projects
from simulation.world import DAY_S, Floats, Ints, World

PER_DAY, STOCK_DAYS = 65.0, 150
AGAIN_PER_CLOSED, FIRST_SHARE = 0.055, 0.965
CHANNELS = {"01": 0.09, "02": 0.20, "03": 0.55, "04": 0.16}
# Category: its share and the role of the department that answers.
CATEGORIES = {
    "0100": (0.24, "housing"),
    "0200": (0.17, "land"),
    "0300": (0.15, "labour"),
    "0400": (0.05, "health"),
    "0500": (0.06, "education"),
    "0600": (0.07, "ecology"),
    "0700": (0.06, "justice"),
    "0800": (0.08, "agriculture"),
    "0900": (0.06, "transport"),
    "9900": (0.06, "petition"),
}
SUGGESTION_SHARE, PATHS = 0.35, {"1": 0.09, "2": 0.05, "4": 0.14, "5": 0.10, "6": 0.62}
TOWN_TARGET, NO_TARGET, HAS_TOWN, LINKED = 0.38, 0.01, 0.96, 0.06
NOTICE_DAYS, ANSWER_DAYS, MOST_EXTENSION = 15, 60, 30
NOTICE_LATE, BAD_NOTICE = 0.0007, {"330604101000": 0.10, "330602/housing": 0.08}
NEVER_NOTICED = 0.1
ANSWER_LATE, BAD_ANSWER = 0.007, {"330603/land": 0.16, "330681102000": 0.20}
EXTENDED_SHARE, NEVER_ANSWERED = 0.06, 0.15
REPEATED, BAD_REPEATED = 0.05, {"330624/labour": 0.30, "330683104000": 0.30}
ASSIGNED_AFTER_S, END_OF_DAY_S = 20 * 3600, DAY_S - 1


@dataclass(frozen=True)
class Petitions:
    """All matters of the world, first ones and those raised again, in order of registration."""

    world: World
    projects: Projects

    @cached_property
    def offices(self) -> Offices:
        return Offices(self.world)

    def _first(self, rng: np.random.Generator) -> pl.DataFrame:
        """Matters that are raised for the first time."""
        world = self.world
        registered = births(world, rng, PER_DAY * FIRST_SHARE, STOCK_DAYS)
        n = len(registered)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        category = choice(rng, n, {c: share for c, (share, _) in CATEGORIES.items()})
        linked = category.is_in(["0100", "0200", "0600"]).to_numpy() & (rng.random(n) < LINKED)
        stay = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        linked &= registered >= stay["entered"][0]
        at = np.where(linked, earlier(rng, stay["entered"].to_numpy(), registered), 0)
        town = np.where(linked, stay["town"].to_numpy()[at], town).astype(np.int64)
        project = stay["project_code"].gather(pl.Series(at))
        roles = pl.Series([ROLES.index(r) for _, r in CATEGORIES.values()])
        place = pl.Series(list(CATEGORIES))
        index = category.replace_strict(place, roles, return_dtype=pl.Int64).to_numpy()
        district = world.district_of_town[town]
        department = self.offices.department(district, index)
        target = np.where(rng.random(n) < TOWN_TARGET, self.offices.of_town[town], department)
        target = np.where(rng.random(n) < NO_TARGET, NOBODY, target)
        bureau = self.offices.department(district, np.full(n, ROLES.index("petition")))
        suggestion = rng.random(n) < SUGGESTION_SHARE
        return pl.DataFrame(
            {
                "registered": registered,
                "town": town,
                "category": category,
                "suggestion": suggestion,
                "path": choice(rng, n, PATHS),
                "target": target,
                "bureau": bureau,
                "project_code": pl.select(pl.when(pl.Series(linked)).then(project)).to_series(),
                "earlier": np.full(n, -1),
            }
        )

    def _handled(self, rng: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
        """With the moments of acceptance, extension and answer, and the chances of each."""
        n = rows.height
        registered, target = rows["registered"].to_numpy(), rows["target"].to_numpy()
        office = np.where(target == NOBODY, rows["bureau"].to_numpy(), target)
        rates = self.offices.rates
        late_notice = rates(32_601, "tailed", NOTICE_LATE, BAD_NOTICE)[office]
        late_answer = rates(32_602, "tailed", ANSWER_LATE, BAD_ANSWER)[office]
        again = rates(32_603, "even", REPEATED, BAD_REPEATED)[office]
        accepted = _accepted(rng, registered, late_notice)
        procedure = (~rows["suggestion"] & (rows["path"] == "6")).to_numpy()
        plain = (~rows["suggestion"] & (rows["path"] != "6")).to_numpy()
        extended = procedure & (rng.random(n) < EXTENDED_SHARE)
        extension = np.where(extended, rng.integers(10, MOST_EXTENSION + 1, n), 0)
        asked = either(extended & (accepted < OPEN), accepted + rng.integers(45, 56, n) * DAY_S)
        limit = np.where(accepted < OPEN, accepted // DAY_S + ANSWER_DAYS + extension, 0)
        late = rng.random(n) < late_answer
        usual = 6 + (rng.beta(2.2, 1.6, n) * (ANSWER_DAYS - 8)).astype(np.int64)
        usual = np.where(extended, ANSWER_DAYS + rng.integers(0, 30, n) * extension // 30, usual)
        usual = np.where(late, limit - accepted // DAY_S + 1 + rng.integers(0, 40, n), usual)
        usual = np.where(plain, rng.integers(3, 20, n), usual)
        never = late & procedure & (rng.random(n) < NEVER_ANSWERED)
        answers = (procedure | plain) & (accepted < OPEN) & ~never
        answered = either(answers, np.where(answers, accepted, 0) + usual * DAY_S + 1800)
        return rows.with_columns(
            accepted=pl.Series(accepted),
            extended=pl.Series(asked),
            extend_days=pl.Series(extension),
            answered=pl.Series(answered),
            procedure=pl.Series(procedure),
            late_notice=pl.Series(late_notice),
            late_answer=pl.Series(late_answer),
            again_chance=pl.Series(again),
            office=pl.Series(office),
        )

    @cached_property
    def petitions(self) -> pl.DataFrame:
        """Every matter with its moments, numbers and the fake person who raised it."""
        world, rng = self.world, self.world.chance(32_600)
        first = self._handled(rng, self._first(rng)).with_row_index("serial")
        closed = first.filter(pl.col("answered") < int(OPEN))
        back = closed.filter(pl.Series(rng.random(closed.height)) < closed["again_chance"])
        wait = rng.integers(5, 86, back.height) * DAY_S
        repeated = back.select(
            registered=pl.col("answered") + pl.Series(wait),
            town="town",
            category="category",
            suggestion="suggestion",
            path="path",
            target="target",
            bureau="bureau",
            project_code="project_code",
            earlier=pl.col("serial").cast(pl.Int64),
        )
        second = self._handled(rng, repeated).with_row_index("serial", offset=first.height)
        rows = pl.concat([first, second.select(first.columns)]).sort("registered", "serial")
        n = rows.height
        names = pl.Series(sentinel_names())
        number = pl.DataFrame({"serial": rows["serial"], "number": np.arange(n)})
        before = number.select(earlier=pl.col("serial").cast(pl.Int64), earlier_number="number")
        town = rows["town"].to_numpy()
        return (
            rows.with_columns(number["number"])
            .join(before, on="earlier", how="left", maintain_order="left")
            .with_columns(
                choice(rng, n, CHANNELS).alias("channel"),
                petition_no=numbered("XF", "number", 8),
                prev_petition_no=numbered("XF", "earlier_number", 8),
                assigned=pl.col("registered") + ASSIGNED_AFTER_S,
                name=names.gather(pl.Series(rng.integers(0, len(names), n))),
                identity=resident_ids(rng, n),
                phone=pl.Series(mobiles(rng, n)).cast(pl.String),
                named=pl.Series(rng.random(n) < 0.9),
                region_code=region_of(world, town),
                town_code=pl.select(
                    pl.when(pl.Series(rng.random(n) < HAS_TOWN)).then(
                        world.towns["town_code"].gather(pl.Series(town))
                    )
                ).to_series(),
                target_org_code=self.offices.code(rows["target"].to_numpy()),
                office_code=self.offices.code(rows["office"].to_numpy()),
                bureau_code=self.offices.code(rows["bureau"].to_numpy()),
            )
        )

    @cached_property
    def matters(self) -> pl.DataFrame:
        """P26 in declared form."""
        rows = self.petitions
        found = history(
            self.world, "petition_no", [changed(rows, s) for s in ("registered", "assigned")]
        )
        appeal = ~pl.col("suggestion")
        return found.select(
            "petition_no",
            "channel",
            "category",
            "project_code",
            "prev_petition_no",
            "town_code",
            moment("register_time", "registered"),
            purpose=pl.when(appeal).then(pl.lit("3")).otherwise(pl.lit("1")),
            petitioner_name=pl.when("named").then("name"),
            petitioner_id_no=pl.when(pl.col("named") & (pl.col("channel") != "04")).then(
                "identity"
            ),
            petitioner_phone=pl.when("named").then("phone"),
            is_first=pl.col("prev_petition_no").is_null(),
            target_org_code=pl.when(known("assigned")).then("target_org_code"),
            source_update_time=moment("at"),
            handle_path=pl.when(appeal).then("path"),
            updated=moment("at"),
        )


def _accepted(rng: np.random.Generator, registered: Ints, chance: Floats) -> Ints:
    """When the notice of acceptance is given: within 15 days, later, or never."""
    n = len(registered)
    late: Flags = rng.random(n) < chance
    in_time = 1 + (rng.beta(1.6, 2.4, n) * (NOTICE_DAYS - 2)).astype(np.int64)
    days = np.where(late, NOTICE_DAYS + 1 + rng.integers(0, 20, n), in_time)
    never = late & (rng.random(n) < NEVER_NOTICED)
    return either(~never, registered + days * DAY_S)
