"""One HTTP source with its credential, patient with limits and failures."""

from __future__ import annotations

import json
import ssl
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from ingestion.connectors.body import Body, parsed
from ingestion.connectors.source import address, credential, unavailable
from ingestion.contract.model import Contract

ATTEMPTS = 6
TIMEOUT_SECONDS = 30.0
MAX_WAIT_SECONDS = 120.0
# Answers are held whole: what one may be, and what all pages of one read may be together.
MAX_PAGE_BYTES = 1 << 26
MAX_READ_BYTES = 1 << 28
MAX_PAGE_SECONDS = 300.0  # a source that gives a byte now and then would keep the run for ever
# What a source says to a page behind its last one.
_NO_SUCH_PAGE = (400, 404, 416)
Parameters = dict[str, str | int]


class Again(Exception):
    """Worth another attempt; `wait_seconds` when the source named a time."""

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.wait_seconds = wait_seconds


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Again) and error.wait_seconds is not None:
        return min(error.wait_seconds, MAX_WAIT_SECONDS)
    return float(wait_exponential_jitter(multiplier=0.2, max=20.0)(state))


def _retry_after(answer: httpx.Response) -> float:
    """Seconds the source asks us to wait; a date is measured by the source's own clock."""
    given = answer.headers.get("Retry-After", "")
    if given.isdigit():
        return float(given)
    try:
        until = parsedate_to_datetime(given)
        apart: timedelta = until - parsedate_to_datetime(answer.headers["Date"])
    except (ValueError, TypeError, KeyError):
        return 1.0
    return max(apart.total_seconds(), 0.0)


class Seen(NamedTuple):
    """A page with the source's own mark of its state."""

    etag: str
    body: Body


class _Answer(NamedTuple):
    """What a source said, read to its end."""

    status_code: int
    headers: httpx.Headers
    content: bytes


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The authorities a host may be vouched for by; reading them takes 20 ms."""
    return httpx.create_ssl_context()


class Session:
    """`get` gives whole JSON bodies or raises `SourceUnavailable`."""

    def __init__(self, contract: Contract) -> None:
        url = address(contract)
        if url is None:
            raise unavailable(contract, f"{contract.server.location} is not set")
        self._contract, self.url = contract, url
        self._base = url[: url.index("/", url.index("//") + 2)]
        self._auth: dict[str, str] = contract.server.options["auth"]
        self._token: str | None = None
        self._seen: dict[str, Seen] = {}
        self._read_bytes = 0
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, verify=_trusted())

    def close(self) -> None:
        self._http.close()

    def forget(self) -> None:
        """Begin a new window: pages seen before stand for nothing."""
        self._seen.clear()

    def next_url(self, current: str, link: str) -> str:
        """Where a `next` link leads; the credential never goes to another host than declared."""
        url = httpx.URL(current).join(link)
        home = httpx.URL(self._base)
        if (url.scheme, url.host, url.port) != (home.scheme, home.host, home.port):
            raise unavailable(self._contract, "a next link leads to another host")
        return str(url)

    def begin(self) -> None:
        """Begin a read of all pages: its bytes are counted from here."""
        self._read_bytes = 0

    def _content(self, answer: httpx.Response) -> bytes:
        """The body, unless there is no end of it; a compressed one counts as it unfolds."""
        until = time.monotonic() + MAX_PAGE_SECONDS
        content = bytearray()
        for block in answer.iter_bytes():
            content += block
            self._read_bytes += len(block)
            if len(content) > MAX_PAGE_BYTES:
                why = f"an answer is larger than {MAX_PAGE_BYTES >> 20} MiB"
                raise unavailable(self._contract, why)
            if self._read_bytes > MAX_READ_BYTES:
                why = f"the pages of one period hold more than {MAX_READ_BYTES >> 20} MiB"
                raise unavailable(self._contract, why)
            if time.monotonic() > until:
                why = f"an answer took longer than {MAX_PAGE_SECONDS:.0f} s"
                raise unavailable(self._contract, why)
        return bytes(content)

    def _send(self, request: httpx.Request) -> _Answer:
        try:
            answer = self._http.send(request, stream=True)
            try:
                # What an error says is not read; an answer that is read keeps its connection.
                good = answer.status_code in (httpx.codes.OK, httpx.codes.NOT_MODIFIED)
                content = self._content(answer) if good else b""
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise Again(type(error).__name__) from error
        if answer.status_code == 429:
            raise Again("rate limit", _retry_after(answer))
        if answer.status_code >= 500:
            raise Again(f"HTTP {answer.status_code}")
        return _Answer(answer.status_code, answer.headers, content)

    def _login(self) -> str:
        secret = credential(self._contract, self._auth["credential"])
        form = {
            "grant_type": "client_credentials",
            "client_id": secret["client_id"],
            "client_secret": secret["client_secret"],
        }
        url = self._base + self._auth["token"]
        answer = self._send(self._http.build_request("POST", url, data=form))
        if answer.status_code != 200:
            raise unavailable(self._contract, f"no token, HTTP {answer.status_code}")
        try:
            return str(json.loads(answer.content)["access_token"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Again("the answer has no token") from error

    def _headers(self) -> dict[str, str]:
        if self._auth.get("style") == "header":
            secret = credential(self._contract, self._auth["credential"])
            return {self._auth["header"]: secret["value"]}
        self._token = self._token or self._login()
        return {"Authorization": f"Bearer {self._token}"}

    def _once(self, url: str, parameters: Parameters, may_be_absent: bool) -> Body:
        headers = self._headers()
        request = self._http.build_request("GET", url, params=parameters or None, headers=headers)
        seen = self._seen.get(str(request.url))
        if seen is not None:
            request.headers["If-None-Match"] = seen.etag
        answer = self._send(request)
        if answer.status_code == 401 and self._token is not None:
            self._token = None
            raise Again("token expired", 0.0)
        if answer.status_code == 304 and seen is not None:
            return seen.body
        if answer.status_code in _NO_SUCH_PAGE and may_be_absent:
            return None
        if answer.status_code != 200:
            raise unavailable(self._contract, f"HTTP {answer.status_code}")
        try:
            body = parsed(answer.content)
        except (ValueError, RecursionError) as error:
            raise Again("not JSON") from error
        etag = answer.headers.get("ETag", "")
        if etag and not etag.startswith("W/"):  # a weak one promises only something similar
            self._seen[str(request.url)] = Seen(etag, body)
        return body

    def get(self, url: str, parameters: Parameters, may_be_absent: bool = False) -> Body:
        """The body of one answer, asked for again while that helps.

        A page that fails is asked for again as that page. `may_be_absent`: a page behind the
        last one may not exist; it is None then.
        """
        try:
            for attempt in Retrying(
                retry=retry_if_exception_type(Again),
                stop=stop_after_attempt(ATTEMPTS),
                wait=_wait,
                reraise=True,
            ):
                with attempt:
                    return self._once(url, parameters, may_be_absent)
        except Again as error:
            raise unavailable(self._contract, str(error)) from error
        raise AssertionError("unreachable")
