"""Offices by place and role, and how good each truly is at one thing.

A rate per office in one of three shapes: `even` varies a little around its level (log-normal),
`split` has a few offices far above the many (two clusters), `tailed` has most near nothing and
a few that carry it (Pareto). Offices named as bad get the rate that is given for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from simulation.world import DISTRICTS, Floats, Ints, World

REGIONS = (*DISTRICTS, "330600")
CITY = 6  # position of the city itself in REGIONS
NOBODY = -1
ROLES = (
    "housing",
    "land",
    "labour",
    "health",
    "education",
    "ecology",
    "justice",
    "agriculture",
    "transport",
    "petition",
    "reform",
    "enforcement",
    "water",
    "culture",
    "civil",
    "market",
    "emergency",
)
HIGHEST = 0.6
WEAK_SHARE, WEAK_TIMES = 0.1, 4.0  # the worse cluster of `split`
EVEN_SIGMA, TAIL = 0.35, 2.1


@dataclass(frozen=True)
class Offices:
    """The organisations of the city by their position in the seed."""

    world: World

    @cached_property
    def codes(self) -> pl.Series:
        return self.world.organisations["org_code"]

    @cached_property
    def _departments(self) -> Ints:
        """Position by region (rows, see REGIONS) and role (columns, see ROLES)."""
        rows = self.world.organisations.with_row_index("at")
        found = {(r["region_code"], r["role"]): r["at"] for r in rows.to_dicts()}
        return np.array([[found[region, role] for role in ROLES] for region in REGIONS])

    @cached_property
    def of_town(self) -> Ints:
        """Position of each town's government, in town order."""
        at = {code: n for n, code in enumerate(self.codes)}
        return np.array([at[code] for code in self.world.town_government], dtype=np.int64)

    def department(self, region: Ints, role: Ints) -> Ints:
        """Positions of the departments of the given regions and roles."""
        return np.asarray(self._departments[region, role])

    def code(self, office: Ints) -> pl.Series:
        """Codes of offices, null for NOBODY."""
        known = pl.Series(office, dtype=pl.Int64)
        return self.codes.gather(pl.select(pl.when(known >= 0).then(known)).to_series())

    def rates(self, stream: int, shape: str, level: float, bad: dict[str, float]) -> Floats:
        """A rate per office; `bad` by `region/role` or by town code.

        Raises ValueError for a shape or a bad office that does not exist.
        """
        rate = shaped(self.world.chance(stream), len(self.codes), shape, level)
        place = {code: int(n) for code, n in zip(self.town_codes, self.of_town, strict=True)}
        for name, worse in bad.items():
            region, _, role = name.partition("/")
            if role and region in REGIONS and role in ROLES:
                at = int(self._departments[REGIONS.index(region), ROLES.index(role)])
            elif name in place:
                at = place[name]
            else:
                raise ValueError(f"bad office that does not exist: {name}")
            rate[at] = worse
        return rate

    @cached_property
    def town_codes(self) -> list[str]:
        return list(self.world.towns["town_code"].to_list())

    def town_rates(self, stream: int, shape: str, level: float, bad: dict[str, float]) -> Floats:
        """The same per town, in town order; `bad` by town code."""
        return np.asarray(self.rates(stream, shape, level, bad)[self.of_town])


def shaped(rng: np.random.Generator, n: int, shape: str, level: float) -> Floats:
    """Rates of `n` units with mean about `level`."""
    match shape:
        case "even":
            rate = level * np.exp(rng.normal(-(EVEN_SIGMA**2) / 2, EVEN_SIGMA, n))
        case "split":
            weak = rng.random(n) < WEAK_SHARE
            rest = (1 - WEAK_SHARE * WEAK_TIMES) / (1 - WEAK_SHARE)
            rate = level * np.where(weak, WEAK_TIMES, rest)
        case "tailed":
            rate = level * (TAIL - 1) / TAIL * (1 + rng.pareto(TAIL, n))
        case _:
            raise ValueError(f"no shape {shape!r}")
    return np.minimum(rate, HIGHEST)
