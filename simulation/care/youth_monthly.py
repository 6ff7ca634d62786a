"""F15: monthly counts about young people of 14 to 25, totals and cells; small cells suppressed.

The published changes come out of the counts: every month 18 % fewer persons since January than
a year before, a re-offending rate 31.59 % below that of a year before, 113,000 covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from ingestion.contract import load
from simulation.changes import end_s
from simulation.channels.breaches import refused
from simulation.channels.calendar import spans
from simulation.channels.declared import Extra
from simulation.histories import shares
from simulation.world import DAY_S, DISTRICTS, MONTH, Floats, Ints, World, day_number

CITY, LEAST = "330600", 10
AGES, GROUPS = 4, 5
AGE_SHARE, GROUP_SHARE = (0.09, 0.22, 0.42, 0.27), (0.36, 0.33, 0.13, 0.06, 0.12)
PERSONS, SINCE_JANUARY = 340.0, -0.18  # persons a month in the base year; change of a year
COVERED, COHORT, AGAIN, RATE_CHANGE = 113_000, 2_150, 0.0947, -31.59
SEALED = 190
BASE_YEAR = 2025
REVISED_MONTHS = (1, 4, 7, 10)  # their second batch comes a month later
UNSEALED_MONTHS = (3,)  # one record not sealed in time
EXTRA = Extra(
    cells=[
        refused("person_n", "suppressed_is_empty", "3", pl.col("suppressed") == "是"),
        refused("seal_done_n", "sealed_not_above_due", "99999"),
    ]
)


def _split(total: int, share: Floats) -> Ints:
    """A count shared out in proportion, largest remainders first: the parts add up."""
    exact = total * share / share.sum()
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact)[: total - int(parts.sum())]] += 1
    return np.asarray(parts)


def _year_later(again: int, cohort: int) -> tuple[int, int]:
    """Counts whose rate is RATE_CHANGE percent from that of the two counts, to two decimals."""
    sizes = np.arange(int(cohort * 0.9), int(cohort * 1.1))
    persons = np.round(sizes * again / cohort * (1 + RATE_CHANGE / 100)).astype(np.int64)
    change = 100 * (persons / sizes / (again / cohort) - 1)
    fit = np.flatnonzero(np.round(change, 2) == RATE_CHANGE)
    best = fit[np.argmin(np.abs(sizes[fit] - cohort))]
    return int(persons[best]), int(sizes[best])


@dataclass(frozen=True)
class YouthMonthly:
    """The counts of every month delivered, and of the twelve months before."""

    world: World

    @cached_property
    def _people(self) -> Floats:
        weights = np.bincount(
            self.world.district_of_town, weights=self.world.population, minlength=6
        )
        return np.asarray(weights / weights.sum())

    def _since_january(self, year: int, month: int) -> int:
        """Persons of the city since January; each year's are 18 % below those of the last."""
        base = PERSONS * float(np.sum(MONTH[:month]))
        return round(round(base) * (1 + SINCE_JANUARY) ** (year - BASE_YEAR))

    def _cohort(self, year: int, month: int) -> tuple[int, int]:
        """(again, cohort) of the city over the twelve months that end with the month."""
        season = 1 + 0.02 * np.sin(month)
        cohort = round(COHORT * season)
        again = round(cohort * AGAIN * (1 + 0.01 * np.cos(month)))
        for _ in range(BASE_YEAR, year):
            again, cohort = _year_later(again, cohort)
        return again, cohort

    def _month(self, year: int, month: int) -> pl.DataFrame:
        """The 120 cells and 7 totals of a month, nothing suppressed yet; the first batch."""
        rng = self.world.chance(86_150_000 + year * 12 + month)
        before = self._since_january(year, month - 1) if month > 1 else 0
        persons = self._since_january(year, month) - before
        share = np.einsum("d,a,g->dag", self._people, AGE_SHARE, GROUP_SHARE).ravel()
        cells = rng.multinomial(persons, share / share.sum())
        entered = rng.binomial(cells + 1, 0.5)
        place, age, group = (
            a.ravel()
            for a in np.meshgrid(
                np.arange(6), np.arange(1, AGES + 1), np.arange(1, GROUPS + 1), indexing="ij"
            )
        )
        detail = pl.DataFrame(
            {
                "district_code": pl.Series(list(DISTRICTS)).gather(pl.Series(place)),
                "age_band": pl.Series(age).cast(pl.String),
                "offence_group": pl.Series(group).cast(pl.String).str.zfill(2),
                "persons": cells,
                "again": rng.binomial(entered, 0.1),
                "cohort": entered,
            }
        )
        by_place = cells.reshape(6, -1).sum(axis=1)
        again, cohort = self._cohort(year, month)
        covered = COVERED - 300 + 25 * ((year - BASE_YEAR) * 12 + month - 9)
        sealed = int(SEALED * MONTH[month - 1])
        due = _split(sealed, self._people)
        done = due - (np.arange(6) == 3) * (month in UNSEALED_MONTHS)
        columns = {
            "persons": by_place,
            "again": _split(again, self._people),
            "cohort": _split(cohort, self._people),
            "covered": _split(covered, self._people),
            "due": due,
            "done": done,
        }
        totals = pl.DataFrame(
            {
                "district_code": [*DISTRICTS, CITY],
                "age_band": ["0"] * 7,
                "offence_group": ["00"] * 7,
                **{name: [*v.tolist(), int(v.sum())] for name, v in columns.items()},
            }
        )
        return pl.concat([detail, totals], how="diagonal").with_columns(
            stat_month=pl.lit(f"{year}{month:02d}"), month=pl.lit(date(year, month, 1))
        )

    @cached_property
    def counts(self) -> pl.DataFrame:
        """All months in order, with `since` (persons since January, in totals) and when sent."""
        periods = spans(load("F15"), self.world)
        first, last = periods[0].start, periods[-1].start
        wanted = [date(first.year - 1, 1, 1)]
        while wanted[-1] < last:
            wanted.append((wanted[-1] + timedelta(days=32)).replace(day=1))
        every = pl.concat([self._month(m.year, m.month) for m in wanted])
        year = pl.col("month").dt.year()
        every = every.with_columns(
            since=pl.when(pl.col("age_band") == "0").then(
                pl.col("persons").cum_sum().over("district_code", "age_band", year)
            )
        )
        stock = date(first.year - 1, first.month, 1)
        return every.filter(pl.col("month") >= stock)

    def rows(self) -> pl.DataFrame:
        """F15 in declared form; `updated` is the evening of a month's last day."""
        periods = spans(load("F15"), self.world)
        sent = pl.DataFrame(
            {"month": [p.start for p in periods], "at": [_evening(p.end) for p in periods]}
        )
        first = self.counts.join(sent, on="month", how="left", maintain_order="left").with_columns(
            report_batch=pl.lit(1, pl.Int64),
            # the year before comes with the first delivery
            at=pl.col("at").fill_null(_evening(periods[0].start) - DAY_S),
        )
        later = sent.with_columns(pl.col("at").shift(-1)).drop_nulls()
        later = later.filter(pl.col("month").dt.month().is_in(REVISED_MONTHS))
        again = self.counts.join(later, on="month", how="inner", maintain_order="left")
        again = again.with_columns(
            report_batch=pl.lit(2, pl.Int64),
            # late reports of the services; persons are counted as before
            covered=pl.when(pl.col("district_code") == CITY)
            .then(pl.col("covered") + 60)
            .otherwise(pl.col("covered") + 10),
        )
        every = pl.concat([first, again.select(first.columns)])
        small, total = pl.col("persons") < LEAST, pl.col("age_band") == "0"
        repeated = ~small & (pl.min_horizontal("again", "cohort") >= LEAST)
        sealed = total & (pl.min_horizontal("due", "done") >= LEAST)

        return every.select(
            "stat_month",
            "district_code",
            "age_band",
            "offence_group",
            person_n=pl.when(~small).then("persons"),
            reoffend_person_n=pl.when(repeated).then("again"),
            released_cohort_n=pl.when(repeated).then("cohort"),
            covered_youth_n=pl.when(total).then("covered"),
            suppressed=small,
            report_batch="report_batch",
            person_ytd_n=pl.when(~small & total).then("since"),
            seal_due_n=pl.when(sealed).then("due"),
            seal_done_n=pl.when(sealed).then("done"),
            updated=(pl.col("at") * 1_000_000).cast(pl.Datetime("us")),
        )

    def rates(self) -> pl.DataFrame:
        """Y07 by quarter, for the city: one record of a fixed month is late, nothing is drawn."""
        city = self.counts.filter(
            (pl.col("district_code") == CITY)
            & (pl.col("month") >= self.world.start)
            & (pl.col("month").dt.month_end().cast(pl.Int32) * DAY_S < end_s(self.world))
        )
        rows = pl.concat(
            [
                city.with_columns(good=pl.lit(value=True), n="done"),
                city.with_columns(good=pl.lit(value=False), n=pl.col("due") - pl.col("done")),
            ]
        ).with_columns(
            period_label=pl.format(
                "{}-Q{}", pl.col("month").dt.year(), pl.col("month").dt.quarter()
            ),
            rate=pl.lit(None, pl.Float64),
        )
        return shares("Y07", rows, {}, "n")


def _evening(day: date) -> int:
    """Eight in the evening of a day, local seconds."""
    return day_number(day) * DAY_S + 20 * 3600
