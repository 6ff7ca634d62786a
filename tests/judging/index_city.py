"""A small index to score by hand: two dimensions, three items, some towns, a version as signed."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from orchestration.judging.index import IndexInputs

FIRST, LAST = date(2025, 9, 1), date(2026, 8, 1)
AS_OF = date(2026, 9, 17)
ITEMS = (
    ("D1", "A", "higher", "share", "town", None),
    ("D1", "B", "lower", "rate", "town", None),
    ("D2", "C", "higher", "share", "district", None),
)
GOALS = {"A": (50.0, 100.0), "B": (20.0, 0.0), "C": (80.0, 100.0)}
# Beta(18, 2), Gamma(2, 1), Beta(9, 1): so that a posterior can be written down by hand.
PRIORS = {"A": (0.9, 20.0), "B": (2.0, 1.0), "C": (0.9, 10.0)}
DAY = pl.Date


def items(card: str = "TOWN", listed: Any = ITEMS) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "card": card, "dim_code": d, "item_code": c, "name_zh": c, "direction": way,
                "measure": measure, "unit": "%", "own_level": own, "fallback_level": fallback,
            }
            for d, c, way, measure, own, fallback in listed
        ],
        schema_overrides={"fallback_level": pl.String},
    )  # fmt: skip


def version(
    weights: dict[str, float] | None = None,
    goals: dict[str, tuple[float, float]] | None = None,
    judges: int = 7,
    name: str = "v1",
    valid_from: date = FIRST,
    valid_to: date | None = None,
    card: str = "TOWN",
    item_weights: dict[str, float] | None = None,
    priors: bool = True,
    judgements: dict[tuple[str, str], float] | None = None,
) -> pl.DataFrame:
    """Rows of R03: judgements follow from the weights unless given."""
    weights = weights or {"D1": 0.75, "D2": 0.25}
    share = item_weights or {"A": 0.5, "B": 0.5, "C": 1.0}
    dimension = {c: d for d, c, *_ in ITEMS}
    rows: list[dict[str, Any]] = []
    for d, w in weights.items():
        rows.append({"row_kind": "W", "dim_code": d, "item_code": "-", "weight": w})
    for c, w in share.items():
        rows.append({"row_kind": "W", "dim_code": dimension[c], "item_code": c, "weight": w})
    for c, (lo, hi) in (goals or GOALS).items():
        rows.append(
            {
                "row_kind": "G",
                "dim_code": dimension[c],
                "item_code": c,
                "goal_lo": lo,
                "goal_hi": hi,
            }
        )
    for c, (one, two) in (PRIORS if priors else {}).items():
        names = ("prior_a", "prior_b") if c == "B" else ("prior_mu", "prior_s")
        rows.append(
            {"row_kind": "P", "dim_code": dimension[c], "item_code": c}
            | dict(zip(names, (one, two), strict=True))
        )
    pairs = judgements or {(a, b): weights[a] / weights[b] for a, b in combinations(weights, 2)}
    for (a, b), value in pairs.items():
        for judge in range(1, judges + 1):
            # Judges differ, and their geometric mean does not.
            tilt = 1.1 ** (judge - (judges + 1) / 2)
            rows.append(
                {
                    "row_kind": "J", "dim_code": a, "item_code": "-", "pair_dim": b,
                    "judge_no": judge, "pair_value": value * tilt,
                }
            )  # fmt: skip
    floats = ("weight", "goal_lo", "goal_hi", "prior_a", "prior_b", "prior_mu", "prior_s")
    schema: dict[str, Any] = {
        "row_kind": pl.String, "dim_code": pl.String, "item_code": pl.String,
        "pair_dim": pl.String, "judge_no": pl.Int32, "pair_value": pl.Float64,
        **dict.fromkeys(floats, pl.Float64),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema).with_columns(
        index_version=pl.lit(name),
        card=pl.lit(card),
        valid_from=pl.lit(valid_from, dtype=DAY),
        valid_to=pl.lit(valid_to, dtype=DAY),
    )


def months() -> list[date]:
    return pl.date_range(FIRST, LAST, "1mo", eager=True).to_list()


def counts(
    code: str, level: str, by_unit: dict[str, tuple[float, float]], window: str = "month"
) -> pl.DataFrame:
    """The same counts each month of the year, by unit; a quarter's in its last month."""
    starts = months() if window == "month" else months()[0::3]
    length = "1mo" if window == "month" else "3mo"
    frame = pl.DataFrame(
        [
            {"unit_code": u, "period_start": m, "numerator": n, "denominator": d}
            for u, (n, d) in by_unit.items()
            for m in starts
        ],
        schema={
            "unit_code": pl.String, "period_start": DAY, "numerator": pl.Float64,
            "denominator": pl.Float64,
        },
    )  # fmt: skip
    return frame.with_columns(
        item_code=pl.lit(code),
        unit_level=pl.lit(level),
        window_kind=pl.lit(window),
        period_end=pl.col("period_start").dt.offset_by(length).dt.offset_by("-1d"),
        stat_value=pl.lit(None, dtype=pl.Float64),
        population_n=pl.col("denominator").cast(pl.Int64),
        is_complete=pl.lit(True),
        is_provisional=pl.lit(False),
        is_running=pl.lit(False),
    )


def units(towns: list[str], town_type: str = "street") -> pl.DataFrame:
    """Towns of district 330602, a district, a city and a department."""
    rows: list[dict[str, Any]] = [
        {"unit_level": "town", "unit_code": t, "district_code": "330602", "town_type": town_type,
         "population": 50_000}
        for t in [*towns, "unassigned"]
    ]  # fmt: skip
    rows.append({"unit_level": "district", "unit_code": "330602", "population": 150_000})
    rows.append({"unit_level": "district", "unit_code": "330600"})
    rows.append({"unit_level": "city", "unit_code": "330600", "population": 150_000})
    return pl.DataFrame(
        rows,
        schema={
            "unit_level": pl.String, "unit_code": pl.String, "district_code": pl.String,
            "town_type": pl.String, "population": pl.Int64,
        },
    )  # fmt: skip


def vetoes(rows: list[dict[str, Any]] | None = None) -> pl.DataFrame:
    schema = {
        "sheet_code": pl.String, "unit_level": pl.String, "unit_code": pl.String,
        "veto_confirm_date": DAY, "evidence_no": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows or [], schema=schema)


def durations() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "indicator_code": pl.String, "unit_level": pl.String, "unit_code": pl.String,
            "period_start": DAY, "period_end": DAY, "days_upto": pl.Int32, "rows_n": pl.Int64,
        }
    )  # fmt: skip


def city(
    versions: pl.DataFrame | None = None,
    a: dict[str, tuple[float, float]] | None = None,
    b: dict[str, tuple[float, float]] | None = None,
    c: dict[str, tuple[float, float]] | None = None,
    **changes: Any,
) -> IndexInputs:
    """Three towns by default: A 90/100, 80/100, 100/100 a month; B 2, 1, 0 events on 5 heads;
    C 45 of 50 in the district."""
    a = a or {"t1": (90, 100), "t2": (80, 100), "t3": (100, 100)}
    b = b or {"t1": (2, 5), "t2": (1, 5), "t3": (0, 5)}
    given = {
        "versions": version() if versions is None else versions,
        "items": items(),
        "counts": pl.concat(
            [counts("A", "town", a), counts("B", "town", b),
             counts("C", "district", c or {"330602": (45, 50)}, "quarter")]
        ),
        "durations": durations(),
        "units": units(sorted(a)),
        "stations": pl.DataFrame(schema={"unit_town": pl.String, "station_code": pl.String}),
        "departments": [],
        "vetoes": vetoes(),
        "k5": frozenset(),
    }  # fmt: skip
    return IndexInputs(**(given | changes))


def by_hand(
    a: tuple[float, float],
    b: tuple[float, float],
    c: tuple[float, float],
    weights: tuple[float, float] = (0.75, 0.25),
    goals: dict[str, tuple[float, float]] | None = None,
) -> float:
    """The score of a town over twelve months, written out as stability_index.md §4 says it.

    `a` and `b` per month, `c` per quarter; a rate is per head and year.
    """
    goal = goals or GOALS

    def scaled(code: str, value: float) -> float:
        worst, best = goal[code]
        return min(100.0, max(0.0, 100.0 * (value - worst) / (best - worst)))

    share_a = 100 * (12 * a[0] + 0.9 * 20) / (12 * a[1] + 20)
    rate_b = (12 * b[0] + 2.0) / (12 * b[1] / 12 + 1.0)
    share_c = 100 * (4 * c[0] + 0.9 * 10) / (4 * c[1] + 10)
    first = (scaled("A", share_a) + scaled("B", rate_b)) / 2
    second = scaled("C", share_c)
    parts = [(max(x, 1.0) / 100.0) ** w for x, w in zip((first, second), weights, strict=True)]
    return 100.0 * float(np.prod(parts))
