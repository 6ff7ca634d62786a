"""Whether the log is as it was written: every byte, every line, its beginning and its end.

A chain is read in its order, so this is a loop over lines; a million take about ten seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.access import Book, Entry, Line, anchor
from ingestion.access.book import ACCESS, BROKEN, EXPIRED, PROVISION, REPAIRED
from ingestion.access.record import GENESIS, decode

BOOKS = (ACCESS, PROVISION)
_FIRST = Entry(0, GENESIS)


@dataclass(frozen=True)
class Finding:
    """What is wrong, or worth knowing, at a line of a file."""

    file: str
    line: int
    what: str
    expected: str
    found: str
    is_wrong: bool = True


@dataclass
class Verified:
    """What was read of a book."""

    book: str
    files_n: int = 0
    records_n: int = 0
    head: Entry = _FIRST
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> list[Finding]:
        return [f for f in self.findings if f.is_wrong]


@dataclass(frozen=True)
class _Read:
    """A line as it stands: None for a record that cannot be read."""

    file: str
    number: int
    raw: bytes
    ends: bool  # with the end of a line
    line: Line | None


def verify_all(told: dict[str, Entry] | None = None) -> list[Verified]:
    """Every book; `told` are heads that somebody noted elsewhere, by book."""
    return [verify(book, (told or {}).get(book.name)) for book in BOOKS]


def verify(book: Book, told: Entry | None = None) -> Verified:
    """Read a book from its first line to its last."""
    if book.files():
        with book.held():  # nobody writes between the look at the head and at the files
            head, sizes = anchor.read_head(book.name), {p: p.stat().st_size for p in book.files()}
    else:
        head, sizes = anchor.read_head(book.name), {}
    return _Reading(book, head, told).read(sizes)


class _Reading:
    """One pass over a book."""

    def __init__(self, book: Book, head: anchor.Head | None, told: Entry | None) -> None:
        self.head, self.told = head, told
        self.seen = Verified(book.name)
        self.before: Line | None = None  # the record before
        self.unread: _Read | None = None  # a line that only a later record may explain
        self.begins: tuple[_Read, Entry] | None = None
        self.expired: set[tuple[int, str]] = set()
        # Heads of ended days, to be met on the way.
        self.known = {h.entry.sequence: h for h in anchor.kept(book.name)}
        self.told_found = False

    def read(self, sizes: dict[Path, int]) -> Verified:
        self.seen.files_n = len(sizes)
        last = None
        for one in _lines(sizes):
            last = one
            if one.line is None:
                self._explain(None)
                self.unread = one
            else:
                self._record(one, one.line)
        self._explain(None, at_end=True)
        self._beginning()
        self._end(last)
        return self.seen

    def _say(
        self, at: _Read | None, what: str, expected: str, found: str, wrong: bool = True
    ) -> None:
        place = (at.file, at.number) if at else ("–", 0)
        self.seen.findings.append(Finding(*place, what, expected, found, wrong))

    def _record(self, at: _Read, line: Line) -> None:
        self.seen.records_n += 1
        entry, action = line.entry, line.content.get("action")
        self._explain(line)
        if line.said != line.computed:
            self._say(at, "altered: its hash is not that of its bytes", line.computed, line.said)
        if not at.ends:
            self._say(at, "altered: the line does not end", "an end of line", "none")
        if action == BROKEN:
            details = line.content.get("details", {})
            said = (str(details.get("expected")), str(details.get("found")))
            self._say(at, "the log was found broken here when this was written", *said)
        elif self.before is None:
            self.begins = (at, Entry(entry.sequence - 1, line.content["previous"]))
        else:
            self._follows(at, line, self.before)
        if action == EXPIRED:
            details = line.content["details"]
            self.expired.add((int(details["sequence"]), str(details["hash"])))
        kept = self.known.pop(entry.sequence, None)
        if kept is not None and kept.entry.hash != line.said:
            self._say(
                at, "not the record that was here when its day ended", kept.entry.hash, line.said
            )
        self.told_found = self.told_found or entry == self.told
        self.before, self.seen.head = line, entry

    def _follows(self, at: _Read, line: Line, before: Line) -> None:
        wanted = before.entry.sequence + 1
        if line.entry.sequence != wanted:
            what = "a record is missing, doubled or moved"
            self._say(at, what, f"record {wanted}", f"record {line.entry.sequence}")
        elif line.content["previous"] not in (before.said, before.computed):
            what = "does not follow the record before: one of the two was altered"
            self._say(at, what, before.said, str(line.content["previous"]))

    def _explain(self, line: Line | None, at_end: bool = False) -> None:
        """Judge a line that is no record by what follows it."""
        torn, self.unread = self.unread, None
        if torn is None:
            return
        size = f"{len(torn.raw)} bytes"
        details = line.content.get("details", {}) if line else {}
        if details.get("torn_sha256") == hashlib.sha256(torn.raw).hexdigest():
            if line and line.content.get("action") == REPAIRED:
                time = str(line.content.get("time"))
                self._say(torn, "torn by a crash, closed off by the next record", time, size, False)
        elif at_end and not torn.ends:
            what = "torn: a writer was stopped here; the next record closes it off"
            self._say(torn, what, "a whole record", size, False)
        else:
            self._say(torn, "altered: not a record", "a record", size)

    def _beginning(self) -> None:
        if self.begins is None:
            return
        at, before = self.begins
        if before != _FIRST and (before.sequence, before.hash) not in self.expired:
            what = "records before this one are gone, and no deletion was recorded"
            self._say(at, what, "record 1", f"record {before.sequence + 1}")
        for kept in self.known.values():
            if kept.entry.sequence > before.sequence:
                what = f"a record that stood in {kept.file} when its day ended is gone"
                self._say(None, what, f"record {kept.entry.sequence}", "none")

    def _end(self, last: _Read | None) -> None:
        found = self.seen.head
        said = f"record {found.sequence} {found.hash}" if found.sequence else "nothing"
        if self.told is not None and not self.told_found:
            what = "the head that was told is not in the log"
            self._say(last, what, f"record {self.told.sequence} {self.told.hash}", said)
        if self.head is None:
            if self.before is not None:
                self._say(last, "no head is noted beside the secrets", said, "none")
            return
        noted = self.head.entry
        expected = f"record {noted.sequence} {noted.hash}"
        if found == noted:
            return
        if self.before is not None and self.before.content["previous"] == noted.hash:
            what = "one record after the noted head: a writer was stopped between the two"
            self._say(last, what, expected, said, wrong=False)
        elif found.sequence < noted.sequence:
            missing = noted.sequence - found.sequence
            self._say(last, f"the end is missing: {missing:,} records", expected, said)
        else:
            self._say(last, "the end is not what was noted", expected, said)


def _lines(sizes: dict[Path, int]) -> Iterator[_Read]:
    """Every line up to the size that the files had when the look began."""
    for path, size in sizes.items():
        left, number = size, 0
        with path.open("rb") as file:
            while left > 0 and (raw := file.readline(left)):
                left -= len(raw)
                number += 1
                ends = raw.endswith(b"\n")
                whole = raw[:-1] if ends else raw
                yield _Read(path.name, number, whole, ends, decode(whole))
