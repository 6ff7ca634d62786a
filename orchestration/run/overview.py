"""`fengqiao status`: what is published, what is late, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from ingestion import clock, places
from ingestion.connectors import inbox, names
from ingestion.contract import load_all
from ingestion.contract.calendar import due_periods
from ingestion.lake.logs import read_log
from orchestration.run.day import last_day


@dataclass(frozen=True)
class Overview:
    """The head line and one row per feed."""

    head: dict[str, Any]
    feeds: list[dict[str, Any]]


def overview() -> Overview:
    """Read from the logs only: it answers while a run is on."""
    as_of = clock.as_of()
    log = read_log("o01_delivery_log")
    rows = []
    for c in load_all().values():
        mine = log.filter(pl.col("feed_code") == c.code)
        landed = mine.filter(pl.col("status") != "4", pl.col("due_time").is_not_null())
        have = set(landed.select("period_start", "period_end").iter_rows())
        missing = [p for p in due_periods(c, as_of) if (p.period_start, p.period_end) not in have]
        folder = places.inbox() / c.code
        waiting = sum(names.regular(p) for p in folder.iterdir()) if folder.is_dir() else 0
        rows.append(
            {
                "feed": f"feed:{c.code}",
                "name": c.name,
                "deliveries": mine.height,
                "late": mine.filter(pl.col("status") == "2").height,
                "refused": mine.filter(pl.col("status") == "4").height,
                "missing": len(missing),
                "rows in": mine["rows_n"].sum(),
                "quarantined": mine["quarantined_n"].sum(),
                "waiting files": waiting,
                "why they wait": "; ".join(f"{n}: {w}" for n, w in inbox.waiting(c).items()),
            }
        )
    state = last_day()
    head = {
        "as of": as_of.replace(tzinfo=None),
        "published release": state.get("release_id", "none"),
        "published as of": state.get("as_of", "never"),
        "home": str(places.home()),
    }
    return Overview(head, rows)
