"""F02: contacts of the eleven kinds, asked by text message or telephone, and what followed.

Every finished valid call of F01 is a contact of kind 01. Unsatisfied answers are called back;
whoever is still unsatisfied then causes a rectification order and a second call.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from simulation.changes import OPEN, days_from, end_s, moment, per_day, second_of_day, shown
from simulation.policing.calls import SINCE, Calls, stations
from simulation.units import Truth
from simulation.world import DAY_S, World, day_number

OTHER_PER_DAY = 3850.0
KIND_SHARE = [0.07, 0.20, 0.06, 0.24, 0.09, 0.14, 0.04, 0.05, 0.05, 0.06]  # kinds 02-11
ANSWERS, CALLED_BACK, NOT_REACHED = 0.38, 0.12, 0.18
ORDER_LIMIT_D, DONE_WITHIN_D = 5, (1, 6)


@dataclass(frozen=True)
class Feedback:
    """All contacts of the world, one element each, in order of service."""

    world: World
    calls: Calls

    def _contacts(self, rng: np.random.Generator) -> pl.DataFrame:
        """(service, kind, town, source_ref): those of F01 and the others."""
        world = self.world
        done = (pl.col("valid")) & (pl.col("finish") < end_s(world))
        calls = self.calls.calls.filter(done).select(
            service="finish", kind=pl.lit(1, pl.Int64), town="town", source_ref="call_id"
        )
        days = per_day(world, rng, OTHER_PER_DAY, days_from(world, day_number(SINCE)))
        n = len(days)
        service = days * DAY_S + second_of_day(rng, n, 8.0, 18.0)
        other = pl.DataFrame(
            {
                "service": service,
                "kind": 2 + rng.choice(10, n, p=np.array(KIND_SHARE) / sum(KIND_SHARE)),
                "town": world.pick_town(rng, n, np.ones(world.towns.height)),
            }
        ).with_columns(
            source_ref=pl.format(
                "YW{}{}",
                pl.col("kind").cast(pl.String).str.zfill(2),
                pl.int_range(pl.len()).cast(pl.String).str.zfill(9),
            )
        )
        return pl.concat([calls, other]).sort("service", "source_ref")

    @cached_property
    def contacts(self) -> pl.DataFrame:
        """Each contact with its whole course; moments in local seconds, OPEN where none."""
        rng = self.world.chance(702)
        rows = self._contacts(rng)
        n, town = rows.height, rows["town"].to_numpy()
        service, truth = rows["service"].to_numpy(), Truth(self.world)
        asked = rng.random(n) >= truth.unasked[town]
        unhappy = rng.random(n) < truth.unsatisfied[town]
        sms = np.where(asked, service + rng.integers(1800, 20 * 3600, n), OPEN)
        answers = asked & (rng.random(n) < ANSWERS + 0.2 * unhappy)
        reply = np.where(answers, np.where(unhappy, "2", "1"), "0")
        called = asked & ((reply == "2") | (~answers & (rng.random(n) < CALLED_BACK)))
        callback = np.where(called, sms + rng.integers(6 * 3600, 3 * DAY_S, n), OPEN)
        result = self._callback(rng, n, unhappy, reply)
        ordered = called & (result == "3")
        soonest, latest = (d * DAY_S for d in DONE_WITHIN_D)
        finish = np.where(ordered, callback + rng.integers(soonest, latest, n), OPEN)
        second = np.where(rng.random(n) < 0.62, np.where(rng.random(n) < 0.6, "1", "2"), "3")
        return rows.with_columns(
            sms=pl.Series(sms),
            reply=pl.Series(reply.tolist()),
            reply_at=pl.Series(np.where(answers, sms + rng.integers(60, DAY_S, n), OPEN)),
            callback=pl.Series(callback),
            result=pl.Series(np.where(called, result, "").tolist()),
            reason=pl.Series(rng.choice(["01", "02", "03", "04", "05", "09"], n).tolist()),
            ordered=pl.Series(ordered),
            finish=pl.Series(finish),
            second=pl.Series(np.where(ordered, second, "").tolist()),
            second_at=pl.Series(np.where(ordered, finish + rng.integers(3600, 4 * DAY_S, n), OPEN)),
            unsatisfied=pl.Series(truth.unsatisfied[town]),
            unasked=pl.Series(truth.unasked[town]),
        ).with_row_index("number")

    @staticmethod
    def _callback(
        rng: np.random.Generator,
        n: int,
        unhappy: npt.NDArray[np.bool_],
        reply: npt.NDArray[np.str_],
    ) -> npt.NDArray[np.str_]:
        """What the first call back hears; one in five who wrote 'unsatisfied' meant it less."""
        heard = np.where(
            unhappy & (rng.random(n) < 0.8), "3", np.where(rng.random(n) < 0.8, "1", "2")
        )
        lost = (rng.random(n) < NOT_REACHED) & (reply != "2")
        return np.asarray(np.where(lost, np.where(rng.random(n) < 0.8, "4", "5"), heard))

    @cached_property
    def changes(self) -> pl.DataFrame:
        """F02 in declared form, what each pull shows; `updated` is the time of the change."""
        world, rows = self.world, self.contacts
        # who is not asked by the next evening is reported as such: neither kind comes earlier
        unasked = pl.col("service") + 20 * 3600
        start = rows.select(
            "number", at=pl.when(pl.col("sms") < int(OPEN)).then("sms").otherwise(unasked)
        )
        later = [
            rows.filter(pl.col(name) < end_s(world)).select("number", at=name)
            for name in ("reply_at", "callback", "finish", "second_at")
        ]
        at = pl.concat([start, *later]).filter(pl.col("at") < end_s(world))
        at = shown(at.with_columns(updated=moment("at")), "number", world)
        every = at.join(rows, on="number", how="left", maintain_order="left")
        station = stations(world)["station_code"].gather(every["town"])

        def known(name: str) -> pl.Expr:
            return pl.col(name) <= pl.col("at")

        due = pl.col("callback") + ORDER_LIMIT_D * DAY_S
        return every.with_columns(station=station, due=due).select(
            "updated",
            "period",
            feedback_id="MY" + pl.col("number").cast(pl.String).str.zfill(9),
            opinion_kind=pl.col("kind").cast(pl.String).str.zfill(2),
            source_ref="source_ref",
            service_time=moment("service"),
            sms_time=pl.when(known("sms")).then(moment("sms")),
            sms_reply=pl.when(known("reply_at")).then("reply").otherwise(pl.lit("0")),
            callback_time=pl.when(known("callback")).then(moment("callback")),
            callback_result=pl.when(known("callback")).then("result"),
            unsat_reason=pl.when(known("callback") & pl.col("ordered")).then("reason"),
            order_id=pl.when(known("callback") & pl.col("ordered")).then(
                "ZG" + pl.col("number").cast(pl.String).str.zfill(9)
            ),
            order_due=pl.when(known("callback") & pl.col("ordered")).then(moment("due")),
            order_finish=pl.when(known("finish")).then(moment("finish")),
            second_result=pl.when(known("second_at")).then("second"),
            station_code="station",
        )

    @staticmethod
    def satisfied(as_of: int) -> tuple[pl.Expr, pl.Expr]:
        """(answered, satisfied) as known at a local second: second call, else first, else text."""
        second = pl.when(pl.col("second_at") <= as_of).then("second").otherwise(pl.lit(""))
        first = pl.when(pl.col("callback") <= as_of).then("result").otherwise(pl.lit(""))
        reply = pl.when(pl.col("reply_at") <= as_of).then("reply").otherwise(pl.lit("0"))
        spoken = ["1", "2", "3"]
        final = (
            pl.when(second.is_in(spoken))
            .then(second)
            .when(first.is_in(spoken))
            .then(first)
            .when(reply == "1")
            .then(pl.lit("1"))
            .when(reply == "2")
            .then(pl.lit("3"))
        )
        return final.is_not_null(), final.is_in(["1", "2"])
