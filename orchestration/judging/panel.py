"""Rows of one indicator, level and window as a dense array of units × periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.judging.posterior import Floats
from orchestration.judging.windows import MONTHS

Ints = npt.NDArray[np.int64]
UNASSIGNED = "unassigned"
ROLLING_MONTHS = 12


@dataclass(frozen=True)
class Panel:
    """`unit` and `period` index each row; `group` gives each unit its peers (-1: no unit); `asked`
    are the rows whose judgement is wanted, the others are there to be looked back at."""

    rows: pl.DataFrame
    unit: Ints
    period: Ints
    starts: npt.NDArray[np.datetime64]
    group: Ints
    months: int  # length of a period; 0: days
    asked: npt.NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, int]:
        """(units, periods)."""
        return len(self.group), len(self.starts)

    def dense(self, values: Floats, where: npt.NDArray[np.bool_] | None = None) -> Floats:
        """Row values spread to (units, periods); absent or masked cells are 0."""
        out = np.zeros(self.shape)
        kept = np.nan_to_num(values) if where is None else np.where(where, np.nan_to_num(values), 0)
        out[self.unit, self.period] = kept
        return out

    def at_rows(self, dense: Floats) -> Floats:
        """The cells of a (units, periods) array that the rows name."""
        return dense[self.unit, self.period]

    def rolling(self, dense: Floats) -> Floats:
        """Sums over the twelve months that end with each period, along axis 1."""
        first = self._window_starts()
        total = np.cumsum(dense, axis=1)
        total = np.concatenate([np.zeros_like(total[:, :1]), total], axis=1)
        ends = np.arange(1, dense.shape[1] + 1)
        return np.asarray(total[:, ends] - total[:, first], dtype=np.float64)

    def _window_starts(self) -> Ints:
        """For each period, the index of the first period inside its twelve months."""
        months = self.starts.astype("datetime64[M]")
        if self.months:
            first = months - (ROLLING_MONTHS - self.months)
            return np.asarray(np.searchsorted(months, first, side="left"), dtype=np.int64)
        day = (self.starts - months.astype("datetime64[D]")).astype("int64")
        year_before = months - ROLLING_MONTHS
        last = (year_before + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        shifted = np.minimum(year_before.astype("datetime64[D]") + day, last)
        return np.asarray(np.searchsorted(self.starts, shifted, side="right"), dtype=np.int64)

    def groups(self) -> list[Ints]:
        """Unit indices of each peer group."""
        return [np.flatnonzero(self.group == g) for g in np.unique(self.group) if g >= 0]


def make_panel(rows: pl.DataFrame, peers: dict[str, str], since: date = date.min) -> Panel:
    """Build the panel. `peers` gives units their peer group; without one it is the whole level.
    Rows of periods before `since` are not asked for."""
    units = rows["unit_code"].unique().sort()
    names = units.to_list()
    labels = [peers.get(name, "") for name in names]
    order = {label: i for i, label in enumerate(sorted(set(labels)))}
    group = np.array(
        [
            -1 if name == UNASSIGNED else order[label]
            for name, label in zip(names, labels, strict=True)
        ],
        dtype=np.int64,
    )
    starts = rows["period_start"].unique().sort().to_numpy().astype("datetime64[D]")
    here = rows["period_start"].to_numpy().astype("datetime64[D]")
    position = {name: i for i, name in enumerate(names)}
    unit = rows["unit_code"].replace_strict(position, return_dtype=pl.Int64).to_numpy()
    return Panel(
        rows=rows,
        unit=unit,
        period=np.searchsorted(starts, here),
        starts=starts,
        group=group,
        months=MONTHS.get(rows["window_kind"][0], 0) if len(rows) else 0,
        asked=here >= np.datetime64(since, "D"),
    )
