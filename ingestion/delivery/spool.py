"""What was pulled from a source, kept until its receipt, so that a killed run can finish it.

A file in the inbox waits there until it has a receipt. A pull has no such place: killed between
the lake's commit and the receipt, the next run would be told another story by the source, and
the committed rows would belong to nobody. So a pull is first written here whole, encrypted to
a key that the pipeline holds (the archive's private key is elsewhere), and the next run delivers
what lies here before it asks the source for more. One file holds both the declaration and the
content: its name appears at once or not at all, and the receipt deletes it.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pyrage

from ingestion import keys, places
from ingestion.contract.model import Contract
from ingestion.delivery.decrypted import decrypted
from ingestion.delivery.received import Control, Received


class _Headed(io.RawIOBase):
    """A line before a stream."""

    def __init__(self, head: bytes, body: BinaryIO) -> None:
        self._head, self._body = head, body
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            end = len(self._head) if size < 0 else size
            part, self._head = self._head[:end], self._head[end:]
            return part
        try:
            return self._body.read(size)
        except Exception as error:
            self.failure = error  # the library between would give it another type
            raise


def folder(feed_code: str) -> Path:
    """Where the pulls of a feed wait."""
    return places.ops() / "spool" / feed_code


def _declared(received: Received) -> bytes:
    control = received.control
    said = {
        "sender": received.sender,
        "period_start": received.period_start.isoformat(),
        "period_end": received.period_end.isoformat(),
        "file_name": received.file_name,
        "misfit": received.misfit,
        "sequence": received.sequence,
        "control": None
        if control is None
        else {
            "size_bytes": control.size_bytes,
            "sha256": control.sha256,
            "rows_n": control.rows_n,
            "sums": {name: str(total) for name, total in control.sums.items()},
        },
    }
    return json.dumps(said, ensure_ascii=False).encode("utf-8") + b"\n"


def _opened(contract: Contract, path: Path) -> Received:
    clear = decrypted(lambda: path.open("rb"), keys.spool_identity())

    def content() -> BinaryIO:
        source = clear()
        source.readline()
        return source

    with clear() as source:
        said = json.loads(source.readline())
    control = said["control"]
    if control is not None:
        control["sums"] = {name: Decimal(total) for name, total in control["sums"].items()}
    return Received(
        contract=contract,
        sender=said["sender"],
        period_start=date.fromisoformat(said["period_start"]),
        period_end=date.fromisoformat(said["period_end"]),
        file_name=said["file_name"],
        open=content,
        misfit=said["misfit"],
        sequence=said["sequence"],
        control=Control(**control) if control is not None else None,
        acknowledge=lambda: path.unlink(missing_ok=True),
    )


def keep(received: Received) -> Received:
    """Write a pull down; gives the same delivery, deleted by its receipt.

    The source's stream is opened once, and then read from here; what is in memory is read there.
    Whatever it raises leaves nothing behind.
    """
    contract = received.contract
    home = folder(contract.code)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = home / f".{os.getpid()}-{os.urandom(4).hex()}.part"
    try:
        with received.open() as source, draft.open("wb") as target:
            whole = _Headed(_declared(received), source)
            try:
                pyrage.encrypt_io(whole, target, [keys.spool_identity().to_public()])
            except Exception as error:
                raise whole.failure or error from error
            target.flush()
            os.fsync(target.fileno())
        name = received.file_name.replace("/", "_")
        while (path := home / f"{name}.age").exists():  # one of that name has not ended yet
            name += "~"
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    kept, tell = received if received.in_memory else _opened(contract, path), received.acknowledge

    def acknowledge() -> None:
        path.unlink(missing_ok=True)
        if tell is not None:
            tell()

    return replace(kept, acknowledge=acknowledge)


def unfinished(contract: Contract, in_hand: Container[str] = ()) -> Iterator[Received]:
    """Pulls that a killed run left without a receipt; half-written ones are swept.

    `in_hand` are names of files that are being delivered already.
    """
    home = folder(contract.code)
    if not home.is_dir():
        return
    for draft in home.glob(".*.part"):
        draft.unlink(missing_ok=True)
    for path in sorted(home.glob("*.age")):
        if path.name.removesuffix(".age") in in_hand:
            continue  # without opening each for its name
        kept = _opened(contract, path)
        if kept.file_name not in in_hand:
            yield kept
