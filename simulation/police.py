"""P40: counts of 110 calls, one row for every day, town and kind, zeros included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.crisis import happening
from simulation.units import Truth
from simulation.world import DAY_S, Floats, Ints, World, to_datetime

CALLS_PER_DAY = 1800.0  # the city, 1,150 of them valid; F01 brings the same calls one by one
# Shares of kinds 01-08 (criminal, public order, traffic, dispute, help, complaint, fraud, other);
# public order and traffic after Hefei 2018, non-police after Shengzhou 2021.
SHARE = np.array([0.038, 0.087, 0.195, 0.100, 0.250, 0.060, 0.026, 0.244])
VALID = np.array([0.94, 0.80, 0.78, 0.80, 0.64, 0.52, 0.84, 0.34])
NON_POLICE = np.array([0.0, 0.01, 0.02, 0.10, 0.38, 0.30, 0.0, 0.42])  # of all calls: 21.6 %
REPEAT = 0.06
ARRIVE_MIN = {"1": 6.5, "2": 10.5, "3": 15.0}
COLUMNS = {
    "stat_date": "日期",
    "town_code": "镇街代码",
    "call_type": "警情大类",
    "call_n": "警情数",
    "valid_n": "有效警情数",
    "non_police_n": "非警务警情数",
    "repeat_n": "重复警情数",
    "median_arrive_min": "到场时长中位数",
    "source_update_time": "源系统更新时间",
}


@dataclass(frozen=True)
class Police:
    """The complete grid day x town x kind of the world."""

    world: World

    @cached_property
    def calls(self) -> pl.DataFrame:
        world, rng = self.world, self.world.chance(40)
        towns, kinds, days = world.towns.height, len(SHARE), len(world.days)
        person_share = world.population / world.population.sum()
        rate = (
            CALLS_PER_DAY
            * world.scale
            * person_share[:, None]
            * SHARE
            * np.exp(rng.normal(0, 0.12, (towns, kinds)))
        )
        rate[:, 0] = self._crime
        noise = rng.gamma(60, 1 / 60, (days, towns, 1))
        mean = rate[None] * self._busy[:, None, None] * self._trend[:, None, None] * noise
        mean[:, :, 0] *= self._wave
        call = rng.poisson(mean)
        valid = rng.binomial(call, VALID)
        non_police = np.minimum(rng.binomial(call, NON_POLICE), call)
        repeat = rng.binomial(call, REPEAT)
        base = np.array([ARRIVE_MIN[t] for t in world.towns["town_type"]])[None, :, None]
        arrive = base * np.exp(rng.normal(0, 0.35, call.shape) / np.sqrt(np.maximum(call, 1)))
        day: Ints = np.repeat(world.days, towns * kinds)
        return pl.DataFrame(
            {
                "day": day,
                "town": np.tile(np.repeat(np.arange(towns), kinds), days),
                "kind": np.tile(np.arange(kinds), days * towns),
                "call_n": call.ravel(),
                "valid_n": valid.ravel(),
                "non_police_n": non_police.ravel(),
                "repeat_n": repeat.ravel(),
                "median_arrive_min": np.round(arrive.ravel(), 1),
                "update": (day + 1) * DAY_S + 5 * 3600,  # counted at five the next morning
            }
        )

    @property
    def _crime(self) -> Floats:
        """Criminal calls of each town on a mean day."""
        share = self.world.population / self.world.population.sum()
        crime = CALLS_PER_DAY * self.world.scale * SHARE[0] * Truth(self.world).crime_factor
        return np.asarray(crime * share)

    @property
    def _busy(self) -> Floats:
        return np.asarray(0.5 + 0.5 * self.world.day_factor)  # police calls sway less

    @property
    def _trend(self) -> Floats:
        return np.linspace(1.03, 0.97, len(self.world.days))

    @property
    def _wave(self) -> Floats:
        towns = np.arange(self.world.towns.height)
        return happening(self.world, "P01", towns[None, :], self.world.days[:, None])

    def expected_crime(self) -> pl.DataFrame:
        """Valid criminal calls that each day and town is drawn around: day, town, mean_n."""
        sway = (self._busy * self._trend)[:, None]
        mean = self._crime[None, :] * sway * self._wave * VALID[0]
        days, towns = mean.shape
        return pl.DataFrame(
            {
                "day": np.repeat(self.world.days, towns),
                "town": np.tile(np.arange(towns), days),
                "mean_n": mean.ravel(),
            }
        )

    def rows(self, first_day: int, last_day: int) -> pl.DataFrame:
        """Text rows for the days of a delivery, in declared column order."""
        chosen = self.calls.filter(pl.col("day").is_between(first_day, last_day))
        return chosen.with_columns(
            to_datetime("update"),
            stat_date=pl.col("day").cast(pl.Int32).cast(pl.Date),
        ).select(
            stat_date=pl.col("stat_date").dt.strftime("%Y-%m-%d"),
            town_code=self.world.towns["town_code"].gather(chosen["town"]),
            call_type=pl.format("0{}", pl.col("kind") + 1),
            call_n=pl.col("call_n").cast(pl.String),
            valid_n=pl.col("valid_n").cast(pl.String),
            non_police_n=pl.col("non_police_n").cast(pl.String),
            repeat_n=pl.col("repeat_n").cast(pl.String),
            median_arrive_min=pl.when(pl.col("call_n") > 0).then(
                pl.col("median_arrive_min").cast(pl.String)
            ),
            source_update_time=pl.col("update").dt.strftime("%Y-%m-%d %H:%M:%S"),
        )
