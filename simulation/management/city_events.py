"""F10: cases of city management, reported, filed, handled, checked and closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, days_from, end_s, moment, per_day
from simulation.channels.breaches import in_json
from simulation.channels.declared import Extra
from simulation.histories import (
    changed,
    choice,
    either,
    history,
    known,
    known_moment,
    month_of,
    numbered,
    shares,
)
from simulation.offices import ROLES, Offices
from simulation.world import DAY_S, World, day_number, to_datetime

SINCE, PER_DAY = date(2026, 8, 1), 1_500.0
SOURCES = {"01": 0.58, "02": 0.17, "03": 0.11, "04": 0.06, "05": 0.08}
STAGES = {"1": 0.02, "2": 0.03, "3": 0.13, "4": 0.12, "5": 0.70}
# Kinds of GB/T 30428.2: components begin with 01-05, events with 06-11 (two digits, then four).
COMPONENTS = ("010101", "010203", "020101", "020301", "030102", "040101", "050201")
INCIDENTS = ("060101", "060203", "070102", "080101", "090104", "100201", "110101")
FILED, LIMIT_H = 0.96, np.array([4, 12, 24, 48, 120])
IN_CHARGE = ("enforcement", "housing", "transport", "water", "ecology")
LATE, BAD_OFFICE = 0.021, {"330603/enforcement": 0.17, "330681/housing": 0.15}
BAD_TOWN = {"330624107000": 0.20}
REWORK, NEVER, UNCLOSED = 0.022, 0.12, 0.006
EXTRA = Extra(json=in_json("rework_n", "rework_not_negative", "-1"))


@dataclass(frozen=True)
class CityEvents:
    """All cases from the day the stream begins, in order of report."""

    world: World

    @cached_property
    def events(self) -> pl.DataFrame:
        """report, file, dispatch, due, handle, check, close (local seconds), unit and kind."""
        world, rng = self.world, self.world.chance(8610)
        days = per_day(world, rng, PER_DAY, days_from(world, day_number(SINCE)))
        n = len(days)
        report = np.sort(
            days * DAY_S + (rng.beta(2.0, 2.1, n) * 14 * 3600 + 6 * 3600).astype(np.int64)
        )
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        offices = Offices(world)
        role = rng.choice([ROLES.index(r) for r in IN_CHARGE], n, p=[0.5, 0.18, 0.12, 0.1, 0.1])
        department = offices.department(world.district_of_town[town], role)
        office = np.where(rng.random(n) < 0.45, offices.of_town[town], department)
        chance = offices.rates(86101, "split", LATE, {**BAD_OFFICE, **BAD_TOWN})[office]
        late = rng.random(n) < chance
        filed = rng.random(n) < FILED
        file = report + rng.integers(60, 1800, n)
        dispatch = file + rng.integers(60, 1200, n)
        limit = LIMIT_H[rng.choice(5, n, p=[0.15, 0.25, 0.3, 0.2, 0.1])] * 3600
        due = dispatch + limit
        within = dispatch + 300 + (limit * rng.beta(1.6, 2.2, n) * 0.97).astype(np.int64)
        after = due + 900 + rng.exponential(limit * 0.8).astype(np.int64)
        happens = filed & ~(late & (rng.random(n) < NEVER))
        handle = either(happens, np.where(late, after, np.minimum(within, due)))
        check = either(happens, np.where(happens, handle, 0) + rng.integers(600, 30_000, n))
        closes = happens & (rng.random(n) >= UNCLOSED)
        close = either(closes, np.where(closes, check, 0) + rng.integers(60, 7_200, n))
        component = rng.random(n) < 0.24
        kind = np.where(component, rng.choice(COMPONENTS, n), rng.choice(INCIDENTS, n))
        twice = rng.random(n) < 0.66
        return pl.DataFrame(
            {
                "number": np.arange(n),
                "report": report,
                "file": either(filed, file),
                "dispatch": either(filed, dispatch),
                "due": either(filed, due),
                "handle": handle,
                "check": check,
                "close": close,
                # two of three cases are told when they are sent out, and again when they end
                "opened": either(~happens | twice, np.where(filed, dispatch, file)),
                "ended": np.where(closes, close, check),
                "rework": np.where(rng.random(n) < REWORK, 1 + (rng.random(n) < 0.1), 0),
                "component": component,
                "kind": kind.tolist(),
                "source": choice(rng, n, SOURCES),
                "stage": choice(rng, n, STAGES),
                "org_code": offices.code(office),
                "chance": chance,
                "no_town": rng.random(n) < 0.004,
                "town_code": world.towns["town_code"].gather(pl.Series(town)),
            }
        ).with_columns(town_code=pl.when(~pl.col("no_town")).then("town_code"))

    def rows(self) -> pl.DataFrame:
        """F10 in declared form, one row per message; `updated` is the time of sending."""
        steps = [changed(self.events, s) for s in ("opened", "ended")]
        return history(self.world, "number", steps).select(
            event_no=numbered("CG", "number", 9),
            event_class=pl.when("component").then(pl.lit("1")).otherwise(pl.lit("2")),
            event_code="kind",
            source="source",
            report_time=moment("report"),
            file_time=known_moment("file_time", "file"),
            dispatch_time=known_moment("dispatch_time", "dispatch"),
            due_time=moment("due"),
            handle_time=known_moment("handle_time", "handle"),
            check_time=known_moment("check_time", "check"),
            close_time=known_moment("close_time", "close"),
            rework_n=pl.when(known("check")).then("rework").otherwise(0),
            stage_code="stage",
            org_code="org_code",
            town_code="town_code",
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """U01 and U02 by month of the limit, U03 by month of handling; as the messages tell.

        U02 is read at the month's end and has no rate: the days until then differ.
        """
        end = end_s(self.world)
        over = to_datetime("due").dt.truncate("1mo").dt.offset_by("1mo").dt.epoch("s")
        told = pl.col("ended") < end
        rows = self.events.with_columns(district=pl.col("town_code").str.head(6))
        due = rows.filter(pl.col("due") < end).with_columns(
            month_of("due"),
            good=told & (pl.col("handle") <= pl.col("due")),
            rate=1 - pl.col("chance"),
        )
        closed = due.with_columns(
            good=told & (pl.col("close") < pl.min_horizontal(pl.lit(end), over)),
            rate=pl.lit(None, pl.Float64),
        )
        done = rows.filter(told & (pl.col("handle") < int(OPEN))).with_columns(
            month_of("handle"), good=pl.col("rework") >= 1, rate=pl.lit(REWORK)
        )
        levels = {"department": "org_code", "town": "town_code", "district": "district"}
        return pl.concat(
            [shares("U01", due, levels), shares("U02", closed, levels), shares("U03", done, levels)]
        )
