"""Deliver everything that waits, feed by feed; one feed's failure never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingestion import clock, keys, places, trace
from ingestion.connectors import SourceUnavailable, pending
from ingestion.contract import Contract, load_all
from ingestion.delivery import Receipt, archive, deliver, retention
from ingestion.delivery.receipt import ConservationError
from ingestion.draft.ready import Undecided, check_decided
from ingestion.lake.damage import Damaged
from ingestion.lake.logs import tidy
from ingestion.lake.tables import ColumnChanged
from ingestion.store import in_one_line

log = logging.getLogger("fengqiao.intake")


@dataclass
class Intake:
    """What a round of deliveries did: receipts, and why a feed could not be asked."""

    receipts: list[Receipt] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    lake_away: str = ""  # why the lake does not answer; then no feed can be taken in

    def changed(self) -> set[str]:
        """Feeds with a new receipt."""
        return {r.feed_code for r in self.receipts if not r.repeated}


def take_feed(contract: Contract, intake: Intake) -> None:
    """Deliver all that waits for one feed, into `intake`."""
    keys.guard_lost()
    _take(contract, intake)


def _take(contract: Contract, intake: Intake) -> None:
    with trace.span("feed", feed=contract.code):
        _taken(contract, intake)


def _taken(contract: Contract, intake: Intake) -> None:
    if not may_be_taken(contract, intake):
        return
    with guarded(contract, intake):
        archive.sweep(contract.code)
        for received in pending(contract, clock.as_of()):
            intake.receipts.append(deliver(received))
    if not intake.lake_away:
        expire(contract, intake)


def may_be_taken(contract: Contract, intake: Intake) -> bool:
    """Whether a feed's contract is decided; raises `Unsafe` if no feed may be taken in."""
    try:
        check_decided(contract)
    except Undecided as error:
        trace.fail("Undecided")
        intake.failures[contract.code] = str(error)
        log.error("feed:%s: %s", contract.code, error)
        return False
    keys.guard_production()
    return True


@contextmanager
def guarded(contract: Contract, intake: Intake) -> Iterator[None]:
    """What fails in the block is noted in `intake` and stops no other feed."""
    try:
        yield
    except keys.Unsafe:
        raise
    except (SourceUnavailable, Damaged, OSError, ColumnChanged) as error:
        trace.fail(type(error).__name__)
        if isinstance(error, OSError) and _lake_is_away(contract, intake):
            return
        intake.failures[contract.code] = in_one_line(error)
        log.error("feed:%s could not be taken in: %s", contract.code, in_one_line(error))
    except ConservationError as error:
        trace.fail("ConservationError")
        intake.failures[contract.code] = str(error)
        log.critical("%s", error)
    except Exception as error:
        # Whatever one agency sent must not stop the others. Only the kind is told: the text of
        # a library's error may quote a cell.
        trace.fail(type(error).__name__)
        intake.failures[contract.code] = f"unexpected {type(error).__name__}"
        log.error("feed:%s: unexpected %s", contract.code, type(error).__name__)


def expire(contract: Contract, intake: Intake) -> None:
    """Delete what is past its days."""
    try:
        retention.expire(contract, clock.as_of())
    except (Damaged, OSError) as error:
        trace.fail(type(error).__name__)
        intake.failures.setdefault(contract.code, in_one_line(error))
        log.error("feed:%s: what is past its days could not be deleted: %s", contract.code, error)


def _lake_is_away(contract: Contract, intake: Intake) -> bool:
    """Whether the lake does not answer; then nothing more can be done for any feed."""
    try:
        places.lake().reach()
    except OSError as error:
        intake.lake_away = intake.failures[contract.code] = str(error)
        log.error("feed:%s could not be taken in: %s", contract.code, error)
        return True
    return False


def take_all(codes: set[str] | None = None) -> Intake:
    """Deliver all that waits for the named feeds, or for every feed; raises `OSError` when the
    lake does not answer: no feed could be taken in, and each would wait for it."""
    intake = Intake()
    keys.guard_lost()
    places.lake().reach()
    tidy()
    for contract in load_all().values():
        if codes is None or contract.code in codes:
            _take(contract, intake)
            if intake.lake_away:
                raise OSError(intake.lake_away)
    return intake
