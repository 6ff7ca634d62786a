"""A partitioned log of messages as deliveries: one per topic, partition and stretch of offsets.

How far we are is told by the receipts: the name of a delivery in O01 holds its last offset, and
a receipt is durable only when its rows are. So nothing is lost or doubled, whatever the broker
remembers; it is told our position afterwards, for those who watch it. Each message is archived
as one JSON line: offset, timestamp (ms), key and value (null: a tombstone).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from ingestion.clock import LOCAL
from ingestion.connectors.source import SourceUnavailable, unavailable
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received, from_bytes
from ingestion.lake.logs import read_log

BATCH_MESSAGES = 200_000


@dataclass(frozen=True)
class Batch:
    """Consecutive messages of one partition; times in epoch milliseconds, as first and last."""

    partition: int
    first: int
    last: int
    first_ms: int
    last_ms: int
    content: bytes


def topic_of(contract: Contract) -> str:
    """The topic that the contract declares."""
    return str(contract.server.options["topic"])


def positions(contract: Contract) -> dict[int, int]:
    """The next offset of each partition that has a receipt."""
    stem = re.escape(f"{contract.code}_{topic_of(contract)}_")
    pattern = rf"^{stem}(?<partition>\d+)_\d+-(?<last>\d+)\.ndjson$"
    names = read_log("o01_delivery_log", feed_code=contract.code)["file_name"]
    parts = names.str.extract_groups(pattern).struct.unnest().cast(pl.Int64).drop_nulls()
    last = parts.group_by("partition").agg(pl.col("last").max() + 1)
    return dict(last.iter_rows())


def begin(contract: Contract, partition: int, known: int | None, low: int, end: int) -> int:
    """The offset to go on from. `low` to `end` (exclusive) is what the source still holds.

    Messages that expired before they were read are a loss that somebody must see: the feed
    stops there until the contract says `resume_at: {partition: offset}`.
    """
    accepted = {int(k): int(v) for k, v in contract.server.options.get("resume_at", {}).items()}
    expected = max(low if known is None else known, accepted.get(partition, 0))
    where = f"{topic_of(contract)} partition {partition}"
    if low > expected:
        raise unavailable(contract, f"{where}: messages {expected} to {low - 1} are gone")
    if end < expected:
        raise unavailable(contract, f"{where} ends at {end}, {expected} was expected: made anew?")
    return expected


def _day(milliseconds: int, as_of: datetime) -> date:
    """The local day of a message; never after the clock, for producers' clocks run ahead."""
    if milliseconds <= 0:
        return as_of.date()
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(LOCAL)
    return min(moment.date(), as_of.date())


def delivery(
    contract: Contract,
    batch: Batch,
    as_of: datetime,
    acknowledge: Callable[[], None] | None = None,
) -> Received:
    """The messages as a delivery with the stretch as its identity."""
    days = sorted((_day(batch.first_ms, as_of), _day(batch.last_ms, as_of)))
    stretch = f"{batch.partition}_{batch.first}-{batch.last}"
    name = f"{contract.code}_{topic_of(contract)}_{stretch}.ndjson"
    received = from_bytes(contract, batch.content, days[0], days[1], name)
    sequence = f"{topic_of(contract)}/{batch.partition}/{batch.first}-{batch.last}"
    return replace(received, sequence=sequence, acknowledge=acknowledge)


@dataclass
class Failures:
    """One partition's failure does not stop the others; the first is told at the end."""

    first: SourceUnavailable | None = None

    def note(self, error: SourceUnavailable) -> None:
        self.first = self.first or error

    def tell(self) -> None:
        if self.first is not None:
            raise self.first
