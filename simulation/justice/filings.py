"""F06: first-instance filings by court, town, cause and month; only counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from ingestion.contract import load
from simulation.channels.breaches import refused
from simulation.channels.calendar import spans
from simulation.channels.declared import Extra
from simulation.world import DAY_S, DISTRICTS, MONTH, Ints, World, day_number

CITY = "330600"
COURTS = (*DISTRICTS, CITY)
CAUSES = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "99")
CAUSE_SHARE = np.array([0.13, 0.24, 0.06, 0.09, 0.05, 0.14, 0.14, 0.07, 0.0, 0.08])
# Filings a year and 10,000 residents, after 嵊州 2020 (112); the city's own court has few.
PER_10_000, ADMIN_PER_10_000 = 108.0, 2.6
HOME, CITY_COURT, ELSEWHERE = 0.93, 0.03, 0.04
# Courts of other districts report only where something was filed or mediated.
ELSEWHERE_CELLS = 0.47
REVISED_MONTHS = (1, 4, 7, 10)  # their second batch comes a month later
EXTRA = Extra(
    cells=[
        refused("civil_first_n", "filings_not_negative", "-1"),
        refused("pre_success_n", "success_not_above_mediated", "99999"),
    ]
)
COUNTS = ("civil_first_n", "admin_first_n", "pre_mediate_n", "pre_success_n", "withdraw_n")


@dataclass(frozen=True)
class Filings:
    """Every court, town, cause and month, and the revisions of a third of the months."""

    world: World

    def rows(self) -> pl.DataFrame:
        """F06 in declared form; `updated` is the evening of a month's last day."""
        world, rng = self.world, self.world.chance(8606)
        grid = self._grid(rng)
        people = world.population[grid["town"].to_numpy()] / 10_000
        litigious = np.exp(rng.normal(0, 0.16, world.towns.height))[grid["town"].to_numpy()]
        cause = grid["cause"].to_numpy()
        share = grid["share"].to_numpy()
        civil = PER_10_000 / 12 * people * litigious * CAUSE_SHARE[cause] * share
        admin = np.where(CAUSES.index("09") == cause, ADMIN_PER_10_000 / 12 * people * share, 0.0)
        periods = spans(load("F06"), world)
        parts = [self._batch(grid.head(0), np.zeros((5, 0), np.int64), "", 1, world.start)]
        for number, span in enumerate(periods):
            busy = MONTH[span.start.month - 1]
            filed, against = rng.poisson(civil * busy), rng.poisson(admin * busy)
            mediated = rng.binomial(filed + against, 0.5) + rng.poisson(civil * 0.7)
            solved = rng.binomial(mediated, 0.44)
            withdrawn = rng.binomial(filed, 0.21)
            counts = np.stack([filed, against, mediated, solved, withdrawn])
            parts.append(self._batch(grid, counts, f"{span.start:%Y%m}", 1, span.end))
            later = number + 1 < len(periods)
            if span.start.month in REVISED_MONTHS and later:
                counts = counts.copy()
                counts[0] += rng.binomial(filed, 0.02)
                counts[2] += rng.binomial(mediated, 0.03)
                end = periods[number + 1].end
                parts.append(self._batch(grid, counts, f"{span.start:%Y%m}", 2, end))
        return pl.concat(parts)

    def _grid(self, rng: np.random.Generator) -> pl.DataFrame:
        """(court, town, cause, share): the cells that are reported, the same every month."""
        towns, home = self.world.towns.height, self.world.district_of_town
        court, town, cause = (
            a.ravel()
            for a in np.meshgrid(
                np.arange(len(COURTS)), np.arange(towns), np.arange(len(CAUSES)), indexing="ij"
            )
        )
        own, city = court == home[town], court == len(COURTS) - 1
        some = rng.random(len(court)) < ELSEWHERE_CELLS
        share = np.select([own, city], [HOME, CITY_COURT], ELSEWHERE / (5 * ELSEWHERE_CELLS))
        kept = own | city | some
        return pl.DataFrame(
            {"court": court[kept], "town": town[kept], "cause": cause[kept], "share": share[kept]}
        )

    def _batch(
        self, grid: pl.DataFrame, counts: Ints, month: str, batch: int, end: date
    ) -> pl.DataFrame:
        """One batch of one month, sent in the evening of `end`; `counts` in the order COUNTS."""
        at = day_number(end) * DAY_S + 20 * 3600
        return grid.select(
            stat_month=pl.lit(month),
            court_code=pl.Series(list(COURTS)).gather(grid["court"]),
            town_code=self.world.towns["town_code"].gather(grid["town"]),
            cause_code=pl.Series(list(CAUSES)).gather(grid["cause"]),
            **{name: pl.Series(counts[i]) for i, name in enumerate(COUNTS)},
            report_batch=pl.lit(batch, pl.Int64),
            updated=pl.lit(at * 1_000_000, pl.Int64).cast(pl.Datetime("us")),
        )
