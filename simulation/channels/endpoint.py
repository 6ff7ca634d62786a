"""What the agencies' HTTP interface answers: the rows of a window, cut in each agency's manner.

A page or offset says how many rows there are; a cursor or link leads on. Cursors and links name
the state of the data that they were made from: when it is another, they are gone (410), so that
no read mixes two states.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MAX_PAGE = 1000


class Endpoint:
    """The rows of one feed by the time they changed; `row` is ready JSON. Read when asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.window = lru_cache(maxsize=4)(self._window)

    @property
    def state(self) -> str:
        """Names the data as they are now."""
        found = self._path.stat()
        return hashlib.sha256(f"{found.st_size}/{found.st_mtime_ns}".encode()).hexdigest()[:12]

    def _window(self, start: datetime, end: datetime, state: str) -> list[str]:
        """Rows changed in [start, end), one per key, the last change of each."""
        part = (
            pl.scan_parquet(self._path)
            .filter((pl.col("changed") >= start) & (pl.col("changed") < end))
            .collect()
        )
        rows: list[str] = part.unique("key", keep="last", maintain_order=True)["row"].to_list()
        return rows


class BadRequest(ValueError):
    """A question the interface does not understand; the message is the answer's."""


class Gone(ValueError):
    """A cursor into a state that is no more."""


@dataclass(frozen=True)
class Asked:
    """A question: the window's rows, where in them to begin, how many to give."""

    rows: list[str]
    at: int
    size: int

    @property
    def page(self) -> str:
        return ",".join(self.rows[self.at : self.at + self.size])

    @property
    def following(self) -> int | None:
        after = self.at + self.size
        return after if after < len(self.rows) else None


def _moment(request: Request, name: str) -> datetime:
    try:
        return datetime.fromisoformat(request.query_params[name]).replace(tzinfo=None)
    except (KeyError, ValueError) as error:
        raise BadRequest(f"{name}: ISO local time") from error


def _number(request: Request, name: str, default: int, low: int, high: int) -> int:
    try:
        value = int(request.query_params.get(name, str(default)))
    except ValueError as error:
        raise BadRequest(f"{name}: a number") from error
    if not low <= value <= high:
        raise BadRequest(f"{name}: {low} to {high}")
    return value


def _opened(endpoint: Endpoint, cursor: str) -> tuple[datetime, datetime, int]:
    try:
        start, end, at, state = json.loads(base64.urlsafe_b64decode(cursor))
        opened = (datetime.fromisoformat(start), datetime.fromisoformat(end), int(at))
    except (ValueError, TypeError) as error:
        raise BadRequest("cursor: one that was given here") from error
    if state != endpoint.state:
        raise Gone(state)
    return opened


Window = tuple[str, str]


def _asked(
    endpoint: Endpoint, request: Request, window: Window, size_name: str, first: str, step: bool
) -> tuple[Asked, Callable[[int], str]]:
    """The question, and how a cursor to another place in the same rows is written."""
    size = _number(request, size_name, MAX_PAGE, 1, MAX_PAGE)
    state = endpoint.state
    if first == "cursor" and (cursor := request.query_params.get("cursor")):
        start, end, at = _opened(endpoint, cursor)
    else:
        start, end = _moment(request, window[0]), _moment(request, window[1])
        at = 0
        if first != "cursor":
            lowest = 1 if step else 0
            place = _number(request, first, lowest, lowest, 10**9)
            at = (place - 1) * size if step else place

    def onward(place: int) -> str:
        token = json.dumps([start.isoformat(), end.isoformat(), place, state])
        return base64.urlsafe_b64encode(token.encode()).decode()

    return Asked(endpoint.window(start, end, state), at, size), onward


def by_page(endpoint: Endpoint, request: Request) -> str:
    """`page` from 1 and `page_size`; data.total, data.rows."""
    window = ("updated_from", "updated_to")
    asked, _ = _asked(endpoint, request, window, "page_size", "page", True)
    page = asked.at // asked.size + 1
    return (
        f'{{"code":0,"data":{{"total":{len(asked.rows)},"page":{page},"page_size":{asked.size},'
        f'"rows":[{asked.page}]}}}}'
    )


def by_offset(endpoint: Endpoint, request: Request) -> str:
    """`offset` from 0 and `limit`; items, count."""
    window = ("updated_from", "updated_to")
    asked, _ = _asked(endpoint, request, window, "limit", "offset", False)
    return f'{{"count":{len(asked.rows)},"items":[{asked.page}]}}'


def by_cursor(endpoint: Endpoint, request: Request) -> str:
    """`cursor` and `limit`; data.items, data.next_cursor."""
    window = ("changed_from", "changed_to")
    asked, onward = _asked(endpoint, request, window, "limit", "cursor", False)
    place = asked.following
    cursor = json.dumps(onward(place) if place is not None else None)
    return f'{{"code":0,"data":{{"items":[{asked.page}],"next_cursor":{cursor}}}}}'


def by_link(endpoint: Endpoint, request: Request) -> str:
    """`limit`, then the link of each answer; data, links.next (a path of this host)."""
    window = ("updated_from", "updated_to")
    asked, onward = _asked(endpoint, request, window, "limit", "cursor", False)
    link = None
    if asked.following is not None:
        query = urlencode({"cursor": onward(asked.following), "limit": asked.size})
        link = f"{request.url.path}?{query}"
    return f'{{"data":[{asked.page}],"links":{{"next":{json.dumps(link)}}}}}'


def answer(
    endpoint: Endpoint, request: Request, style: Callable[[Endpoint, Request], str]
) -> Response:
    """The page as JSON, or 304 where the asker has it already."""
    try:
        body = style(endpoint, request)
    except BadRequest as error:
        return JSONResponse({"code": 400, "message": str(error)}, 400)
    except Gone:
        return JSONResponse({"code": 410, "message": "数据已更新,请重新查询"}, 410)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type="application/json", headers={"ETag": tag})
