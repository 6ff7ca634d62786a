"""One delivery: archive → read → quarantine → data → receipt → out of the inbox.

Each arrow is safe to repeat. Quarantine and data carry the delivery's id as transaction; the
receipt (O01) ends the delivery; only then does the file leave the inbox. A kill anywhere
leaves the last good state, and the next run finishes the rest.

Deliveries of one feed that wait for each other may end together (`Batch`): each is archived, read
and accounted for by itself, in its order and at its moment; quarantine, history, data and receipts
are then one commit each, that bears the ids of all. A lone delivery is a batch of one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from ingestion import trace
from ingestion.contract.model import Contract
from ingestion.delivery import archive, reading, receipt, refusals
from ingestion.delivery.account import lake_rows, make_receipt, quarantine_rows, reasons
from ingestion.delivery.declared import check_content, check_figures, check_period, whole
from ingestion.delivery.reading import Reading, Refused
from ingestion.delivery.receipt import Receipt
from ingestion.delivery.received import Received, delivery_id
from ingestion.draft.ready import check_decided
from ingestion.lake import commit, logs
from ingestion.lake.ahead import up_to
from ingestion.lake.lookup import Stored
from ingestion.lake.merge import Change, Counts
from ingestion.lake.tables import DELIVERY_LOG, open_feed
from ingestion.lake.uncommitted import Uncommitted

log = logging.getLogger("fengqiao.deliver")
LOG = "o01_delivery_log"
# More than this is not held in memory: rows of a delivery that only ever come new, of a batch.
STREAMED_ROWS = 100_000
MOST_ROWS = 200_000
Step = Callable[[str], None]


def _silent(_step: str) -> None:
    """No observer."""


def deliver(received: Received, reached: Step = _silent) -> Receipt:
    """Take one delivery in; `reached` is told each durable step (kill tests aim with it)."""
    made: list[Receipt] = []
    with Batch(received.contract, made.append, reached) as batch:
        batch.take(received)
    return made[0]


@dataclass(frozen=True)
class _Taken:
    """A delivery whose receipt is still to be written down; its content need not stay in memory."""

    receipt: Receipt
    quarantine: pl.DataFrame
    inbox_file: Path | None
    acknowledge: Callable[[], None] | None


class Batch:
    """Deliveries of one feed, ended together when the block is left or much is held in memory.

    `ended` is told each receipt once it is durable. An error of one delivery ends those before it;
    what is no `Exception` (an interrupt) ends none, and the next run takes them in.
    """

    def __init__(
        self, contract: Contract, ended: Callable[[Receipt], Any], reached: Step = _silent
    ) -> None:
        self._contract, self._ended, self._reached = contract, ended, reached
        self._taken: dict[str, _Taken] = {}
        self._held = Uncommitted(contract)
        self._stored: Stored | None = None  # the table as the last commit left it
        self._logged = logs.OfFeed(LOG, contract.code)  # likewise
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._coming = self._open.enter_context(logs.announced(LOG))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._open:
            if error is None or isinstance(error, Exception):
                self.end()

    @property
    def in_hand(self) -> set[str]:
        """Names of what was taken and has no receipt yet."""
        return {taken.receipt.file_name for taken in self._taken.values()}

    def take(self, received: Received) -> None:
        """Take one delivery in; it must be of the batch's feed."""
        with trace.span("delivery", feed=received.contract.code):
            made = self._take(received)
            trace.note(
                delivery=made.delivery_id, rows_in=made.rows_n, inserted=made.inserted_n,
                quarantined=made.quarantined_n, repeated=made.repeated,
            )  # fmt: skip
            if made.refusal:
                trace.fail(made.refusal.partition(":")[0])
        if self._held.rows_n > MOST_ROWS:
            self.end()

    def _take(self, received: Received) -> Receipt:
        check_decided(received.contract)
        streamed = received.contract.duplicate_policy == "append"
        with archive.Archiving(received, meanwhile=streamed) as archiving:
            identity = delivery_id(received, archiving.sha256)
            if identity in self._taken:
                self.end()
            known = self._logged.rows_of(identity)
            if known.height or not streamed:
                archiving.keep(identity)
                self._reached("archived")
            if known.height:
                first = receipt.from_row(known.row(0, named=True))
                if first.refusal and first.contract_version != received.contract.version:
                    # The contract was mended since: what it refused is a delivery once more.
                    return self._take(received.replayed(identity))
                return self._again(received, first)
            try:
                check_content(received, archiving.sha256)
                if streamed:
                    return self._append(received, identity, archiving)
                return self._accept(received, identity, archiving.sha256)
            except Refused as refusal:
                archiving.keep(identity)
                return self._refuse(received, identity, archiving.sha256, refusal)

    def _again(self, received: Received, first: Receipt) -> Receipt:
        """The same delivery once more: nothing changes but that the inbox is cleared."""
        made = receipt.repeated(first)
        receipt.publish(first, reasons(logs.read_log("quarantine", delivery_id=first.delivery_id)))
        _leave_inbox(received)
        self._tell(made)
        return made

    def _accept(self, received: Received, identity: str, sha256: str) -> Receipt:
        result = reading.read(received)
        check_figures(received, result)
        rows = lake_rows(received, identity, result.rows, result.findings)
        counts, change = self._planned(identity, rows, result) if rows.height else (Counts(), None)
        made = self._account(received, identity, sha256, result, counts)
        if change is not None:
            self._held.take(identity, change)
        return self._hold(identity, made)

    def _planned(
        self, identity: str, rows: pl.DataFrame, result: Reading
    ) -> tuple[Counts, Change | None]:
        """What the rows do, and what of it is not committed yet by a run that was killed."""
        self._stored = self._stored or Stored(open_feed(self._contract))
        if commit.seen(self._stored.table, identity):
            return commit.committed_counts(self._stored.table, identity), None
        try:
            change = commit.plan(
                self._contract, self._stored, rows, result.refused_keys, self._held
            )
        except commit.ShrunkError as error:
            reason = f"全量快照缺少 {error.gone} 行（现有 {error.live} 行），疑似不完整"
            raise Refused("snapshot_shrank", reason, [], result.records) from error
        return change.counts, change

    def _append(self, received: Received, identity: str, archiving: archive.Archiving) -> Receipt:
        """A delivery of rows that only ever come new.

        A large one is never whole in memory: it ends alone, and its archive and quarantine are
        written when the last row has been read, before the commit.
        """
        check_period(received, identity)
        table = open_feed(self._contract)
        reader = reading.Reader(received)
        parts = (
            lake_rows(received, identity, part, reader.part_findings) for part in reader.parts()
        )
        held, is_whole = up_to(STREAMED_ROWS, parts)
        rows_n = sum(part.height for part in held)

        def account() -> _Taken:
            archiving.keep(identity)
            self._reached("archived")
            result = reader.whole(pl.DataFrame())
            check_figures(received, result)
            counts = Counts(inserted=rows_n)
            return self._account(received, identity, archiving.sha256, result, counts)

        if is_whole:
            made = account()
            if rows_n and not commit.seen(table, identity):
                self._held.append(identity, pl.concat(held))
            return self._hold(identity, made)

        def counted() -> Iterator[pl.DataFrame]:
            nonlocal rows_n
            for part in parts:
                rows_n += part.height
                yield part

        alone: list[_Taken] = []

        def before_commit() -> None:
            alone.append(account())
            logs.append_deliveries("quarantine", alone[0].quarantine)

        self.end()
        commit.append(self._contract, identity, chain(held, counted()), before_commit)
        self._hold(identity, alone[0])
        self.end()
        return alone[0].receipt

    def _refuse(self, received: Received, identity: str, sha256: str, refusal: Refused) -> Receipt:
        none = pl.DataFrame()
        result = Reading(none, whole(refusal), none, refusal.rows or 0, changes=refusal.changes)
        made = self._account(received, identity, sha256, result, Counts(), refusal)
        return self._hold(identity, made)

    def _account(
        self,
        received: Received,
        identity: str,
        sha256: str,
        result: Reading,
        counts: Counts,
        refusal: Refused | None = None,
    ) -> _Taken:
        """The agency's workbook, the quarantine and the receipt, which must add up."""
        rows = quarantine_rows(received, identity, result.findings)
        if refusal is None:
            refusals.write(received.contract, identity, result.refused_text, result.findings)
        refusals.write_patch(received.contract, identity, result.changes)
        self._reached("workbook")
        made = make_receipt(received, identity, sha256, result, counts, refusal)
        made.check()
        return _Taken(made, rows, received.inbox_file, received.acknowledge)

    def _hold(self, identity: str, taken: _Taken) -> Receipt:
        self._taken[identity] = taken
        self._coming.append(taken.receipt.row())
        return taken.receipt

    def end(self) -> None:
        """Quarantine, history, data, outbox, O01, out of the inbox, in this order.

        The JSON is derived, so writing it first costs nothing; written last it would be missing
        for good when a pull from an API is killed here, because its period then counts as received.
        """
        taken, held = self._taken, self._held
        self._taken, self._held = {}, Uncommitted(self._contract)
        self._stored, self._logged = None, logs.OfFeed(LOG, self._contract.code)
        self._coming.clear()
        if not taken:
            return
        logs.append_deliveries("quarantine", pl.concat(t.quarantine for t in taken.values()))
        self._reached("quarantine")
        commit.keep_versions(self._contract, held)
        self._reached("history")
        commit.commit(self._contract, held)
        self._reached("data")
        for one in taken.values():
            receipt.publish(one.receipt, reasons(one.quarantine))
        self._reached("outbox")
        rows = [one.receipt.row() for one in taken.values()]
        logs.append_deliveries(LOG, pl.DataFrame(rows, schema=DELIVERY_LOG))
        self._reached("receipt")
        for one in taken.values():
            _leave_inbox(one)
            self._tell(one.receipt)
        self._reached("finished")

    def _tell(self, made: Receipt) -> None:
        log.log(logging.WARNING if made.refusal else logging.INFO, "%s", made.words())
        self._ended(made)


def _leave_inbox(ended: Received | _Taken) -> None:
    if ended.inbox_file is not None:
        ended.inbox_file.unlink(missing_ok=True)
    if ended.acknowledge is not None:
        ended.acknowledge()
