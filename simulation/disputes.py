"""P32 disputes and F20 their state changes: one life cycle, two feeds.

01 registered, 02 assigned, 03 mediating, 04 agreed, 05 performing, 06 closed (with its check),
07 led to court, 08 reopened, 09 handed to the criminal police. Every dispute that ends has
passed the states before its end, so a funnel over them only narrows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.crisis import failing
from simulation.identity import mobiles, resident_ids, sentinel_names
from simulation.units import Truth
from simulation.world import DAY_S, DISTRICTS, Floats, Ints, World, to_datetime

PER_DAY = 115.0
TYPES = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "99")
TYPE_SHARE = np.array([0.16, 0.21, 0.13, 0.03, 0.02, 0.10, 0.147, 0.03, 0.12, 0.053])
SOURCE_SHARE = np.array([0.34, 0.20, 0.13, 0.12, 0.05, 0.06, 0.06, 0.04])
TIER_SHARE = np.array([0.52, 0.34, 0.14])
SIGNS = ("00", "01", "02", "03", "04", "05")
SIGN_SHARE = np.array([0.955, 0.028, 0.010, 0.004, 0.002, 0.001])
SIGMA = 0.62  # of the log of days to the first closing
MEDIATION_LIMIT_D = 30  # online mediation rules, article 24


def _share(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


def month_end_plus_60(day: Ints) -> Ints:
    """Last day on which a closing still counts for the cohort of the register month."""
    month = pl.Series(day).cast(pl.Int32).cast(pl.Date).dt.month_end()
    return month.to_physical().to_numpy().astype(np.int64) + 60


@dataclass(frozen=True)
class Disputes:
    """All disputes of the world, one element each, in order of registration."""

    world: World

    @cached_property
    def cases(self) -> pl.DataFrame:
        """Registration, place, kind and the course each dispute takes (local seconds)."""
        world, rng = self.world, self.world.chance(32)
        count = rng.poisson(PER_DAY * world.scale * (0.4 + 0.6 * world.day_factor))
        n = int(count.sum())
        register = np.sort(
            np.repeat(world.days, count) * DAY_S
            + (rng.beta(2.2, 2.4, n) * 12 * 3600 + 7.5 * 3600).astype(np.int64)
        )
        tilt = np.where(world.towns["town_type"].to_numpy() == "1", 0.9, 1.15)
        town = world.pick_town(rng, n, tilt)
        truth = Truth(world)
        unresolved = truth.dispute_unresolved[town]
        unresolved = failing(world, "D09", town, register // DAY_S, unresolved)
        within = rng.random(n) >= unresolved
        limit = (month_end_plus_60(register // DAY_S) + 1) * DAY_S - 3600
        days = truth.dispute_median_days[town] * np.exp(rng.normal(0, SIGMA, n))
        close = np.minimum(
            register + np.maximum(3 * 3600, days * DAY_S).astype(np.int64),
            limit - rng.integers(0, 5 * DAY_S, n),
        )
        close = np.maximum(close, register + 3 * 3600)
        # unresolved in time: two of three are settled later, the rest stay open
        late = limit + DAY_S + (rng.exponential(35 * DAY_S, n)).astype(np.int64)
        draw = rng.random(n)
        close = np.where(within, close, late)
        never = ~within & (draw < 0.33)
        course = np.select(
            [never, draw > 0.997, draw > 0.967, draw > 0.945, draw > 0.935],
            ["open", "crime", "court", "returned", "reopened"],
            "plain",
        )
        sign = rng.choice(6, n, p=_share(SIGN_SHARE))
        grade = rng.random(n)
        return (
            pl.DataFrame(
                {
                    "register": register,
                    "close": close,
                    "course": course,
                    "town": town,
                    "kind": rng.choice(10, n, p=_share(TYPE_SHARE)),
                    "source": rng.choice(8, n, p=_share(SOURCE_SHARE)),
                    "tier": rng.choice(3, n, p=_share(TIER_SHARE)),
                    "sign": sign,
                    "party_n": 2 + rng.poisson(0.35, n),
                    "caller": rng.integers(0, len(sentinel_names()), n),
                    "phone": mobiles(rng, n),
                    "has_id": rng.random(n) < 0.9,
                    "has_phone": rng.random(n) < 0.95,
                    "id_no": resident_ids(rng, n),
                    "amount": np.round(np.exp(rng.normal(9.6, 1.3, n)), 2),
                    # moments inside the course, as shares of the way from registration to closing
                    "assign": register
                    + ((close - register) * (0.02 + 0.08 * grade)).astype(np.int64),
                    "mediate": register
                    + ((close - register) * (0.12 + 0.18 * grade)).astype(np.int64),
                    "agree": register
                    + ((close - register) * (0.62 + 0.28 * grade)).astype(np.int64),
                    "performs": rng.random(n) < 0.25,
                    "escalate": register + (grade * 4 * DAY_S).astype(np.int64) + 1800,
                    "crime_kind": np.where(grade < 0.03, "1", np.where(grade < 0.4, "2", "3")),
                    "no_town": rng.random(n) < 0.004,
                    "unresolved": unresolved,
                }
            )
            .with_row_index("case")
            .with_columns(
                code="MD"
                + to_datetime("register").dt.strftime("%Y%m%d")
                + pl.col("case").cast(pl.String).str.zfill(7),
                town_code=pl.when(~pl.col("no_town")).then(
                    world.towns["town_code"].gather(pl.Series(town))
                ),
            )
        )

    def _steps(self) -> pl.DataFrame:
        """(case, from, to, at, check) of every state change ever."""
        case = self.cases

        def step(
            rows: pl.DataFrame,
            before: str | None,
            after: str,
            at: pl.Expr,
            check: str | None = None,
        ) -> pl.DataFrame:
            return rows.select(
                "case",
                before=pl.lit(before, pl.String),
                after=pl.lit(after),
                at=at,
                check=pl.lit(check, pl.String),
            )

        def of(*courses: str) -> pl.DataFrame:
            return case.filter(pl.col("course").is_in(courses))

        settled = of("plain", "returned", "reopened")
        performed = settled.filter("performs")
        close = pl.col("close")
        parts = [
            step(case, None, "01", pl.col("register")),
            step(case, "01", "02", pl.col("assign")),
            step(case, "02", "03", pl.col("mediate")),
            step(settled, "03", "04", pl.col("agree")),
            step(performed, "04", "05", (pl.col("agree") + close) // 2),
            step(of("court"), "03", "07", close),
            step(of("crime"), "03", "09", close),
        ]
        for rows, before in ((settled.filter(~pl.col("performs")), "04"), (performed, "05")):
            good = rows.filter(pl.col("course") != "returned")
            back = rows.filter(pl.col("course") == "returned")
            parts += [
                step(good, before, "06", close, "1"),
                # the check sends it back once; it is closed again two days later
                step(back, before, "06", close, "2"),
                step(back, "06", "03", close + DAY_S),
                step(back, "03", "04", close + DAY_S + 20 * 3600),
                step(back, "04", "06", close + 2 * DAY_S, "1"),
            ]
        again = of("reopened")
        parts += [
            step(again, "06", "08", close + 6 * DAY_S),
            step(again, "08", "03", close + 7 * DAY_S),
            step(again, "03", "04", close + 12 * DAY_S),
            step(again, "04", "06", close + 14 * DAY_S, "1"),
        ]
        end = int(self.world.period_bounds_s[-1])
        return pl.concat(parts).filter(pl.col("at") < end).sort("at", "case", "after")

    @cached_property
    def events(self) -> pl.DataFrame:
        """F20 in declared form: rows of the event log, times as local timestamps."""
        world = self.world
        step = self._steps().join(self.cases, on="case", how="left", maintain_order="left")
        centre = pl.Series([world.organisation(d, "social_centre") for d in DISTRICTS])
        district = pl.Series(world.district_of_town).gather(step["town"])
        office = pl.Series(world.town_government.tolist()).gather(step["town"])
        due = pl.col("register") // DAY_S * DAY_S + (MEDIATION_LIMIT_D + 1) * DAY_S - 1
        ended = pl.col("after").is_in(["06", "07", "09"])
        return (
            step.with_row_index("event")
            .with_columns(
                due=due,
                centre=centre.gather(district),
                office=office,
            )
            .with_columns(
                overdue=pl.col("at") > pl.col("due"),
                event_time="at",
                due_time="due",
            )
            .select(
                event_id="EV" + pl.col("event").cast(pl.String).str.zfill(9),
                dispute_code="code",
                event_time=to_datetime("event_time"),
                from_state="before",
                to_state="after",
                tier=(pl.col("tier") + 1).cast(pl.String),
                handler_org=pl.when(pl.col("tier") == 2).then("centre").otherwise("office"),
                due_time=pl.when(~ended).then(to_datetime("due_time")),
                overdue="overdue",
                close_check="check",
                reopened=pl.col("after") == "08",
                town_code="town_code",
                crime_kind=pl.when(pl.col("after") == "09").then("crime_kind"),
            )
            .with_columns(updated=pl.col("event_time"))
        )

    @cached_property
    def registrations(self) -> pl.DataFrame:
        """P32 in declared form, every version; `updated` is the version's time."""
        end = int(self.world.period_bounds_s[-1])
        names = pl.Series(sentinel_names())
        case = self.cases.with_columns(
            party_a_name=names.gather(self.cases["caller"]),
            escalated=(pl.col("sign") > 0) & (pl.col("escalate") < pl.col("close")),
            extended=pl.col("close") - pl.col("register") > 33 * DAY_S,
        )
        first = case.with_columns(at=pl.col("register"), state=pl.lit(0))
        second = case.filter("escalated").with_columns(at=pl.col("escalate"), state=pl.lit(1))
        joined = case.filter("escalated").with_columns(
            at=pl.col("escalate") + 5400 + pl.col("party_n") * 3600, state=pl.lit(2)
        )
        longer = case.filter("extended").with_columns(
            at=pl.col("register") + 29 * DAY_S, state=pl.lit(3)
        )
        every = (
            pl.concat([first, second, joined, longer]).filter(pl.col("at") < end).sort("at", "case")
        )
        known = pl.col("escalated") & (pl.col("at") >= pl.col("escalate"))
        together = pl.col("escalate") + 5400 + pl.col("party_n") * 3600
        signs = pl.Series(list(SIGNS))
        return (
            every.with_columns(
                register_time="register",
                update_time="at",
                escalation="escalate",
                together=together,
                sign_code=signs.gather(every["sign"]),
            )
            .select(
                dispute_code="code",
                register_time=to_datetime("register_time"),
                source_channel=pl.format("0{}", pl.col("source") + 1),
                dispute_type=pl.Series(list(TYPES)).gather(every["kind"]),
                project_code=pl.lit(None, pl.String),
                party_n="party_n",
                party_a_name="party_a_name",
                party_a_id_no=pl.when(pl.col("has_id")).then("id_no"),
                party_a_phone=pl.when(pl.col("has_phone")).then(pl.col("phone").cast(pl.String)),
                amount=pl.when(pl.col("kind").is_in([2, 5, 6, 8])).then("amount"),
                level=(pl.col("tier") + 1).cast(pl.String),
                escalation_sign=pl.when(known).then("sign_code").otherwise(pl.lit("00")),
                town_code="town_code",
                source_update_time=to_datetime("update_time"),
                escalation_time=pl.when(known).then(to_datetime("escalation")),
                joint_response_time=pl.when(known & (pl.col("at") >= pl.col("together"))).then(
                    to_datetime("together")
                ),
                extend_agreed=pl.col("extended")
                & (pl.col("at") >= pl.col("register") + 29 * DAY_S),
            )
            .with_columns(updated=pl.col("source_update_time"))
        )
