"""Causes of the house: failing checks, a failed day, old pages, disk, exemptions, calendar."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingestion import places
from ingestion.clock import LOCAL, parse
from ingestion.contract import Contract, load_all
from ingestion.lake.logs import read_log
from orchestration.alert.cause import PLATFORM, Alert
from orchestration.alert.offices import indicators_of, office_of
from orchestration.run.doctor import LEAST_DISK_BYTES
from orchestration.transform.seeds import seed_rows

CALENDAR_FEED = "R05"
# A number below this of a feed of an L4 zone stays inside (ADR 26).
SMALLEST_SHOWN = 10


def of_checks(as_of: datetime) -> Iterator[Alert]:
    """Error-level checks that failed when their feed was last checked."""
    contracts = load_all()
    runs = newest_checks(as_of).filter(pl.col("passed").not_() & (pl.col("severity") == "E"))
    for code in runs["feed_code"].unique(maintain_order=True):
        if code not in contracts:
            continue
        contract = contracts[code]
        from quality.run import planned

        said = {rule.name: rule.title_zh for rule in planned(contract, as_of)}
        for run in runs.filter(pl.col("feed_code") == code).iter_rows(named=True):
            counts = f"不合格 {run['failed_rows_n']} / 检查 {run['checked_rows_n']}"
            small = min(run["failed_rows_n"], run["checked_rows_n"]) < SMALLEST_SHOWN
            read_by = indicators_of(code)
            facts = (
                f"检查：{run['test_name']}（{said.get(run['test_name'], '表级检查')}）",
                f"结果：{'个数不对外' if contract.zone and small else counts}",
                f"检查于：{run['run_time'].astimezone(LOCAL):%Y-%m-%d %H:%M}",
                *((f"涉及指标（{len(read_by)}项）：{'、'.join(read_by[:12])}",) if read_by else ()),
            )
            yield Alert(
                f"check:{code}:{run['test_name']}", "error", office_of(contract),
                f"{contract.name}（{code}）检查未通过", facts,
                "与报送单位核对后重新报送；规则不合实际的，改合同", code,
            )  # fmt: skip


def newest_checks(as_of: datetime) -> pl.DataFrame:
    """The results of each feed's newest round of checks: a rule that is gone fails no more."""
    runs = read_log("o02_test_run").filter(pl.col("run_time") <= as_of.astimezone(UTC))
    return runs.filter(pl.col("run_time") == pl.col("run_time").max().over("feed_code")).sort(
        "feed_code", "test_name"
    )


def of_day(failed: str, failed_at: str, published_as_of: str) -> Iterator[Alert]:
    """The last run could not compute: the pages show the day before."""
    if failed:
        served = f"{parse(published_as_of):%Y-%m-%d %H:%M}" if published_as_of else "尚无"
        facts = (
            f"失败于：{parse(failed_at):%Y-%m-%d %H:%M}；错误类别：{failed}",
            f"页面仍为上一次发布：{served}",
        )
        todo = "查看运行日志；修复后执行 fengqiao run"
        yield Alert("day", "critical", PLATFORM, "当日计算失败", facts, todo)


def of_release(published_as_of: str, as_of: datetime, hours: float) -> Iterator[Alert]:
    """Pages that nobody renewed: a killed run, a schedule that is off, a machine that stood."""
    if not published_as_of:
        return
    age_h = (as_of - parse(published_as_of)).total_seconds() / 3600
    if age_h > hours:
        facts = (f"页面数据截至 {parse(published_as_of):%Y-%m-%d %H:%M}，已过 {age_h:.0f} 小时",)
        todo = "确认每日任务的调度已开启；执行 fengqiao run"
        yield Alert("release", "critical", PLATFORM, "页面长时间未更新", facts, todo)


def of_disk(least_gib: float) -> Iterator[Alert]:
    """A file system of the home that is nearly full; the archive may lie on another one."""
    seen: set[int] = set()
    for name, place in (("数据目录", places.home()), ("归档", places.archive()),
                        ("数据湖", places.lake())):  # fmt: skip
        if not isinstance(place, Path):  # a store has a keeper of its own
            continue
        if not place.exists() or (device := place.stat().st_dev) in seen:
            continue
        seen.add(device)
        usage = shutil.disk_usage(place)
        if usage.free >= max(least_gib * 2**30, LEAST_DISK_BYTES):
            continue
        severity = "critical" if usage.free < LEAST_DISK_BYTES else "error"
        # Rounded, or every file written would make it another message.
        facts = (f"剩余 {usage.free / 2**30:.0f} GiB，共 {usage.total / 2**30:.0f} GiB",)
        todo = "清理或扩容；归档按合同的 archive_days 到期删除，湖由每周维护压缩"
        yield Alert(f"disk:{name}", severity, PLATFORM, f"{name}所在磁盘将满", facts, todo)


def of_exemptions(contracts: Iterable[Contract], today: date, days: int) -> Iterator[Alert]:
    """Exemptions that end soon or have ended. Who answers for one is a person: the page says it."""
    for contract in contracts:
        for e in contract.exemptions:
            left = (e.until - today).days
            if left > days:
                continue
            when = f"还有 {left} 天" if left >= 0 else f"已过 {-left} 天"
            yield Alert(
                f"exemption:{contract.code}:{e.check}", "warning", office_of(contract),
                f"{contract.name}（{contract.code}）检查豁免{'将' if left >= 0 else '已'}到期",
                (f"检查：{e.check}", f"豁免至 {e.until}，{when}"),
                "消除原因；或由责任人在合同中说明理由并重新约定期限", contract.code,
            )  # fmt: skip


def of_calendar(today: date, days: int) -> Iterator[Alert]:
    """The workday calendar ends soon: deadlines in workdays beyond it are provisional (dbt warns
    by `workdays_are_known_for_sixty_days`)."""
    days_known = seed_rows("seed_workday_calendar")
    last = date.fromisoformat(max(line["cal_date"] for line in days_known))
    if (last - today).days < days:
        contract = load_all().get(CALENDAR_FEED)
        office = office_of(contract) if contract else PLATFORM
        yield Alert(
            "calendar", "warning", office, "工作日历将到末尾",
            (f"工作日历只到 {last}，不足 {days} 天；此后按工作日计算的期限为暂定",),
            "国务院办公厅公布下一年放假安排后，补录工作日历（R05）", CALENDAR_FEED,
        )  # fmt: skip
