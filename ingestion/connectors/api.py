"""A paged JSON API as deliveries: one per period of the contract's calendar.

The contract says how it pages and how it gives a token; the credential is named there and
lies in the secrets. A read counts only when every page of one state of the source came: a
total that changes, a repeated or a short page, starts the read again; and several pages count
only when two reads in a row agree, because a row that leaves while another enters keeps the
total and hides a third between two pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import polars as pl
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from ingestion import places
from ingestion.contract.calendar import ended_periods
from ingestion.contract.model import Contract, DuePeriod
from ingestion.delivery.received import Received, from_bytes
from ingestion.lake.logs import read_log

ATTEMPTS = 6
READS = 4
TIMEOUT_SECONDS = 30.0
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class SourceUnavailable(RuntimeError):
    """The source did not give a whole, consistent answer; the next run asks again."""


class _Again(Exception):
    """Worth another attempt; `wait_seconds` when the source named a time."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Again) and error.wait_seconds is not None:
        return min(error.wait_seconds, 120.0)
    return float(wait_exponential_jitter(multiplier=0.2, max=20.0)(state))


def _dig(body: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(body, dict) or step not in body:
            raise _Again(f"the answer has no {path}")
        body = body[step]
    return body


def address(contract: Contract) -> str | None:
    """The declared location with its environment variables; None when one is not set."""
    names = _VARIABLE.findall(contract.server.location)
    if any(not os.environ.get(n) for n in names):
        return None
    return _VARIABLE.sub(lambda m: os.environ[m[1]].rstrip("/"), contract.server.location)


class Client:
    """One API with its token, patient with limits and failures."""

    def __init__(self, contract: Contract) -> None:
        url = address(contract)
        if url is None:
            raise SourceUnavailable(f"feed:{contract.code}: {contract.server.location} is not set")
        self._contract, self._url = contract, url
        self._base = url[: url.index("/", url.index("//") + 2)]
        self._auth: dict[str, str] = contract.server.options["auth"]
        self._token: str | None = None
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _credential(self) -> dict[str, str]:
        path = places.secrets() / f"{self._auth['credential']}.json"
        if not path.exists():
            name = self._auth["credential"]
            raise SourceUnavailable(
                f"feed:{self._contract.code}: credential {name!r} is not in the secrets"
            )
        loaded: dict[str, str] = json.loads(path.read_text())
        return loaded

    def _send(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            answer = call()
        except httpx.HTTPError as error:
            raise _Again(type(error).__name__) from error
        if answer.status_code == 429:
            given = answer.headers.get("Retry-After", "")
            raise _Again("rate limit", float(given) if given.isdigit() else 1.0)
        if answer.status_code >= 500:
            raise _Again(f"HTTP {answer.status_code}")
        return answer

    def _login(self) -> None:
        secret = self._credential()
        form = {
            "grant_type": "client_credentials",
            "client_id": secret["client_id"],
            "client_secret": secret["client_secret"],
        }
        answer = self._send(lambda: self._http.post(self._base + self._auth["token"], data=form))
        if answer.status_code != 200:
            raise SourceUnavailable(
                f"feed:{self._contract.code}: no token, HTTP {answer.status_code}"
            )
        try:
            self._token = str(answer.json()["access_token"])
        except (ValueError, KeyError, TypeError) as error:
            raise _Again("the answer has no token") from error

    def _once(self, parameters: dict[str, str | int]) -> Any:
        if self._token is None:
            self._login()
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._send(lambda: self._http.get(self._url, params=parameters, headers=headers))
        if answer.status_code == 401:
            self._token = None
            raise _Again("token expired", 0.0)
        if answer.status_code != 200:
            raise SourceUnavailable(f"feed:{self._contract.code}: HTTP {answer.status_code}")
        try:
            return json.loads(answer.content, parse_float=str)
        except ValueError as error:
            raise _Again("not JSON") from error

    def get(self, parameters: dict[str, str | int]) -> Any:
        """The body of one answer, asked for again while that helps."""
        try:
            for attempt in Retrying(
                retry=retry_if_exception_type(_Again),
                stop=stop_after_attempt(ATTEMPTS),
                wait=_wait,
                reraise=True,
            ):
                with attempt:
                    return self._once(parameters)
        except _Again as error:
            raise SourceUnavailable(f"feed:{self._contract.code}: {error}") from error
        raise AssertionError("unreachable")

    def _pages(self, window: dict[str, str | int]) -> list[dict[str, Any]] | None:
        """All records of a window; None when the pages do not make one consistent whole."""
        paging = self._contract.server.options["paging"]
        size = int(paging["page_size"])
        rows: list[dict[str, Any]] = []
        seen: set[str] = set()
        total: int | None = None
        page = 1
        while total is None or len(rows) < total:
            body = self.get({**window, paging["page"]: page, paging["size"]: size})
            try:
                said, part = int(_dig(body, paging["total"])), _dig(body, paging["rows"])
            except (_Again, ValueError, TypeError):
                return None
            if not isinstance(part, list) or (total is not None and said != total):
                return None
            total = said
            stamp = hashlib.sha256(json.dumps(part).encode()).hexdigest()
            # A page given twice hides the one it stands for; no page ends the list too early.
            if len(rows) < total and (not part or stamp in seen):
                return None
            seen.add(stamp)
            rows.extend(part)
            page += 1
        return rows if len(rows) == total else None

    def read(self, period: DuePeriod) -> bytes:
        """All records of a period as NDJSON, in the order of the source."""
        names = self._contract.server.options["window"]
        begin = datetime.combine(period.period_start, time())
        end = datetime.combine(period.period_end + timedelta(days=1), time())
        window: dict[str, str | int] = {
            names["from"]: begin.isoformat(),
            names["to"]: end.isoformat(),
        }
        before: list[dict[str, Any]] | None = None
        size = int(self._contract.server.options["paging"]["page_size"])
        for _ in range(READS):
            rows = self._pages(window)
            if rows is not None and (len(rows) <= size or rows == before):
                lines = (json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in rows)
                # Half a surrogate pair is archived as it came; its record is refused later.
                return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
            before = rows
        raise SourceUnavailable(
            f"feed:{self._contract.code}: the pages of {period.period_start} to "
            f"{period.period_end} never made one whole"
        )


def missing_periods(contract: Contract, as_of: datetime) -> list[DuePeriod]:
    """Ended periods of the calendar without an accepted delivery, oldest first.

    A period refused whole is asked for again: the source or the contract may have been mended.
    """
    log = read_log("o01_delivery_log", feed_code=contract.code).filter(pl.col("status") != "4")
    have: set[tuple[date, date]] = set(log.select("period_start", "period_end").iter_rows())
    return [p for p in ended_periods(contract, as_of) if (p.period_start, p.period_end) not in have]


def pending(contract: Contract, as_of: datetime) -> Iterator[Received]:
    """One delivery per missing period, read from the source when its turn comes."""
    periods = missing_periods(contract, as_of)
    if not periods:
        return
    with Client(contract) as client:
        for period in periods:
            name = f"{contract.code}_{period.period_start:%Y%m%d}-{period.period_end:%Y%m%d}.ndjson"
            yield from_bytes(
                contract, client.read(period), period.period_start, period.period_end, name
            )
