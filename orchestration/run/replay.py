"""The demonstration's past: each delivery arrives at its own moment, by the moved clock.

The simulated agencies wrote a manifest of arrivals; those not yet received are laid into the
inbox (or asked from the agencies' API, database and streams) in their order. Nothing else of the
pipeline knows that this is a replay.
"""

from __future__ import annotations

import csv
import multiprocessing
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from ingestion import clock, keys, places
from ingestion.connectors import control, inbox, pending
from ingestion.contract import Contract, load_all
from ingestion.delivery import archive
from ingestion.delivery.deliver import Batch
from ingestion.delivery.received import Received
from ingestion.lake.logs import read_log, tidy
from orchestration.run.intake import Intake, expire, guarded, may_be_taken

MANIFEST = "manifest.csv"
WATCH_SECONDS = 0.2


@dataclass(frozen=True)
class Arrival:
    """One line of the manifest."""

    feed_code: str
    kind: str  # file | api | sql | stream
    period_end: str
    arrives_at: datetime
    file: str


def arrivals(until: datetime) -> list[Arrival]:
    """What arrives up to a moment, oldest first; empty without simulated agencies."""
    path = places.agencies() / MANIFEST
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        listed = [
            Arrival(
                r["feed_code"], r["kind"], r["period_end"], clock.parse(r["arrives_at"]), r["file"]
            )
            for r in csv.DictReader(file)
        ]
    due = [a for a in listed if a.arrives_at <= until]
    return sorted(due, key=lambda a: (a.arrives_at, a.feed_code, a.file))


def open_arrivals(until: datetime) -> list[Arrival]:
    """Arrivals that have no receipt yet.

    A stream is cut where its messages are read, not where a period ends: what was sent up to a
    period's end has arrived when a receipt reaches that far.
    """
    log = read_log("o01_delivery_log")
    files = set(log.select("feed_code", "file_name").iter_rows())
    known = log.select("feed_code", pl.col("period_end").cast(pl.String), "due_time")
    ends = known.group_by("feed_code").agg(pl.col("period_end").max())
    reached: dict[str, str] = dict(ends.iter_rows())
    # What came another way than the one that is asked has no hour at which it was due.
    due = known.drop_nulls("due_time").select("feed_code", "period_end")
    periods = set(due.iter_rows())

    def arrived(a: Arrival) -> bool:
        match a.kind:
            case "file":
                return (a.feed_code, Path(a.file).name) in files
            case "stream":
                return reached.get(a.feed_code, "") >= a.period_end
        return (a.feed_code, a.period_end) in periods

    return [a for a in arrivals(until) if not arrived(a)]


def _copied(source: Path, folder: Path) -> Path:
    target = folder / source.name
    draft = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, draft)
    draft.rename(target)
    return target


def lay_down(arrival: Arrival, contract: Contract) -> Path:
    """The file in the inbox, and then the control file that its sender puts beside it."""
    folder = places.inbox() / arrival.feed_code
    folder.mkdir(parents=True, exist_ok=True)
    source = places.agencies() / arrival.file
    target = _copied(source, folder)
    suffix = control.suffix_of(contract)
    beside = source.with_name(source.name + suffix) if suffix else None
    if beside is not None and beside.exists():
        _copied(beside, folder)
    return target


def replay_apart(
    until: datetime, workers: int, progress: Callable[[str, int], None] = lambda _feed, _n: None
) -> dict[str, str]:
    """Let everything up to `until` arrive, each at its moment, the feeds side by side in `workers`
    processes; gives what failed, by feed.

    Feeds do not know each other, so only the order within a feed counts; the logs they share are
    appended to, which Delta settles. The caller holds the home's lock. `progress` is told the feed
    and how many of its deliveries arrived.
    """
    known = load_all()
    keys.guard_lost()
    tidy()  # nobody writes yet
    by_feed: dict[str, list[Arrival]] = {}
    for arrival in open_arrivals(until):
        if arrival.feed_code in known:
            by_feed.setdefault(arrival.feed_code, []).append(arrival)
    failures: dict[str, str] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _end_with, (os.getpid(),)) as pool:
        # the longest first, or one of them would be left alone at the end
        codes = sorted(by_feed, key=lambda c: -_weight(by_feed[c]))
        running = {pool.submit(_feed_alone, known[c], by_feed[c], os.getpid()): c for c in codes}
        for done in as_completed(running):
            code = running[done]
            failures.update(done.result())
            progress(code, len(by_feed[code]))
    tidy()
    return failures


def _weight(of_feed: list[Arrival]) -> int:
    """About how long a feed's deliveries take: their number, and the size of what they bring."""
    places_of = {(places.agencies() / a.file) for a in of_feed if a.file}
    code = of_feed[0].feed_code.lower()
    places_of.add(places.agencies() / "api" / f"{code}.parquet")
    size = sum(p.stat().st_size for p in places_of if p.is_file())
    return len(of_feed) + size // 1_000_000 + (200 if of_feed[0].kind == "stream" else 0)


def _feed_alone(contract: Contract, of_feed: list[Arrival], parent: int) -> dict[str, str]:
    """All arrivals of one feed, in a process of its own (which need not read every contract)."""
    _stop_without(parent)
    intake = Intake()
    if not may_be_taken(contract, intake):
        return intake.failures
    with guarded(contract, intake), Batch(contract, intake.receipts.append) as batch:
        archive.sweep(contract.code)
        for arrival in of_feed:
            _stop_without(parent)
            with clock.at(arrival.arrives_at), guarded(contract, intake):
                for received in _arrived(arrival, contract, batch):
                    batch.take(received)
    if of_feed[-1].kind != "file":  # the archive of files waits for the day's job
        with clock.at(of_feed[-1].arrives_at):
            expire(contract, intake)
    return intake.failures


def _end_with(parent: int) -> None:
    """Let this process not outlive the one that holds the home's lock: a pool's worker whose pool
    is gone would wait for ever. It ends as if it had been killed, which is safe at any moment."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _stop_without(parent: int) -> None:
    """End, and nothing with it that has not ended, if whoever holds the home's lock is gone."""
    if os.getppid() != parent:
        raise SystemExit(1)


def _arrived(arrival: Arrival, contract: Contract, batch: Batch) -> Iterator[Received]:
    """What comes at one moment."""
    if arrival.kind == "file":
        return iter([inbox.receive(contract, lay_down(arrival, contract))])
    return pending(contract, arrival.arrives_at, batch.in_hand)
