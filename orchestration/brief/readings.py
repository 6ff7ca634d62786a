"""Indicators of a brief: lights and why they stand, what turned, what a week or month counted."""

from __future__ import annotations

import polars as pl

from ingestion.city import peers
from orchestration.brief.periods import Period
from orchestration.brief.rows import WHOLE, Pages

RED, YELLOW, GREEN, GREY = "■ 红", "▲ 黄", "● 绿", "○ 灰"
LIGHTS = (RED, YELLOW, GREEN, GREY)


def readings(pages: Pages, period: Period, part: str, place: str | None = None) -> pl.DataFrame:
    """One row per indicator of a place (the reader's own by default), the worst light first.

    Beside the columns of `brief_value`: `light_then`, the light before (of the week before; in a
    monthly brief of the indicator's reading before), and a district's `city_text`, `peer_text`.
    """
    own = place or pages.reader.place
    rows = _of(pages, period, part, own)
    then = pl.col("light_before_text")
    if period.kind == "weekly":
        week_before = _of(pages, period, part, own, weeks_back=1)
        rows = rows.join(
            week_before.select("indicator_code", light_week="light_text"),
            on="indicator_code", how="left", maintain_order="left",
        )  # fmt: skip
        then = pl.col("light_week").fill_null(GREY)
    rows = rows.with_columns(light_then=then)
    return rows if pages.reader.is_city else _beside(pages, period, part, rows)


def _of(pages: Pages, period: Period, part: str, place: str, weeks_back: int = 0) -> pl.DataFrame:
    return pages.read(
        "brief_value",
        "part = $part and kind = $kind and period_end = $ends::date - 7 * $back::int"
        " and district = $place",
        "indicator_order",
        part=part, kind=period.kind, ends=period.end, back=weeks_back, place=place,
    )  # fmt: skip


def _beside(pages: Pages, period: Period, part: str, rows: pl.DataFrame) -> pl.DataFrame:
    """A district's rows with the city's value and the districts' median beside them."""
    for place, name in ((WHOLE, "city_text"), (peers(), "peer_text")):
        told = _of(pages, period, part, place).select(
            "indicator_code", value_text=pl.col("value_text")
        )
        rows = rows.join(
            told.rename({"value_text": name}),
            on="indicator_code",
            how="left",
            maintain_order="left",
        )
    return rows.with_columns(pl.col("city_text", "peer_text").fill_null("—"))


def counts(rows: pl.DataFrame) -> list[dict[str, object]]:
    """How many indicators have each light, now and then: light, now_n, then_n, names."""
    return [
        {
            "light": light,
            "now_n": (found := rows.filter(pl.col("light_text") == light)).height,
            "then_n": rows.filter(pl.col("light_then") == light).height,
            "names": found["indicator"].to_list(),
        }
        for light in LIGHTS
    ]


def standing(rows: pl.DataFrame) -> pl.DataFrame:
    """Red and yellow ones, the red first."""
    return rows.filter(pl.col("light_text").is_in([RED, YELLOW]))


def turned(rows: pl.DataFrame) -> pl.DataFrame:
    """Indicators whose light differs from the one before; what was or is grey did not turn."""
    lit = pl.all_horizontal(pl.col("light_text", "light_then") != GREY)
    return rows.filter(lit & (pl.col("light_text") != pl.col("light_then")))


def moved(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """What moved most for its own size: relative change of the value, the largest first."""
    size = (pl.col("moved") / (pl.col("value") - pl.col("moved"))).abs()
    told = (pl.col("change_text") != "—") & (pl.col("change_text") != "持平")
    return (
        rows.filter(told & ~pl.col("is_running") & size.is_finite())
        .with_columns(size=size)
        .sort("size", "indicator_code", descending=[True, False])
        .head(most)
    )


def greyed(rows: pl.DataFrame) -> pl.DataFrame:
    """Why indicators have no light: reason, indicators_n, names; the commonest reason first."""
    return (
        rows.filter(pl.col("light_text") == GREY)
        .group_by(reason=pl.col("reason_text").fill_null("未评灯"))
        .agg(
            indicators_n=pl.len(),
            names=pl.col("indicator").sort_by("indicator_code").str.join("、"),
        )
        .sort("indicators_n", "reason", descending=[True, False])
    )


def versions(rows: pl.DataFrame) -> pl.DataFrame:
    """Which version of its formula each indicator has: version_text, indicators_n, names."""
    told = pl.format("{} {}", "code_text", "indicator").sort_by("indicator_code")
    return (
        rows.group_by("version_text")
        .agg(indicators_n=pl.len(), names=told.str.join("、"))
        .sort("indicators_n", "version_text")
    )


def by_district(pages: Pages, period: Period) -> pl.DataFrame:
    """Lights of each district (the city's leadership only): district, red_n … grey_n, names."""
    if not pages.reader.is_city:
        return pl.DataFrame()
    rows = pages.read(
        "brief_value",
        "part = 'light' and kind = $kind and period_end = $ends and unit_level = 'district'",
        "scope_code, indicator_order",
        kind=period.kind, ends=period.end,
    )  # fmt: skip
    number = {
        name: (pl.col("light_text") == light).sum()
        for name, light in zip(("red_n", "yellow_n", "green_n", "grey_n"), LIGHTS, strict=True)
    }
    names = {
        name: pl.col("indicator").filter(pl.col("light_text") == light).str.join("、")
        for name, light in (("red_names", RED), ("yellow_names", YELLOW))
    }
    return rows.group_by("district", maintain_order=True).agg(**number, **names)
