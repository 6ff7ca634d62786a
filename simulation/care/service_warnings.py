"""F13: warnings of missing care of the patients of F12, and the help that was given.

At the end of the demonstration 3,125 warnings have been given and 710 led to help, the
published numbers; both scale with the city and its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.care.patients import Patients
from simulation.changes import end_s, moment
from simulation.channels.breaches import LONG_AGO_TIME, in_json
from simulation.channels.declared import Extra
from simulation.histories import (
    changed,
    either,
    history,
    known,
    known_moment,
    month_of,
    numbered,
    shares,
)
from simulation.world import DAY_S, DISTRICTS, World, to_datetime

WARNINGS, HANDLED, DAYS = 3_125, 710, 395  # article figures, over 13 months
NEEDED_MORE = 0.008  # help that was needed and has not been given yet
KINDS = ("01", "02", "03", "04", "05")
KIND_SHARE = [0.46, 0.27, 0.09, 0.13, 0.05]
RULES = ("MH-Y1", "MH-Y2", "MH-R2", "MH-Y2", "MH-R1")
LIMIT_H = np.array([72, 48, 4, 120, 24])
LATE = np.array([0.010, 0.012, 0.009, 0.075, 0.011, 0.012])  # by district
# Ways of helping by kind of warning.
WAYS = ("02", "03", "04", "06", "05")
EXTRA = Extra(json=in_json("due_time", "due_after_warning", f'"{LONG_AGO_TIME}"', '"[^"]*"'))


@dataclass(frozen=True)
class ServiceWarnings:
    """All warnings of the world, in order."""

    world: World
    patients: Patients

    @cached_property
    def warnings(self) -> pl.DataFrame:
        """warn, respond, verify, handle, close, due (local seconds), patient and kind."""
        world, rng = self.world, self.world.chance(8613)
        size = world.scale * len(world.days) / DAYS
        n, handled = max(1, round(WARNINGS * size)), round(HANDLED * size)
        first, last = int(world.days[0]), int(world.days[-1])
        # the last warning is given an hour before the end, so that all of them are delivered
        warn = np.sort(rng.integers(first * DAY_S + 3600, (last + 1) * DAY_S - 3600, n))
        people = self.patients.patients.filter((pl.col("first") <= first) & (pl.col("last") > last))
        patient = rng.integers(0, people.height, n)
        who = people.select("token", "district")[patient.tolist()]
        district = who["district"].to_numpy()
        kind = rng.choice(len(KINDS), n, p=KIND_SHARE)
        limit = LIMIT_H[kind] * 3600
        late = rng.random(n) < LATE[district]
        within = warn + 300 + (limit * rng.beta(1.5, 3.0, n) * 0.96).astype(np.int64)
        respond = np.where(late, warn + limit + 1800 + rng.integers(0, 3 * DAY_S, n), within)
        handle = respond + 1800 + rng.integers(0, 3 * DAY_S, n)
        close = handle + 3600 + rng.integers(0, DAY_S, n)
        # help is given to as many as were published; all of it has been given by the end
        able = np.flatnonzero(handle < end_s(world))
        helped = np.zeros(n, bool)
        helped[rng.choice(able, min(handled, len(able)), replace=False)] = True
        waits = ~helped & (rng.random(n) < NEEDED_MORE * HANDLED / WARNINGS)
        made: pl.DataFrame = who.with_columns(
            number=pl.int_range(n),
            warn=pl.Series(warn),
            due=pl.Series(warn + limit),
            respond=pl.Series(respond),
            verify=pl.Series(respond + 1200),
            handle=pl.Series(either(helped, handle)),
            close=pl.Series(either(~waits, np.where(helped, close, respond + 2 * DAY_S))),
            needed=pl.Series(helped | waits),
            kind=pl.Series(kind),
            late_chance=pl.Series(LATE[district]),
            district_code=pl.Series(list(DISTRICTS)).gather(who["district"]),
        )
        return made

    def rows(self) -> pl.DataFrame:
        """F13 in declared form; `updated` is the time of the change."""
        steps = ("warn", "respond", "verify", "handle", "close")
        every = history(self.world, "number", [changed(self.warnings, s) for s in steps])
        return every.select(
            warning_id=numbered("YJ", "number"),
            patient_token=pl.col("token"),
            rule_id=pl.Series(RULES).gather(every["kind"]),
            warn_kind=pl.Series(KINDS).gather(every["kind"]),
            warn_time=moment("warn"),
            due_time=moment("due"),
            respond_time=known_moment("respond_time", "respond"),
            handle_kind=pl.when(known("handle")).then(pl.Series(WAYS).gather(every["kind"])),
            handle_time=known_moment("handle_time", "handle"),
            needs_intervention=pl.when(known("verify")).then("needed"),
            close_time=known_moment("close_time", "close"),
            district_code="district_code",
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """H05 and H06 by month of the limit, for limits that have passed.

        H06 is read at the month's end and has no rate: the days until then differ.
        """
        end = end_s(self.world)
        over = to_datetime("due").dt.truncate("1mo").dt.offset_by("1mo").dt.epoch("s")
        due = self.warnings.filter(pl.col("due") < end).with_columns(
            month_of("due"),
            good=pl.col("respond") <= pl.col("due"),
            rate=1 - pl.col("late_chance"),
        )
        needed = due.filter(pl.col("needed") & (pl.col("verify") < end)).with_columns(
            good=pl.col("close") < pl.min_horizontal(pl.lit(end), over),
            rate=pl.lit(None, pl.Float64),
        )
        level = {"district": "district_code"}
        return pl.concat([shares("H05", due, level), shares("H06", needed, level)])
