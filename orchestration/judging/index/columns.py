"""Columns of the index's tables in the schema `judged`, and their types.

Grain: fct_index one (version, unit, month); fct_index_dimension and fct_index_item one dimension or
item of it; index_version_state one card of a version; index_alternative one other way to build it.
"""

from __future__ import annotations

from typing import Any

import polars as pl

KEY: dict[str, Any] = {
    "index_version": pl.String,
    "card": pl.String,
    "unit_level": pl.String,
    "unit_code": pl.String,
    "period_start": pl.Date,
}
SCORE: dict[str, Any] = {
    **KEY,
    "period_end": pl.Date,
    "is_official": pl.Boolean,
    "is_blocked": pl.Boolean,
    "peer_group": pl.String,
    "score": pl.Float64,
    "score_final": pl.Float64,
    "interval_low": pl.Float64,
    "interval_high": pl.Float64,
    "band": pl.String,
    "light": pl.String,
    "light_reason_zh": pl.String,
    "p_yellow": pl.Float64,
    "p_red": pl.Float64,
    "red_line": pl.Boolean,
    "evidence_no": pl.String,
    "why_not_zh": pl.String,
    "inherited_share": pl.Float64,
    "due_n": pl.Float64,
    "rank_low": pl.Float64,
    "rank_high": pl.Float64,
    "rank": pl.Int64,
    "peer_score": pl.Float64,
    "change_month": pl.Float64,
    "change_3months": pl.Float64,
}
DIMENSION: dict[str, Any] = {
    **KEY,
    "dim_code": pl.String,
    "weight": pl.Float64,
    "score": pl.Float64,
    "present_share": pl.Float64,
    "peer_score": pl.Float64,
    "contribution_peer": pl.Float64,
    "contribution_month": pl.Float64,
}
ITEM: dict[str, Any] = {
    **KEY,
    "dim_code": pl.String,
    "item_code": pl.String,
    "name_zh": pl.String,
    "weight": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "value_month": pl.Float64,
    "value_shrunk": pl.Float64,
    "unit": pl.String,
    "score": pl.Float64,
    "goal_worst": pl.Float64,
    "goal_best": pl.Float64,
    "is_inherited": pl.Boolean,
    "source_code": pl.String,
    "contribution_peer": pl.Float64,
    "contribution_month": pl.Float64,
}
VERSION: dict[str, Any] = {
    "index_version": pl.String,
    "card": pl.String,
    "valid_from": pl.Date,
    "valid_to": pl.Date,
    "consistency_ratio": pl.Float64,
    "blocked_zh": pl.String,
}
ALTERNATIVE: dict[str, Any] = {
    "index_version": pl.String,
    "card": pl.String,
    "alternative": pl.String,
    "kendall_tau": pl.Float64,
    "band_changed_share": pl.Float64,
}
SCHEMAS = {
    "fct_index": SCORE,
    "fct_index_dimension": DIMENSION,
    "fct_index_item": ITEM,
    "index_version_state": VERSION,
    "index_alternative": ALTERNATIVE,
}
