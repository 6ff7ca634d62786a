"""P27, P28 and P31: the steps of each matter, reviews of its answer, what people think of it."""

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
    history,
    known,
    known_day,
    known_moment,
    numbered,
)
from simulation.petitions.petitions import ANSWER_DAYS, END_OF_DAY_S, NOTICE_DAYS, Petitions
from simulation.world import DAY_S, World

TRANSFERRED_SHARE = 0.6
REGISTERED_WITHIN_S, ANSWER_PREPARED_S = 1800, 1200
REVIEW_SHARE, SECOND_SHARE = 0.09, 0.3
REVIEW_LATE, REVIEW_DAYS = 0.04, 30
RESULTS = {"01": 0.84, "02": 0.11, "03": 0.05}
SILENT, BAD_SILENT = 0.42, {"330602/land": 0.80, "330681110000": 0.85}
OFFICE_TOO = 0.7  # who rates the responsible office often rates the petition office as well
UNSATISFIED, BAD_UNSATISFIED = 0.028, {"330603/housing": 0.22, "330604/labour": 0.20}
CHANNELS = {"02": 0.35, "05": 0.45, "06": 0.14, "01": 0.06}
REASONS = {"01": 0.30, "02": 0.16, "03": 0.10, "04": 0.08, "05": 0.28, "09": 0.08}


@dataclass(frozen=True)
class Steps:
    """What the offices did with every matter."""

    world: World
    petitions: Petitions

    @cached_property
    def steps(self) -> pl.DataFrame:
        """Each step with `begin`, `finish`, `due`, and for the handling its extension."""
        rng = self.world.chance(32_700)
        rows = self.petitions.petitions
        moved = rows.filter(pl.Series(rng.random(rows.height) < TRANSFERRED_SHARE))
        notice_due = (pl.col("registered") // DAY_S + NOTICE_DAYS) * DAY_S + END_OF_DAY_S
        answer_due = (pl.col("accepted") // DAY_S + ANSWER_DAYS) * DAY_S + END_OF_DAY_S
        accepted = pl.col("accepted") < int(OPEN)
        handled = rows.filter(pl.col("procedure") & accepted)
        answered = rows.filter(~pl.col("suggestion") & accepted)
        started = (
            pl.when("procedure")
            .then(pl.col("answered") - ANSWER_PREPARED_S)
            .otherwise(pl.col("accepted"))
        )
        never, no_days = pl.lit(int(OPEN)), pl.lit(0, pl.Int64)
        last = answered.filter((pl.col("answered") < int(OPEN)) | ~pl.col("procedure"))

        def step(part: pl.DataFrame, code: str, org: str, **columns: pl.Expr) -> pl.DataFrame:
            own = {"asked": never, "days": no_days, **columns}
            return part.select(
                "petition_no", "region_code", org_code=pl.col(org), code=pl.lit(code), **own
            )

        begin, assigned = pl.col("registered"), pl.col("assigned")
        parts = [
            step(
                rows,
                "01",
                "bureau_code",
                begin=begin,
                finish=begin + REGISTERED_WITHIN_S,
                due=notice_due,
            ),
            step(
                moved.filter(pl.col("procedure")),
                "02",
                "bureau_code",
                begin=begin + REGISTERED_WITHIN_S,
                finish=assigned,
                due=notice_due,
            ),
            step(
                rows,
                "03",
                "office_code",
                begin=assigned,
                finish=pl.col("accepted"),
                due=notice_due,
            ),
            step(
                handled,
                "04",
                "office_code",
                begin=pl.col("accepted"),
                # the handling of what is never answered goes on
                finish=pl.when(pl.col("answered") < int(OPEN))
                .then(pl.col("answered") - ANSWER_PREPARED_S)
                .otherwise(never),
                due=answer_due,
                asked=pl.col("extended"),
                days=pl.col("extend_days"),
            ),
            step(
                last,
                "05",
                "office_code",
                begin=started,
                finish=pl.col("answered"),
                due=answer_due,
                days=pl.col("extend_days"),
            ),
        ]
        return (
            pl.concat(parts)
            .with_columns(step_id=pl.format("{}-{}", "petition_no", "code"))
            .sort("begin", "step_id")
        )

    @cached_property
    def processing(self) -> pl.DataFrame:
        """P27 in declared form."""
        rows = self.steps
        granted = pl.when(pl.col("asked") < pl.col("finish")).then("asked").otherwise(int(OPEN))
        rows = rows.with_columns(asked=granted)
        found = history(
            self.world, "step_id", [changed(rows, s) for s in ("begin", "asked", "finish")]
        )
        # the answer is due when the handling is, extension included
        extended = known("asked")
        more = pl.when(extended | (pl.col("code") == "05")).then("days").otherwise(pl.lit(0))
        return found.with_columns(limit=pl.col("due") + more * DAY_S).select(
            "step_id",
            "petition_no",
            "region_code",
            moment("start_time", "begin"),
            moment("due_time", "limit"),
            known_moment("end_time", "finish"),
            step_code="code",
            step_org_code="org_code",
            extended=extended,
            extend_days=pl.when(extended).then("days"),
            source_update_time=moment("at"),
            updated=moment("at"),
        )

    @cached_property
    def reviews(self) -> pl.DataFrame:
        """P28 in declared form: the answer reviewed, and once more one level up."""
        rng = self.world.chance(32_800)
        closed = self.petitions.petitions.filter(
            pl.col("procedure") & (pl.col("answered") < int(OPEN))
        )
        first = closed.filter(pl.Series(rng.random(closed.height) < REVIEW_SHARE))
        n = first.height
        asked = after(rng, first["answered"].to_numpy(), 3, 28)
        late = rng.random(n) < REVIEW_LATE
        given = after(rng, asked, 8, 29) + np.where(late, 25 * DAY_S, 0)
        first = first.with_columns(
            level=pl.lit("1"), asked=pl.Series(asked), given=pl.Series(given)
        )
        second = first.filter(pl.Series(rng.random(n) < SECOND_SHARE))
        again = after(rng, second["given"].to_numpy(), 3, 28)
        second = second.with_columns(
            level=pl.lit("2"),
            asked=pl.Series(again),
            given=pl.Series(after(rng, again, 10, 29)),
            bureau_code=pl.lit(self.world.organisation("330600", "petition")),
        )
        rows = pl.concat([first, second])
        rows = rows.with_columns(
            choice(rng, rows.height, RESULTS).alias("outcome"),
            hearing=pl.Series(rng.random(rows.height) < 0.07),
            review_id=pl.format("FC{}-{}", pl.col("petition_no").str.slice(2), "level"),
        )
        found = history(self.world, "review_id", [changed(rows, s) for s in ("asked", "given")])
        return found.select(
            "review_id",
            "petition_no",
            "hearing",
            "region_code",
            day("request_date", "asked"),
            known_day("opinion_date", "given"),
            review_level="level",
            result=pl.when(known("given")).then("outcome"),
            org_code="bureau_code",
            updated=moment("at"),
        )

    @cached_property
    def closed(self) -> pl.DataFrame:
        """Answered matters with the chances of their people: `silent`, `unhappy`."""
        offices = self.petitions.offices
        rows = self.petitions.petitions.filter(pl.col("answered") < int(OPEN))
        office = rows["office"].to_numpy()
        silent = offices.rates(33_102, "even", SILENT, BAD_SILENT)[office]
        unhappy = offices.rates(33_103, "even", UNSATISFIED, BAD_UNSATISFIED)[office]
        return rows.with_columns(silent=pl.Series(silent), unhappy=pl.Series(unhappy))

    @cached_property
    def evaluations(self) -> pl.DataFrame:
        """Each evaluation with its moment, target, score and the chances behind it.

        Who is asked after an answer rates within two weeks or not at all.
        """
        rng, closed = self.world.chance(33_101), self.closed
        own = closed.filter(pl.Series(rng.random(closed.height)) >= closed["silent"])
        given = own["answered"].to_numpy() + rng.integers(3600, 14 * DAY_S, own.height)
        own = own.with_columns(eval_target=pl.lit("2"), given=pl.Series(given))
        bureau = own.filter(pl.Series(rng.random(own.height) < OFFICE_TOO)).with_columns(
            eval_target=pl.lit("1"),
            given=pl.col("given") + 60,
            office_code="bureau_code",
            unhappy=pl.lit(0.02),
        )
        rows = pl.concat([own, bureau]).sort("given", "petition_no")
        n = rows.height
        bad = rng.random(n) < rows["unhappy"].to_numpy()
        score = np.where(bad, rng.integers(1, 4, n), rng.integers(4, 6, n))
        return rows.with_columns(
            choice(rng, n, CHANNELS).alias("eval_channel"),
            choice(rng, n, REASONS).alias("reason"),
            score=pl.Series(score),
            bad=pl.Series(bad),
        ).with_row_index("nth")

    @cached_property
    def rated(self) -> pl.DataFrame:
        """P31 in declared form."""
        rows = self.evaluations.with_columns(eval_id=numbered("PJ", "nth", 8))
        return history(self.world, "eval_id", [changed(rows, "given")]).select(
            "eval_id",
            "petition_no",
            "eval_target",
            "score",
            "eval_channel",
            "region_code",
            moment("eval_time", "given"),
            unsat_reason=pl.when("bad").then("reason"),
            org_code="office_code",
            updated=moment("at"),
        )
