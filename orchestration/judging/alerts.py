"""Aggregate alerts: a district lies beyond a limit, judged from published counts alone.

MH-A1 asks whether less than 80 % of a district's patients are managed by the standard (H02). It
reads the counts that left the health zone, never a patient, and its posterior is the one the light
of H02 rests on; a hidden district has no alert, because nothing is known of it here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from orchestration.judging import posterior

INDICATOR_OF = {"MH-A1": "H02"}
SCHEMA: dict[str, Any] = {
    "rule_id": pl.String,
    "rule_version": pl.String,
    "light": pl.String,
    "area_zh": pl.String,
    "indicator_code": pl.String,
    "unit_level": pl.String,
    "unit_code": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "threshold": pl.Float64,
    "probability": pl.Float64,
    "least_probability": pl.Float64,
    "is_raised": pl.Boolean,
    "condition_zh": pl.String,
    "legal_basis_zh": pl.String,
    "as_of": pl.Datetime("us"),
    "release_id": pl.String,
}


def aggregate_alerts(rules: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """One row per rule, district and period that is published; `is_raised` says which are lit.

    `rules` are the rows of seed_warning_rule with shape posterior (limit_share in percent, a
    version holds for periods that end while it is in force); `judged` is fct_indicator.
    """
    parts = [_judge(rule, judged) for rule in rules.to_dicts() if rule["rule_id"] in INDICATOR_OF]
    return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)


def _judge(rule: dict[str, Any], judged: pl.DataFrame) -> pl.DataFrame:
    in_force = pl.col("period_end") >= rule["valid_from"]
    if rule["valid_to"] is not None:
        in_force &= pl.col("period_end") < rule["valid_to"]
    cells = judged.filter(
        (pl.col("indicator_code") == INDICATOR_OF[rule["rule_id"]])
        & (pl.col("unit_level") == "district")
        & (pl.col("unit_code") != "unassigned")
        & ~pl.col("suppressed")
        & in_force
    )
    groups = cells.sort("period_start", "unit_code").partition_by(
        "period_start", maintain_order=True
    )
    rows = [_with_probability(part, float(rule["limit_share"])) for part in groups]
    found = pl.concat(rows) if rows else cells.with_columns(probability=pl.lit(0.0))
    return found.with_columns(
        rule_id=pl.lit(rule["rule_id"]),
        rule_version=pl.lit(rule["rule_version"]),
        light=pl.lit(rule["light"]),
        area_zh=pl.lit(rule["area_zh"]),
        threshold=pl.lit(float(rule["limit_share"])),
        least_probability=pl.lit(float(rule["least_probability"])),
        is_raised=pl.col("probability") > float(rule["least_probability"]),
        condition_zh=pl.lit(rule["condition_zh"]),
        legal_basis_zh=pl.lit(rule["legal_basis_zh"]),
    ).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _with_probability(cells: pl.DataFrame, limit: float) -> pl.DataFrame:
    """P(share < limit) of the districts of one period, with the districts as each other's prior."""
    hits, trials = cells["numerator"].to_numpy(), cells["denominator"].to_numpy()
    prior = posterior.share_prior(hits[:, None], trials[:, None], limit / 100.0)
    mean, strength = np.full(len(cells), prior.mean[0]), np.full(len(cells), prior.strength[0])
    below = posterior.share_below(hits, trials, mean, strength, limit / 100.0)
    return cells.with_columns(probability=pl.Series(below))
