"""What was sent, so that nothing is sent twice: one small file per brief, release and recipient.

The file is made before the first byte goes to the server, and only a definite refusal takes it away
again. A process that is killed, or a line that is cut, after the message was handed over leaves it
at `sending`: then nobody knows, and the brief is not sent again until somebody who has asked the
recipient deletes the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion import places
from ingestion.delivery.receipt import write_whole
from ingestion.durable import settle

SENDING, SENT = "sending", "sent"


@dataclass(frozen=True)
class Key:
    """What may go out once: the brief (kind and unit), its period, its release, the address."""

    kind: str
    unit: str
    period: str
    release_id: str
    address: str

    @property
    def digest(self) -> str:
        """A name for files and for the Message-ID; it tells nothing of the address."""
        told = "\n".join((self.kind, self.unit, self.period, self.release_id, self.address))
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def folder() -> Path:
    """Where the register lies; it holds role addresses and nothing else of anybody."""
    return places.ops() / "briefs-sent"


def place(key: Key) -> Path:
    """The file of one key."""
    return folder() / f"{key.kind}-{key.period}-{key.unit}-{key.digest}.json"


def state(key: Key) -> str | None:
    """`sent`, `sending`, or None when it may be sent."""
    path = place(key)
    if not path.exists():
        return None
    try:
        return str(json.loads(path.read_text("utf-8"))["state"])
    except (json.JSONDecodeError, KeyError):
        # Cut off while it was made: the message was about to go, so it counts as gone.
        return SENDING


def claim(key: Key) -> bool:
    """Take the right to send; False when somebody has it already."""
    folder().mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(place(key), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(_content(key, SENDING, {}))
        file.flush()
        os.fsync(file.fileno())
    settle(folder())
    return True


def give_back(key: Key) -> None:
    """The server has said no: it may be tried again."""
    place(key).unlink(missing_ok=True)
    settle(folder())


def note_sent(key: Key, at: str) -> None:
    """The server has taken it, at local ISO time `at`."""
    write_whole(place(key), _content(key, SENT, {"at": at}))


def _content(key: Key, said: str, more: dict[str, Any]) -> bytes:
    return json.dumps({**vars(key), "state": said, **more}, ensure_ascii=False).encode()
