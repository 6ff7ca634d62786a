"""Months of the log whose time is over are deleted whole, and the log says so.

Who looked at what is itself personal information of officials (PIPL 第19条: no longer than needed):
`access` is kept a year, twice what 网络安全法 第21条 asks for at least, `provision` three years.
"""

from __future__ import annotations

from datetime import date, timedelta

from ingestion import clock
from ingestion.access import Access, Book, NotLogged
from ingestion.access.book import EXPIRED
from ingestion.access.record import Line, decode
from orchestration.access.verify import BOOKS, verify


def expire() -> list[str]:
    """Delete what is over; gives the files' names. Raises `NotLogged` for a log that is not whole:
    what was altered is evidence, and stays."""
    gone = []
    for book in BOOKS:
        for name in _over(book, clock.instant().date()):
            if verify(book).wrong:
                raise NotLogged(
                    f"{book.name}: not whole (`fengqiao audit verify`), nothing deleted"
                )
            gone.append(_delete(book, name))
    return gone


def _over(book: Book, today: date) -> list[str]:
    """Files of months that ended longer ago than the book is kept, oldest first."""
    limit = today - timedelta(days=book.kept_days)
    over = []
    for path in book.files()[:-1]:  # the newest holds the chain's end
        year, month = (int(part) for part in path.stem.split("-")[-2:])
        ended = date(year + month // 12, month % 12 + 1, 1)
        if ended <= limit:
            over.append(path.name)
    return over


def _delete(book: Book, name: str) -> str:
    path = next(p for p in book.files() if p.name == name)
    records = [line for line in map(decode, path.read_bytes().split(b"\n")) if line]
    last: Line | None = records[-1] if records else None
    if last is not None:
        place = {"file": name, "records_n": len(records)}
        end = {"sequence": last.entry.sequence, "hash": last.said}
        # First the record, then the deletion: a crash between the two leaves a file too many.
        book.append(Access(EXPIRED, details={**place, **end}))
    path.unlink()
    return name
