"""Sentences of a brief. What a number cannot say by itself is said once, here."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingestion.city import districts, in_words, peers
from orchestration.brief.periods import DRAFT, Period
from orchestration.brief.readings import GREY, RED, YELLOW

TITLES = {"weekly": "社会治理周报", "monthly": "社会治理月报"}
NAMED = 4

METHODS = (
    "灯色：按近12个月（存量按当前）的后验概率评定，不因一个月的偶然波动亮灯；红、黄、绿分别以■、▲、●表示，○为不评灯。灯由人复核，单位可提出异议。",
    "率为分子与分母之比；分母为零不给值。“分子、分母”一栏说明变动从何而来：同比例增减时率不变，率的升降来自两者增减不同步。",
    "控制图：单值移动极差图（XmR），中线为均值，控制限为均值±2.66×平均移动极差；界外的点超出通常波动。",
    "暂定：使数值终定的期限尚未届满，只作参考，不评灯。",
    "不公开：单元格太小，或可由其他单元格推算出它；此类指标的分子、分母一律不列。",
    "预警按事项、场所、单位计数，不涉及个人；精神卫生与未成年人领域的预警不在其中。",
)
WEEK_METHOD = "本周数为周一至周日逐日计数之和，不评灯；灯取截至本周末已终定的最近一期。"
MONTH_METHOD = "各指标取本月一期；季度、半年度指标只在期末月份列出；存量取月内最后一日。"


def peers_method() -> str:
    """When the median of the districts is given."""
    return f"{peers()}只在{in_words(len(districts()))}个区县都有值且都公开时给出。"


def _some(names: list[str]) -> str:
    told = "、".join(names[:NAMED])
    return f"{told}等" if len(names) > NAMED else told


def _against(now: int, then: int, word: str) -> str:
    if now == then:
        return f"与{word}持平"
    return f"比{word}{'多' if now > then else '少'}{abs(now - then):,}"


def before_word(period: Period) -> str:
    """What the period is compared with."""
    return "上周" if period.kind == "weekly" else "上一期"


def points(
    period: Period,
    counted: list[dict[str, Any]],
    turned: pl.DataFrame,
    warned: pl.DataFrame,
    owed: pl.DataFrame,
    came: dict[str, int],
    late: pl.DataFrame,
) -> list[str]:
    """The handful of sentences that a leader reads first."""
    before = before_word(period)
    said = []
    for light, word in ((RED, "红灯"), (YELLOW, "黄灯")):
        n = next(c for c in counted if c["light"] == light)
        names = f"：{_some(list(n['names']))}" if n["now_n"] else ""
        said.append(
            f"指标{word} {n['now_n']} 个，{_against(n['now_n'], n['then_n'], before)}{names}。"
        )
    if turned.height:
        told = [
            f"{r['indicator']}（{r['light_then'][2:]}→{r['light_text'][2:]}）"
            for r in turned.head(NAMED).iter_rows(named=True)
        ]
        said.append(
            f"变灯 {turned.height} 个：{'、'.join(told)}{'等' if turned.height > NAMED else ''}。"
        )
    else:
        said.append(f"没有指标变灯（与{before}相比）。")
    if warned.height:
        said.append(_warned(period, warned))
    if owed["overdue_n"].sum():
        late_now = owed.filter(pl.col("overdue_n") > 0)
        told = [
            f"{r['topic']} {r['overdue_n']:,} 件" for r in late_now.head(3).iter_rows(named=True)
        ]
        said.append(f"目前逾期未办 {owed['overdue_n'].sum():,} 件，其中{'、'.join(told)}。")
    said.append(_came(came, late))
    return said


def _warned(period: Period, warned: pl.DataFrame) -> str:
    total = warned.select(
        pl.col("raised_n", "raised_before_n", "standing_n", "over_90_days_n").sum()
    ).row(0)
    raised, raised_before, standing, old = (int(n) for n in total)
    before = "上周" if period.kind == "weekly" else "上月"
    moved = _against(raised, raised_before, before)
    came_on = f"事项预警新亮 {raised:,} 件，{moved}"
    return f"{came_on}；期末仍亮 {standing:,} 件，其中超过90天的 {old:,} 件。"


def _came(came: dict[str, int], late: pl.DataFrame) -> str:
    if not came["due_n"]:
        return "近30日没有应到的数据。"
    if came["due_n"] == came["on_time_n"]:
        return f"近30日应到数据 {came['due_n']:,} 批，全部按时。"
    owing = f"，未按时的有{_some(late['feed'].to_list())}" if late.height else ""
    return f"近30日应到数据 {came['due_n']:,} 批，按时 {came['on_time_n']:,} 批{owing}。"


def release_note(period: Period, release_id: str) -> str:
    """Who released it, or what is missing."""
    if period.state == DRAFT:
        return "草稿：两人签发的发布记录（R08）到达前，本件不作为正式发布。"
    offices = "、".join(dict.fromkeys(period.offices))
    return (
        f"已发布：{period.released}，{offices}签发，签发时版本 {period.version}。"
        f"本件按数据版本 {release_id} 排印；签发后的数据修订见修订政策。"
    )


def grey_word(rows: pl.DataFrame) -> str:
    """One line on what has no light."""
    n = rows.filter(pl.col("light_text") == GREY).height
    return f"{n} 个指标不评灯" if n else "全部指标都已评灯"
