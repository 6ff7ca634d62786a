"""Planted defects: what agencies get wrong, each written down in the table of truth.

`expected_fate` is what the lakehouse must do with the row: quarantined, warned, accepted
(converted without harm), unchanged (an exact repetition) or superseded (an older version).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from simulation.world import Ints

# A small feed gets a defect in every second delivery or so, or it would never show one.
LEAST_DEFECTS, MOST_SHARE = 0.6, 0.2
FULL_WIDTH = {ord("0") + i: 0xFF10 + i for i in range(10)}


@dataclass(frozen=True)
class Defect:
    """One kind of defect of one column, and the rule that must catch it."""

    name: str
    column: str
    rule: str
    fate: str
    spoil: Callable[[pl.Series], pl.Series]
    where: pl.Expr | None = None
    weight: float = 1.0


def share_of(share: float, rows: int, deliveries: int) -> float:
    """The share of rows to spoil: the city's, or enough for a small feed to show a defect."""
    if not share or not rows:
        return 0.0
    return max(share, min(MOST_SHARE, LEAST_DEFECTS * deliveries / rows))


def constant(value: str | None) -> Callable[[pl.Series], pl.Series]:
    """Replace by one value."""
    return lambda s: pl.Series(s.name, [value] * len(s), dtype=pl.String)


def full_width(s: pl.Series) -> pl.Series:
    """Digits as a Chinese input method writes them: legal, must be converted."""
    return pl.Series(
        s.name, [v.translate(FULL_WIDTH) if v else v for v in s.to_list()], dtype=pl.String
    )


def present(name: str) -> pl.Expr:
    return pl.col(name).is_not_null()


P44 = [
    Defect("unknown code", "topic_code", "code", "quarantined", constant("770000")),
    Defect("unknown code", "ticket_type", "code", "quarantined", constant("9")),
    Defect(
        "lost leading zero",
        "topic_code",
        "code",
        "quarantined",
        lambda s: s.str.strip_chars_start("0"),
        pl.col("topic_code").str.starts_with("0"),
    ),
    Defect("unparseable date", "due_time", "type", "quarantined", constant("2026-13-45 25:61")),
    Defect(
        "unparseable date",
        "finish_time",
        "type",
        "quarantined",
        constant("待定"),
        present("finish_time"),
    ),
    Defect("missing required", "ticket_type", "required", "quarantined", constant(None)),
    Defect("missing required", "accept_time", "required", "quarantined", constant(None)),
    Defect(
        "eleven digits",
        "town_code",
        "pattern",
        "quarantined",
        lambda s: s.str.head(11),
        present("town_code"),
    ),
    Defect("full-width digits", "town_code", "", "accepted", full_width, present("town_code"), 2),
    Defect("full-width digits", "topic_code", "", "accepted", full_width, None, 2),
    Defect(
        "finish before accept",
        "finish_time",
        "finish_after_accept",
        "warned",
        constant("2025-09-01 08:00:00"),
        present("finish_time"),
        2,
    ),
]
P40 = [
    Defect(
        "negative count",
        "call_n",
        "counts_not_negative",
        "quarantined",
        constant("-1"),
        (pl.col("valid_n") == "0") & (pl.col("call_type") != "01"),
    ),
    Defect(
        "not a number",
        "valid_n",
        "type",
        "quarantined",
        constant("三"),
        pl.col("call_type") != "01",
    ),
    Defect(
        "unknown code",
        "call_type",
        "code",
        "quarantined",
        constant("19"),
        pl.col("call_type") == "08",
    ),
    Defect("full-width digits", "call_n", "", "accepted", full_width, None),
]


@dataclass
class Truth:
    """All planted defects, gathered as columns."""

    rows: list[pl.DataFrame] = field(default_factory=list)

    def add(
        self,
        feed: str,
        file: str,
        source_row: Ints | list[int],
        key: pl.Series | list[str],
        column: str,
        defect: str,
        rule: str,
        fate: str,
    ) -> None:
        keys = pl.Series("key", key).cast(pl.String)
        self.rows.append(
            pl.DataFrame(
                {
                    "feed_code": [feed] * len(keys),
                    "file": [file] * len(keys),
                    "source_row": pl.Series(source_row, dtype=pl.Int64),
                    "key": keys,
                    "column_name": [column] * len(keys),
                    "defect": [defect] * len(keys),
                    "expected_rule": [rule] * len(keys),
                    "expected_fate": [fate] * len(keys),
                }
            )
        )

    def table(self) -> pl.DataFrame:
        return pl.concat(self.rows)


def spoil(
    rows: pl.DataFrame,
    kinds: list[Defect],
    share: float,
    rng: np.random.Generator,
    truth: Truth,
    feed: str,
    file: str,
    key: pl.Expr,
) -> tuple[pl.DataFrame, Ints]:
    """Plant defects in about `share` of the rows, one per row.

    Returns the spoilt rows and the positions (from 0) of those that must be quarantined.
    """
    weight = np.array([k.weight for k in kinds])
    total = int(rng.binomial(rows.height, share))
    count = rng.multinomial(total, weight / weight.sum())
    free = np.ones(rows.height, bool)
    keys = rows.select(key.cast(pl.String)).to_series()
    bad: list[Ints] = []
    for kind, n in zip(kinds, count, strict=True):
        fit = (
            free
            if kind.where is None
            else free & rows.select(kind.where.fill_null(value=False)).to_series().to_numpy()
        )
        place = np.flatnonzero(fit)
        at = np.sort(rng.choice(place, min(int(n), len(place)), replace=False))
        if not len(at):
            continue
        free[at] = False
        old = rows[kind.column]
        rows = rows.with_columns(old.scatter(at, kind.spoil(old.gather(at))).alias(kind.column))
        truth.add(feed, file, at + 1, keys.gather(at), kind.column, kind.name, kind.rule, kind.fate)
        if kind.fate == "quarantined":
            bad.append(at)
    return rows, np.concatenate(bad) if bad else np.array([], np.int64)


def break_line(blob: bytes, row: int) -> bytes:
    """Put two bytes that no GB18030 text holds into data record `row` (from 1)."""
    lines = blob.split(b"\r\n")
    middle = len(lines[row]) // 2
    lines[row] = lines[row][:middle] + b"\xff\xff" + lines[row][middle:]
    return b"\r\n".join(lines)


def drop_cell(blob: bytes, row: int) -> bytes:
    """Take the last cell and its comma from data record `row` (from 1)."""
    lines = blob.split(b"\r\n")
    lines[row] = lines[row].rsplit(b",", 1)[0]
    return b"\r\n".join(lines)
