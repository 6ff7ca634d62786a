"""The four ways in which an API cuts a list into pages, each read as one whole or not at all.

`page` and `offset` say how many rows there are; `cursor` and `link` say where the next page is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ingestion.connectors.body import Body, OtherShape, canonical, dig, rows_under, value
from ingestion.connectors.session import Parameters, Session
from ingestion.contract.model import Contract

MAX_PAGES = 100_000
Rows = list[bytes]  # a line of JSON each


class Read(NamedTuple):
    """Rows in the order of the source, in how many pages they came, whether a total was kept."""

    rows: Rows
    pages: int
    is_counted: bool = False


class Torn(Exception):
    """The pages do not make one consistent whole."""


def same(rows: Rows, before: Rows | None) -> bool:
    """Whether two reads tell one story, in whatever order a record names its values."""
    if before is None or len(rows) != len(before):
        return False
    return all(a == b or canonical(a) == canonical(b) for a, b in zip(rows, before, strict=True))


def repeats(rows: Rows) -> bool:
    """Whether a row came twice."""
    return len({canonical(row) for row in rows}) != len(rows)


def _counted(ask: Callable[[int, int, bool], Body], paging: dict[str, Any]) -> Read:
    """Pages until the total is reached; `ask(page from 1, rows before it, may be absent)`."""
    size = int(paging["page_size"])
    rows: Rows = []
    seen: dict[bytes, list[Rows]] = {}
    total: int | None = None
    page = 1
    while total is None or len(rows) < total:
        body = ask(page, len(rows), False)
        part = rows_under(body, paging["rows"])
        try:
            said = int(value(dig(body, paging["total"])))
        except (ValueError, TypeError) as error:
            raise Torn("the total is not a number") from error
        # Pages that begin with the same row; its digest is small, for there is one of each page.
        alike = seen.setdefault(hashlib.sha256(b"".join(part[:1])).digest(), [])
        # A page given twice hides the one it stands for; no page ends the list too early.
        if (total is not None and said != total) or (
            len(rows) + len(part) < said and (not part or part in alike)
        ):
            raise Torn(f"page {page} tells another story than the pages before it")
        total = said
        alike.append(part)
        rows.extend(part)
        page += 1
        if page > MAX_PAGES:
            raise Torn("there is no end of pages")
    if len(rows) != total:
        raise Torn(f"{len(rows)} rows came, {total} were promised")
    # A total may be too small: behind a full page there could be more.
    if total and len(part) >= size:
        more = ask(page, len(rows), True)
        if more is not None and rows_under(more, paging["rows"]):
            raise Torn(f"there are more rows than the {total} that were promised")
    return Read(rows, page - 1, is_counted=True)


def _linked(steps: Iterator[tuple[Body, str | None]], paging: dict[str, Any]) -> Read:
    """Pages until there is no next one; `steps` gives each body and its continuation."""
    rows: Rows = []
    seen: set[str] = set()
    pages = 0
    for body, onward in steps:
        rows.extend(rows_under(body, paging["rows"]))
        pages += 1
        if onward is not None and (onward in seen or pages >= MAX_PAGES):
            raise Torn("the pages lead back to one that was read")
        seen.add(onward or "")
    return Read(rows, pages)


def _onward(body: Body, path: str) -> str | None:
    """The continuation; a source may leave it out, or give null or nothing, at the end."""
    try:
        found = value(dig(body, path))
    except OtherShape:
        # Half an answer has no continuation either: the object around it must be there.
        parent, _, _ = path.rpartition(".")
        if parent:
            dig(body, parent)
        return None
    return str(found) if found not in (None, "", False) else None


def read_pages(contract: Contract, session: Session, window: Parameters) -> Read:
    """All rows of a window in the order of the source; raises `Torn` for an untold whole."""
    paging = contract.server.options["paging"]
    style, size = paging.get("style", "page"), int(paging["page_size"])
    sized: Parameters = {**window, paging["size"]: size}
    session.begin()

    def by_page(page: int, _before: int, may_be_absent: bool) -> Body:
        return session.get(session.url, {**sized, paging["page"]: page}, may_be_absent)

    def by_offset(_page: int, before: int, may_be_absent: bool) -> Body:
        return session.get(session.url, {**sized, paging["offset"]: before}, may_be_absent)

    def by_cursor() -> Iterator[tuple[Body, str | None]]:
        body = session.get(session.url, sized)
        while onward := _onward(body, paging["next"]):
            yield body, onward
            body = session.get(session.url, {**sized, paging["cursor"]: onward})
        yield body, None

    def by_link() -> Iterator[tuple[Body, str | None]]:
        url, body = session.url, session.get(session.url, sized)
        while link := _onward(body, paging["next"]):
            url = session.next_url(url, link)
            yield body, url
            body = session.get(url, {})
        yield body, None

    match style:
        case "page":
            return _counted(by_page, paging)
        case "offset":
            return _counted(by_offset, paging)
        case "cursor":
            return _linked(by_cursor(), paging)
        case "link":
            return _linked(by_link(), paging)
    raise ValueError(f"{contract.path}: unknown paging {style!r}: page, offset, cursor or link")
