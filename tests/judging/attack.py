"""An attacker with a linear program: what published cells tell of the hidden ones (DP-08).

He knows every number shown and how they hang together: the city is its districts, its projects and
all its towns; a district is its towns and what of it lies in no town; what lies in no town is the
bucket. Nothing is below zero. For each hidden cell he asks for the least and the greatest value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import linprog

Cell = tuple[str, str]
BUCKET = "unassigned"


@dataclass
class System:
    """Linear equations over cells that are known or not."""

    known: dict[Cell, float] = field(default_factory=dict)
    unknown: dict[Cell, int] = field(default_factory=dict)
    equations: list[tuple[dict[int, float], float]] = field(default_factory=list)
    bounds: list[tuple[dict[int, float], float]] = field(default_factory=list)  # sum at most

    def variable(self, cell: Cell) -> int:
        """The number of an unknown cell."""
        return self.unknown.setdefault(cell, len(self.unknown))

    def state(self, terms: list[tuple[float, Cell]], at_most: float | None = None) -> None:
        """Terms sum to nothing, or to at most something."""
        right, left = 0.0 if at_most is None else at_most, dict[int, float]()
        for factor, cell in terms:
            if cell in self.known:
                right -= factor * self.known[cell]
            else:
                number = self.variable(cell)
                left[number] = left.get(number, 0.0) + factor
        if left:
            (self.equations if at_most is None else self.bounds).append((left, right))

    def range_of(self, terms: list[tuple[float, Cell]]) -> tuple[float, float]:
        """The least and the greatest value of a sum of unknown cells."""
        goal = np.zeros(len(self.unknown))
        for factor, cell in terms:
            goal[self.variable(cell)] += factor
        found = [self._solve(goal), self._solve(-goal)]
        return found[0], -found[1]

    def _solve(self, goal: npt.NDArray[np.float64]) -> float:
        equal, at_most = self._matrix(self.equations), self._matrix(self.bounds)
        done = linprog(goal, *at_most, *equal, bounds=(0, None), method="highs")
        if done.status == 3:  # no bound at all
            return -np.inf
        assert done.status == 0, done.message
        return float(done.fun)

    def _matrix(
        self, rows: list[tuple[dict[int, float], float]]
    ) -> tuple[npt.NDArray[np.float64] | None, list[float] | None]:
        if not rows:
            return None, None
        matrix = np.zeros((len(rows), len(self.unknown)))
        for line, (left, _) in zip(matrix, rows, strict=True):
            line[list(left)] = list(left.values())
        return matrix, [right for _, right in rows]


def system_of(cells: pl.DataFrame, units: pl.DataFrame, base: pl.Expr) -> System:
    """The equations of one indicator, window and period.

    `cells` bear unit_level, unit_code and what `base` counts, null where hidden; `units` give the
    district of each town.
    """
    system = System()
    by_level: dict[str, list[str]] = {}
    for level, unit, value in cells.select("unit_level", "unit_code", base.alias("value")).rows():
        by_level.setdefault(level, []).append(unit)
        if value is None:
            system.variable((level, unit))
        else:
            system.known[level, unit] = value
    of_city = [(-1.0, ("city", unit)) for unit in by_level.get("city", [])]
    if of_city:
        for level in by_level.keys() - {"city"}:
            system.state([(1.0, (level, unit)) for unit in by_level[level]] + of_city)
    if {"town", "district"} <= by_level.keys():
        _towns(system, by_level, units)
    return system


def _towns(system: System, by_level: dict[str, list[str]], units: pl.DataFrame) -> None:
    """A district is its towns and its rest; the rests and the district bucket are the town's."""
    district_of = dict(
        units.filter(pl.col("unit_level") == "town").select("unit_code", "parent_code").rows()
    )
    placeless: list[tuple[float, Cell]] = []
    for district in by_level["district"]:
        if district == BUCKET:
            placeless.append((1.0, ("district", BUCKET)))
            continue
        towns = [t for t in by_level["town"] if t != BUCKET and district_of[t] == district]
        parts = [(1.0, ("town", town)) for town in towns] + [(1.0, ("rest", district))]
        system.state([*parts, (-1.0, ("district", district))])
        placeless.append((1.0, ("rest", district)))
    bucket = [(-1.0, ("town", BUCKET))] if BUCKET in by_level["town"] else []
    system.state(placeless + bucket)


def ranges(
    cells: pl.DataFrame, units: pl.DataFrame, base: pl.Expr
) -> dict[Cell, tuple[float, float]]:
    """What is known of each hidden cell; rests of districts are among them."""
    system = system_of(cells, units, base)
    return {cell: system.range_of([(1.0, cell)]) for cell in list(system.unknown)}
