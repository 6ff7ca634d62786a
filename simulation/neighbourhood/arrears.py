"""P38: wage arrears, from the complaint over the order to the payment.

Every labour case of F08 refers to one of them, which came first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, from_days, moment, per_day, second_of_day
from simulation.channels.breaches import in_json
from simulation.channels.declared import Extra
from simulation.companies import credit_codes
from simulation.disputes import Disputes
from simulation.histories import changed, history, known, known_day, numbered, region_of, start_s
from simulation.justice.cases import Cases
from simulation.justice.warnings import Warnings
from simulation.projects.projects import Projects
from simulation.world import DAY_S, Ints, World

PER_DAY, ON_PROJECT, AS_DISPUTE = 18.0, 0.3, 0.2
LABOUR_DOMAIN, LABOUR_DISPUTE = "03", 2
# Numbers of cases that no enforcement case refers to.
FIRST_OTHER = 50_000_000
EXTRA = Extra(
    json=[
        *in_json("worker_n", "workers_positive", "0"),
        *in_json("arrears_amount", "amount_positive", "0.0"),
    ]
)


@dataclass(frozen=True)
class Arrears:
    """All cases of the labour inspectors."""

    world: World
    projects: Projects
    disputes: Disputes
    cases: Cases
    warnings: Warnings

    def _referred(self, rng: np.random.Generator) -> pl.DataFrame:
        """(number, register, town, uscc or null, amount, sent): those that F08 refers to."""
        labour = self.cases.cases.filter(pl.col("domain") == LABOUR_DOMAIN).join(
            self.warnings.transferred, on="number", how="left", maintain_order="left"
        )
        before = pl.Series(rng.integers(3, 40, labour.height)) * DAY_S
        return labour.select(
            "number",
            register=pl.col("entered") - before,
            town="town",
            employer=pl.when(pl.col("party_kind") == "2").then("party_id"),
            amount=(pl.col("cents") / 100).clip(100.0).round(2),
            sent=from_days("sent").fill_null(int(OPEN)),
        ).with_columns(sent=pl.when(pl.col("sent") < int(OPEN)).then(pl.col("sent") + 9 * 3600))

    def _others(self, rng: np.random.Generator, referred: int) -> pl.DataFrame:
        world = self.world
        rest = max(1.0, PER_DAY - referred / len(world.days) / world.scale)
        days = per_day(world, rng, rest, world.days)
        n = len(days)
        return pl.DataFrame(
            {
                "number": FIRST_OTHER + np.arange(n),
                "register": np.sort(days * DAY_S + second_of_day(rng, n)),
                "town": world.pick_town(rng, n, np.ones(world.towns.height)),
                "employer": pl.Series([None] * n, dtype=pl.String),
                "amount": np.round(np.exp(rng.normal(10.4, 1.1, n)), 2),
                "sent": pl.Series([None] * n, dtype=pl.Int64),
            }
        )

    @cached_property
    def matters(self) -> pl.DataFrame:
        """register, order, due, paid, sent (local seconds), employer, project, dispute."""
        world, rng = self.world, self.world.chance(8338)
        referred = self._referred(rng)
        new = referred.filter(pl.col("register") >= start_s(world)).height
        base = pl.concat([referred, self._others(rng, new)]).sort("register", "number")
        n, register = base.height, base["register"].to_numpy()
        sent = base["sent"].fill_null(int(OPEN)).to_numpy()
        ordered = rng.random(n) < 0.9
        order = np.where(ordered, register + rng.integers(1, 6, n) * DAY_S, OPEN)
        due = (np.where(ordered, order, 0) // DAY_S + rng.integers(5, 16, n)) * DAY_S
        came = np.where(ordered, order, register) + rng.integers(1, 15, n) * DAY_S
        slow = rng.random(n) < 0.05
        paid = np.where(slow, came + rng.integers(15, 90, n) * DAY_S, came)
        town = base["town"].to_numpy()
        own = credit_codes(
            region_of(world, town), rng.permutation(900_000)[:n].astype(np.int64), "1"
        )
        return base.with_columns(
            sent=pl.Series(sent),
            order=pl.Series(order),
            due=pl.Series(np.where(ordered, due, OPEN)),
            # who is handed to the police has not paid
            paid=pl.Series(np.where((sent < OPEN) | (rng.random(n) < 0.01), OPEN, paid)),
            employer=pl.select(pl.coalesce(base["employer"], own)).to_series(),
            workers=pl.Series(1 + rng.negative_binomial(1, 0.16, n)),
            months=pl.Series(np.round(0.5 + rng.exponential(1.6, n), 1)),
            months_known=pl.Series(rng.random(n) < 0.95),
            listed=pl.Series(rng.random(n) < 0.6),
            no_town=pl.Series(rng.random(n) < 0.01),
            project_code=self._projects(rng, register),
            town_code=world.towns["town_code"].gather(base["town"]),
            as_dispute=pl.Series(rng.random(n) < AS_DISPUTE),
        ).pipe(self._linked)

    def _projects(self, rng: np.random.Generator, register: Ints) -> pl.Series:
        """A project entered before the complaint, or none."""
        there = self.projects.projects.filter(pl.col("removed") == int(OPEN)).sort("entered")
        last = np.searchsorted(there["entered"].to_numpy(), register)
        at = np.floor(rng.random(len(register)) * np.maximum(last, 1)).astype(np.int64)
        some = (rng.random(len(register)) < ON_PROJECT) & (last > 0)
        codes = there["project_code"].gather(pl.Series(np.minimum(at, there.height - 1)))
        return pl.select(pl.when(pl.Series(some)).then(codes)).to_series()

    def _linked(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The labour dispute the town registered in the week before, for some."""
        disputes = self.disputes.cases.filter(pl.col("kind") == LABOUR_DISPUTE).select(
            "town", "register", dispute_code="code"
        )
        return rows.join_asof(
            disputes.sort("register"),
            on="register",
            by="town",
            strategy="backward",
            tolerance=7 * DAY_S,
            check_sortedness=False,
        ).with_columns(dispute_code=pl.when("as_dispute").then("dispute_code"))

    def rows(self) -> pl.DataFrame:
        """P38 in declared form; `updated` is the time of the change."""
        steps = [changed(self.matters, s) for s in ("register", "order", "paid", "sent")]
        every = history(self.world, "number", steps)
        return every.select(
            case_id=numbered("QX", "number", 8),
            project_code="project_code",
            uscc="employer",
            worker_n="workers",
            arrears_amount="amount",
            arrears_months=pl.when("months_known").then("months"),
            order_pay_date=known_day("order_pay_date", "order"),
            order_due=pl.when(known("order")).then(
                (pl.col("due") // DAY_S).cast(pl.Int32, strict=False).cast(pl.Date)
            ),
            paid_date=known_day("paid_date", "paid"),
            transferred=known("sent"),
            worker_list_ref=pl.when("listed").then(numbered("HMC", "number", 10)),
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            source_update_time=moment("at"),
            dispute_code="dispute_code",
            updated=moment("at"),
        )
