"""R03: one version of the social stability index, as its panel of experts signed it.

Weights follow from the judgements: row geometric means of their pooled matrix (Crawford & Williams
1985; Aczel & Saaty 1983 for pooling). Goalposts and priors are
design until a year of values exists.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import combinations

import numpy as np
import polars as pl

from simulation.channels.declared import deliver
from simulation.deliveries import Ground
from simulation.world import Floats

VERSION, SIGNED, VALID = "2026.1", date(2026, 1, 16), date(2026, 2, 1)
JUDGES = 9
# Of the town card: how much a dimension counts; voice and disputes twice the middle, thrice the
# two that are hardly measured below the district.
STRENGTH = {"D1": 2, "D2": 4, "D3": 2, "D4": 2, "D5": 1, "D6": 1, "D7": 2, "D8": 4}
PAIR = {(4, 2): 2.0, (4, 1): 3.0, (2, 1): 2.0}
# Saaty's random consistency index of eight.
RANDOM_INDEX = 1.41
# item: worst and best goalpost of the version (design)
ITEMS: dict[str, dict[str, tuple[float, float]]] = {
    "D1": {
        "M01": (70, 100),
        "M02": (80, 100),
        "M05": (60, 100),
        "M06": (60, 100),
        "M07": (50, 100),
    },
    "D2": {
        "D01": (85, 100),
        "D02": (80, 100),
        "D05": (60, 95),
        "D09": (80, 100),
        "D10": (6, 0),
        "D12": (60, 5),
    },
    "D3": {"P01": (80, 10), "Z01": (40, 10), "P04": (80, 98), "D15": (4, 0)},
    "D4": {"K01": (80, 100), "K02": (80, 100), "K03": (1, 0)},
    "D5": {"X01": (5, 0), "X02": (80, 100), "X03": (80, 100)},
    "D6": {"X04": (60, 100), "E01": (20, 50), "M09": (60, 100)},
    "D7": {"D07": (90, 100), "D08": (70, 100), "U01": (85, 100), "U03": (12, 1), "U06": (90, 100)},
    "D8": {"C09": (80, 100), "D03": (70, 100), "P06": (85, 100)},
}
BLOCKS: dict[str, dict[str, tuple[float, float]]] = {
    "B1": dict.fromkeys(("D01", "D02", "D07", "U01", "E05", "L06", "L09", "J03"), (80, 100)),
    "B2": {"D08": (70, 100), "D10": (6, 0), "U03": (12, 1), "P07": (60, 100)},
    "B3": {"M01": (70, 100), "M02": (80, 100), "M06": (60, 100), "M07": (50, 100)},
    "B4": {"Q01": (80, 100), "Q03": (80, 100)},
}


def matrix() -> Floats:
    """The panel's pooled judgements, 8 x 8 and reciprocal."""
    names = list(STRENGTH)
    made = np.ones((len(names), len(names)))
    for i, j in combinations(range(len(names)), 2):
        a, b = STRENGTH[names[i]], STRENGTH[names[j]]
        value = 1.0 if a == b else PAIR[max(a, b), min(a, b)] ** (1 if a > b else -1)
        made[i, j], made[j, i] = value, 1 / value
    return made


def weights(judged: Floats) -> tuple[Floats, float]:
    """Weights that sum to 1 and the consistency ratio.

    Row geometric means (Crawford & Williams 1985); the principal value is the mean of (A w) / w,
    the ratio (value - n) / (n - 1) over Saaty's random index (1980), accepted below 0.10.
    """
    n = len(judged)
    vector = np.exp(np.log(judged).mean(axis=1))
    vector = vector / vector.sum()
    principal = float(((judged @ vector) / vector).mean())
    return vector, (principal - n) / (n - 1) / RANDOM_INDEX


def judgements(rng: np.random.Generator) -> pl.DataFrame:
    """dim, pair, judge, value: opinions that differ, and whose geometric mean is the matrix."""
    pooled, names = matrix(), list(STRENGTH)
    pairs = list(combinations(range(len(names)), 2))
    spread = rng.normal(0, 0.18, (len(pairs), JUDGES))
    spread -= spread.mean(axis=1, keepdims=True)
    value = np.array([pooled[i, j] for i, j in pairs])[:, None] * np.exp(spread)
    n = len(pairs) * JUDGES
    return pl.DataFrame(
        {
            "dim_code": np.repeat([names[i] for i, _ in pairs], JUDGES).tolist(),
            "pair_dim": np.repeat([names[j] for _, j in pairs], JUDGES).tolist(),
            "judge_no": np.tile(np.arange(1, JUDGES + 1), len(pairs)),
            "pair_value": np.clip(np.round(value.reshape(n), 6), 1 / 9, 9),
        }
    )


def rows(rng: np.random.Generator) -> pl.DataFrame:
    """The version in the contract's columns."""
    vector, ratio = weights(matrix())
    parts = [judgements(rng).with_columns(card=pl.lit("TOWN"), row_kind=pl.lit("J"))]
    plan = [("TOWN", dict(zip(STRENGTH, vector, strict=True)), ITEMS)]
    plan.append(("DEPT", dict.fromkeys(BLOCKS, 0.25), BLOCKS))
    for card, dimension, items in plan:
        cr = ratio if card == "TOWN" else None
        parts.append(
            pl.DataFrame(
                {
                    "dim_code": list(dimension),
                    "weight": [round(float(w), 6) for w in dimension.values()],
                    "cr": [cr] * len(dimension),
                },
                schema_overrides={"cr": pl.Float64},
            ).with_columns(card=pl.lit(card), row_kind=pl.lit("W"), item_code=pl.lit("-"))
        )
        listed = [(d, i, lo, hi, len(m)) for d, m in items.items() for i, (lo, hi) in m.items()]
        goals = pl.DataFrame(
            listed, schema=["dim_code", "item_code", "goal_lo", "goal_hi", "n"], orient="row"
        ).with_columns(pl.col("goal_lo", "goal_hi").cast(pl.Float64), card=pl.lit(card))
        parts.append(goals.drop("n").with_columns(row_kind=pl.lit("G")))
        share = goals.select("card", "dim_code", "item_code", weight=(1 / pl.col("n")).round(6))
        parts.append(share.with_columns(row_kind=pl.lit("W")))
    table = pl.concat(parts, how="diagonal_relaxed")
    empty = {c: pl.lit(None, pl.Float64) for c in ("prior_a", "prior_b", "prior_mu", "prior_s")}
    return table.with_columns(
        **empty,
        index_version=pl.lit(VERSION),
        item_code=pl.col("item_code").fill_null("-"),
        pair_dim=pl.col("pair_dim").fill_null("-"),
        judge_no=pl.col("judge_no").fill_null(0),
        signed_date=pl.lit(SIGNED),
        valid_from=pl.lit(VALID),
        valid_to=pl.lit(None, pl.Date),
        updated=pl.lit(datetime.combine(SIGNED, datetime.min.time())),
    )


def send(ground: Ground) -> None:
    """The workbook of the version."""
    deliver(ground, "R03", rows(ground.world.chance(9003)))
