"""What is no indicator: lights of matters, overdue work, the index, deliveries and checks."""

from __future__ import annotations

import re

import polars as pl

from orchestration.brief.periods import Period
from orchestration.brief.rows import Pages

# Topics of the page table `duty`, as the pages call them.
TOPICS = {
    "measure": "风险防范措施", "suggestion": "检察建议回复", "matter": "执行协作事项",
    "sheet": "平安任务", "handover": "警网协同事项", "city_case": "城管案件", "danger": "隐患整改",
    "finding": "执法监督整改", "opinion_order": "民意整改工单", "order": "指令签收",
}  # fmt: skip
UNITS_NAMED = 3
BANDS = ("A 档", "B 档", "C 档", "D 档", "R 红线", "不评分")


def warnings(pages: Pages, period: Period) -> pl.DataFrame:
    """Lights of matters by area, red first, most standing first."""
    rows = pages.read(
        "brief_light", "kind = $kind and period_end = $ends and district = $place",
        "light_text, standing_n desc, area_text",
        kind=period.kind, ends=period.end, place=pages.reader.place,
    )  # fmt: skip
    some = pl.any_horizontal(pl.col("raised_n", "ended_n", "standing_n", "standing_before_n") > 0)
    return rows.filter(some).sort(
        pl.col("light_text").str.starts_with("■").not_(), "standing_n", "area_text",
        descending=[False, True, False],
    )  # fmt: skip


def overdue(pages: Pages) -> pl.DataFrame:
    """Unfinished work by topic: open_n, soon_n, overdue_n, units_n, units (the worst three)."""
    rows = pages.read(
        "duty", "district = $place and open_n > 0 and not starts_with(scope_code, 'only:')",
        "topic, overdue_n desc, unit_name", place=pages.reader.place,
    ).filter(pl.col("topic").is_in(list(TOPICS)))  # fmt: skip
    late = pl.col("overdue_n") > 0
    worst = pl.format("{} {}", "unit_name", "overdue_n").filter(late).head(UNITS_NAMED)
    return (
        rows.group_by("topic", maintain_order=True)
        .agg(
            pl.col("open_n", "soon_n", "overdue_n").sum(),
            units_n=late.sum(),
            units=worst.str.join("、"),
        )
        .with_columns(topic=pl.col("topic").replace_strict(TOPICS))
        .sort("overdue_n", "topic", descending=[True, False])
    )


def departments(pages: Pages, most: int) -> pl.DataFrame:
    """Departments with standing lights of matters, the most red first."""
    return pages.read(
        "light_agency",
        "district = $place and not starts_with(scope_code, 'only:')",
        "agency_no", place=pages.reader.place,
    ).head(most)  # fmt: skip


def rules(pages: Pages, most: int) -> pl.DataFrame:
    """Rules with the most standing lights: rule_text, standing_n, oldest_text, precision_text."""
    rows = pages.read(
        "light_rule", "district = $place and standing_n > 0",
        "standing_n desc, rule_text", place=pages.reader.place,
    )  # fmt: skip
    return rows.head(most).with_columns(
        pl.col("rule_text").str.replace_many([",", ";", "(", ")"], ["，", "；", "（", "）"])
    )


def index(pages: Pages, period: Period) -> dict[str, pl.DataFrame]:
    """The stability index of the month: what it rests on and whether it is released; its bands."""
    month = f"{period.end:%Y年%m月}"
    versions = pages.read("index_version", "period = $month", "card_no", month=month)
    bands = pages.read(
        "index_band",
        "period = $month and district = $place and not starts_with(scope_code, 'only:')",
        "kind, band_text", month=month, place=pages.reader.place,
    )  # fmt: skip
    told = bands.group_by("kind").agg(
        pl.col("towns_n").filter(pl.col("band_text") == band).sum().alias(band) for band in BANDS
    )
    return {"versions": versions, "bands": told.sort("kind")}


def late_feeds(pages: Pages) -> pl.DataFrame:
    """Feeds late in the last thirty days, or whose newest delivery is missing or refused."""
    rows = pages.read("feed_freshness", "status_text like '■%' or on_time_n < due_n")
    return rows.sort(pl.col("status_text").str.starts_with("■").not_(), "feed_code")


def deliveries(pages: Pages) -> dict[str, int]:
    """Deliveries of the last thirty days: due_n, on_time_n, feeds_n."""
    rows = pages.read("feed_freshness")
    return {
        "due_n": int(rows["due_n"].sum()), "on_time_n": int(rows["on_time_n"].sum()),
        "feeds_n": rows.filter(pl.col("due_n") > 0).height,
    }  # fmt: skip


def quality(pages: Pages) -> pl.DataFrame:
    """The six figures of data health; empty for a reader who may not see operations."""
    rows = pages.read("health_board", order="tile_no")
    return rows.with_columns(pl.col("note").map_elements(_with_thousands, return_dtype=pl.String))


def _with_thousands(text: str) -> str:
    return re.sub(r"\d{4,}", lambda found: f"{int(found[0]):,}", text)


def checks(pages: Pages, most: int) -> pl.DataFrame:
    """Checks that failed; empty when all held, or for a reader who may not see operations."""
    rows = pages.read("check_result", "result_text not like '●%'", "check_order")
    return rows.head(most)
