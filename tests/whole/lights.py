"""Lights raised once more, in polars: clocks, the numbers of charges, and what was published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.whole.recount import RUN_TIME, TODAY, rows

DAY, MOMENT = pl.Date, pl.Datetime("us")
Keys = set[tuple[str, str]]


@dataclass(frozen=True)
class Lights:
    """Those ever raised, and those the list's expression holds for now (None: not compared)."""

    ever: Keys
    now: Keys | None = None


def published(home: Path, rule: str, standing: bool) -> Keys:
    """Entities and occasions of a rule in `fct_warning`."""
    query = "select entity_code, occasion from marts.fct_warning where rule_id = ?"
    with duckdb.connect(str(home / "build" / "fengqiao.duckdb"), read_only=True) as con:
        found = con.execute(query + (" and is_standing" if standing else ""), [rule]).fetchall()
    return {(str(code), str(occasion)) for code, occasion in found}


def keys(frame: pl.DataFrame, entity: str, occasion: str | None = None) -> Keys:
    times = frame[occasion].to_list() if occasion else [""] * frame.height
    return set(zip(frame[entity].to_list(), times, strict=True))


def known(column: str) -> pl.Expr:
    """A day or a moment that has come; null before."""
    return pl.when(pl.col(column).cast(MOMENT) <= RUN_TIME).then(column)


def end_of(day: pl.Expr, days: int | pl.Expr = 0) -> pl.Expr:
    """24:00 of the n-th day after a day."""
    after = days if isinstance(days, pl.Expr) else pl.lit(days)
    return day.cast(DAY).cast(MOMENT) + pl.duration(days=after.cast(pl.Int64) + 1)


def clock(frame: pl.DataFrame, entity: str, due: pl.Expr, stop: pl.Expr, by_day: bool) -> Lights:
    """Something had to happen by `due`; a day's deadline is missed from midnight on."""
    timed = frame.with_columns(due=due.cast(MOMENT), stop=stop.cast(MOMENT)).with_columns(
        stop=pl.when(pl.col("stop") <= RUN_TIME).then("stop")
    )
    missed = pl.col("stop") >= pl.col("due") if by_day else pl.col("stop") > pl.col("due")
    late = timed.filter(pl.col("due") < RUN_TIME, pl.col("stop").is_null() | missed)
    return Lights(keys(late, entity), keys(late.filter(pl.col("stop").is_null()), entity))


def either(*several: Lights) -> Lights:
    ever = set().union(*(lights.ever for lights in several))
    now = [lights.ever if lights.now is None else lights.now for lights in several]
    return Lights(ever, set().union(*now))


def windowed(
    events: pl.DataFrame, group: list[str], first_day: pl.Expr, weight: str, at: str = "at"
) -> pl.DataFrame:
    """Each event with `n` and `total` of its group's events from `first_day` up to it."""
    marked = events.with_row_index("i").with_columns(first=first_day)
    other = marked.select(*group, other_at=at, other_weight=weight)
    return (
        marked.join(other, on=group)
        .filter(pl.col("other_at") <= pl.col(at), pl.col("other_at").cast(DAY) >= pl.col("first"))
        .group_by("i", *events.columns)
        .agg(n=pl.len(), total=pl.col("other_weight").sum())
    )


def cases() -> pl.DataFrame:
    """F08 as known, amounts as floats."""
    found = rows("F08").filter(pl.col("file_date") <= TODAY)
    days = ("decide_date", "close_date", "transfer_date")
    return found.with_columns(
        *(known(name).alias(name) for name in days),
        pl.col("amount_involved", "amount2", "fine_amount").cast(pl.Float64),
    )


def amount(kinds: list[str]) -> pl.Expr:
    return pl.max_horizontal(
        pl.when(pl.col("amount_kind").is_in(kinds)).then("amount_involved"),
        pl.when(pl.col("amount2_kind").is_in(kinds)).then("amount2"),
    )


def quantity(kind: str) -> pl.Expr:
    return pl.when(pl.col("quantity_kind") == kind).then("quantity")


PENALTIES = {
    "prior_2y": "prior_penalty_n",
    "prior_3y": "prior_penalty_3y_n",
    "prior_ever": "prior_penalty_ever_n",
}


def metric(kind: str | None, code: str | None, other: str | None = None) -> pl.Expr:
    """What a row of R04 weighs: a kind of metric and the codes of the column that bears it."""
    if kind is None:
        return pl.lit(None, pl.Float64)
    if kind in PENALTIES:
        return pl.col(PENALTIES[kind]).cast(pl.Float64)
    assert code is not None
    if kind == "weighted":
        assert other is not None
        return 3 * amount([code]).fill_null(0) + amount([other]).fill_null(0)
    if kind == "quantity":
        return quantity(code)
    if kind == "act":
        return pl.when(pl.col("act_flag") == code).then(1.0)
    return amount([code] if other is None else [code, other])


def at_least(kind: str | None, code: str | None, limit: float | None) -> pl.Expr:
    if limit is None:
        return pl.lit(value=False)
    return (metric(kind, code) >= limit).fill_null(value=False)


def alternative(line: dict[str, Any]) -> pl.Expr:
    """The row's other test, and the second half of it where it has one."""
    first = at_least(line["alt_metric_kind"], line["alt_kind_code"], line["alt_threshold"])
    if line["also_threshold"] is None:
        return first
    return first & at_least(
        line["also_metric_kind"], line["also_kind_code"], line["also_threshold"]
    )


def thresholds() -> list[dict[str, Any]]:
    return rows("R04").sort("rule_key").to_dicts()


def in_force(line: dict[str, Any]) -> pl.Expr:
    first, last = line["valid_from"], line["valid_to"]
    begun = pl.col("file_date") >= pl.lit(first, DAY)
    return begun if last is None else begun & (pl.col("file_date") < pl.lit(last, DAY))


def weighed() -> pl.DataFrame:
    """Cases by the rows of their charge: metric, whether the row is met, and the row itself."""
    parts = []
    for line in thresholds():
        value = metric(line["metric_kind"], line["kind_code"], line["kind_code_2"])
        parts.append(
            cases()
            .filter(
                pl.col("charge_hint") == line["charge_code"],
                pl.col("case_domain") == line["enf_domain"],
                in_force(line),
            )
            .with_columns(
                metric=value.cast(pl.Float64),
                met=(value >= line["threshold"]).fill_null(value=False) | alternative(line),
                threshold=pl.lit(float(line["threshold"])),
                extra=pl.lit(line["extra_condition"]),
                kind=pl.lit(line["metric_kind"]),
                line=pl.lit(line["rule_key"]),
            )
        )
    return pl.concat(parts)


def near_amounts() -> pl.DataFrame:
    """Cases by the amounts their domain has thresholds for; no charge need be named."""
    parts = []
    for line in thresholds():
        if line["metric_kind"] != "amount":
            continue
        kinds = [code for code in (line["kind_code"], line["kind_code_2"]) if code]
        parts.append(
            cases()
            .filter(
                pl.col("case_domain") == line["enf_domain"],
                pl.col("amount_kind").is_in(kinds),
                in_force(line),
            )
            .with_columns(
                threshold=pl.lit(float(line["threshold"])),
                extra=pl.lit(line["extra_condition"]),
                line=pl.lit(line["rule_key"]),
            )
        )
    return pl.concat(parts)
