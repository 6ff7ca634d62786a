"""P47: messages to the government's website and their answers; writers do not exist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation import phrases
from simulation.changes import OPEN, moment, per_day
from simulation.channels.breaches import LONG_AGO_TIME, warned
from simulation.channels.declared import Extra
from simulation.histories import changed, either, history, known, known_moment, numbered, region_of
from simulation.hotline import TOPIC_ROLE, TOPIC_SHARE, TOPICS
from simulation.identity import mobiles, resident_ids, sentinel_names
from simulation.offices import ROLES, Offices
from simulation.projects.projects import Projects
from simulation.world import DAY_S, World

PER_DAY, LIMIT_WORKDAYS, ON_PROJECT = 120.0, 5, 0.05
LATE, NEVER = 0.03, 0.1  # of messages; of the late ones
EXTRA = Extra(cells=[warned("reply_time", "reply_after_submit", LONG_AGO_TIME)])


@dataclass(frozen=True)
class Messages:
    """All messages of the world, in order."""

    world: World
    projects: Projects

    def _messages(self) -> pl.DataFrame:
        """submit, name_unit, reply (local seconds) and everything that never changes."""
        world, rng = self.world, self.world.chance(8347)
        days = per_day(world, rng, PER_DAY, world.days)
        n = len(days)
        submit = np.sort(days * DAY_S + (rng.beta(2.6, 2.0, n) * DAY_S).astype(np.int64))
        topic = rng.choice(len(TOPICS), n, p=TOPIC_SHARE / TOPIC_SHARE.sum())
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        offices = Offices(world)
        role = np.array([ROLES.index(r) for r in TOPIC_ROLE])[topic]
        office = offices.department(world.district_of_town[town], role)
        late = rng.random(n) < offices.rates(83471, "split", LATE, {})[office]
        limit = world.due_day(submit // DAY_S, np.full(n, LIMIT_WORKDAYS)) * DAY_S + 17 * 3600
        taken = submit + rng.integers(600, 10 * 3600, n)
        soon = taken + 600 + ((limit - taken - 700) * rng.beta(2.2, 2.0, n)).astype(np.int64)
        reply = np.where(late, limit + rng.exponential(3 * DAY_S, n).astype(np.int64) + 3600, soon)
        there = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        last = np.searchsorted(there["entered"].to_numpy(), submit)
        project = np.floor(rng.random(n) * np.maximum(last, 1)).astype(np.int64)
        caller = pl.Series(sentinel_names()).gather(
            pl.Series(rng.integers(0, len(sentinel_names()), n))
        )
        phone = pl.Series(mobiles(rng, n)).cast(pl.String)
        place = phrases.places(
            world.towns["name_zh"].gather(pl.Series(town)),
            world.villages["name_zh"].gather(pl.Series(world.pick_village(rng, town))),
            pl.Series(rng.integers(1, 400, n)),
            pl.repeat(value=True, n=n, eager=True),
        )
        content = phrases.contents(
            pl.Series(topic),
            pl.Series(rng.integers(0, 1 << 30, n)),
            place,
            caller,
            phone,
            resident_ids(rng, n),
            pl.Series(rng.random(n) < 0.01),
        )
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "submit": submit,
                "taken": taken,
                "reply": either(~(late & (rng.random(n) < NEVER)), reply),
                "topic": pl.Series(list(TOPICS)).gather(pl.Series(topic)),
                "project_code": there["project_code"].gather(
                    pl.Series(np.minimum(project, there.height - 1))
                ),
                "on_project": (rng.random(n) < ON_PROJECT) & (last > 0),
                "name": caller,
                "has_name": rng.random(n) < 0.9,
                "phone": phone,
                "has_phone": rng.random(n) < 0.8,
                "content": content,
                "org_code": offices.code(office),
                "public": rng.random(n) < 0.7,
                "region_code": region_of(world, town),
            }
        )

    def rows(self) -> pl.DataFrame:
        """P47 in declared form; `updated` is the time of the change."""
        table = self._messages()
        steps = [changed(table, s) for s in ("submit", "taken", "reply")]
        return history(self.world, "number", steps).select(
            message_id=numbered("WZ", "number"),
            submit_time=moment("submit"),
            topic_code="topic",
            project_code=pl.when("on_project").then("project_code"),
            user_name=pl.when("has_name").then("name"),
            user_phone=pl.when("has_phone").then("phone"),
            content="content",
            reply_org_code=pl.when(known("taken")).then("org_code"),
            reply_time=known_moment("reply_time", "reply"),
            published=pl.col("public") & known("reply"),
            region_code="region_code",
            updated=moment("at"),
        )
