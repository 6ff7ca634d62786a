"""The judging step: counts in, judged table out, in one pass of numpy whatever engine counted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from ingestion import places, trace
from ingestion.lake import duck
from orchestration.judging import lights, suppression, table, windows
from orchestration.judging.alerts import aggregate_alerts
from orchestration.judging.amounts import judge_amounts
from orchestration.judging.changes import add_changes
from orchestration.judging.context import (
    Context,
    fresh_until,
    naive_local,
    peers_of,
    quality_of,
    read_context,
)
from orchestration.judging.direct import judge_direct
from orchestration.judging.growth import judge_growth
from orchestration.judging.index import score_index
from orchestration.judging.index.published import CODES, indicator_rows
from orchestration.judging.index.remembered import Remembered
from orchestration.judging.means import judge_means
from orchestration.judging.medians import judge_medians
from orchestration.judging.panel import make_panel
from orchestration.judging.rates import judge_rates
from orchestration.judging.revision import stood_last
from orchestration.judging.shares import Limits, judge_shares
from orchestration.judging.standing import let_stand
from orchestration.judging.verdict import Verdict

CATALOGUE_N = 48
COLUMNS = [
    "indicator_code", "unit_level", "unit_code", "window_kind", "period_start", "period_end",
    "period_label", "numerator", "denominator", "value", "value_shrunk", "interval_low",
    "interval_high", "rolling_numerator", "rolling_denominator", "p_yellow", "p_red", "light",
    "light_reason_zh", "change_month", "change_year", "target", "threshold_yellow",
    "threshold_red", "is_provisional", "is_complete", "is_running", "open_n", "suppressed",
    "quality_flag", "fresh_until", "formula_version", "as_of", "release_id",
]  # fmt: skip


@dataclass(frozen=True)
class JudgeReport:
    """What one judging did."""

    rows_n: int
    revised_n: int
    seconds: float


@trace.span("judge")
def judge(as_of: datetime, release_id: str, whole: bool = False) -> JudgeReport:
    """Judge the counts of the build file into `judged.fct_indicator` and `fct_aggregate_alert`:
    those that differ from what was judged before (`again.py`), or with `whole` all of them."""
    started = time.perf_counter()
    with duck.connect(places.build() / "fengqiao.duckdb") as con:
        context = read_context(con, as_of, whole)
        judged = context.asked.only(judge_context(context, as_of, release_id))
        if judged.is_empty():  # nothing that differs is published
            context = read_context(con, as_of, whole=True)
            judged = judge_context(context, as_of, release_id)
        judged = let_stand(judged, _published_before(context), context.registry)
        alerts = aggregate_alerts(context.aggregate_rules, judged)
        index = _index(context, as_of)
        judged = _with_index(judged, index, context)
        fresh = {
            str(code): fresh_until(context, str(sources).split(";"))
            for code, sources in context.registry.select("indicator_code", "sources").iter_rows()
        }
        beside = {"fct_aggregate_alert": alerts, **index}
        stood = table.write(con, judged, beside, context.asked, fresh)
        trace.note(judged=len(judged), replaced=-1 if stood is None else len(stood))
        revised = table.publish_revisions(con, judged, stood, context.asked)
        rows_n = con.execute("select count(*) from judged.fct_indicator").fetchall()[0][0]
    return JudgeReport(int(rows_n), revised, time.perf_counter() - started)


def _published_before(context: Context) -> pl.DataFrame | None:
    """What the last release showed of the indicators under disclosure control."""
    controlled = context.registry.filter(pl.col("disclosure") != "none")["indicator_code"]
    return stood_last(controlled.to_list())


def _index(context: Context, as_of: datetime) -> dict[str, pl.DataFrame]:
    """The tables of the stability index; none where a lake has no such marts."""
    if context.index is None:
        return {}
    remembered = Remembered(places.build() / "index_spreads.npz")
    tables = score_index(context.index, naive_local(as_of), remembered).tables
    remembered.keep()
    return tables


def _with_index(
    judged: pl.DataFrame, index: dict[str, pl.DataFrame], context: Context
) -> pl.DataFrame:
    """The ninety: the judged indicators and the two cards."""
    if not index:
        return judged
    sources = {
        row["indicator_code"]: str(row["sources"]).split(";")
        for row in context.registry.to_dicts()
        if row["indicator_code"] in CODES.values()
    }
    rows = indicator_rows(
        index["fct_index"],
        context.registry,
        {code: quality_of(context, named) for code, named in sources.items()},
        {code: fresh_until(context, named) for code, named in sources.items()},
    )
    if rows.is_empty():
        return judged
    release = judged.select("as_of", "release_id").head(1)
    return pl.concat([judged, rows.join(release, how="cross").select(COLUMNS)])


def judge_context(context: Context, as_of: datetime, release_id: str) -> pl.DataFrame:
    """The judged table for counts already read: pure, the part that tests exercise."""
    parts = []
    for entry in context.registry.sort("indicator_code").to_dicts():
        rows = context.counts.filter(pl.col("indicator_code") == entry["indicator_code"])
        # Published is what the registry names, no level and no window beside it (DP-08).
        rows = rows.filter(
            pl.col("unit_level").is_in(str(entry["unit_levels"]).split(";"))
            & pl.col("window_kind").is_in(str(entry["window_kinds"]).split(";"))
        )
        # All levels together: what a total tells of its parts is decided over both.
        rows = suppression.mark(rows, str(entry["disclosure"]), context.units)
        for (level, window), part in rows.group_by("unit_level", "window_kind"):
            ordered = part.sort("unit_code", "period_start")
            parts.append(_judge_part(context, entry, str(level), str(window), ordered))
    if not parts and context.asked.parts is None:
        raise ValueError("no counts to judge: run the dbt step first")
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    moment = naive_local(as_of)
    return (
        pl.concat(parts)
        .with_columns(
            as_of=pl.lit(moment).cast(pl.Datetime("us")),
            release_id=pl.lit(release_id),
        )
        .select(COLUMNS)
    )


def _judge_part(
    context: Context, entry: dict[str, Any], level: str, window: str, rows: pl.DataFrame
) -> pl.DataFrame:
    """One indicator at one level and window."""
    sources = str(entry["sources"]).split(";")
    since = context.asked.since(str(entry["indicator_code"]), level, window)
    verdict = _verdict(context, entry, level, window, rows, since)
    judged = rows.with_columns(
        value=verdict.value,
        value_shrunk=verdict.shrunk,
        interval_low=verdict.low,
        interval_high=verdict.high,
        rolling_numerator=verdict.rolling_numerator,
        rolling_denominator=verdict.rolling_denominator,
        p_yellow=verdict.p_yellow,
        p_red=verdict.p_red,
        target=verdict.target,
        threshold_yellow=verdict.threshold_yellow,
        threshold_red=verdict.threshold_red,
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    # What is only looked back at bears a value, for the changes, and needs no words.
    before = judged.filter(pl.col("period_start") < since)
    judged = judged.filter(pl.col("period_start") >= since)
    judged = judged.with_columns(
        pl.col("target").fill_null(_limit(entry["target"])),
        pl.col("threshold_yellow").fill_null(_limit(entry["yellow"])),
        pl.col("threshold_red").fill_null(_limit(entry["red"])),
        quality_flag=_quality(quality_of(context, sources)),
        fresh_until=pl.lit(fresh_until(context, sources), dtype=pl.Datetime("us")),
        formula_version=pl.lit(entry["formula_version"]),
        period_label=windows.label(window),
    )
    if entry["light_rule"] == "plain":
        judged = lights.decide_plain(judged, context.contracted_n, CATALOGUE_N)
    elif entry["light_rule"] == "direct":
        judged = lights.decide_direct(judged, str(entry["direction"]), _words(entry, level, window))
    else:
        judged = lights.decide(judged, str(entry["light_rule"]), _words(entry, level, window))
    if entry["light_rule"] == "posterior_mean":
        judged = lights.mark_untrimmed(judged)
    columns = [c for c in COLUMNS if c not in ("as_of", "release_id")]
    # Hidden first: a change against a hidden value would give it back.
    hidden = suppression.hide(judged, str(entry["disclosure"]))
    among = pl.concat([before, hidden.select(before.columns)]) if len(before) else hidden
    return add_changes(hidden, among).select(columns)


def _verdict(
    context: Context,
    entry: dict[str, Any],
    level: str,
    window: str,
    rows: pl.DataFrame,
    since: date,
) -> Verdict:
    """Send rows to the judge of their kind."""
    panel = make_panel(rows, peers_of(context, level), since)
    scored = lights.scored_rows(rows)
    match entry["light_rule"]:
        case "posterior_rate":
            return judge_rates(panel, scored, is_city=level == "city")
        case "posterior_rate_yoy":
            return judge_growth(panel, scored)
        case "posterior_median" | "posterior_mean":
            durations = context.durations.filter(
                (pl.col("indicator_code") == entry["indicator_code"])
                & (pl.col("unit_level") == level)
            )
            judge_durations = (
                judge_means if entry["light_rule"] == "posterior_mean" else judge_medians
            )
            return judge_durations(panel, scored, durations, entry["yellow"], entry["red"])
        case "posterior_share" | "none":
            higher = entry["direction"] == "higher"
            limits = (_number(entry["yellow"]), _number(entry["red"]))
            return judge_shares(panel, scored, *limits, higher, _by_itself(entry, window))
        case "posterior_amount":
            yellow, red = _number(entry["yellow"]), _number(entry["red"])
            return judge_amounts(panel, scored, Limits(yellow, red, entry["direction"] == "higher"))
        case "direct":
            return judge_direct(panel, 100.0 if entry["unit"] == "%" else 1.0)
        case "count":
            verdict = Verdict.empty(len(rows))
            verdict.value = rows["numerator"].to_numpy()
            return verdict
        case "plain":
            verdict = Verdict.empty(len(rows))
            numerator, denominator = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
            with np.errstate(invalid="ignore", divide="ignore"):
                verdict.value = np.where(denominator > 0, 100.0 * numerator / denominator, np.nan)
            return verdict
    raise ValueError(
        f"indicator:{entry['indicator_code']} has light_rule {entry['light_rule']!r};"
        " known: posterior_share, posterior_amount, posterior_rate, posterior_rate_yoy,"
        " posterior_median, posterior_mean, direct, plain, count, none"
    )


def _by_itself(entry: dict[str, Any], window: str) -> bool:
    """Whether the light rests on the period's own counts instead of twelve rolling months.

    A stock is read whole. What is derived from health or minors is published in one window only
    (DP-08): a rolling sum beside the months would give a hidden month back.
    """
    return window in windows.STANDING or entry["disclosure"] == "k10"


def _words(entry: dict[str, Any], level: str, window: str) -> lights.Words:
    if window == "stock":
        basis = "当前存量"
    elif entry["disclosure"] == "k10" or entry["light_rule"] == "direct":
        basis = "当期"
    elif entry["light_rule"] == "posterior_rate" and level == "city":
        basis = "当月"
    else:
        basis = "近12个月"
    return lights.Words(str(entry["yellow_text"]), str(entry["red_text"]), basis)


def _quality(flag: str) -> pl.Expr:
    """Today's checks speak of the newest final period and what follows, not of the past."""
    newest = pl.col("period_end").filter(~pl.col("is_running") & ~pl.col("is_provisional")).max()
    return (
        pl.when(pl.col("period_end") >= newest).then(pl.lit(flag)).otherwise(pl.lit("ok"))
        if flag != "ok"
        else pl.lit("ok")
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _limit(value: object) -> pl.Expr:
    return pl.lit(_number(value), dtype=pl.Float64)
