"""All that a brief says, as values: what the template prints and what the workbook holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from ingestion.city import peers
from orchestration.brief import charts, readings, standing, words
from orchestration.brief.periods import Period
from orchestration.brief.rows import Pages


@dataclass(frozen=True)
class Size:
    """How much of each drawing a kind of brief has: charts, maps, rows of panels, rows of lists."""

    controls: int
    maps: int
    panels: int
    departments: int
    moved: int


SIZES = {"weekly": Size(4, 3, 1, 8, 0), "monthly": Size(8, 6, 3, 12, 12)}


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook: its name, its columns (field → heading) and rows."""

    name: str
    columns: dict[str, str]
    rows: pl.DataFrame


@dataclass(frozen=True)
class Content:
    """What one brief says. `document` is plain JSON; `as_of` the moment of the pages, local."""

    document: dict[str, Any]
    sheets: list[Sheet]
    as_of: datetime


_VALUE = {
    "indicator_code": "代码", "indicator": "指标", "period_text": "时段", "value_text": "现值",
    "before_text": "上期值", "change_text": "变化", "unit": "单位", "target_text": "目标",
    "light_text": "灯", "light_then": "上期灯", "reason_text": "说明", "count_text": "分子、分母",
    "quality_text": "数据检查", "version_text": "口径版本",
}  # fmt: skip
_WEEK = {k: v for k, v in _VALUE.items() if k in (
    "indicator_code", "indicator", "value_text", "before_text", "change_text", "unit",
    "target_text", "count_text", "version_text")}  # fmt: skip
_WARNED = {
    "area_text": "领域", "light_text": "灯", "raised_n": "新亮", "raised_before_n": "上期新亮",
    "ended_n": "了结", "standing_n": "期末仍亮", "standing_before_n": "上期末仍亮",
    "over_90_days_n": "超过90天", "oldest_text": "最早",
}  # fmt: skip
_OWED = {"topic": "事项", "open_n": "未完成", "soon_n": "临期", "overdue_n": "逾期",
         "units_n": "逾期单位数", "units": "逾期最多的单位"}  # fmt: skip
_DEPARTMENT = {"agency_text": "部门", "red_n": "红灯", "yellow_n": "黄灯", "oldest_text": "最早",
               "areas_text": "领域"}  # fmt: skip
_RULE = {"rule_text": "规则", "light_text": "灯", "standing_n": "仍亮", "month_n": "近30日新亮",
         "oldest_text": "最早", "precision_text": "复核准确率", "basis_text": "依据"}  # fmt: skip
_DISTRICT = {"district": "区县", "red_n": "红灯", "yellow_n": "黄灯", "green_n": "绿灯",
             "grey_n": "不评灯", "red_names": "红灯指标", "yellow_names": "黄灯指标"}  # fmt: skip
_VERSION = {"card_text": "评分卡", "version_text": "版本", "month_text": "月份",
            "release_text": "发布", "consistency_text": "一致性比率",
            "gate_text": "发布检验"}  # fmt: skip
_BAND = {"kind": "镇街类型", **{band: band for band in standing.BANDS}}
_FEED = {"feed_code": "代码", "feed": "数据源", "period_text": "最近时段", "landed_text": "到达",
         "on_time_text": "近30日按时", "status_text": "状态"}  # fmt: skip
_QUALITY = {"indicator": "项目", "value_text": "现值", "unit": "单位", "target_text": "目标",
            "light_text": "灯", "note": "说明"}  # fmt: skip
_GREY = {"reason": "原因", "indicators_n": "指标数", "names": "指标"}
_FORMULA = {"version_text": "口径版本", "indicators_n": "指标数", "names": "指标"}
_CHECK = {"feed": "数据源", "test_text": "检查", "severity_text": "级别",
          "failed_rows_n": "不符行数", "run_text": "时间"}  # fmt: skip


def _beside() -> dict[str, str]:
    return {"city_text": "全市", "peer_text": peers()}


def compose(pages: Pages, period: Period) -> Content:
    """Everything of one brief, from the rows its reader may see."""
    size = SIZES[period.kind]
    status = pages.read("page_status").to_dicts()[0]
    lit = readings.readings(pages, period, "light")
    week = readings.readings(pages, period, "week") if period.kind == "weekly" else lit.head(0)
    counted, turned = readings.counts(lit), readings.turned(lit)
    warned, owed = standing.warnings(pages, period), standing.overdue(pages)
    came, late = standing.deliveries(pages), standing.late_feeds(pages)
    value = {**_VALUE, **({} if pages.reader.is_city else _beside())}
    month = standing.index(pages, period) if period.kind == "monthly" else {}
    sheets = [
        Sheet("红黄灯", value, readings.standing(lit)),
        Sheet("变灯", value, turned),
        Sheet("本周数", {**_WEEK, **({} if pages.reader.is_city else _beside())}, week),
        Sheet("变动最大", value, readings.moved(lit, size.moved)),
        Sheet("全部指标", {"domain": "领域", **value}, lit.sort("domain", "indicator_code")),
        Sheet("区县", _DISTRICT, readings.by_district(pages, period)),
        Sheet("事项预警", _WARNED, warned),
        Sheet("预警规则", _RULE, standing.rules(pages, size.departments)),
        Sheet("部门", _DEPARTMENT, standing.departments(pages, size.departments)),
        Sheet("逾期", _OWED, owed),
        Sheet("指数版本", _VERSION, month.get("versions", pl.DataFrame())),
        Sheet("指数分档", _BAND, month.get("bands", pl.DataFrame())),
        Sheet("未按时数据", _FEED, late),
        Sheet("数据质量", _QUALITY, standing.quality(pages)),
        Sheet("未通过检查", _CHECK, standing.checks(pages, size.departments)),
        Sheet("不评灯", _GREY, readings.greyed(lit)),
        Sheet("口径版本", _FORMULA, readings.versions(lit)),
    ]
    document = {
        **_head(pages, period, status),
        "points": words.points(period, counted, turned, warned, owed, came, late),
        "counts": counted,
        "came": came,
        "grey": words.grey_word(lit),
        **_drawings(pages, period, size, lit),
        "tables": {s.name: _printed(s) for s in sheets if s.rows.height},
    }
    return Content(document, [s for s in sheets if s.rows.height], status["as_of"])


def _printed(sheet: Sheet) -> list[dict[str, Any]]:
    """Rows of a sheet for the template, with the short code of an indicator where there is one."""
    more = [n for n in ("code_text",) if n in sheet.rows.columns]
    return sheet.rows.select([*sheet.columns, *more]).to_dicts()


def _head(pages: Pages, period: Period, status: dict[str, Any]) -> dict[str, Any]:
    method = words.WEEK_METHOD if period.kind == "weekly" else words.MONTH_METHOD
    return {
        "kind": period.kind, "title": words.TITLES[period.kind], "place": pages.reader.place,
        "is_city": pages.reader.is_city, "unit": pages.reader.unit,
        "period": period.text, "span": period.span, "state": period.state,
        "before": words.before_word(period), "is_newest": period.is_newest,
        "release_note": words.release_note(period, status["release_id"]),
        "as_of": status["as_of_text"], "release": status["release_id"],
        "synthetic": status["data_note"],
        "trouble": "" if status["state"] == "ok" else status["state_text"],
        "methods": [method, *words.METHODS, words.peers_method()],
    }  # fmt: skip


def _drawings(pages: Pages, period: Period, size: Size, lit: pl.DataFrame) -> dict[str, Any]:
    codes = charts.told_of_districts(pages, period, size.maps)
    # Small panels for what is red or yellow there, as far as it is counted by month.
    panels = charts.told_of_districts(pages, period, 40)
    return {
        "controls": charts.control_charts(pages, period, lit, size.controls),
        "multiples": charts.multiples(pages, period, panels)[
            : size.panels * (1 if pages.reader.is_city else 3)
        ],
        "maps": charts.maps(pages, period, codes) if pages.reader.is_city else [],
        "outline": {} if pages.reader.is_city else charts.outlines(pages),
    }
