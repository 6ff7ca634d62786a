"""The ways in, behind one door: `pending` gives what waits for a feed. See README.md.

A source whose location is not set is not an outage: it yields nothing. Every failure of a source
is one `SourceUnavailable`. What is pulled is first kept in the spool (`delivery/spool.py`), and
what a killed run left there is delivered before the source is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from datetime import datetime

from ingestion.connectors import inbox, reference
from ingestion.connectors.source import SourceUnavailable, address
from ingestion.contract.model import Contract
from ingestion.delivery import spool
from ingestion.delivery.received import Received

__all__ = ["SourceUnavailable", "pending"]
Pull = Callable[[Contract, datetime], Iterator[Received]]


def _stream(contract: Contract, as_of: datetime) -> Iterator[Received]:
    location = str(address(contract))
    if location.startswith("file://"):
        from ingestion.connectors import recorded

        return recorded.pending(contract, location, as_of)
    from ingestion.connectors import kafka

    return kafka.pending(contract, location, as_of)


def _pull(kind: str) -> Pull:
    """The connector of a kind; its library is loaded only where a feed needs it."""
    match kind:
        case "api":
            from ingestion.connectors import api

            return api.pending
        case "sql":
            from ingestion.connectors import sql

            return sql.pending
        case "kafka":
            return _stream
        case "s3" | "sftp":
            from ingestion.connectors import remote

            return remote.pending
    raise ValueError(f"no connector for a server of type {kind!r}")


def pending(
    contract: Contract, as_of: datetime, in_hand: Container[str] = ()
) -> Iterator[Received]:
    """What waits for a feed, read from its source when its turn comes.

    A delivery must be ended before the next is asked for, but where nothing beyond this machine
    hears of its end; `in_hand` then names those that will end together. Raises
    `SourceUnavailable` after everything else that could be given was given.
    """
    failure: SourceUnavailable | None = None
    for way in contract.ways:
        try:
            yield from _of_way(way, as_of, in_hand)
        except SourceUnavailable as error:  # a town's workbook is there while the source is away
            failure = failure or error
    if failure is not None:
        raise failure


def _of_way(contract: Contract, as_of: datetime, in_hand: Container[str]) -> Iterator[Received]:
    if contract.server.kind == "inbox":
        yield from inbox.pending(contract, in_hand)
        return
    if contract.server.kind == "reference":
        yield from reference.pending(contract, as_of)
        return
    for kept in spool.unfinished(contract, in_hand):
        # A replay that was killed may have left more here than had come at this moment.
        if kept.period_end <= as_of.date():
            yield kept
    if address(contract) is None:
        return
    failure: SourceUnavailable | None = None
    for received in _pull(contract.server.kind)(contract, as_of):
        try:
            kept = spool.keep(received)
        except SourceUnavailable as error:
            failure = failure or error
            continue
        yield kept
    if failure is not None:
        raise failure
