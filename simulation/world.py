"""The demonstration city everything else draws from: places, organisations, calendar, chance.

Nothing here is a person. Every feed takes its own stream of random numbers from the seed, so
one feed can change without moving the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds"
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
DAY_S = 86_400
EPOCH = date(1970, 1, 1)
DISTRICTS = ("330602", "330603", "330604", "330624", "330681", "330683")

# Calls and tickets by weekday, Monday first (design, after weekly 12345 bulletins).
WEEKDAY = np.array([1.17, 1.10, 1.07, 1.05, 1.06, 0.82, 0.73])
# Month factors, January first: quiet at the Spring Festival, busy in the summer heat (design).
MONTH = np.array([0.94, 0.86, 0.99, 1.00, 1.01, 1.05, 1.14, 1.12, 1.02, 0.97, 0.95, 0.95])


def seed(name: str) -> pl.DataFrame:
    """A committed seed as text columns."""
    return pl.read_csv(SEEDS / f"{name}.csv", infer_schema=False)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def to_datetime(name: str) -> pl.Expr:
    """Local seconds since 1970 as a naive local timestamp."""
    return (pl.col(name) * 1_000_000).cast(pl.Datetime("us")).alias(name)


@dataclass(frozen=True)
class Period:
    """What one delivery covers: first and last day, both inclusive."""

    start: date
    end: date
    is_backfill: bool

    @property
    def label(self) -> str:
        return self.start.strftime("%Y%m" if self.is_backfill else "%Y%m%d")


@dataclass(frozen=True)
class World:
    """One seeded city between two days (inclusive)."""

    seed_number: int
    start: date
    end: date
    scale: float
    scenario: str = "as-published"

    def chance(self, feed: int) -> np.random.Generator:
        """The feed's own stream of random numbers."""
        return np.random.default_rng([self.seed_number, feed])

    @cached_property
    def towns(self) -> pl.DataFrame:
        """Towns in code order: town_code, region_code, name_zh, pop, town_type, district (0-5)."""
        rows = seed("seed_division").filter(pl.col("unit_level") == "3").sort("town_code")
        return rows.select(
            "town_code",
            "region_code",
            "name_zh",
            "town_type",
            pop=pl.col("pop_resident").cast(pl.Float64),
            district=pl.col("region_code").replace_strict(
                {c: i for i, c in enumerate(DISTRICTS)}, return_dtype=pl.Int64
            ),
        )

    @cached_property
    def district_of_town(self) -> Ints:
        return self.towns["district"].to_numpy().astype(np.int64)

    @cached_property
    def population(self) -> Floats:
        return self.towns["pop"].to_numpy().astype(np.float64)

    @cached_property
    def villages(self) -> pl.DataFrame:
        """Villages sorted by town, with the town's index."""
        index = {c: i for i, c in enumerate(self.towns["town_code"])}
        return (
            seed("seed_village")
            .select(
                "name_zh",
                town=pl.col("town_code").replace_strict(index, return_dtype=pl.Int64),
            )
            .sort("town", maintain_order=True)
        )

    @cached_property
    def village_bounds(self) -> tuple[Ints, Ints]:
        """First village and number of villages of each town."""
        count = np.bincount(self.villages["town"].to_numpy(), minlength=self.towns.height)
        first = np.concatenate([[0], np.cumsum(count)[:-1]])
        return first.astype(np.int64), count.astype(np.int64)

    @cached_property
    def organisations(self) -> pl.DataFrame:
        return seed("seed_organisation")

    def organisation(self, region_code: str, role: str) -> str:
        """The code of a department by its stable role."""
        found = self.organisations.filter(
            (pl.col("region_code") == region_code) & (pl.col("role") == role)
        )
        return str(found["org_code"][0])

    @cached_property
    def town_government(self) -> npt.NDArray[np.object_]:
        """Organisation code of each town's government, in town order."""
        offices = self.organisations.filter(pl.col("role") == "town").select(
            "town_code", "org_code"
        )
        return self.towns.join(offices, on="town_code", how="left", maintain_order="left")[
            "org_code"
        ].to_numpy()

    @cached_property
    def days(self) -> Ints:
        """Day numbers from start to end."""
        return np.arange(day_number(self.start), day_number(self.end) + 1, dtype=np.int64)

    @cached_property
    def workdays(self) -> Ints:
        """Day numbers of all working days of the calendar seed, sorted."""
        rows = seed("seed_workday_calendar").filter(pl.col("is_workday") == "true")
        return rows["cal_date"].str.to_date().to_physical().to_numpy().astype(np.int64)

    @cached_property
    def day_factor(self) -> Floats:
        """How busy each day is, mean 1: weekday, season, festivals."""
        dates = [EPOCH + timedelta(days=int(d)) for d in self.days]
        factor = np.array([WEEKDAY[d.weekday()] * MONTH[d.month - 1] for d in dates])
        festival = seed("seed_workday_calendar").filter(
            (pl.col("holiday_name").fill_null("") != "") & (pl.col("is_workday") == "false")
        )
        off = festival["cal_date"].str.to_date().to_physical().to_numpy()
        factor[np.isin(self.days, off)] *= 0.72
        return np.asarray(factor / factor.mean())

    def due_day(self, day: Ints, n_workdays: Ints) -> Ints:
        """The n-th working day after `day` (the first day is not counted)."""
        position = np.searchsorted(self.workdays, day, side="right") + n_workdays - 1
        return np.asarray(self.workdays[position])

    def pick_village(self, rng: np.random.Generator, town: Ints) -> Ints:
        """A village of each given town."""
        first, count = self.village_bounds
        return first[town] + np.floor(rng.random(len(town)) * count[town]).astype(np.int64)

    def pick_town(self, rng: np.random.Generator, n: int, tilt: Floats) -> Ints:
        """Towns by population times a tilt per town."""
        weight = self.population * tilt
        return rng.choice(len(weight), size=n, p=weight / weight.sum()).astype(np.int64)

    @cached_property
    def periods(self) -> list[Period]:
        """Whole months as backfill; the days of the last month one by one."""
        out: list[Period] = []
        first = self.start
        while (first.year, first.month) < (self.end.year, self.end.month):
            following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            out.append(Period(first, following - timedelta(days=1), True))
            first = following
        while first <= self.end:
            out.append(Period(first, first, False))
            first += timedelta(days=1)
        return out

    @cached_property
    def period_bounds_s(self) -> Ints:
        """Local seconds since 1970 where periods begin, and the end of the last."""
        starts = [day_number(p.start) for p in self.periods] + [day_number(self.end) + 1]
        return np.array(starts, dtype=np.int64) * DAY_S
