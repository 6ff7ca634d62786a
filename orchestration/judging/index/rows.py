"""The tables of the index: scores, dimensions, items, versions, alternatives; one row per grain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from orchestration.judging.index import scoring, waterfall
from orchestration.judging.index.columns import (
    ALTERNATIVE,
    DIMENSION,
    ITEM,
    SCHEMAS,
    SCORE,
    VERSION,
)
from orchestration.judging.index.draws import Spread
from orchestration.judging.index.sensitivity import Gate
from orchestration.judging.lights import RED_BEYOND, YELLOW_BEYOND, percent
from orchestration.judging.posterior import Floats

if TYPE_CHECKING:
    from orchestration.judging.index.score import Scored

MOST_RANK_WIDTH = 10.0  # places; a rank less certain than that is not printed
FALL, FALL_MONTHS = 8.0, 3


def merge(parts: list[dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """All versions and cards, each table with its columns even when there is no version."""
    return {
        name: pl.concat([p[name] for p in parts]) if parts else pl.DataFrame(schema=schema)
        for name, schema in SCHEMAS.items()
    }


def tables(
    scored: Scored, spreads: list[Spread], gate: Gate, limits: tuple[float, float]
) -> dict[str, pl.DataFrame]:
    """Tables of one card of one version; `spreads` by month."""
    version = scored.version
    profiles = [scored.profile(m) for m in range(len(scored.months))]
    groups = scored.units.groups()
    peers = [waterfall.peer_profile(p, groups, version) for p in profiles]
    from_peers = [
        waterfall.contributions(p, q, version) for p, q in zip(profiles, peers, strict=True)
    ]
    none = waterfall.Contributions(
        np.full(scored.dimensions[:, 0].shape, np.nan), np.full(scored.scores[:, 0].shape, np.nan)
    )
    from_month = [none] + [
        waterfall.contributions(p, q, version)
        for p, q in zip(profiles[1:], profiles[:-1], strict=True)
    ]
    first = {"index_version": version.name, "card": version.card}
    return {
        "fct_index": _scores(scored, spreads, peers, bool(gate.blocked_zh), limits),
        "fct_index_dimension": _dimensions(scored, peers, from_peers, from_month),
        "fct_index_item": _items(scored, from_peers, from_month),
        "index_version_state": pl.DataFrame(
            [{
                **first, "valid_from": version.valid_from, "valid_to": version.valid_to,
                "consistency_ratio": version.consistency, "blocked_zh": gate.blocked_zh or None,
            }],
            schema=VERSION,
        ),
        "index_alternative": pl.DataFrame(
            [(*first.values(), *compared) for compared in gate.compared],
            schema=ALTERNATIVE, orient="row",
        ),
    }  # fmt: skip


def _key(scored: Scored, columns: int = 1) -> dict[str, Any]:
    """Key columns for arrays (units, months, columns) flattened."""
    units, months = len(scored.units.codes), len(scored.months)
    starts = scored.months.astype("datetime64[D]")
    return {
        "index_version": scored.version.name,
        "card": scored.version.card,
        "unit_level": scored.version.level,
        "unit_code": np.repeat(np.array(scored.units.codes, dtype=object), months * columns),
        "period_start": np.tile(np.repeat(starts, columns), units),
    }


def _frame(columns: dict[str, Any], schema: dict[str, Any]) -> pl.DataFrame:
    """Columns of one length, single values repeated, in the order and types of a table."""
    height = len(columns["period_start"])
    made = {}
    for name, dtype in schema.items():
        column = columns[name]
        if not isinstance(column, np.ndarray):
            made[name] = pl.Series(name, [column], dtype=dtype).new_from_index(0, height)
        else:
            texts = column.dtype == object
            made[name] = pl.Series(name, column.tolist() if texts else column).cast(dtype)
    return pl.DataFrame(made).with_columns(pl.col(pl.Float64).fill_nan(None))


def _scores(
    scored: Scored,
    spreads: list[Spread],
    peers: list[waterfall.Profile],
    blocked: bool,
    limits: tuple[float, float],
) -> pl.DataFrame:
    version, total = scored.version, scored.total
    by_month = {n: np.stack([getattr(s, n) for s in spreads], axis=1) for n in Spread._fields}
    final = np.where(scored.red_line, np.fmin(total, scoring.RED_LINE_CAP), total)
    starts = scored.months.astype("datetime64[D]")
    ends = (scored.months + 1).astype("datetime64[D]") - 1
    official = np.array([version.holds_on(d.astype(date)) for d in ends])
    places = _order(final)
    sure = by_month["rank_high"] - by_month["rank_low"] <= MOST_RANK_WIDTH
    fall = _before(final, FALL_MONTHS) - final
    units = len(scored.units.codes)
    groups = np.repeat(np.array(scored.units.peers, dtype=object), len(starts))
    frame = _frame(
        {
            **_key(scored),
            "period_end": np.tile(ends, units),
            "is_official": np.tile(official & (not blocked), units),
            "is_blocked": blocked,
            "peer_group": groups,
            "score": total.ravel(),
            "score_final": final.ravel(),
            **{n: v.ravel() for n, v in by_month.items() if n in ("p_yellow", "p_red")},
            "interval_low": by_month["low"].ravel(),
            "interval_high": by_month["high"].ravel(),
            "band": np.array(
                [
                    scoring.band(float(s), bool(r))
                    for s, r in zip(total.ravel(), scored.red_line.ravel(), strict=True)
                ],
                dtype=object,
            ),
            "light": None,
            "light_reason_zh": None,
            "red_line": scored.red_line.ravel(),
            "evidence_no": scored.evidence.ravel(),
            "why_not_zh": scored.why_not.ravel(),
            "inherited_share": scored.inherited_share.ravel(),
            "due_n": scored.due.ravel(),
            "rank_low": by_month["rank_low"].ravel(),
            "rank_high": by_month["rank_high"].ravel(),
            "rank": np.where(sure, places, np.nan).ravel(),
            "peer_score": np.stack([p.score for p in peers], axis=1).ravel(),
            "change_month": (final - _before(final, 1)).ravel(),
            "change_3months": (-fall).ravel(),
        },
        {**SCORE, "rank": pl.Float64},
    ).with_columns(
        pl.col("rank").cast(pl.Int64), pl.col("evidence_no", "why_not_zh").replace("", None)
    )
    return _lit(frame, version.card, limits).select(*SCORE)


def _lit(rows: pl.DataFrame, card: str, limits: tuple[float, float]) -> pl.DataFrame:
    """Light and its reason: the posterior of the score against the card's limits, a fall, a red
    line."""
    yellow, red = limits
    chance = {name: percent(pl.col(name)) for name in ("p_red", "p_yellow")}
    fell = (pl.col("change_3months") < -FALL) if card == "TOWN" else pl.lit(False)
    cases = [
        (
            pl.col("red_line"), "R",
            pl.format("红线（一票否决），证据编号{}，总分封顶59", pl.col("evidence_no")),
        ),
        (pl.col("score").is_null(), None, pl.col("why_not_zh")),
        (
            pl.col("p_red") > RED_BEYOND, "R",
            pl.format("低于{}分的概率{}，超过80%（红灯线）", pl.lit(int(red)), chance["p_red"]),
        ),
        (
            pl.col("p_yellow") > YELLOW_BEYOND, "Y",
            pl.format(
                "低于{}分的概率{}，超过50%（黄灯线）", pl.lit(int(yellow)), chance["p_yellow"]
            ),
        ),
        (
            fell, "Y",
            pl.format("三个月下降{}分，超过8分", (-pl.col("change_3months")).round(1)),
        ),
    ]  # fmt: skip
    light = pl.lit("G")
    reason = pl.format("低于{}分的概率{}，不超过50%", pl.lit(int(yellow)), chance["p_yellow"])
    for condition, colour, words in reversed(cases):
        light = pl.when(condition).then(pl.lit(colour)).otherwise(light)
        reason = pl.when(condition).then(words).otherwise(reason)
    return rows.with_columns(light=light, light_reason_zh=reason)


def _dimensions(
    scored: Scored,
    peers: list[waterfall.Profile],
    from_peers: list[waterfall.Contributions],
    from_month: list[waterfall.Contributions],
) -> pl.DataFrame:
    names = scored.version.dimensions
    cells = len(scored.units.codes) * len(scored.months)
    return _frame(
        {
            **_key(scored, len(names)),
            "dim_code": np.tile(np.array(names, dtype=object), cells),
            "weight": scored.dimension_weights.ravel(),
            "score": scored.dimensions.ravel(),
            "present_share": scored.present_share.ravel(),
            "peer_score": np.stack([p.dimension_scores for p in peers], axis=1).ravel(),
            "contribution_peer": np.stack([c.dimensions for c in from_peers], axis=1).ravel(),
            "contribution_month": np.stack([c.dimensions for c in from_month], axis=1).ravel(),
        },
        DIMENSION,
    )


def _items(
    scored: Scored,
    from_peers: list[waterfall.Contributions],
    from_month: list[waterfall.Contributions],
) -> pl.DataFrame:
    version = scored.version
    cells = len(scored.units.codes) * len(scored.months)

    def each(values: list[object]) -> Any:
        return np.tile(np.array(values, dtype=object), cells)

    def gathered(name: str) -> Floats:
        return np.stack([c.at(name) for c in scored.carried], axis=-1).ravel()

    def open_sums(name: str) -> Floats:
        # Of an amount the value alone is shown: its sums are hidden where few bear them.
        return np.where(
            each([i.measure == "amount" for i in version.items]), np.nan, gathered(name)
        )

    codes = [np.array([*c.codes(), None], dtype=object)[c.pick] for c in scored.carried]
    whole = scored.weights * scored.dimension_weights[..., version.dimension_of]
    return _frame(
        {
            **_key(scored, len(version.items)),
            "dim_code": each([version.dimensions[d] for d in version.dimension_of]),
            "item_code": each([i.code for i in version.items]),
            "name_zh": each([i.name_zh for i in version.items]),
            "weight": whole.ravel(),
            **{n: open_sums(n) for n in ("numerator", "denominator")},
            "value": gathered("value"),
            "value_month": np.where(
                np.stack([c.inherited for c in scored.carried], axis=-1).ravel(),
                np.nan,
                gathered("month"),
            ),
            "value_shrunk": gathered("shrunk"),
            "unit": each([i.unit for i in version.items]),
            "score": scored.scores.ravel(),
            "goal_worst": np.tile(version.worst, cells),
            "goal_best": np.tile(version.best, cells),
            "is_inherited": np.stack([c.inherited for c in scored.carried], axis=-1).ravel(),
            "source_code": np.stack(codes, axis=-1).ravel(),
            "contribution_peer": np.stack([c.items for c in from_peers], axis=1).ravel(),
            "contribution_month": np.stack([c.items for c in from_month], axis=1).ravel(),
        },
        ITEM,
    )


def _before(values: Floats, months: int) -> Floats:
    """The values some months earlier, along axis 1."""
    out = np.full(values.shape, np.nan)
    if values.shape[1] > months:
        out[:, months:] = values[:, :-months]
    return out


def _order(final: Floats) -> Floats:
    """Place of each unit by its score, best first, among the scored units of a month."""
    filled = np.where(np.isfinite(final), final, -np.inf)
    ahead = (filled[None, :, :] > filled[:, None, :]).sum(axis=1)
    return np.where(np.isfinite(final), 1.0 + ahead, np.nan)
