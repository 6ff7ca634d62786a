"""The explanation as a page in a terminal (rich)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from orchestration.explain.evidence import Explanation
from orchestration.judging.windows import STANDING

LIGHTS = {
    "R": ("■ 红灯", "bold red"),
    "Y": ("▲ 黄灯", "bold yellow"),
    "G": ("● 绿灯", "bold green"),
}
STATUS = {"1": "按时", "2": "迟到", "3": "缺失", "4": "拒收"}


def render(found: Explanation) -> RenderableType:
    """Formula, numbers, light, feeds, rows, predicate, in this order."""
    rows = _bars(found) if found.indicator["light_rule"] == "index" else _rows(found)
    return Group(*_head(found), _numbers(found), _feeds(found), rows, *_tail(found))


def _head(found: Explanation) -> list[RenderableType]:
    entry, judged = found.indicator, found.judged
    title = (
        f"{entry['indicator_code']} {entry['name_zh']} · {found.unit_name}"
        f"({found.address.unit_code}) · {found.address.period_label}"
    )
    word, style = LIGHTS.get(judged["light"] or "", ("○ 不亮灯", "dim"))
    value = Text.assemble(
        ("值 ", "bold"), (_value(judged, entry), "bold"),
        "  ", (word, style), "  ", (judged["light_reason_zh"] or "", style),
    )  # fmt: skip
    return [Text(title, style="bold underline"), value, Text(entry["formula_zh"])]


def _numbers(found: Explanation) -> Table:
    entry, judged = found.indicator, found.judged
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    decimals = entry["decimals"]
    interval = (
        f"{_number(judged['value_shrunk'], decimals)}"
        f"(90%区间 {_number(judged['interval_low'], decimals)} – "
        f"{_number(judged['interval_high'], decimals)})"
    )
    basis = f"判定所据({_basis(entry, judged)})"
    lines = [
        ("分子", f"{_plain(judged['numerator'])}  {entry['numerator_zh'] or ''}"),
        ("分母", f"{_plain(judged['denominator'])}  {entry['denominator_zh'] or ''}"),
        ("未结", _number(judged["open_n"], 0)),
        ("收缩值", interval),
        (basis, f"{_number(judged['rolling_numerator'], 0)} / "
                f"{_plain(judged['rolling_denominator'])}"),
        ("目标", entry["target_text"] or "—"),
        ("黄灯线", f"{entry['yellow_text']}  概率 {_chance(judged['p_yellow'])}(大于50%亮黄)"),
        ("红灯线", f"{entry['red_text']}  概率 {_chance(judged['p_red'])}(大于80%亮红)"),
        ("较上月", _number(judged["change_month"], decimals)),
        ("依据", f"{entry['basis']}  口径版本 {entry['formula_version']}"),
        ("责任单位", f"{entry['owner_zh']}  {entry['owner_phone']}"),
        ("注意", entry["caution_zh"] or "—"),
        ("数据截至", _moment(judged["fresh_until"])),
    ]  # fmt: skip
    for label, text in lines:
        table.add_row(label, Text(text))
    return table


def _feeds(found: Explanation) -> Table:
    table = Table(title="来源", title_justify="left")
    for heading in ("来源", "数据到", "最近落湖", "最近一批", "检验通过", "未通过的检验"):
        table.add_column(heading)
    for feed in found.feeds:
        table.add_row(
            f"{feed.feed_code} {feed.name_zh}",
            str(feed.covers_until or "—"),
            _moment(feed.last_landed),
            STATUS.get(feed.last_status or "", "—"),
            f"{feed.tests_passed_n}/{feed.tests_n}" if feed.tests_n else "—",
            "、".join(feed.failing) or "—",
        )
    return table


def _rows(found: Explanation) -> Table:
    table = Table(
        title=f"数字背后的行(共 {found.rows_n} 行,列出 {len(found.rows)} 行,未达标的在前)",
        title_justify="left",
    )
    for heading in ("编号(遮蔽)", "计入", "事实", "批次", "文件", "行"):
        table.add_column(heading, overflow="fold")
    for row in found.rows:
        counted = "分子+分母" if row.in_numerator else "分母" if row.in_denominator else "未到期"
        facts = "  ".join(f"{name}={_fact(value)}" for name, value in row.facts.items())
        table.add_row(
            row.key,
            counted + (",未结" if row.is_open else ""),
            Text(facts),
            (row.delivery_id or "—")[:22],
            row.file_name or "—",
            "—" if row.line is None else str(row.line),
        )
    return table


def _bars(found: Explanation) -> Table:
    """Of an index: what each item adds to the peers' median, the worst first."""
    table = Table(
        title=f"得分瀑布(共 {found.rows_n} 条,列出 {len(found.rows)} 条,拉低总分的在前)",
        title_justify="left",
    )
    for heading in (
        "维度 条目",
        "贡献(分)",
        "得分",
        "收缩值",
        "原始值",
        "分子/分母",
        "权重",
        "继承自",
    ):
        table.add_column(heading, overflow="fold")
    for row in found.rows:
        facts = row.facts
        unit = facts["unit"]
        counted = f"{_plain(facts.get('numerator'))} / {_plain(facts.get('denominator'))}"
        table.add_row(
            row.key,
            _signed(facts.get("contribution_peer")),
            _number(facts.get("score"), 1),
            f"{_number(facts.get('value_shrunk'), 2)} {unit}",
            f"{_number(facts.get('value'), 2)} {unit}",
            counted,
            f"{facts['weight']:.1%}",
            facts.get("source", "—"),
        )
    return table


def _signed(points: float | None) -> str:
    return "—" if points is None else f"{points:+.2f}"


def _tail(found: Explanation) -> list[RenderableType]:
    is_index = found.indicator["light_rule"] == "index"
    right = "各条相加等于与同类中位数之差" if is_index else "逐行复核:与公布的分子、分母一致"
    if found.agrees:
        agreement = Text(right, style="green")
    elif found.indicator["disclosure"] != "none":
        # A small revision would tell of somebody, so the period stands (judging/standing.py).
        agreement = Text(
            "逐行复核:记录在公布之后略有变化;本指标受披露控制,小的修订不公布,"
            "此期保持已公布的数(docs/revision-policy.md)",
            style="yellow",
        )
    else:
        agreement = Text("逐行复核:与公布的数字不一致(数据在判定之后又有变化)", style="bold red")
    return [agreement, Text("选取条件(可原样执行)", style="bold"), Text(found.predicate)]


def _value(judged: dict[str, Any], entry: dict[str, Any]) -> str:
    """The value with its unit; a hidden cell reads 不公开 (DP-07)."""
    if judged["suppressed"]:
        return "不公开"
    return f"{_number(judged['value'], entry['decimals'])} {entry['unit']}"


def _basis(entry: dict[str, Any], judged: dict[str, Any]) -> str:
    """Which counts the light rests on."""
    if judged["window_kind"] in STANDING:
        return "存量"
    return "当期" if entry["disclosure"] == "k10" else "滚动12个月"


def _number(value: Any, decimals: int) -> str:
    return "—" if value is None else f"{value:,.{decimals}f}"


def _plain(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}"


def _chance(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _moment(value: datetime | None) -> str:
    return "—" if value is None else value.strftime("%Y-%m-%d %H:%M")


def _fact(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return f"{value:.2f}" if isinstance(value, float) else str(value)
