"""One item of the index at every unit it is computed at: counts, value, posterior.

Everything is over the twelve months that end with each scored month (stability_index.md §4). Arrays
are (sources, months). The posterior is Beta(first, second) of a share and Gamma(first, second) of a
rate (`share`/`amount`: percent; `rate`: events per head and year; `stock`: per head as it stands);
of a median `curve` holds P(median <= day) instead. `month` is the value of the last of the twelve
months alone (§4: stored, never scored); it has none where fewer than five may hide in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.judging import medians, posterior
from orchestration.judging.amounts import effective
from orchestration.judging.index.framework import Item, Prior
from orchestration.judging.lights import scored_rows
from orchestration.judging.panel import Ints
from orchestration.judging.posterior import Floats, RatePrior, SharePrior

Months = npt.NDArray[np.datetime64]
YEAR = 12
# Months an inherited value is carried beyond its last period (§3, "carried forward at most").
CARRIED = 3
HEADS = 10_000.0
K5, K5_DECIMALS = 5.0, 2


@dataclass(frozen=True)
class Units:
    """The units of one level: codes in order, peer groups, residents / 10,000."""

    level: str
    codes: list[str]
    peers: list[str]
    heads: Floats

    def groups(self) -> list[Ints]:
        """Indices of the units of each peer group."""
        names = np.array(self.peers)
        return [np.flatnonzero(names == name) for name in sorted(set(self.peers))]


@dataclass(frozen=True)
class Sources:
    """An item at all units of a level."""

    units: Units
    numerator: Floats
    denominator: Floats
    value: Floats
    month: Floats
    shrunk: Floats
    first: Floats
    second: Floats
    curve: Floats | None
    recent: npt.NDArray[np.bool_]

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Whether there was anything to count in the twelve months."""
        return np.isfinite(self.shrunk)


@dataclass(frozen=True)
class Window:
    """The scored months and the months their windows reach back to."""

    months: Months
    length: int = YEAR

    @property
    def axis(self) -> Months:
        """Every month of any window."""
        first = self.months[0] - max(self.length, CARRIED) + 1
        return np.arange(first, self.months[-1] + 1)

    def sums(self, dense: Floats, length: int | None = None) -> Floats:
        """Sums of (…, axis, …) along axis 1 over the months that end with each scored month."""
        over = length or self.length
        total = np.cumsum(dense, axis=1)
        total = np.concatenate([np.zeros_like(total[:, :1]), total], axis=1)
        ends = np.searchsorted(self.axis, self.months) + 1
        return np.asarray(total[:, ends] - total[:, ends - over], dtype=np.float64)


def measure(
    item: Item,
    rows: pl.DataFrame,
    durations: pl.DataFrame,
    units: Units,
    window: Window,
    prior: Prior | None = None,
    is_k5: bool = False,
) -> Sources:
    """Measure an item at the units of one level.

    `rows` are the item's counts at that level: unit_code, window_kind, period_end, numerator,
    denominator, stat_value, population_n and the flags; `durations` its rows of
    agg_duration_days. `is_k5`: fewer than five of the population give none, others two decimals.
    """
    rows = _window_of(item, rows)
    match item.measure:
        case "share" | "amount":
            return _share(item, rows, units, window, prior, is_k5)
        case "rate" | "stock":
            return _rate(item, rows, units, window, prior)
        case "median":
            return _median(durations, units, window)
    raise ValueError(f"item {item.code} of seed_index_item has measure {item.measure!r}")


def _window_of(item: Item, rows: pl.DataFrame) -> pl.DataFrame:
    """Final rows of the window that is summed: months, or the quarters of an item without months.

    A stock is read at the ends of months.
    """
    if item.measure == "stock":
        return rows.filter(
            (pl.col("window_kind") == "stock")
            & (pl.col("period_end") == pl.col("period_end").dt.month_end())
        )
    kinds = set(rows["window_kind"])
    rows = rows.filter(pl.col("window_kind") == ("month" if "month" in kinds else "quarter"))
    return rows.filter(pl.Series(scored_rows(rows), dtype=pl.Boolean))


def _dense(rows: pl.DataFrame, units: Units, window: Window, values: pl.Series) -> Floats:
    """(units, axis) of row values by the month they end in; other units are left out."""
    out = np.zeros((len(units.codes), len(window.axis)))
    unit, column, inside = _cells(rows, units, window)
    np.add.at(out, (unit, column), np.nan_to_num(values.to_numpy())[inside])
    return out


def _cells(
    rows: pl.DataFrame, units: Units, window: Window
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Unit and month of the rows inside (units, axis), and which rows those are."""
    place = {code: i for i, code in enumerate(units.codes)}
    unit = rows["unit_code"].replace_strict(place, default=-1, return_dtype=pl.Int64).to_numpy()
    ends = rows["period_end"].to_numpy().astype("datetime64[M]")
    inside = (unit >= 0) & (ends >= window.axis[0]) & (ends <= window.axis[-1])
    return unit[inside], np.searchsorted(window.axis, ends)[inside], inside


def _share(
    item: Item,
    rows: pl.DataFrame,
    units: Units,
    window: Window,
    prior: Prior | None,
    is_k5: bool,
) -> Sources:
    part, whole, squares = (
        _dense(rows, units, window, rows[c]) for c in ("numerator", "denominator", "stat_value")
    )
    recent = window.sums(whole, CARRIED) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        month = 100.0 * window.sums(part, 1) / window.sums(whole, 1)
    if is_k5:  # a month of its own is published or hidden with its indicator
        month = np.full_like(month, np.nan)
    part, whole, squares = (window.sums(x) for x in (part, whole, squares))
    hits, trials = effective(part, whole, squares) if item.measure == "amount" else (part, whole)
    known = trials > 0
    if is_k5:
        known &= window.sums(_dense(rows, units, window, rows["population_n"])) >= K5
    mean, strength = np.full(hits.shape, 0.5), np.ones(hits.shape)
    for members in units.groups():
        peers: SharePrior = posterior.share_prior(hits[members], trials[members])
        mean[members], strength[members] = peers.mean, peers.strength
    if prior is not None:
        mean, strength = np.full_like(hits, prior.first), np.full_like(hits, prior.second)
    first = hits + mean * strength
    second = trials - hits + (1.0 - mean) * strength
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(known, 100.0 * part / whole, np.nan)
    shrunk = np.where(known, 100.0 * first / (first + second), np.nan)
    if is_k5:
        # Among twelve months are hidden ones: to its last digit a score would give them back.
        value, shrunk = np.round(value, K5_DECIMALS), np.round(shrunk, K5_DECIMALS)
    return Sources(units, part, whole, value, month, shrunk, first, second, None, recent)


def _rate(
    item: Item, rows: pl.DataFrame, units: Units, window: Window, prior: Prior | None
) -> Sources:
    counted = _dense(rows, units, window, rows["numerator"])
    if item.measure == "stock":
        at = np.searchsorted(window.axis, window.months)
        events, exposure = counted[:, at], np.repeat(units.heads[:, None], len(at), axis=1)
        recent = exposure > 0
        month_events, month_exposure = events, exposure
    else:
        # Periods bear residents each; a year of them are residents × years.
        in_year = YEAR if "month" in set(rows["window_kind"]) else 4
        exposed = _dense(rows, units, window, rows["denominator"]) / in_year
        events, exposure = window.sums(counted), window.sums(exposed)
        recent = window.sums(exposed, CARRIED) > 0
        month_events, month_exposure = window.sums(counted, 1), window.sums(exposed, 1)
    mean, variance = np.full(events.shape, np.nan), np.full(events.shape, np.nan)
    for members in units.groups():
        peers: RatePrior = posterior.rate_prior(events[members], exposure[members])
        mean[members], variance[members] = peers.mean, peers.variance
    a, b = posterior.rate_shape(mean, variance)
    if prior is not None:
        a, b = np.full_like(events, prior.first), np.full_like(events, prior.second)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(exposure > 0, events / exposure, np.nan)
        month = np.where(month_exposure > 0, month_events / month_exposure, np.nan)
        shrunk = np.where(exposure > 0, (events + a) / (exposure + b), np.nan)
    return Sources(
        units, events, exposure, value, month, shrunk, events + a, exposure + b, None, recent
    )


def _median(durations: pl.DataFrame, units: Units, window: Window) -> Sources:
    days = medians.LONGEST_DAYS + 2
    counts = np.zeros((len(units.codes), len(window.axis), days))
    unit, column, inside = _cells(durations, units, window)
    day = np.clip(durations["days_upto"].to_numpy(), 0, days - 1)
    values = durations["rows_n"].to_numpy().astype(np.float64)
    np.add.at(counts, (unit, column, day[inside]), values[inside])
    recent = window.sums(counts.sum(axis=2), CARRIED) > 0
    alone = np.cumsum(window.sums(counts, 1), axis=2)
    within = np.cumsum(window.sums(counts), axis=2)
    total = within[:, :, -1]
    expected, shorter = medians.curves(units.groups(), within, total)
    known = total > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = within[:, :, :-1] / total[:, :, None]
        raw_alone = np.nan_to_num(alone[:, :, :-1] / alone[:, :, -1:])
    month = np.where(alone[:, :, -1] > 0, medians.crossing(raw_alone, 0.5), np.nan)
    value = np.where(known, medians.crossing(np.nan_to_num(raw), 0.5), np.nan)
    shrunk = np.where(known, medians.crossing(expected, 0.5), np.nan)
    none = np.full(total.shape, np.nan)
    return Sources(units, none, total, value, month, shrunk, none, none, shorter, recent)
