"""The registry and the contracts' calendars → `docs/release-calendar.md`.

When the final reading of a period can first be published: when the period is over, when the slowest
source of it is due, and when the events that make it final have had their days (the day count
stands in the indicator's SQL, and is read from there). The day's run is at 08:15; what is due later
in the day is in the run of the next morning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from ingestion.city import documents
from ingestion.contract import load_all
from ingestion.contract.calendar import due_at, period_end
from ingestion.contract.model import Contract
from orchestration.transform.seeds import seed_rows

ROOT = Path(__file__).resolve().parents[2]
NAME = "release-calendar.md"
REGISTRY = "seed_indicator_registry"
INDICATORS = ROOT / "dbt_project" / "models" / "indicators"
RUN = time(8, 15)
# The day that the example of each window ends on.
EXAMPLE = {"half_year": date(2026, 6, 30), "year": date(2025, 12, 31)}
ORDINARY = date(2026, 9, 30)
WINDOWS = {
    "day": "日", "month": "月", "quarter": "季", "half_year": "半年", "year": "年",
    "ytd": "本年累计", "to_date": "累计至当日", "stock": "月末存量", "rolling_year": "近12个月",
}  # fmt: skip
_DAYS = re.compile(r"add_days\('period_end', (\d+)\) \}\} as is_provisional")
_PENDING = "open_n > 0 as is_provisional"
_HEAD = """# 发布日历 / Release calendar

Generated from the registry and the contracts by `fengqiao generate`; do not edit.

When the final reading of a period is published first, if the sources deliver when they are due and
the day's run is at 08:15: the period is over, its slowest source is due, and the days in which an
event can still make the value final are over (until then it is *provisional*: shown, without a
light). What comes later is a revision ([revision policy](revision-policy.md)). With a weekly source
the days depend on the weekday; the example says them for one period.
最慢来源: 约定中到达最晚的数据; 暂定: 期末后的暂定天数; 例: 期末日 → 首次终值发布日.
"""


@dataclass(frozen=True)
class Final:
    """When one indicator's period can first be final."""

    slowest: str  # the source that is due last, and its rule
    day: date


def _provisional(code: str) -> tuple[int, bool]:
    """Days after the period in which the value is provisional; whether it waits for open items."""
    path = INDICATORS / f"ind_{code.lower().replace('#', '_')}.sql"
    text = path.read_text("utf-8") if path.exists() else ""
    found = _DAYS.search(text)
    return (int(found[1]) if found else 0), _PENDING in text


def _final(end: date, days: int, sources: list[Contract]) -> Final:
    """The first morning whose run has everything of a period that ends on `end`."""
    dues = []
    for source in sources:
        if source.calendar:
            regime = source.calendar[-1]
            # The delivery that covers the period's last day.
            due = due_at(_end_of_delivery(end, regime.period), regime.due)
            morning = due.date() + timedelta(days=int(due.time() > RUN))
            dues.append((morning, f"{source.code} {WORDS[regime.period]} {regime.due}"))
    own = end + timedelta(days=days + 1)
    if not dues:
        return Final("—", own)
    latest = max(morning for morning, _ in dues)
    return Final(min(text for morning, text in dues if morning == latest), max(own, latest))


WORDS = {"day": "日报", "week": "周报", "month": "月报", "quarter": "季报", "year": "年报"}


def _end_of_delivery(end: date, period: str) -> date:
    """Last day of the delivery period that holds `end`."""
    if period in ("day", "week"):
        return period_end(end, period)
    first = end.replace(day=1)
    if period == "quarter":
        first = first.replace(month=(end.month - 1) // 3 * 3 + 1)
    if period == "year":
        first = first.replace(month=1)
    return period_end(first, period)


def _rows(entry: dict[str, str], contracts: dict[str, Contract]) -> list[str]:
    code = entry["indicator_code"]
    days, pending = _provisional(code)
    sources = [contracts[s] for s in entry["sources"].split(";") if s in contracts]
    lines = []
    for window in entry["window_kinds"].split(";"):
        end = EXAMPLE.get(window, ORDINARY)
        final = _final(end, days, sources)
        wait = f"{days} d" if days else "待定项办结前" if pending else "—"
        cells = (
            code, entry["name_zh"], WINDOWS[window], final.slowest, wait,
            f"+{(final.day - end).days} d", f"{end} → {final.day}",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def monthly_day(year: int) -> int:
    """The day on which, in every month of `year`, the monthly values of the month before are final.

    Not those that wait for events, nor for a source that reports by the quarter or year when that
    period is not over: no brief could wait for them.
    """
    contracts = load_all()
    waiting = [
        [contracts[s] for s in entry["sources"].split(";") if s in contracts]
        for entry in seed_rows(REGISTRY)
        if {"month", "stock"} & set(entry["window_kinds"].split(";"))
        and _provisional(entry["indicator_code"]) == (0, False)
    ]
    firsts = [date(year, month, 1) for month in range(1, 13)]
    finals = [
        (first, _final(first - timedelta(days=1), 0, w).day) for first in firsts for w in waiting
    ]
    return max(
        day.day for first, day in finals if (day.year, day.month) == (first.year, first.month)
    )


def files() -> dict[Path, str]:
    """The calendar's page."""
    contracts = load_all()
    entries = sorted(seed_rows(REGISTRY), key=lambda e: e["indicator_code"])
    lines = [
        _HEAD,
        "| 指标 | 名称 | 时段 | 最慢来源 | 暂定 | 期末后 | 例 |",
        "|---|---|---|---|---|---|---|",
        *[line for entry in entries for line in _rows(entry, contracts)],
        "",
    ]
    return {documents() / NAME: "\n".join(lines)}
