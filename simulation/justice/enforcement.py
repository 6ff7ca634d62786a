"""F04: enforcement cases of the courts, with debtors who do not exist.

The cases of the ten months before the world come with the first delivery: the
requests of F05 refer to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import day, end_s, moment
from simulation.channels.breaches import LONG_AGO_DAY, refused, warned
from simulation.channels.declared import Extra
from simulation.companies import company_names, credit_codes
from simulation.histories import (
    births,
    changed,
    choice,
    either,
    history,
    known,
    known_day,
    month_of,
    region_of,
    shares,
)
from simulation.identity import resident_ids, sentinel_names
from simulation.world import DAY_S, DISTRICTS, World

PER_DAY, STOCK_D, STOCK_PER_DAY = 110.0, 320, 40.0
KINDS = {"1": 0.76, "2": 0.12, "3": 0.06, "4": 0.06}
NAMES = {"1": "执", "2": "执恢", "3": "行审", "4": "财保"}
# Numbers that no court has reached: the cases do not exist.
FIRST_NUMBER = 90_001
DEBTORS = {"1": 0.70, "2": 0.24, "3": 0.05, "4": 0.01}
# By district: closed too late (two kinds of courts), first cases fully enforced.
LATE = np.array([0.012, 0.010, 0.014, 0.085, 0.011, 0.055])
DONE = np.array([0.40, 0.41, 0.38, 0.29, 0.43, 0.36])
EXTRA = Extra(
    cells=[
        warned("close_date", "close_after_file", LONG_AGO_DAY),
        refused("subject_amount", "subject_not_negative", -1.0),
    ]
)
LEAST_D = 10  # no case is closed earlier: its requests are made before


@dataclass(frozen=True)
class Enforcement:
    """All cases, in order of filing."""

    world: World

    @cached_property
    def cases(self) -> pl.DataFrame:
        """file, deduct_at, close, clue_at (local seconds), limit, number and money (元)."""
        world, rng = self.world, self.world.chance(8604)
        new = births(world, rng, PER_DAY)
        old = int(world.days[0]) * DAY_S - np.sort(
            rng.integers(1, STOCK_D * DAY_S, rng.poisson(STOCK_PER_DAY * world.scale * STOCK_D))
        )
        file = np.concatenate([np.sort(old), new]).astype(np.int64)
        n = len(file)
        town = world.pick_town(rng, n, np.ones(world.towns.height))
        district = world.district_of_town[town]
        kind = choice(rng, n, KINDS)
        months = np.where(kind.to_numpy() == "3", 3, 6)
        deducted = np.where(rng.random(n) < 0.07, rng.integers(10, 61, n), 0)
        filed = pl.Series(file * 1_000_000).cast(pl.Datetime("us")).dt.date()
        limit = (
            pl.DataFrame({"d": filed, "m": months, "x": deducted})
            .select(
                pl.when(pl.col("m") == 3)
                .then(pl.col("d").dt.offset_by("3mo"))
                .otherwise(pl.col("d").dt.offset_by("6mo"))
                .cast(pl.Int32)
                .cast(pl.Int64)
                + pl.col("x")
            )
            .to_series()
            .to_numpy()
        )
        start = file // DAY_S
        late = rng.random(n) < LATE[district]
        span = limit - start - LEAST_D
        soon = start + LEAST_D + np.floor(span * rng.beta(2.6, 1.5, n)).astype(np.int64)
        after = limit + 1 + rng.exponential(30, n).astype(np.int64)
        close = np.where(late, after, np.minimum(soon, limit)) * DAY_S + 16 * 3600
        done = rng.random(n) < DONE[district]
        way = np.where(done, "01", rng.choice(["02", "03", "04"], n, p=[0.72, 0.20, 0.08]))
        subject = np.round(np.exp(np.minimum(rng.normal(10.6, 1.5, n), 16.0)), 2)
        part = np.where(done, 1.0, rng.beta(0.7, 4.0, n))
        debtor = choice(rng, n, DEBTORS)
        number = rng.permutation(900_000)[np.arange(n) % 900_000].astype(np.int64)
        person = pl.Series(sentinel_names()).gather(
            pl.Series(rng.integers(0, len(sentinel_names()), n))
        )
        natural = pl.col("debtor") == "1"
        return pl.DataFrame(
            {
                "case": np.arange(n),
                "file": file,
                "limit": limit,
                "close": close,
                "deducted": deducted,
                "deduct_at": either(deducted > 0, file + 8 * DAY_S),
                "clue_at": either(rng.random(n) < 0.012, file + rng.integers(3, 10, n) * DAY_S),
                "late_chance": LATE[district],
                "done_chance": DONE[district],
                "kind": kind,
                "way": way.tolist(),
                "subject": subject,
                "actual": np.round(subject * part, 2),
                "debtor": debtor,
                "person": person,
                "person_id": resident_ids(rng, n),
                "firm": company_names(world, town, number),
                "firm_id": credit_codes(region_of(world, town), number),
                "id_known": rng.random(n) < 0.97,
                "court": pl.Series(list(DISTRICTS)).gather(pl.Series(district)),
            }
        ).with_columns(
            # a preservation ends in weeks, whatever the limit
            close=pl.when(pl.col("kind") == "4")
            .then(pl.col("file") + LEAST_D * DAY_S + pl.col("close") % (12 * DAY_S))
            .otherwise("close"),
            debtor_name=pl.when(natural).then("person").otherwise("firm"),
            debtor_id=pl.when(natural).then("person_id").otherwise("firm_id"),
            case_no=self._numbers(),
        )

    @staticmethod
    def _numbers() -> pl.Expr:
        """（2026）浙0602执90001号: counted by court, year and kind."""
        year = moment("file").dt.year()
        nth = FIRST_NUMBER + pl.int_range(pl.len()).over("court", year, "kind")
        return pl.format(
            "（{}）浙{}{}{}号",
            year,
            pl.col("court").str.slice(2),
            pl.col("kind").replace_strict(NAMES, return_dtype=pl.String),
            nth,
        )

    def rows(self) -> pl.DataFrame:
        """F04 in declared form; `updated` is the time of the change."""
        steps = [changed(self.cases, s) for s in ("file", "deduct_at", "clue_at", "close")]
        return history(self.world, "case_no", steps).select(
            case_no="case_no",
            case_kind="kind",
            court_code="court",
            file_date=day("file"),
            close_date=known_day("close_date", "close"),
            close_way=pl.when(known("close")).then("way"),
            subject_amount="subject",
            actual_amount=pl.when(known("close")).then("actual"),
            debtor_kind="debtor",
            debtor_name="debtor_name",
            debtor_id_no=pl.when("id_known").then("debtor_id"),
            refuse_exec_clue=known("clue_at"),
            deduct_days=pl.when(known("deduct_at")).then("deducted").otherwise(0),
            region_code="court",
            update_time=moment("at"),
            updated=moment("at"),
        )

    def rates(self) -> pl.DataFrame:
        """E01 by month of closing; E03 by month of closing, or of the limit of an open case."""
        end, begin = end_s(self.world), int(self.world.days[0])
        closed = pl.col("close") < end
        cases = self.cases.filter(pl.col("kind") != "4").with_columns(
            counts=pl.when(closed).then("close").otherwise((pl.col("limit") + 1) * DAY_S - 1),
            good=closed & (pl.col("close") // DAY_S <= pl.col("limit")),
            rate=1 - pl.col("late_chance"),
        )
        due = cases.filter(pl.col("counts").is_between(begin * DAY_S, end - 1)).with_columns(
            month_of("counts")
        )
        first = due.filter(closed & (pl.col("kind") == "1")).with_columns(
            good=pl.col("way") == "01", rate=pl.col("done_chance")
        )
        levels = {"court": "court", "district": "court"}
        return pl.concat([shares("E03", due, levels), shares("E01", first, levels)])
