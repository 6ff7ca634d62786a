"""Aggregate alerts: a district lies beyond a limit, judged from published counts alone.

MH-A1 asks whether less than 80 % of a district's patients are managed by the standard (H02). It
reads the counts that left the health zone, never a patient, and its posterior is the one the light
of H02 rests on; a hidden district has no alert, because nothing is known of it here.

YP-A1 asks of the persons counted in a year so far (Y02, the months' totals the authorities send)
whether there are more than in the same months of last year: yellow (ground a) by the posterior
that the rate rose, red (ground b) where it rose by over 10 % and both counts are 10 or more. A
district's residents of two years are taken to be as many, so the rate rose where this year's share
of both years' persons lies above a half; the districts are each other's prior. A suppressed cell
has no alert.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from orchestration.judging import posterior

INDICATOR_OF = {"MH-A1": "H02", "YP-A1": "Y02"}
SCHEMA: dict[str, Any] = {
    "rule_id": pl.String,
    "rule_version": pl.String,
    "ground": pl.String,
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
    """One row per ground of a rule, district and published period; `is_raised` says which are lit.

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
    ).drop_nulls(["numerator", "denominator"])
    groups = cells.sort("period_start", "unit_code").partition_by(
        "period_start", maintain_order=True
    )
    rows = [_judge_period(rule, part) for part in groups]
    nothing = {"probability": pl.lit(None, pl.Float64), "is_raised": pl.lit(value=False)}
    found = pl.concat(rows) if rows else cells.with_columns(**nothing)
    return found.with_columns(
        rule_id=pl.lit(rule["rule_id"]),
        rule_version=pl.lit(rule["rule_version"]),
        ground=pl.lit(rule["ground"]),
        light=pl.lit(rule["light"]),
        area_zh=pl.lit(rule["area_zh"]),
        threshold=pl.lit(rule["limit_share"], pl.Float64),
        least_probability=pl.lit(rule["least_probability"], pl.Float64),
        condition_zh=pl.lit(rule["condition_zh"]),
        legal_basis_zh=pl.lit(rule["legal_basis_zh"]),
    ).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _judge_period(rule: dict[str, Any], cells: pl.DataFrame) -> pl.DataFrame:
    """The districts of one period with `probability` and `is_raised`."""
    if rule["rule_id"] == "MH-A1":
        limit = float(rule["limit_share"]) / 100.0
        hits, trials = cells["numerator"].to_numpy(), cells["denominator"].to_numpy()
        return _raised_by(rule, cells, _share_below(hits, trials, limit))
    # Y02's numerator is the difference to last year, its denominator last year's count.
    before = cells["denominator"].to_numpy()
    now = before + cells["numerator"].to_numpy()
    if rule["least_probability"] is not None:
        return _raised_by(rule, cells, 1.0 - _share_below(now, now + before, 0.5))
    least, limit = float(rule["least_cases"]), float(rule["limit_share"]) / 100.0
    raised = (now >= least) & (before >= least) & (now - before > limit * before)
    return cells.with_columns(
        probability=pl.lit(None, pl.Float64), is_raised=pl.Series(raised, dtype=pl.Boolean)
    )


def _raised_by(
    rule: dict[str, Any], cells: pl.DataFrame, probability: posterior.Floats
) -> pl.DataFrame:
    return cells.with_columns(
        probability=pl.Series(probability),
        is_raised=pl.Series(probability > float(rule["least_probability"])),
    )


def _share_below(
    hits: posterior.Floats, trials: posterior.Floats, limit: float
) -> posterior.Floats:
    """P(share < limit) of the districts of one period, with the districts as each other's prior."""
    prior = posterior.share_prior(hits[:, None], trials[:, None], limit)
    mean, strength = np.full(len(hits), prior.mean[0]), np.full(len(hits), prior.strength[0])
    return posterior.share_below(hits, trials, mean, strength, limit)
