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
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion import clock, places
from ingestion.connectors import control, inbox
from ingestion.contract import Contract, load_all
from ingestion.delivery import deliver
from ingestion.lake.logs import read_log, tidy
from orchestration.run.intake import Intake, take_feed

MANIFEST = "manifest.csv"
ROUND = 600  # deliveries between two tidyings of the logs


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
    periods = {
        (code, end.isoformat()) for code, end in log.select("feed_code", "period_end").iter_rows()
    }
    reached: dict[str, str] = {}
    for code, end in periods:
        reached[code] = max(end, reached.get(code, ""))

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


def replay(until: datetime, progress: Callable[[str], None] = lambda _: None) -> Intake:
    """Let everything up to `until` arrive, each at its moment."""
    contracts = load_all()
    intake = Intake()
    for arrival in open_arrivals(until):
        contract = contracts.get(arrival.feed_code)
        if contract is None:
            continue
        _arrive(arrival, contract, intake)
        progress(f"{arrival.feed_code} {arrival.period_end}")
    return intake


def _arrive(arrival: Arrival, contract: Contract, intake: Intake) -> None:
    with clock.at(arrival.arrives_at):
        if arrival.kind == "file":
            path = lay_down(arrival, contract)
            intake.receipts.append(deliver(inbox.receive(contract, path)))
        else:
            take_feed(contract, intake)


def replay_apart(
    until: datetime, workers: int, progress: Callable[[str, int], None] = lambda _feed, _n: None
) -> dict[str, str]:
    """The same, the feeds side by side in `workers` processes; gives what failed, by feed.

    Feeds do not know each other, so only the order within a feed counts; the logs they share are
    appended to, which Delta settles. The caller holds the home's lock. `progress` is told the feed
    and how many of its deliveries arrived.
    """
    known = load_all()
    waiting = [a for a in open_arrivals(until) if a.feed_code in known]
    failures: dict[str, str] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        # between two rounds nobody writes, and the logs can be tidied
        for first in range(0, len(waiting), ROUND):
            tidy()
            by_feed: dict[str, list[Arrival]] = {}
            for arrival in waiting[first : first + ROUND]:
                by_feed.setdefault(arrival.feed_code, []).append(arrival)
            # the longest first, or one of them would be left alone at the end
            codes = sorted(by_feed, key=lambda c: -_weight(by_feed[c]))
            running = {pool.submit(_feed_alone, by_feed[c], os.getpid()): c for c in codes}
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


def _feed_alone(of_feed: list[Arrival], parent: int) -> dict[str, str]:
    """All arrivals of one feed, in a process of its own."""
    contract = load_all()[of_feed[0].feed_code]
    intake = Intake()
    for arrival in of_feed:
        if os.getppid() != parent:  # whoever held the home's lock is gone
            break
        _arrive(arrival, contract, intake)
    return intake.failures
