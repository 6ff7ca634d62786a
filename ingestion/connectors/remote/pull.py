"""Which files of a folder elsewhere are taken, and what becomes of them after their receipt.

`after: move` (the default) puts a file away into `processed/`; `after: keep` leaves it, and a
small list of what was taken (name, size, time of change) is kept under the operations folder.
Should that list be lost, a file is read again and its receipt found: nothing is doubled.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, cast

from ingestion import places
from ingestion.connectors import control, inbox, names
from ingestion.connectors.remote.store import Entry, Store, Whole
from ingestion.connectors.source import SourceUnavailable, unavailable
from ingestion.contract.model import Contract
from ingestion.delivery.receipt import write_whole
from ingestion.delivery.received import Received

log = logging.getLogger("fengqiao.remote")


def _connect(contract: Contract) -> Store:
    """The store of the contract's kind; its library is loaded only where a feed needs it."""
    if contract.server.kind == "s3":
        from ingestion.connectors.remote.s3 import S3Folder

        return S3Folder(contract)
    from ingestion.connectors.remote.sftp import SftpFolder

    return SftpFolder(contract)


class Taken:
    """What was taken from a folder whose files stay there."""

    def __init__(self, feed_code: str) -> None:
        self._path: Path = places.ops() / "taken" / f"{feed_code}.json"

    def _read(self) -> dict[str, list[int]]:
        return json.loads(self._path.read_text("utf-8")) if self._path.exists() else {}

    def has(self, entry: Entry) -> bool:
        return self._read().get(entry.name) == [entry.size, entry.changed]

    def add(self, entry: Entry) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        known = {**self._read(), entry.name: [entry.size, entry.changed]}
        write_whole(self._path, json.dumps(known, ensure_ascii=False).encode("utf-8"))


def _received(contract: Contract, store: Store, entry: Entry) -> Received:
    def opened() -> BinaryIO:
        def failed(why: str) -> Exception:
            return unavailable(contract, why)

        return cast(BinaryIO, Whole(store.open(entry), entry, store, failed))

    received = Received(
        contract=contract,
        sender=contract.owner_org_code or contract.owner,
        period_start=date.min,
        period_end=date.min,
        file_name=entry.name,
        open=opened,
    )
    return inbox.described(contract, received)


def _controlled(received: Received, store: Store, beside: Entry) -> Received:
    if beside.size > control.MAX_BYTES:
        return replace(received, misfit="控制文件过大")
    with store.open(beside) as source:
        content = source.read()
    try:
        return replace(received, control=control.parse(content))
    except control.BadControl as error:
        return replace(received, misfit=str(error))


def _ready(contract: Contract, store: Store, taken: Taken | None) -> list[tuple[Entry, Received]]:
    suffix = control.suffix_of(contract)
    listed = {e.name: e for e in store.entries() if not inbox.is_draft(e.name)}
    ready = []
    for entry in listed.values():
        if (suffix and entry.name.endswith(suffix)) or (taken is not None and taken.has(entry)):
            continue
        received = _received(contract, store, entry)
        if suffix:
            beside = listed.get(entry.name + suffix)
            if beside is not None:
                received = _controlled(received, store, beside)
            reason = control.still_waits(received.control, entry.size)
            if reason and not received.misfit:
                log.info("feed:%s %s %s", contract.code, names.shown(entry.name), reason)
                continue
        ready.append((entry, received))
    return sorted(ready, key=lambda r: (r[1].period_end, r[1].period_start, r[1].file_name))


def _ended(
    contract: Contract, store: Store, entry: Entry, taken: Taken | None
) -> Callable[[], None]:
    """What happens to a file that has its receipt; a failure here only reads it once more."""
    suffix = control.suffix_of(contract)

    def acknowledge() -> None:
        try:
            if taken is not None:
                taken.add(entry)
            elif store.entry(entry.name) == entry:  # never a newer file of that name
                store.put_away(entry.name)
                if suffix:
                    store.put_away(entry.name + suffix)
        except SourceUnavailable as error:
            shown = names.shown(entry.name)
            log.warning("%s: %s has its receipt but was not put away", error, shown)

    return acknowledge


def pending(contract: Contract, as_of: datetime) -> Iterator[Received]:
    """Every whole file of the folder that was not taken yet, oldest period first."""
    keeps = contract.server.options.get("after", "move") == "keep"
    taken = Taken(contract.code) if keeps else None
    store = _connect(contract)
    try:
        for entry, received in _ready(contract, store, taken):
            yield replace(received, acknowledge=_ended(contract, store, entry, taken))
    finally:
        store.close()
