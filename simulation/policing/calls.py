"""F01: calls to 110 as a stream: the calls that P40 counts, one by one.

A call is sent once to three times, as its times become known.

The producer promises to strip caller and address; in one message of a hundred it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from simulation import phrases
from simulation.changes import OPEN, end_s, moment
from simulation.crisis import failing
from simulation.disputes import Disputes
from simulation.identity import mobiles, sentinel_names
from simulation.police import Police
from simulation.units import Truth
from simulation.world import DAY_S, World, day_number, seed

SINCE = date(2026, 8, 1)
UNSTRIPPED = 0.01
LINKED, LINK_WITHIN_S = 0.3, 3 * DAY_S
HOUR = np.array(
    [
        30,
        22,
        16,
        12,
        10,
        12,
        20,
        34,
        48,
        52,
        52,
        50,
        44,
        48,
        52,
        54,
        56,
        60,
        64,
        66,
        64,
        58,
        48,
        38,
    ],
    dtype=float,
)


def stations(world: World) -> pl.DataFrame:
    """Of each town, in town order: its station's code and the arrival standard in minutes."""
    division = seed("seed_division").select(
        "town_code", "station_code", standard=pl.col("arrive_std_min").cast(pl.Float64)
    )
    return world.towns.join(division, on="town_code", how="left", maintain_order="left").select(
        "town_code", "station_code", "standard"
    )


@dataclass(frozen=True)
class Calls:
    """All calls of the world from the day the stream begins."""

    world: World
    disputes: Disputes

    @cached_property
    def calls(self) -> pl.DataFrame:
        """call, accept, dispatch, arrive, finish (local seconds), kind, place, flags."""
        world, rng = self.world, self.world.chance(701)
        cells = Police(world).calls.filter(pl.col("day") >= day_number(SINCE))
        count = cells["call_n"].to_numpy()
        cell = np.repeat(np.arange(cells.height), count)
        n = len(cell)
        # the n-th call of its cell: the first are valid, the last are no matter of the police
        nth = np.arange(n) - np.repeat(np.cumsum(count) - count, count)
        hour = rng.choice(24, n, p=HOUR / HOUR.sum())
        moment_s = cells["day"].to_numpy()[cell] * DAY_S + hour * 3600 + rng.integers(0, 3600, n)
        order = np.argsort(moment_s, kind="stable")
        call, cell, nth = moment_s[order], cell[order], nth[order]
        town = cells["town"].to_numpy()[cell]
        valid = nth < cells["valid_n"].to_numpy()[cell]
        police = nth < (count - cells["non_police_n"].to_numpy())[cell]
        accept = call + rng.integers(5, 40, n)
        sent = valid | (rng.random(n) < 0.15)
        dispatch = np.where(sent, accept + rng.integers(20, 200, n), OPEN)
        late = failing(world, "P02", town, call // DAY_S, 1 - Truth(world).arrives_in_time[town])
        chance = 1 - late
        in_time = rng.random(n) < chance
        limit = stations(world)["standard"].to_numpy()[town] * 60
        quick = limit * (0.2 + 0.78 * rng.beta(2.4, 2.0, n))
        slow = limit * (1.05 + rng.exponential(0.35, n))
        arrive = dispatch + np.where(in_time, quick, slow).astype(np.int64)
        never = ~in_time & (rng.random(n) < 0.1)  # finished without anybody having arrived
        arrive = np.where(sent & ~never, arrive, OPEN)
        began = np.where(arrive < OPEN, arrive, np.where(sent, dispatch + 900, accept))
        return (
            pl.DataFrame(
                {
                    "call": call,
                    "accept": accept,
                    "dispatch": dispatch,
                    "arrive": arrive,
                    "finish": began + rng.integers(300, 5400, n),
                    "kind": cells["kind"].to_numpy()[cell],
                    "valid": valid,
                    "police": police,
                    "town": town,
                    "no_town": rng.random(n) < 0.004,
                    "parts": rng.choice([1, 2, 3], n, p=[0.6, 0.25, 0.15]),
                    "chance": chance,
                    "link": rng.random(n) < LINKED,
                }
            )
            .with_row_index("number")
            .with_columns(
                call_id="JQ"
                + moment("call").dt.strftime("%Y%m%d")
                + pl.col("number").cast(pl.String).str.zfill(7)
            )
            .pipe(self._linked)
        )

    def _linked(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Dispute calls that a mediation registered soon after: the next dispute of the town."""
        registered = self.disputes.cases.filter(pl.col("register") < end_s(self.world)).select(
            "town", register="register", dispute_code="code"
        )
        matter = (pl.col("kind") == 3) & pl.col("valid") & pl.col("link")
        return calls.join_asof(
            registered.sort("register"),
            left_on="call",
            right_on="register",
            by="town",
            strategy="forward",
            tolerance=LINK_WITHIN_S,
            check_sortedness=False,
        ).with_columns(dispute_code=pl.when(matter).then("dispute_code"))

    def messages(self) -> pl.DataFrame:
        """(key, at, declared columns) of every message, in the order of sending."""
        world, rng = self.world, self.world.chance(7010)
        calls = self.calls
        taken = calls.filter(pl.col("parts") > 1).with_columns(
            at=pl.min_horizontal("dispatch", pl.col("accept") + 120), part=pl.lit(1)
        )
        there = calls.filter((pl.col("parts") > 2) & (pl.col("arrive") < int(OPEN))).with_columns(
            at="arrive", part=pl.lit(2)
        )
        done = calls.with_columns(at="finish", part=pl.lit(3))
        rows = (
            pl.concat([taken, there, done])
            .filter(pl.col("at") < end_s(world))
            .sort("at", "number", "part")
        )
        n = rows.height
        names, towns = pl.Series(sentinel_names()), world.towns
        place = phrases.places(
            towns["name_zh"].gather(rows["town"]),
            world.villages["name_zh"].gather(
                pl.Series(world.pick_village(rng, rows["town"].to_numpy()))
            ),
            pl.Series(rng.integers(1, 400, n)),
            pl.repeat(value=True, n=n, eager=True),
        )
        left = pl.Series(rng.random(n) < UNSTRIPPED)
        known = stations(world)
        return rows.with_columns(
            caller=names.gather(pl.Series(rng.integers(0, len(names), n))),
            phone=pl.Series(mobiles(rng, n)).cast(pl.String),
            place=place,
            left=left,
            station=known["station_code"].gather(rows["town"]),
            town_code=known["town_code"].gather(rows["town"]),
        ).select(
            key="call_id",
            at="at",
            left="left",
            call_id="call_id",
            call_time=moment("call"),
            accept_time=moment("accept"),
            dispatch_time=pl.when(pl.col("dispatch") <= pl.col("at")).then(moment("dispatch")),
            arrive_time=pl.when(pl.col("part") >= 2).then(moment("arrive")),
            finish_time=pl.when(pl.col("part") == 3).then(moment("finish")),
            call_type=pl.format("0{}", pl.col("kind") + 1),
            is_valid="valid",
            is_police_matter="police",
            caller_name=pl.when("left").then("caller"),
            caller_phone=pl.when("left").then("phone"),
            addr=pl.when("left").then("place"),
            station_code="station",
            town_code=pl.when(~pl.col("no_town")).then("town_code"),
            dispute_code=pl.when(pl.col("part") == 3).then("dispute_code"),
        )
