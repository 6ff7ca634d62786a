"""Light and reason: one rule in one place, in words a leader reads.

Red when the posterior probability of lying beyond the red limit exceeds 0.8, yellow when that of
lying beyond the yellow limit exceeds 0.5, else green. No light for what is not yet final, not
complete, no unit of its own, or rests on sources whose error checks fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

RED_BEYOND, YELLOW_BEYOND = 0.8, 0.5


@dataclass(frozen=True)
class Words:
    """How the reason names its parts."""

    yellow: str  # 低于97%
    red: str
    basis: str  # 近12个月 | 当前存量 | 当月 | 当期


def light_of(p_yellow: pl.Expr, p_red: pl.Expr) -> pl.Expr:
    """R, Y, G, or null where nothing is known."""
    return (
        pl.when(p_red > RED_BEYOND)
        .then(pl.lit("R"))
        .when(p_yellow > YELLOW_BEYOND)
        .then(pl.lit("Y"))
        .when(p_yellow.is_not_null())
        .then(pl.lit("G"))
        .otherwise(pl.lit(None, dtype=pl.String))
    )


def percent(probability: pl.Expr) -> pl.Expr:
    """A probability as '97%'; the ends are not rounded to certainty."""
    rounded = (probability * 100).round(0).cast(pl.Int64, strict=False).cast(pl.String) + "%"
    return (
        pl.when(probability > 0.995)
        .then(pl.lit("99%以上"))
        .when(probability < 0.005)
        .then(pl.lit("不到1%"))
        .otherwise(rounded)
    )


def decide(rows: pl.DataFrame, rule: str, words: Words) -> pl.DataFrame:
    """Add `light` and `light_reason_zh`. Rows carry p_yellow, p_red and the flags."""
    light = light_of(pl.col("p_yellow"), pl.col("p_red"))
    no_light = [
        *_no_light(pl.lit(rule in ("none", "count"))),
        (pl.col("p_yellow").is_null(), "同类单位太少或没有历史,不亮灯"),
    ]
    reason = (
        pl.when(light == "R")
        .then(_sentence(words.basis, words.red, "p_red", "红灯", RED_BEYOND))
        .when(light == "Y")
        .then(_sentence(words.basis, words.yellow, "p_yellow", "黄灯", YELLOW_BEYOND))
        .otherwise(
            pl.lit(f"{words.basis}{words.yellow}的概率") + percent(pl.col("p_yellow"))
            + pl.lit(",不超过50%")
        )
    )  # fmt: skip
    return _lit(rows, light, reason, no_light)


def _no_light(has_none: pl.Expr) -> list[tuple[pl.Expr, str]]:
    """Why a row bears no light, whatever its value says; the first that holds is named."""
    return [
        (has_none, "只作对照公布,不设灯"),
        (pl.col("suppressed"), "不公开(单元格太小)"),
        (pl.col("unit_code") == "unassigned", "未归属的数据,不亮灯"),
        (~pl.col("is_complete"), "数据不全,不出值"),
        (pl.col("is_provisional"), "暂定值,期满前不亮灯"),
        (pl.col("is_running"), "统计期未结束,不亮灯"),
        (pl.col("value").is_null(), "没有可统计的数据"),
        (pl.col("quality_flag") == "error", "来源数据的错误级检验未通过,不亮灯"),
    ]


def _lit(
    rows: pl.DataFrame, light: pl.Expr, reason: pl.Expr, no_light: list[tuple[pl.Expr, str]]
) -> pl.DataFrame:
    for condition, text in reversed(no_light):
        light = pl.when(condition).then(pl.lit(None, dtype=pl.String)).otherwise(light)
        reason = pl.when(condition).then(pl.lit(text)).otherwise(reason)
    return rows.with_columns(light=light, light_reason_zh=reason)


def _sentence(basis: str, limit: str, column: str, light: str, threshold: float) -> pl.Expr:
    return (
        pl.lit(f"{basis}{limit}的概率")
        + percent(pl.col(column))
        + pl.lit(f",超过{threshold:.0%}({light}线)")
    )


def decide_direct(rows: pl.DataFrame, direction: str, words: Words) -> pl.DataFrame:
    """A value that is compared as it is: beyond its limit, or not. A limit may be absent."""
    value, yellow, red = pl.col("value"), pl.col("threshold_yellow"), pl.col("threshold_red")
    lower = direction == "lower"
    is_red, is_yellow = (value > red, value > yellow) if lower else (value < red, value < yellow)
    light = (
        pl.when(is_red).then(pl.lit("R")).when(is_yellow).then(pl.lit("Y")).otherwise(pl.lit("G"))
    )
    reason = (
        pl.when(is_red)
        .then(pl.lit(f"{words.basis}{words.red}(红灯线),按实际数直接比较"))
        .when(is_yellow)
        .then(pl.lit(f"{words.basis}{words.yellow}(黄灯线),按实际数直接比较"))
        .otherwise(pl.lit(f"{words.basis}未超出界限,按实际数直接比较"))
    )
    return _lit(rows, light, reason, _no_light(yellow.is_null() & red.is_null()))


def mark_untrimmed(rows: pl.DataFrame) -> pl.DataFrame:
    """E04: of fewer than 20 the value is the plain mean, and its reason says so."""
    plain = pl.col("denominator") < 20
    reason = pl.col("light_reason_zh") + pl.when(plain).then(pl.lit("(不足20件,未截尾)")).otherwise(
        pl.lit("")
    )
    return rows.with_columns(light_reason_zh=reason)


def decide_plain(rows: pl.DataFrame, contracted_n: int, catalogue_n: int) -> pl.DataFrame:
    """Q02, a census of the catalogue: compared directly, once every category is contracted."""
    complete = contracted_n >= catalogue_n
    value, yellow, red = pl.col("value"), pl.col("threshold_yellow"), pl.col("threshold_red")
    light = (
        pl.when(value < red).then(pl.lit("R")).when(value < yellow).then(pl.lit("Y"))
        .otherwise(pl.lit("G"))
    )  # fmt: skip
    if not complete:
        return rows.with_columns(
            light=pl.lit(None, dtype=pl.String),
            light_reason_zh=pl.format(
                "目录{}类中已签约{}类;全部签约前不亮灯", pl.lit(catalogue_n), pl.lit(contracted_n)
            ),
        )
    return rows.with_columns(
        light=pl.when(pl.col("is_running")).then(pl.lit(None, dtype=pl.String)).otherwise(light),
        light_reason_zh=pl.when(pl.col("is_running"))
        .then(pl.lit("统计期未结束,不亮灯"))
        .otherwise(pl.format("{}类中{}类有数据", "denominator", "numerator")),
    )


def scored_rows(rows: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows that may enter a rolling window: final, complete, over."""
    return rows.select(
        (pl.col("is_complete") & ~pl.col("is_provisional") & ~pl.col("is_running")).alias("s")
    )["s"].to_numpy()
