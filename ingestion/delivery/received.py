"""What a connector hands over: a stream that can be read again, and what it says of itself."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from ingestion.contract.model import Contract

# Eleven digits in a row inside a digest look like a telephone number to whoever scans for one.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass(frozen=True)
class Control:
    """Figures that a sender declares beside a delivery, for us to check against.

    `sums` are totals by source column, in the unit in which the column is sent.
    """

    size_bytes: int | None = None
    sha256: str | None = None
    rows_n: int | None = None
    sums: dict[str, Decimal] = field(default_factory=dict)

    def identity(self) -> str:
        """The figures as one text: the same file beside other figures is another delivery."""
        sums = ",".join(f"{c}={self.sums[c]}" for c in sorted(self.sums))
        return f"{self.size_bytes}|{self.sha256}|{self.rows_n}|{sums}"


@dataclass(frozen=True)
class Received:
    """One delivery as it came.

    `period_start`/`period_end` are declared by the sender (file name, window asked for), both
    inclusive; `inbox_file` is set when a file must leave the inbox after its receipt, and
    `acknowledge` is called then (delete the remote file, commit offsets); it may be called again.
    `sequence` is the stretch of a stream, "topic/partition/first-last": its identity. `in_memory`:
    `open` gives the same bytes again without asking the source.
    """

    contract: Contract
    sender: str
    period_start: date
    period_end: date
    file_name: str
    open: Callable[[], BinaryIO]
    inbox_file: Path | None = None
    misfit: str | None = None  # why the file's name does not fit the contract
    replay_of: str | None = None  # the delivery that this one takes in again
    sequence: str | None = None
    control: Control | None = None
    acknowledge: Callable[[], None] | None = None
    in_memory: bool = False

    def replayed(self, delivery_id: str) -> Received:
        """The same content as a delivery of its own: the contract may have changed since."""
        return replace(self, replay_of=f"{delivery_id}@{self.contract.version}")


def from_file(
    contract: Contract, path: Path, start: date, end: date, misfit: str | None
) -> Received:
    """A file in the inbox."""
    return Received(
        contract=contract,
        sender=contract.owner_org_code or contract.owner,
        period_start=start,
        period_end=end,
        file_name=path.name,
        open=lambda: path.open("rb"),
        inbox_file=path,
        misfit=misfit,
    )


def from_bytes(contract: Contract, content: bytes, start: date, end: date, name: str) -> Received:
    """What an API gave, as NDJSON."""
    return Received(
        contract=contract,
        sender=contract.owner_org_code or contract.owner,
        period_start=start,
        period_end=end,
        file_name=name,
        open=lambda: io.BytesIO(content),
        in_memory=True,
    )


def delivery_id(received: Received, content_sha256: str) -> str:
    """hash(feed, sender, declared period or stretch, content, declared figures).

    An empty day is a delivery too, and so is a file sent again beside corrected figures.
    """
    c = received.contract
    identity = "\x1f".join(
        (
            c.code,
            received.sender,
            *(
                (received.sequence,)
                if received.sequence
                else (received.period_start.isoformat(), received.period_end.isoformat())
            ),
            content_sha256,
            *([received.control.identity()] if received.control else []),
            *([received.replay_of] if received.replay_of else []),
        )
    )
    digest = hashlib.sha256(identity.encode("utf-8")).hexdigest()[:20].translate(_LETTERS)
    return f"{c.code}-{received.period_end:%Y%m%d}-{digest}"
