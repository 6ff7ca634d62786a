"""Causes from the receipts: what did not come, came late, was refused, or could not be asked.

The states are those of `fct_delivery`, from the same receipts and calendars; that fact is only as
new as the last day that could be computed, and these must be told on a day that could not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from ingestion.clock import LOCAL
from ingestion.contract import Contract, load_all
from ingestion.lake.logs import read_log
from ingestion.lake.views import due_rows
from orchestration.alert.cause import Alert
from orchestration.alert.offices import indicators_of, office_name, office_of
from orchestration.alert.words import REFUSALS, harmless, span

_OWED = ("feed_code", "owner_org_code", "region_code", "due_sender")
_KEY = (*_OWED, "period_start", "period_end")
LATE, MISSING, REFUSED = "2", "3", "4"


def delivery_states(as_of: datetime) -> pl.DataFrame:
    """One row per due delivery and per receipt nobody had to send, with `status` as in
    `fct_delivery` (1 on time, 2 late, 3 missing, 4 refused)."""
    as_of = as_of.astimezone(UTC)
    due = due_rows(as_of.astimezone(LOCAL))
    several = due.filter(pl.col("sender").is_not_null())["feed_code"].unique()
    due = (
        due.with_columns(pl.col("sender").fill_null("").alias("due_sender"))
        .group_by(_KEY)
        .agg(pl.col("due_time").min(), pl.lit(True).alias("is_due"))
    )
    named = pl.col("feed_code").is_in(several.implode()) | pl.col("due_time").is_null()
    sender = pl.when(named).then("sender").otherwise(pl.lit(""))
    got = (
        read_log("o01_delivery_log")
        .filter(pl.col("landed_time") <= as_of)
        .with_columns(sender.alias("due_sender"), (pl.col("status") == REFUSED).alias("refused"))
        .sort("refused", "landed_time", "delivery_id")
        .unique(_KEY, keep="first", maintain_order=True)
        .select(*_KEY, pl.col("due_time").alias("told_due"), "landed_time", "file_name", "refusal",
                pl.col("status").alias("told"))
    )  # fmt: skip
    met = due.join(got, on=list(_KEY), how="full", coalesce=True)
    return met.with_columns(
        pl.col("is_due").fill_null(False),
        pl.coalesce("due_time", "told_due").alias("due_time"),
        pl.when(pl.col("is_due").is_null() | (pl.col("told") == REFUSED)).then("told")
        .when(pl.col("landed_time").is_null() & (pl.col("due_time") < as_of)).then(pl.lit(MISSING))
        .when(pl.col("landed_time").is_null()).then(None)
        .when(pl.col("landed_time") <= pl.col("due_time")).then(pl.lit("1"))
        .otherwise(pl.lit(LATE)).alias("status"),
    ).drop("told", "told_due")  # fmt: skip


def of_deliveries(states: pl.DataFrame, as_of: datetime, window_days: int) -> Iterator[Alert]:
    """One cause per feed for what is missing, one for what came late, one per reason of refusal."""
    since = as_of.astimezone(UTC) - timedelta(days=window_days)
    newest = (
        states.filter("is_due").sort("due_time", "period_end", descending=True)
        .unique(_OWED, keep="first", maintain_order=True)
        .select(*_KEY, pl.lit(True).alias("newest"))
    )  # fmt: skip
    when = pl.coalesce("due_time", "landed_time")
    looked = states.join(newest, on=list(_KEY), how="left").filter(
        (when > since) | pl.col("newest").fill_null(False)
    )
    contracts = load_all()
    for code, contract in contracts.items():
        mine = looked.filter(pl.col("feed_code") == code).sort("period_end", "file_name")
        if mine.is_empty():
            continue
        yield from _missing(contract, mine.filter(pl.col("status") == MISSING), states)
        yield from _refused(contract, mine.filter(pl.col("status") == REFUSED))
        # What came late is of interest while it is fresh and nothing newer was in time.
        late = (pl.col("status") == LATE) & pl.col("newest").fill_null(False)
        yield from _late(contract, mine.filter(late & (pl.col("landed_time") > since)))


def of_intake(feeds: list[str]) -> Iterator[Alert]:
    """Feeds that the last run could not take in; why stands in the log (it may name addresses)."""
    contracts = load_all()
    for code in feeds:
        if code in contracts:
            yield _alert(
                contracts[code], f"intake:{code}", "error", "本次未能取数",
                ("源系统无应答、合同未定稿或处理出错；下一次运行会再取",),
                "查看运行日志中本数据源的一行；源系统停机的，请其恢复后重跑",
            )  # fmt: skip


def _alert(
    contract: Contract, key: str, severity: str, what: str, facts: tuple[str, ...], todo: str
) -> Alert:
    read_by = indicators_of(contract.code)
    if read_by:
        shown = "、".join(read_by[:12]) + ("等" if len(read_by) > 12 else "")
        facts = (*facts, f"涉及指标（{len(read_by)}项）：{shown}")
    title = f"{contract.name}（{contract.code}）{what}"
    return Alert(key, severity, office_of(contract), title, facts, todo, contract.code)


def _missing(contract: Contract, owed: pl.DataFrame, states: pl.DataFrame) -> Iterator[Alert]:
    if owed.is_empty():
        return
    came = states.filter(
        (pl.col("feed_code") == contract.code) & pl.col("landed_time").is_not_null()
        & (pl.col("status") != REFUSED)
    )["landed_time"].max()  # fmt: skip
    last = f"{came.astimezone(LOCAL):%Y-%m-%d %H:%M}" if isinstance(came, datetime) else "从未到达"
    facts = (
        f"应到未到：{owed.height}批，{span(owed['period_start'].min(), owed['period_end'].max())}",
        f"最早应到：{_local(owed['due_time'].min())}；最近一次到达：{last}",
        *_senders(owed),
    )
    yield _alert(contract, f"missing:{contract.code}", "error", "应到未到", facts,
                 "请报送单位补报；接口或数据库取数的，查源系统与网络")  # fmt: skip


def _late(contract: Contract, late: pl.DataFrame) -> Iterator[Alert]:
    if late.is_empty():
        return
    worst = late.select(
        (pl.col("landed_time") - pl.col("due_time")).dt.total_minutes().max()
    ).item()
    facts = (
        f"最近一期迟到：{late.height}批，最长 {worst // 60}小时{worst % 60}分",
        f"应到：{_local(late['due_time'].max())}；到达：{_local(late['landed_time'].max())}",
        *_senders(late),
    )
    yield _alert(contract, f"late:{contract.code}", "warning", "迟到", facts,
                 "请报送单位按约定时刻报送；确有困难的，与平台商定新的时刻")  # fmt: skip


def _refused(contract: Contract, refused: pl.DataFrame) -> Iterator[Alert]:
    ruled = refused.with_columns(pl.col("refusal").str.split(":").list.first().alias("rule"))
    for rule in sorted(set(ruled["rule"].fill_null("unreadable"))):
        mine = ruled.filter(pl.col("rule").fill_null("unreadable") == rule)
        what, todo = REFUSALS.get(rule, ("不符合合同", "查看回执中的原因"))
        # The reason quotes headers, a name that fits no pattern may be anything: neither leaves.
        names = [] if rule == "file_name" else [harmless(str(n)) for n in mine["file_name"]]
        listed = "、".join(names[-5:]) + ("等" if len(names) > 5 else "")
        when = span(mine["period_start"].min(), mine["period_end"].max())
        facts = (
            f"整批拒收：{mine.height}批，{when}",
            f"规则：{rule}（{what}）",
            *((f"文件：{listed}",) if names else ()),
            *_senders(mine),
        )
        yield _alert(contract, f"refused:{contract.code}:{rule}", "error", "整批拒收", facts, todo)


def _senders(rows: pl.DataFrame) -> tuple[str, ...]:
    """Where several agencies each owe a delivery: which of them."""
    names = [office_name(str(s)) for s in rows["due_sender"].unique().sort() if s]
    more = f"等{len(names)}家" if len(names) > 8 else ""
    return (f"报送单位：{'、'.join(names[:8])}{more}",) if names else ()


def _local(moment: object) -> str:
    return (
        f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else "未约定"
    )
