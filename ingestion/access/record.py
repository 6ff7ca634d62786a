"""One record of the log: a line of JSON that ends with the hash of everything before it.

The hash covers the bytes as they stand in the file, and those name the hash of the record before:
no byte of a line can change, and no line can go, come or move, without one of the two being wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from ingestion.access.redact import redacted
from ingestion.access.who import Who, somebody_here

GENESIS = "0" * 64  # what the first record of a book calls its predecessor
LONGEST_TEXT = 4000  # characters of a statement or a filter; the rest is told by its number
LONGEST_NAMES = 50
_ENDING = re.compile(rb',"hash":"([0-9a-f]{64})"\}$')


@dataclass(frozen=True)
class Access:
    """What happened, as the place where it happens knows it."""

    action: (
        str  # sql | export | snapshot | explain | replay | check | zone | page | sqllab | brief …
    )
    datasets: tuple[str, ...] = ()
    statement: str = ""  # SQL; normalised and redacted before it is written
    filter: str = ""  # filters chosen, and the row rule of the role
    rows: int | None = None
    purpose: str = ""
    approval: str = ""  # who let it happen, for minors' data (DP-13)
    outcome: str = "done"  # done | allowed | refused | failed
    details: dict[str, Any] = field(default_factory=dict)
    who: Who | None = None  # the process's own user when left out


@dataclass(frozen=True)
class Entry:
    """Where a record stands in its book."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Line:
    """A line that was read back: its content, and whether its hash is that of its bytes."""

    content: dict[str, Any]
    said: str
    computed: str

    @property
    def entry(self) -> Entry:
        return Entry(int(self.content["sequence"]), self.said)


def fields(access: Access, time: str) -> dict[str, Any]:
    """A record's content, still without its place in the chain."""
    who = access.who or somebody_here()
    names = [redacted(str(name), 200) for name in access.datasets[:LONGEST_NAMES]]
    content: dict[str, Any] = {
        "time": time,
        "login": who.login,
        "role": who.role,
        "via": who.via,
        "action": access.action,
        "datasets": names,
        "statement": redacted(access.statement, LONGEST_TEXT),
        "filter": redacted(access.filter, LONGEST_TEXT),
        "rows": access.rows,
        "purpose": redacted(access.purpose, 500),
        "approval": access.approval,
        "outcome": access.outcome,
    }
    if len(access.datasets) > LONGEST_NAMES:
        content["datasets_n"] = len(access.datasets)
    if access.details:
        content["details"] = dict(access.details)
        if "reason" in access.details:  # it may name what was typed
            content["details"]["reason"] = redacted(str(access.details["reason"]), 500)
    return content


def encode(
    content: dict[str, Any], after: Entry, sequence: int | None = None
) -> tuple[bytes, Entry]:
    """The line of a record that follows `after`, and its place."""
    number = after.sequence + 1 if sequence is None else sequence
    whole = {"sequence": number, **content, "previous": after.hash}
    body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    digest = hashlib.sha256(body).hexdigest()
    return body[:-1] + b',"hash":"' + digest.encode() + b'"}\n', Entry(number, digest)


def decode(line: bytes) -> Line | None:
    """A line without its end, or None if it is not a record of ours."""
    ending = _ENDING.search(line)
    if ending is None:
        return None
    body = line[: ending.start()] + b"}"
    try:
        content = json.loads(body)
        if not isinstance(content["sequence"], int) or not isinstance(content["previous"], str):
            return None
    except (ValueError, KeyError, TypeError):
        return None
    return Line(content, ending[1].decode(), hashlib.sha256(body).hexdigest())
