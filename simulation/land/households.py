"""P13 and P14: the households of each expropriation, their signing and what they are paid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment
from simulation.histories import (
    after,
    changed,
    choice,
    either,
    history,
    known,
    known_day,
    numbered,
)
from simulation.identity import mobiles, resident_ids, sentinel_names
from simulation.land.expropriations import Expropriations
from simulation.offices import Offices
from simulation.phrases import ROADS
from simulation.world import DAY_S, World

IN_PERIOD, AFTER_PERIOD = 0.90, 0.07  # the rest goes to court first
REASONS = {"01": 0.40, "02": 0.20, "03": 0.18, "04": 0.10, "05": 0.07, "06": 0.05}
SECOND_SHARE, FIRST_PART, DEPOSIT_SHARE = 0.33, 0.7, 0.02
PAID_LATE, BAD_PAYERS = 0.008, {"330604101000": 0.30, "330683104000": 0.22}
NEVER_PAID = 0.15
ACCOUNT = 620_000_000_000_000_000  # an issuer's number nobody bears


@dataclass(frozen=True)
class Households:
    """All households of decided expropriations."""

    world: World
    expropriations: Expropriations

    @cached_property
    def households(self) -> pl.DataFrame:
        """Each with its holder, days of registration, talks, court and signing."""
        world, rng = self.world, self.world.chance(31_300)
        lives = self.expropriations.expropriations
        rows = (
            lives.filter(pl.col("decided") < int(OPEN))
            .select(
                "exprop_id",
                "project_code",
                "town",
                "town_code",
                "decided",
                "deadline",
                "standard",
                "families",
            )
            .explode("families")
            .with_row_index("number")
        )
        n = rows.height
        decided, deadline = rows["decided"].to_numpy(), rows["deadline"].to_numpy()
        draw = rng.random(n)
        span = (deadline - decided) // DAY_S
        in_period = decided + (4 + rng.random(n) ** 1.5 * (span - 4)).astype(np.int64) * DAY_S
        later = after(rng, deadline, 1, 120)
        court = either(draw >= IN_PERIOD + AFTER_PERIOD, after(rng, deadline, 8, 20))
        in_court = after(rng, court, 60, 240)
        signed = np.where(
            draw < IN_PERIOD, in_period, np.where(court < OPEN, in_court, later)
        ).astype(np.int64)
        area = np.round(np.exp(rng.normal(4.9, 0.4, n)), 1)
        names = pl.Series(sentinel_names())
        road = pl.Series(list(ROADS)).gather(pl.Series(rng.integers(0, len(ROADS), n)))
        place = world.towns["name_zh"].gather(rows["town"])
        return rows.with_columns(
            choice(rng, n, REASONS).alias("reason"),
            pl.format("{}{}{}号", place, road, pl.Series(rng.integers(1, 300, n))).alias("address"),
            holder=names.gather(pl.Series(rng.integers(0, len(names), n))),
            identity=resident_ids(rng, n),
            phone=pl.Series(mobiles(rng, n)).cast(pl.String),
            has_phone=pl.Series(rng.random(n) < 0.93),
            tells=pl.Series(rng.random(n) < 0.8),
            registered=pl.Series(decided + DAY_S),
            talking=pl.Series(decided + 3 * DAY_S),
            court=pl.Series(court),
            signed=pl.Series(signed),
            area=pl.Series(area),
            compensation=pl.Series(np.round(area * rows["standard"].to_numpy(), 2)),
            household_id=pl.format("{}H{}", pl.col("exprop_id"), numbered("", width=7)),
        )

    @cached_property
    def ledger(self) -> pl.DataFrame:
        """P13 in declared form."""
        rows = self.households
        steps = ("registered", "talking", "court", "signed")
        found = history(self.world, "household_id", [changed(rows, s) for s in steps])
        signed = known("signed")
        status = pl.when(known("court")).then(pl.lit("04")).otherwise(pl.lit("02"))
        status = pl.when(known("talking")).then(status).otherwise(pl.lit("01"))
        waiting = ~signed & known("talking") & pl.col("tells")
        return found.select(
            "household_id",
            "exprop_id",
            "town_code",
            known_day("sign_date", "signed"),
            holder_name="holder",
            holder_id_no="identity",
            phone=pl.when("has_phone").then("phone"),
            house_addr="address",
            build_area="area",
            family_n="families",
            sign_status=pl.when(signed).then(pl.lit("03")).otherwise(status),
            comp_amount=pl.when(signed).then("compensation"),
            unsigned_reason=pl.when(waiting).then("reason"),
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def payments(self) -> pl.DataFrame:
        """Each payment with `due`, `paid`, its amount and the chance to be late."""
        world, rng = self.world, self.world.chance(31_400)
        rows = self.households
        second = rows.filter(pl.Series(rng.random(rows.height) < SECOND_SHARE))
        split = rows.with_columns(parts=pl.col("number").is_in(second["number"].implode()))
        first_part = pl.when("parts").then(FIRST_PART).otherwise(1.0) * pl.col("compensation")
        first = split.with_columns(nth=pl.lit(1), amount=first_part.round(2))
        rest = (pl.col("compensation") - pl.col("amount")).round(2)
        second = first.filter("parts").with_columns(nth=pl.lit(2), amount=rest)
        both = pl.concat([first, second]).sort("number", "nth")
        n = both.height
        signed, town = both["signed"].to_numpy(), both["town"].to_numpy()
        due = np.where(
            both["nth"].to_numpy() == 1, after(rng, signed, 20, 30), after(rng, signed, 60, 120)
        ).astype(np.int64)
        chance = Offices(world).town_rates(31_401, "even", PAID_LATE, BAD_PAYERS)[town]
        late = rng.random(n) < chance
        overdue = either(rng.random(n) >= NEVER_PAID, after(rng, due, 1, 60))
        in_time = due - rng.integers(0, 13, n) * DAY_S
        paid = np.where(late, overdue, in_time).astype(np.int64)
        morning = (due // DAY_S + 1) * DAY_S + 8 * 3600
        return both.with_columns(
            due=pl.Series(due),
            paid=pl.Series(paid),
            missed=pl.Series(either(paid > morning, morning)),
            late_chance=pl.Series(chance),
            deposited=pl.Series(rng.random(n) < DEPOSIT_SHARE),
            account=pl.Series(ACCOUNT + rng.integers(0, 10**12, n)).cast(pl.String),
            payment_id=pl.format("{}-{}", "household_id", "nth"),
        )

    @cached_property
    def paid(self) -> pl.DataFrame:
        """P14 in declared form."""
        rows = self.payments
        found = history(
            self.world, "payment_id", [changed(rows, s) for s in ("signed", "missed", "paid")]
        )
        settled = pl.when("deposited").then(pl.lit("04")).otherwise(pl.lit("02"))
        waiting = pl.when(known("missed")).then(pl.lit("03")).otherwise(pl.lit("01"))
        return found.select(
            "payment_id",
            "exprop_id",
            "household_id",
            "amount",
            "town_code",
            day("due_date", "due"),
            known_day("paid_date", "paid"),
            payee_name="holder",
            bank_account="account",
            pay_status=pl.when(known("paid")).then(settled).otherwise(waiting),
            source_update_time=moment("at"),
            updated=moment("at"),
        )
