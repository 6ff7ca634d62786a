"""The two cards of the index and the versions a panel signed for them.

A version holds while valid_from <= the month's last day < valid_to. It is refused, with a reason
that names feed, version and rule, when its weights do not sum to 1, do not follow from its own
judgements, or the judgements contradict themselves (stability_index.md §4.5, §8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from orchestration.judging.index import ahp
from orchestration.judging.posterior import Floats

CARDS = {"TOWN": "town", "DEPT": "department"}
ROUNDING = 5e-6  # weights are signed with six decimals
SUM_ROUNDING = 1e-4  # of up to ten items with six decimals each


class VersionError(ValueError):
    """A version that must not be used; the message names feed, version, card and rule."""


@dataclass(frozen=True)
class Item:
    """One item of a card, as seed_index_item declares it."""

    code: str
    name_zh: str
    higher_is_better: bool
    measure: str  # share, amount, rate, stock or median
    unit: str
    own_level: str
    fallback_level: str | None


@dataclass(frozen=True)
class Prior:
    """A prior signed with the version: Gamma(a, b) of a rate or Beta(mu·s, (1-mu)·s) of a share."""

    first: float
    second: float


@dataclass(frozen=True)
class Version:
    """One card of one version; arrays run over its dimensions or its items."""

    name: str
    card: str
    dimensions: tuple[str, ...]
    dimension_weight: Floats
    items: tuple[Item, ...]
    dimension_of: npt.NDArray[np.int64]
    item_weight: Floats  # inside its dimension
    worst: Floats  # goalposts: the value that scores 0, the value that scores 100
    best: Floats
    priors: dict[str, Prior]
    valid_from: date
    valid_to: date | None
    consistency: float | None

    @property
    def level(self) -> str:
        """Level of the units the card scores."""
        return CARDS[self.card]

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def read_versions(rows: pl.DataFrame, items: pl.DataFrame) -> tuple[list[Version], list[str]]:
    """Versions fit to score with, oldest first, and why the others are not.

    `rows` is marts.index_version, `items` seeds.seed_index_item.
    """
    good, refused = [], []
    names = rows.sort("valid_from", "index_version")["index_version"].unique(maintain_order=True)
    for name in names:
        for card in CARDS:
            part = rows.filter((pl.col("index_version") == name) & (pl.col("card") == card))
            if part.is_empty():
                continue
            try:
                good.append(_version(name, card, part, items.filter(pl.col("card") == card)))
            except ValueError as error:
                refused.append(f"feed:R03 version {name} card {card}: {error}")
    return good, refused


def _version(name: str, card: str, rows: pl.DataFrame, items: pl.DataFrame) -> Version:
    listed = items.sort("dim_code", "item_code")
    dimensions = tuple(sorted(listed["dim_code"].unique()))
    weight = rows.filter(pl.col("row_kind") == "W")
    by_dimension = _column(
        weight.filter(pl.col("item_code") == "-"), list(dimensions), "dim_code", "weight"
    )
    _sums_to_one(by_dimension, "the dimensions")
    codes = listed["item_code"].to_list()
    of_items = weight.filter(pl.col("item_code") != "-")
    by_item = _column(of_items, codes, "item_code", "weight")
    position = {d: i for i, d in enumerate(dimensions)}
    dimension_of = np.array([position[d] for d in listed["dim_code"]], dtype=np.int64)
    for i, dimension in enumerate(dimensions):
        _sums_to_one(by_item[dimension_of == i], f"the items of {dimension}")
    goals = rows.filter(pl.col("row_kind") == "G")
    worst, best = (_column(goals, codes, "item_code", side) for side in ("goal_lo", "goal_hi"))
    rising = (listed["direction"] == "higher").to_numpy()
    turned = [c for c, up in zip(codes, (best > worst) == rising, strict=True) if not up]
    if turned:
        raise VersionError(f"the goalposts of {', '.join(turned)} run against the direction")
    return Version(
        name=name,
        card=card,
        dimensions=dimensions,
        dimension_weight=by_dimension / by_dimension.sum(),
        items=tuple(_item(row) for row in listed.iter_rows(named=True)),
        dimension_of=dimension_of,
        item_weight=by_item,
        worst=worst,
        best=best,
        priors=_priors(rows.filter(pl.col("row_kind") == "P")),
        valid_from=rows["valid_from"].min(),  # type: ignore[arg-type]
        valid_to=rows["valid_to"].max(),  # type: ignore[arg-type]
        consistency=_judged(rows, list(dimensions), by_dimension),
    )


def _judged(rows: pl.DataFrame, dimensions: list[str], signed: Floats) -> float | None:
    """The consistency ratio of a card that was judged; a card of equal weights has none."""
    judgements = rows.filter(pl.col("row_kind") == "J")
    if judgements.is_empty():
        if np.ptp(signed) > ROUNDING:
            raise VersionError("unequal weights without the judgements behind them")
        return None
    matrix = ahp.pooled(judgements, dimensions)
    ratio = ahp.consistency_ratio(matrix)
    if ratio >= ahp.MOST_INCONSISTENCY:
        raise VersionError(f"consistency ratio {ratio:.3f}, below {ahp.MOST_INCONSISTENCY} needed")
    off = np.abs(ahp.weights(matrix) - signed)
    if off.max() > ROUNDING:
        d = dimensions[int(off.argmax())]
        raise VersionError(
            f"weight of {d} is signed as {signed[off.argmax()]:.6f},"
            f" its judgements give {ahp.weights(matrix)[off.argmax()]:.6f}"
        )
    return ratio


def _sums_to_one(weights: Floats, of: str) -> None:
    if abs(weights.sum() - 1.0) > SUM_ROUNDING or (weights < 0).any():
        raise VersionError(f"the weights of {of} sum to {weights.sum():.6f}, not 1")


def _column(rows: pl.DataFrame, names: list[str], key: str, column: str) -> Floats:
    """A column by name, in the order of `names`; raises when one is missing or stands twice."""
    known = dict(zip(rows[key], rows[column], strict=True))
    if len(known) != len(rows):
        raise VersionError(f"a {column} stands twice")
    absent = [n for n in names if known.get(n) is None]
    if absent:
        raise VersionError(f"no {column} of {', '.join(absent)}")
    return np.array([known[n] for n in names], dtype=np.float64)


def _item(row: dict[str, str]) -> Item:
    return Item(
        row["item_code"], row["name_zh"], row["direction"] == "higher", row["measure"],
        row["unit"], row["own_level"], row["fallback_level"] or None,
    )  # fmt: skip


def _priors(rows: pl.DataFrame) -> dict[str, Prior]:
    found = {}
    for row in rows.iter_rows(named=True):
        first, second = (row["prior_a"], row["prior_b"])
        if row["prior_mu"] is not None:
            first, second = row["prior_mu"], row["prior_s"]
        found[row["item_code"]] = Prior(float(first), float(second))
    return found
