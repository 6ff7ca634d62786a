"""`feed show`: what a feed has delivered, what is due next, and how its volume compares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from ingestion import clock
from ingestion.contract.calendar import due_at, ended_periods, period_end
from ingestion.contract.model import Contract
from ingestion.delivery import refusals
from ingestion.lake.logs import read_log

_COLUMNS = [
    "delivery_id",
    "file_name",
    "period_start",
    "period_end",
    "landed_time",
    "status",
    "rows_n",
    "inserted_n",
    "updated_n",
    "deleted_n",
    "unchanged_n",
    "superseded_n",
    "quarantined_n",
    "vanished_n",
    "warned_n",
]
WEEKDAYS_BACK = 8


@dataclass(frozen=True)
class History:
    """A feed's `deliveries`, newest first, and what `state` says of it now."""

    deliveries: list[dict[str, Any]]
    state: dict[str, Any] = field(default_factory=dict)


def _by_rule(code: str, deliveries: list[str]) -> dict[str, str]:
    """Refused rows of each delivery as "type 3, code 1"."""
    found = read_log("quarantine", feed_code=code).filter(
        pl.col("delivery_id").is_in(deliveries) & (pl.col("severity") == "error")
    )
    counts = found.group_by("delivery_id", "rule").agg(pl.col("source_row").n_unique().alias("n"))
    words = (
        counts.sort("n", "rule", descending=[True, False])
        .group_by("delivery_id")
        .agg(pl.format("{} {}", "rule", "n").str.join(", ").alias("words"))
    )
    return dict(words.select("delivery_id", "words").iter_rows())


def _next_due(contract: Contract) -> dict[str, Any] | None:
    if not contract.calendar:
        return None
    done = ended_periods(contract, clock.as_of())
    regime = contract.calendar[-1]
    after = done[-1].period_end + timedelta(days=1) if done else regime.since
    begin = max(regime.since, after)
    end = period_end(begin, regime.period)
    return {"from": begin, "to": end, "by": due_at(end, regime.due).replace(tzinfo=None)}


def _last_refusal(contract: Contract, log: pl.DataFrame) -> dict[str, Any] | None:
    refused = log.filter(pl.col("status") == "4").head(1).to_dicts()
    if not refused:
        return None
    rule, _, reason = str(refused[0]["refusal"]).partition(": ")
    patch = refusals.patch_path(contract.code, refused[0]["delivery_id"])
    return {
        "file": refused[0]["file_name"],
        "rule": rule,
        "reason": reason,
        "patch": str(patch) if patch.exists() else None,
    }


def _volume(log: pl.DataFrame) -> dict[str, Any] | None:
    """The last accepted delivery's rows beside the mean of the same weekday before it."""
    taken = log.filter(pl.col("status") != "4", pl.col("rows_n").is_not_null())
    daily = taken.filter(pl.col("period_start") == pl.col("period_end")).unique(
        "period_end", keep="first", maintain_order=True
    )
    if not daily.height:
        return None
    daily = daily.sort("period_end", descending=True)
    last: date = daily["period_end"][0]
    same = daily.filter(
        pl.col("period_end").dt.weekday() == last.isoweekday(), pl.col("period_end") < last
    ).head(WEEKDAYS_BACK)
    mean = same["rows_n"].mean() if same.height else None
    rows = int(daily["rows_n"][0])
    share = rows / float(mean) if isinstance(mean, int | float) and mean else None
    return {
        "day": last,
        "rows": rows,
        "same weekday": round(float(mean), 1) if isinstance(mean, int | float) else None,
        "weeks": same.height,
        "share": None if share is None else f"{share:.0%}",
    }


def history(contract: Contract, last: int) -> History:
    """The last deliveries of a feed and its state, from the logs only; nothing is asked of
    its source, and the location's variables stay as the contract writes them."""
    log = read_log("o01_delivery_log", feed_code=contract.code).sort("landed_time", descending=True)
    shown = log.select(_COLUMNS).head(last).to_dicts()
    rules = _by_rule(contract.code, [row["delivery_id"] for row in shown])
    for row in shown:
        row["landed_time"] = row["landed_time"].astimezone(clock.LOCAL)
        row["refused by rule"] = rules.get(row["delivery_id"])
    return History(
        shown,
        {
            "server": contract.server.kind,
            "location": contract.server.location,
            "also": [f"{s.kind} {s.location}{s.options['file_pattern']}" for s in contract.also],
            "next due": _next_due(contract),
            "last refusal": _last_refusal(contract, log),
            "volume": _volume(log),
        },
    )
