"""P09: rounds in which the public is heard, and when it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, moment
from simulation.decisions.decisions import Decisions
from simulation.histories import after, changed, choice, either, history, known, known_day, numbered
from simulation.world import DAY_S, World

NOTICE, NOTICE_SHARE, SECOND_SHARE = "01", 0.80, 0.53
OTHER_FORMS = {"02": 0.35, "03": 0.25, "04": 0.08, "05": 0.17, "06": 0.15}
SHORT_WITH_REASON = 0.04
TOO_SHORT, BAD_SHORT = 0.0012, {"330681/water": 0.25}
UNANSWERED, BAD_UNANSWERED = 0.02, {"330602/housing": 0.35, "330683/transport": 0.30}
NEVER_ANSWERED = 0.3
REASONS = ("应急抢险工程,工期紧迫", "上级明确实施期限", "局部微调,影响范围有限")
COUNTED_AFTER_S = 15 * 3600  # after the last day's midnight: the next afternoon


@dataclass(frozen=True)
class Consultations:
    """All rounds, one element each, in order of their decisions."""

    world: World
    decisions: Decisions

    @cached_property
    def rounds(self) -> pl.DataFrame:
        """Each round with its days (`begin`, `end`, `answer`), counts and chances."""
        rng = self.world.chance(30_900)
        every = self.decisions.decisions
        notice = every.filter(pl.Series(rng.random(every.height) < NOTICE_SHARE))
        other = every.filter(pl.Series(rng.random(every.height) < SECOND_SHARE))
        rows = pl.concat(
            [
                notice.with_columns(pl.lit(NOTICE).alias("form")),
                other.with_columns(choice(rng, other.height, OTHER_FORMS).alias("form")),
            ]
        ).sort("number", "form")
        n = rows.height
        leader, offices = rows["leader"].to_numpy(), self.decisions.offices
        public = (rows["form"] == NOTICE).to_numpy()
        short_chance = offices.rates(30_901, "tailed", TOO_SHORT, BAD_SHORT)[leader]
        late_chance = offices.rates(30_902, "split", UNANSWERED, BAD_UNANSWERED)[leader]
        reasoned = public & (rng.random(n) < SHORT_WITH_REASON)
        short = public & ~reasoned & (rng.random(n) < short_chance)
        length = np.where(public, rng.integers(30, 36, n), rng.integers(1, 16, n))
        length = np.where(reasoned | short, rng.integers(10, 30, n), length)
        begin = after(rng, rows["start"].to_numpy(), 2, 9)
        end = begin + length * DAY_S
        opinions = rng.poisson(np.where(public, 6.0, 4.0))
        sample = np.where(public, 0, rng.integers(20, 300, n))
        against = np.where(rng.random(n) < 0.06, rng.uniform(0.3, 0.6, n), rng.beta(1, 14, n))
        oppose = np.round(sample * 0.9 * against).astype(np.int64)
        support = np.round(sample * 0.9).astype(np.int64) - oppose
        late = rng.random(n) < late_chance
        overdue = either(rng.random(n) >= NEVER_ANSWERED, after(rng, end, 17, 40))
        answer = np.where(late, overdue, after(rng, end, 3, 14)).astype(np.int64)
        return rows.with_columns(
            begin=pl.Series(begin),
            end=pl.Series(end),
            counted=pl.Series(end // DAY_S * DAY_S + DAY_S + COUNTED_AFTER_S),
            answer=pl.Series(either(opinions > 0, answer)),
            opinions=pl.Series(opinions),
            adopted=pl.Series(rng.binomial(opinions, 0.35)),
            sample=pl.Series(sample),
            support=pl.Series(support),
            oppose=pl.Series(oppose),
            reasoned=pl.Series(reasoned),
            reason=pl.Series(list(REASONS)).gather(pl.Series(rng.integers(0, 3, n))),
            short_chance=pl.Series(short_chance),
            late_chance=pl.Series(late_chance),
            length=pl.Series(length),
        ).with_row_index("round")

    @cached_property
    def heard(self) -> pl.DataFrame:
        """P09 in declared form."""
        rows = self.rounds
        found = history(
            self.world, "round", [changed(rows, s) for s in ("begin", "counted", "answer")]
        )
        asked = known("counted") & (pl.col("sample") > 0)
        answered = known("answer") & (pl.col("answer") < int(OPEN))
        return found.select(
            "decision_id",
            "region_code",
            day("start_date", "begin"),
            day("end_date", "end"),
            known_day("feedback_date", "answer"),
            consult_id=numbered("ZQ", "round"),
            consult_form="form",
            short_reason=pl.when("reasoned").then("reason"),
            sample_size=pl.when(asked).then("sample"),
            support_n=pl.when(asked).then("support"),
            oppose_n=pl.when(asked).then("oppose"),
            opinion_n=pl.when(known("counted")).then("opinions").otherwise(pl.lit(0)),
            adopted_n=pl.when(answered).then("adopted"),
            updated=moment("at"),
        )
