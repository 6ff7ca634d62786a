"""How the platform is, for Prometheus: text exposition, and the same for node_exporter.

Every figure is by the one clock and follows from logs, notes and contracts. Rows of the feeds of an
L4 zone are not told: from two looks at a total, a small count in between follows (ADR 26).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ingestion import places
from ingestion.clock import parse
from ingestion.contract import load_all
from ingestion.delivery.receipt import write_whole
from ingestion.lake.logs import read_log
from orchestration.alert import house, state
from orchestration.alert.declared import BadDeclaration, routes, settings, silences
from orchestration.alert.deliveries import delivery_states
from orchestration.alert.offices import office_name, office_of
from orchestration.alert.standing import last_run, standing

Family = GaugeMetricFamily | CounterMetricFamily
STATUSES = {"1": "on_time", "2": "late", "3": "missing", "4": "refused"}
PAGES_TABLE_DAYS = 30


def write_metrics(as_of: datetime) -> Path:
    """Write `ops/metrics/fengqiao.prom`, whole: the text file collector reads it at any time."""
    place = places.ops() / "metrics" / "fengqiao.prom"
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, exposition(as_of))
    # node_exporter is another user; there is nothing here that it may not know.
    place.chmod(0o644)
    return place


def exposition(as_of: datetime) -> bytes:
    """The metrics in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Now(as_of))
    return generate_latest(registry)


@dataclass(frozen=True)
class _Now(Collector):
    as_of: datetime

    def collect(self) -> Iterable[Family]:
        """Every family, each computed once."""
        yield from _day(self.as_of)
        yield from _feeds()
        yield from _rows(self.as_of)
        yield from _deliveries(self.as_of)
        yield from _checks(self.as_of)
        yield from _alerts(self.as_of)
        free = GaugeMetricFamily("fengqiao_home_free_bytes", "Free bytes where the data home lies")
        free.add_metric([], shutil.disk_usage(places.home()).free)
        yield free

    def describe(self) -> Iterable[Family]:
        """Nothing in advance: registering would compute everything twice."""
        return []


def _day(as_of: datetime) -> Iterator[Family]:
    from orchestration.run.day import last_day

    run, published = last_run(), last_day().get("as_of")
    now = GaugeMetricFamily("fengqiao_as_of_timestamp_seconds", "The clock of these figures")
    now.add_metric([], as_of.timestamp())
    yield now
    failed = GaugeMetricFamily("fengqiao_day_failed", "1 if the last run could not compute")
    failed.add_metric([], float(bool(run.failed)))
    yield failed
    steps = GaugeMetricFamily(
        "fengqiao_day_step_seconds", "Seconds by step of the last day", labels=["step"]
    )
    for step, seconds in run.seconds.items():
        steps.add_metric([step], seconds)
    yield steps
    if published:
        age = GaugeMetricFamily("fengqiao_release_age_seconds", "Age of what the pages show")
        age.add_metric([], (as_of - parse(published)).total_seconds())
        yield age


def _feeds() -> Iterator[Family]:
    info = GaugeMetricFamily(
        "fengqiao_feed_info", "1 for each feed: its name and who answers for it",
        labels=["feed", "name", "office"],
    )  # fmt: skip
    for c in load_all().values():
        info.add_metric([c.code, c.name, office_name(office_of(c), c)], 1)
    yield info


def _rows(as_of: datetime) -> Iterator[Family]:
    log = read_log("o01_delivery_log").filter(pl.col("landed_time") <= as_of.astimezone(UTC))
    rows = CounterMetricFamily(
        "fengqiao_feed_rows", "Rows of all deliveries so far, by what became of them",
        labels=["feed", "outcome"],
    )  # fmt: skip
    age = GaugeMetricFamily(
        "fengqiao_feed_newest_delivery_age_seconds", "Age of a feed's newest accepted delivery",
        labels=["feed"],
    )  # fmt: skip
    zoned = {c.code for c in load_all().values() if c.zone}
    summed = log.group_by("feed_code").agg(
        pl.col("rows_n", "inserted_n", "quarantined_n").sum(),
        pl.col("landed_time").filter(pl.col("status") != "4").max(),
    )
    for row in summed.sort("feed_code").iter_rows(named=True):
        code = row["feed_code"]
        if code not in zoned:
            for outcome in ("in", "inserted", "quarantined"):
                column = "rows_n" if outcome == "in" else f"{outcome}_n"
                rows.add_metric([code, outcome], row[column])
        if row["landed_time"] is not None:
            age.add_metric([code], (as_of - row["landed_time"]).total_seconds())
    yield rows
    yield age


def _deliveries(as_of: datetime) -> Iterator[Family]:
    since = as_of.astimezone(UTC) - timedelta(days=PAGES_TABLE_DAYS)
    due = delivery_states(as_of).filter(pl.col("is_due") & (pl.col("due_time") > since))
    found = GaugeMetricFamily(
        "fengqiao_deliveries", "Deliveries due in the last 30 days, by what became of them",
        labels=["feed", "status"],
    )  # fmt: skip
    counts = {
        (code, status): n
        for code, status, n in due.group_by("feed_code", "status").len().iter_rows()
    }
    for code in sorted(set(due["feed_code"])):
        for status, name in STATUSES.items():
            found.add_metric([code, name], counts.get((code, status), 0))
    yield found


def _checks(as_of: datetime) -> Iterator[Family]:
    runs = house.newest_checks(as_of)
    failed = GaugeMetricFamily(
        "fengqiao_checks_failed", "Checks that failed when their feed was last checked",
        labels=["severity"],
    )  # fmt: skip
    for severity, name in (("E", "error"), ("W", "warning")):
        red = runs.filter(pl.col("passed").not_() & (pl.col("severity") == severity))
        failed.add_metric([name], red.height)
    yield failed


def _alerts(as_of: datetime) -> Iterator[Family]:
    kept = state.load()
    unusable = GaugeMetricFamily(
        "fengqiao_alerts_unusable", "1 if a declared file errs, so that nobody is told anything"
    )
    try:
        routes(), silences()
        if kept.round_as_of != as_of.isoformat():  # else the round of this moment has just been
            kept.merge(standing(as_of, settings()), as_of)
    except BadDeclaration:
        unusable.add_metric([], 1)
        yield unusable
        return
    unusable.add_metric([], 0)
    yield unusable
    for name, by_severity in state.counted(kept).items():
        family = GaugeMetricFamily(
            f"fengqiao_alerts_{name}", f"Alerts {name} by severity", labels=["severity"]
        )
        for severity, n in by_severity.items():
            family.add_metric([severity], n)
        yield family
    sends = GaugeMetricFamily(
        "fengqiao_alert_messages", "Messages of the last round by outcome", labels=["state"]
    )
    for said in ("sent", "failed", "unknown", "unset"):
        sends.add_metric([said], kept.outcomes.get(said, 0))
    yield sends
