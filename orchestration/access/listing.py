"""Reading the log: who looked at what, newest first."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb

from ingestion.access import Book
from ingestion.access.record import decode
from orchestration.access.verify import BOOKS

# What a record of the log about itself has not.
_EMPTY: dict[str, Any] = {
    "datasets": [],
    "statement": "",
    "filter": "",
    "rows": None,
    "purpose": "",
    "approval": "",
    "outcome": "",
}


def listed(
    who: str | None = None,
    since: datetime | None = None,
    dataset: str | None = None,
    action: str | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Records of both books that fit, newest first; a line that is no record is left out
    (`verify` speaks of it)."""
    words = [word.encode() for word in (who, dataset, action) if word]
    newest = []
    for book in BOOKS:
        fitting = (
            r
            for r in _records(book, since, words)
            if (who is None or who in (r["login"], r["role"]))
            and (dataset is None or dataset in r["datasets"])
            and (action is None or r["action"] == action)
        )
        newest.append(reversed(deque(fitting, maxlen=limit)))
    merged = heapq.merge(*newest, key=lambda r: str(r["time"]), reverse=True)
    return [record for record, _ in zip(merged, range(limit), strict=False)]


def counted(since: datetime) -> list[tuple[str, str, int]]:
    """(action, outcome, records) of both books since a moment in local time. A page writes a record
    a chart, so these are counted as a table and never held as records."""
    month, moment = f"{since:%Y-%m}", since.isoformat(timespec="milliseconds")
    files = [str(p) for book in BOOKS for p in book.files() if p.stem[-7:] >= month]
    if not files:
        return []
    with duckdb.connect() as con:
        rows = con.execute(
            "select action, coalesce(outcome, ''), count(*)"
            " from read_json($files, format = 'newline_delimited', ignore_errors = true,"
            "  columns = {time: 'varchar', action: 'varchar', outcome: 'varchar', hash: 'varchar'})"
            " where hash is not null and time >= $moment group by all order by all",
            {"files": files, "moment": moment},
        ).fetchall()
    return [(str(action), str(outcome), int(n)) for action, outcome, n in rows]


def _records(book: Book, since: datetime | None, words: list[bytes]) -> Iterator[dict[str, Any]]:
    """A book's records since a moment, oldest first; a line without one of the words is not
    even read as a record."""
    first_month = f"{since:%Y-%m}" if since else ""
    for path in book.files():
        if path.stem[-7:] < first_month:
            continue
        with path.open("rb") as file:
            for raw in file:
                if not all(word in raw for word in words):
                    continue
                line = decode(raw.rstrip(b"\n"))
                if line is None:
                    continue
                record = {"book": book.name, **_EMPTY, **line.content}
                if since is None or datetime.fromisoformat(record["time"]) >= since:
                    yield record
