"""Both cards of every version, month by month: the order of things.

A version is published for the months it holds; the 24 months before its first day are scored with
it too, side by side and marked as restated (§8). The running month has no score.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.judging.index import draws, redlines, rows, scoring, sensitivity, waterfall
from orchestration.judging.index.carried import Carried, carry
from orchestration.judging.index.framework import Version, read_versions
from orchestration.judging.index.remembered import Remembered, digest
from orchestration.judging.index.sources import Months, Sources, Units, Window, measure
from orchestration.judging.panel import Ints
from orchestration.judging.posterior import Floats

log = logging.getLogger(__name__)
RESTATED_MONTHS = 24
# Yellow and red limit of each card's light (indicators.csv S01, S02).
LIMITS = {"TOWN": (70.0, 60.0), "DEPT": (75.0, 60.0)}
ON_TIME_BLOCK, LEAST_DUE = "B1", 30.0  # of a department, in twelve months


@dataclass(frozen=True)
class IndexInputs:
    """Frames of the marts: `counts` of both agg tables under item_code; `stations` maps unit_town
    to station_code; `departments` the codes on the card; `k5` items hidden below five."""

    versions: pl.DataFrame
    items: pl.DataFrame
    counts: pl.DataFrame
    durations: pl.DataFrame
    units: pl.DataFrame
    stations: pl.DataFrame
    departments: list[str]
    vetoes: pl.DataFrame
    k5: frozenset[str]


@dataclass(frozen=True)
class Scored:
    """One card of one version; arrays (units, months), (units, months, items) and so on."""

    version: Version
    units: Units
    months: Months
    carried: list[Carried]
    scores: Floats
    weights: Floats
    dimensions: Floats
    dimension_weights: Floats
    present_share: Floats
    inherited_share: Floats
    due: Floats
    total: Floats  # before red lines; NaN: not scored
    why_not: npt.NDArray[np.object_]
    red_line: npt.NDArray[np.bool_]
    evidence: npt.NDArray[np.object_]

    def profile(self, month: int) -> waterfall.Profile:
        """All units in one month."""
        return waterfall.Profile(
            self.scores[:, month], self.weights[:, month], self.dimensions[:, month],
            self.dimension_weights[:, month], self.total[:, month],
        )  # fmt: skip


@dataclass(frozen=True)
class IndexResult:
    """Tables of the judged schema, and what was refused, in words."""

    tables: dict[str, pl.DataFrame]
    refused: list[str]


def score_index(
    inputs: IndexInputs, as_of: datetime, remembered: Remembered | None = None
) -> IndexResult:
    """Score every version at as_of (local): the tables of `rows.py`, empty without a version.

    `remembered` spares the draws of months that are as they were.
    """
    remembered = remembered or Remembered()
    versions, refused = read_versions(inputs.versions, inputs.items)
    parts: list[dict[str, pl.DataFrame]] = []
    for version in versions:
        months = scored_months(version, inputs, as_of.date())
        if not len(months):
            continue
        scored = score_card(version, inputs, Window(months))
        # Months before the lake knew enough of any unit say nothing; the newest stands regardless.
        known = np.flatnonzero(np.isfinite(scored.total).any(axis=0))
        first = int(known[0]) if len(known) else len(months) - 1
        if first:
            months = months[first:]
            scored = score_card(version, inputs, Window(months))
        gate = sensitivity.gate(version, inputs, months)
        if gate.blocked_zh:
            where = f"feed:R03 version {version.name} card {version.card}"
            refused.append(f"{where}: {gate.blocked_zh}")
        spreads = [_spread(scored, m, remembered) for m in range(len(months))]
        parts.append(rows.tables(scored, spreads, gate, LIMITS[version.card]))
    for reason in refused:
        log.warning("%s", reason)
    return IndexResult(rows.merge(parts), refused)


def score_card(version: Version, inputs: IndexInputs, window: Window) -> Scored:
    """Everything of one card but its intervals."""
    units = card_units(version, inputs)
    carried = [_carried(version, j, inputs, units, window) for j in range(len(version.items))]
    value = np.stack([one.at("shrunk") for one in carried], axis=-1)
    inherited = np.stack([one.inherited for one in carried], axis=-1)
    present = np.isfinite(value)
    scores = scoring.normalise(value, version.worst, version.best)
    weights = scoring.item_weights(present, version)
    dimensions = scoring.dimension_scores(scores, weights, version)
    moved = scoring.dimension_weights(dimensions, version.dimension_weight)
    whole = weights * moved[..., version.dimension_of]
    due = np.stack([np.nan_to_num(one.at("denominator")) for one in carried], axis=-1)
    on_time = [i for i, d in enumerate(version.dimension_of) if _is_on_time(version, int(d))]
    share = scoring.shares_present(present, version)
    inherited_share = (whole * inherited).sum(axis=-1)
    why_not = _why_not(version, share, inherited_share, due[..., on_time].sum(axis=-1), dimensions)
    total = scoring.total(dimensions, version.dimension_weight)
    held, evidence = redlines.red_lines(inputs.vetoes, version.level, units.codes, window.months)
    return Scored(
        version, units, window.months, carried, scores, weights, dimensions, moved, share,
        inherited_share, due[..., on_time].sum(axis=-1), np.where(why_not == "", total, np.nan),
        why_not, held, evidence,
    )  # fmt: skip


def card_units(version: Version, inputs: IndexInputs) -> Units:
    """The towns, or the departments on the card."""
    units = level_units(inputs, version.level)
    if version.card == "TOWN":
        return units
    kept = [i for i, code in enumerate(units.codes) if code in set(inputs.departments)]
    return Units(
        units.level, [units.codes[i] for i in kept], [units.peers[i] for i in kept],
        units.heads[kept],
    )  # fmt: skip


def level_units(inputs: IndexInputs, level: str) -> Units:
    """Units of a level in the order of their codes; towns have peers of their type."""
    found = inputs.units.filter(
        (pl.col("unit_level") == level) & (pl.col("unit_code") != "unassigned")
    ).sort("unit_code")
    if level == "district":  # the city's own code is the city's own desk, not a place (reading 21)
        found = found.filter(pl.col("population").is_not_null())
    heads = found["population"].cast(pl.Float64).fill_null(0.0).to_numpy() / 10_000.0
    peers = found["town_type"].fill_null("").to_list()
    return Units(level, found["unit_code"].to_list(), peers, heads)


def measured(
    version: Version, item: int, level: str, inputs: IndexInputs, window: Window
) -> Sources:
    """One item at the units of one level."""
    one = version.items[item]
    at_level = pl.col("unit_level") == level
    return measure(
        one,
        inputs.counts.filter((pl.col("item_code") == one.code) & at_level),
        inputs.durations.filter((pl.col("indicator_code") == one.code) & at_level),
        level_units(inputs, level),
        window,
        version.priors.get(one.code),
        one.code in inputs.k5,
    )


def _carried(
    version: Version, item: int, inputs: IndexInputs, units: Units, window: Window
) -> Carried:
    one = version.items[item]
    own = measured(version, item, one.own_level, inputs, window)
    fallback = None
    if one.fallback_level:
        fallback = measured(version, item, one.fallback_level, inputs, window)
    return carry(
        one,
        version.level,
        own,
        _places(inputs, units, own.units),
        fallback,
        _places(inputs, units, fallback.units) if fallback else np.zeros(0, dtype=np.int64),
    )


def _places(inputs: IndexInputs, units: Units, sources: Units) -> Ints:
    """For each unit of a card, the place of its own unit, district, station or city."""
    place = {code: i for i, code in enumerate(sources.codes)}
    match sources.level:
        case "station":
            first = inputs.stations.sort("unit_town", "station_code").group_by(
                "unit_town", maintain_order=True
            )
            known = dict(first.first().select("unit_town", "station_code").iter_rows())
        case "district" | "city":
            column = "district_code" if sources.level == "district" else "parent_city"
            frame = inputs.units.filter(pl.col("unit_level") == units.level).with_columns(
                parent_city=pl.lit(sources.codes[0] if sources.codes else None)
            )
            known = dict(frame.select("unit_code", column).iter_rows())
        case _:
            known = {code: code for code in units.codes}
    return np.array([place.get(known.get(code, ""), -1) for code in units.codes], dtype=np.int64)


def _is_on_time(version: Version, dimension: int) -> bool:
    return version.dimensions[dimension] == ON_TIME_BLOCK


def _why_not(
    version: Version, present: Floats, inherited: Floats, due: Floats, dimensions: Floats
) -> npt.NDArray[np.object_]:
    """(units, months): '' or why there is no total score, in words."""
    reason = np.full(inherited.shape, "", dtype=object)
    if version.card == "TOWN":
        thin = present < scoring.LEAST_PRESENT - 1e-9
        reason[inherited > scoring.MOST_INHERITED] = "数据不足：继承自区县或派出所的权重超过40%"
        for d, name in reversed(list(enumerate(version.dimensions))):
            reason[thin[..., d]] = f"数据不足：维度{name}有数据的权重不足60%"
        return reason
    reason[due < LEAST_DUE] = "数据不足：近12个月到期事项不足30件"
    block = version.dimensions.index(ON_TIME_BLOCK)
    reason[~np.isfinite(dimensions[..., block])] = "数据不足：没有按期类条目"
    return reason


def _spread(scored: Scored, month: int, remembered: Remembered) -> draws.Spread:
    version = scored.version
    known = np.isfinite(scored.total[:, month])
    seed = _seed(version, scored.months[month])
    given = (
        version, scored.carried, month, scored.weights[:, month], known, LIMITS[version.card], seed
    )  # fmt: skip
    return remembered.of(digest(*given), lambda: draws.spread(*given))


def _seed(version: Version, month: Any) -> int:
    """A number that follows from version, card and month alone."""
    text = f"{version.name}|{version.card}|{month}"
    return int.from_bytes(text.encode(), "little") % (2**63)


def scored_months(version: Version, inputs: IndexInputs, today: date) -> Months:
    """Months of a version: from 24 before its first day, or the third with data, to the last month
    it holds or that is over. A young lake scores on what it has: the rules on missing weight say
    when that is too little."""
    monthly = inputs.counts.filter(pl.col("window_kind") == "month")["period_start"]
    if monthly.is_empty():
        return np.zeros(0, dtype="datetime64[M]")
    begun = np.datetime64(monthly.min(), "M") + 2  # type: ignore[call-overload]
    first = max(np.datetime64(version.valid_from, "M") - RESTATED_MONTHS, begun)
    last = np.datetime64(today, "M") - 1
    if version.valid_to is not None:
        last = min(last, np.datetime64(version.valid_to, "M"))
    return np.arange(first, last + 1, dtype="datetime64[M]")
