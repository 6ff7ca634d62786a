"""P33: mediation sessions of the disputes of P32, consistent with their courses in F20.

Three of ten disputes need a second session. A few matters are withdrawn by the parties
(result 3): they leave the resolution rate on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.changes import OPEN, day, end_s, moment, pseudonyms, shown
from simulation.disputes import Disputes
from simulation.world import DAY_S, World

MEDIATORS = 900
TWICE, WITHDRAWN_OPEN, WITHDRAWN = 0.30, 0.35, 0.003
FORM_SHARE = [0.82, 0.10, 0.02, 0.06]


@dataclass(frozen=True)
class Mediations:
    """All sessions of the world."""

    world: World
    disputes: Disputes

    @cached_property
    def sessions(self) -> pl.DataFrame:
        """dispute, begin, end (local seconds, OPEN while it runs), result and agreement."""
        world, rng = self.world, self.world.chance(633)
        case = self.disputes.cases.filter(pl.col("mediate") < end_s(world))
        n = case.height
        course, close = case["course"].to_numpy(), case["close"].to_numpy()
        begin = case["mediate"].to_numpy()
        settled = np.isin(course, ["plain", "returned", "reopened"])
        last = np.where(settled, case["agree"].to_numpy(), close)
        draw = rng.random(n)
        withdrawn = np.where(course == "open", draw < WITHDRAWN_OPEN, draw < WITHDRAWN)
        withdrawn &= (course == "open") | (course == "plain")
        patience = begin + rng.integers(3 * DAY_S, 25 * DAY_S, n)
        last = np.where(course == "open", np.where(withdrawn, patience, OPEN), last)
        result = np.select(
            [withdrawn, settled, course == "court", course == "crime"], ["3", "1", "2", "4"], ""
        )
        twice = (rng.random(n) < TWICE) & (last < OPEN) & (last - begin > 3 * DAY_S)
        middle = begin + (np.where(last < OPEN, last, begin) - begin) // 2
        again = np.where(twice, middle + 3600, begin)
        performed = rng.choice(["1", "2", "3", "4"], n, p=[0.86, 0.04, 0.02, 0.08])
        common = pl.DataFrame(
            {
                "dispute_code": case["code"],
                "town_code": case["town_code"],
                "form": pl.Series(rng.choice(["1", "2", "3", "4"], n, p=FORM_SHARE).tolist()),
                "mediator": pseudonyms(
                    case["town"].to_numpy() * 100 + rng.integers(0, MEDIATORS // 103, n), 33
                ),
                "written": rng.random(n) < 0.62,
                "performed": pl.Series(performed.tolist()),
                "refused": (result == "4") & (rng.random(n) < 0.3),
            }
        )
        first = common.with_columns(
            begin=pl.Series(begin), end=pl.Series(middle), result=pl.lit("2"), nth=pl.lit(1)
        ).filter(pl.Series(twice))
        final = common.with_columns(
            begin=pl.Series(again),
            end=pl.Series(last),
            result=pl.Series(result.tolist()),
            nth=pl.lit(2),
        )
        return pl.concat([first, final]).filter(pl.col("begin") < end_s(world))

    @cached_property
    def withdrawn(self) -> pl.Series:
        """Codes of the disputes that were withdrawn before the world's end."""
        gone = (pl.col("result") == "3") & (pl.col("end") < end_s(self.world))
        return self.sessions.filter(gone)["dispute_code"]

    @cached_property
    def changes(self) -> pl.DataFrame:
        """P33 in declared form, what each pull shows: at the session's begin and at its end."""
        world, sessions = self.world, self.sessions
        opened = sessions.with_columns(at="begin", ended=pl.lit(value=False))
        closed = sessions.filter(pl.col("end") < end_s(world)).with_columns(
            at="end", ended=pl.lit(value=True)
        )
        agreed = pl.col("ended") & (pl.col("result") == "1")
        rows = pl.concat([opened, closed]).select(
            mediation_id="TJ" + pl.col("dispute_code").str.slice(2) + pl.col("nth").cast(pl.String),
            dispute_code="dispute_code",
            mediator_token=pl.col("mediator"),
            mediation_form="form",
            begin_time=moment("begin"),
            end_time=pl.when("ended").then(moment("end")),
            result=pl.when(pl.col("ended") & (pl.col("result") != "")).then("result"),
            agreement_type=pl.when(agreed).then(
                pl.when("written").then(pl.lit("1")).otherwise(pl.lit("2"))
            ),
            performed=pl.when(agreed).then("performed"),
            perform_due=pl.when(agreed).then(day("due", "end").dt.offset_by("30d").cast(pl.String)),
            party_refused=pl.col("ended") & pl.col("refused"),
            town_code="town_code",
            updated=moment("at"),
        )
        return shown(rows, "mediation_id", world)
