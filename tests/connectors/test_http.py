"""Four ways to page, two ways to be let in, and everything that goes wrong between."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ingestion import places
from ingestion.connectors import SourceUnavailable, session
from ingestion.contract import Contract
from tests.connectors.feeds import AS_OF, feed, numbers, receipts_n, row, secret, take
from tests.loopback import serving

DAY = AS_OF.replace(day=2)
SIZE = 10
PAGING: dict[str, dict[str, Any]] = {
    "page": {"page": "p", "size": "limit", "rows": "items", "total": "total"},
    "offset": {"offset": "skip", "size": "limit", "rows": "items", "total": "total"},
    "cursor": {"cursor": "after", "size": "limit", "rows": "items", "next": "meta.next"},
    "link": {"size": "limit", "rows": "items", "next": "meta.next"},
}
Trick = Callable[["Agency", int, int, dict[str, Any]], Any]


@dataclass
class Agency:
    """Pages of ten in every style; `trick(agency, call, begin, answer)` may spoil an answer."""

    style: str = "page"
    rows: list[dict[str, Any]] = field(default_factory=lambda: [row(n) for n in range(25)])
    trick: Trick = lambda _agency, _call, _begin, answer: answer
    begins: list[int] = field(default_factory=list)
    etags: bool = False
    unchanged: int = 0

    def _begin(self, asked: Any) -> int:
        if self.style == "page":
            return (int(asked["p"]) - 1) * SIZE
        return int(asked.get({"offset": "skip", "cursor": "after"}.get(self.style, "from_row"), 0))

    async def answer(self, request: Request) -> Response:
        if request.headers.get("x-api-key") != "open sesame":
            return JSONResponse({}, 401)
        begin = self._begin(request.query_params)
        self.begins.append(begin)
        body: dict[str, Any] = {"items": self.rows[begin : begin + SIZE], "total": len(self.rows)}
        if self.style in ("cursor", "link"):
            end = begin + SIZE
            onward = str(end) if self.style == "cursor" else f"rows?from_row={end}"
            body = {"items": body["items"], "meta": {"next": None}}
            if end < len(self.rows):
                body["meta"]["next"] = onward
        spoilt = self.trick(self, len(self.begins), begin, body)
        if isinstance(spoilt, Response):
            return spoilt
        made = JSONResponse(spoilt)
        if self.etags:
            tag = f'"{hash(bytes(made.body))}"'
            if request.headers.get("if-none-match") == tag:
                self.unchanged += 1
                return Response(status_code=304)
            made.headers["ETag"] = tag
        return made

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/api/rows", self.answer)])


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are taken as they are, but short."""
    waits = session._wait
    monkeypatch.setattr(session, "_wait", lambda state: min(waits(state), 0.02))


@pytest.fixture(params=PAGING)
def style(request: pytest.FixtureRequest, home: Path) -> str:
    secret("agency-key", {"value": "open sesame"})
    return str(request.param)


def contract(folder: Path, style: str, also: Any = (), **paging: Any) -> Contract:
    return feed(
        folder,
        "api",
        "${AGENCY_API}/api/rows",
        paging={"style": style, "page_size": SIZE, **PAGING[style], **paging},
        window={"from": "since", "to": "until"},
        auth={"style": "header", "header": "X-Api-Key", "credential": "agency-key"},
        also=also,
    )


def half(_agency: Agency, call: int, _begin: int, answer: dict[str, Any]) -> Any:
    """The connection ends before the announced length."""
    if call != 2:
        return answer
    body = json.dumps(answer).encode()
    return Response(body[:40], headers={"content-length": str(len(body))})


def again_and_again(_agency: Agency, call: int, _begin: int, answer: dict[str, Any]) -> Any:
    """A rate limit that names a date, a broken server, a page in words."""
    dates = {
        "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT",
    }
    spoilt = {
        1: Response(status_code=429, headers=dates),
        3: Response(status_code=503),
        5: Response("<html>busy</html>"),
    }
    return spoilt.get(call, answer)


def moved(agency: Agency, call: int, _begin: int, answer: dict[str, Any]) -> Any:
    """A row leaves and another enters while we are between two pages."""
    if call == 1:
        agency.rows = [*agency.rows[1:], row(99)]
    return answer


def repeated(_agency: Agency, call: int, begin: int, answer: dict[str, Any]) -> Any:
    """The first read is given its first page in place of the second."""
    if call == 2:
        return {**answer, "items": [row(n) for n in range(SIZE)]}
    return answer


def reordered(_agency: Agency, call: int, begin: int, answer: dict[str, Any]) -> Any:
    """The first read is given the last page in place of the second."""
    return {**answer, "items": [row(n) for n in range(20, 25)]} if call == 2 else answer


@pytest.mark.parametrize("fault", [half, again_and_again, moved, repeated, reordered])
def test_after_a_fault_the_lake_holds_the_rows_of_a_faultless_run(
    style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Trick
) -> None:
    agency = Agency(style, trick=fault)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        (receipt,) = take(contract(tmp_path, style), DAY)
    assert (receipt.rows_n, receipt.inserted_n) == (25, 25)
    assert numbers(contract(tmp_path, style)) == [r["n"] for r in agency.rows]


def test_a_page_that_fails_is_asked_for_again_and_not_the_pages_before_it(
    style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = Agency(
        style, trick=lambda _a, call, _b, answer: Response(status_code=500) if call == 3 else answer
    )
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        take(contract(tmp_path, style), DAY)
    assert agency.begins == [0, 10, 20, 20, 0, 10, 20]


def test_a_source_that_stays_silent_is_told_and_the_next_run_heals(
    style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setattr(session, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(session, "ATTEMPTS", 2)

    def silent(_agency: Agency, _call: int, begin: int, answer: dict[str, Any]) -> Any:
        time.sleep(0.1 if begin == 20 else 0.0)
        return answer

    agency = Agency(style, trick=silent)
    feed_ = contract(tmp_path, style)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        with pytest.raises(SourceUnavailable, match="feed:T01: ReadTimeout"):
            take(feed_, DAY)
        assert receipts_n(feed_) == 0
        agency.trick = lambda _a, _c, _b, answer: answer
        monkeypatch.setattr(session, "TIMEOUT_SECONDS", 5.0)
        take(feed_, DAY)
    assert numbers(feed_) == list(range(25))


def test_where_pages_are_marked_the_second_look_moves_no_rows(
    style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = Agency(style, etags=True)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        take(contract(tmp_path, style), DAY)
        assert agency.unchanged == 3
        # The same state a day later is a delivery too: the day is accounted for.
        (unchanged,) = take(contract(tmp_path, style))
    assert (unchanged.rows_n, unchanged.unchanged_n) == (25, 25)
    assert numbers(contract(tmp_path, style)) == list(range(25))


def test_a_marked_page_that_changed_is_seen(
    style: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = Agency(style, trick=moved, etags=True)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        take(contract(tmp_path, style), DAY)
    assert numbers(contract(tmp_path, style)) == [*range(1, 25), 99]


def lying(total: Any) -> Trick:
    def trick(_agency: Agency, _call: int, _begin: int, answer: dict[str, Any]) -> Any:
        return {**answer, "total": total} if "total" in answer else answer

    return trick


@pytest.mark.parametrize("total", [20, 10, 30, 24, 0, -1, None, "许多"])
@pytest.mark.parametrize("counted", ["page", "offset"])
def test_a_total_that_lies_writes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: str, total: Any
) -> None:
    secret("agency-key", {"value": "open sesame"})
    agency = Agency(counted, trick=lying(total))
    feed_ = contract(tmp_path, counted)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        with pytest.raises(SourceUnavailable, match="never made one whole"):
            take(feed_, DAY)
        assert receipts_n(feed_) == 0
        assert not (places.archive() / "T01").exists()
        agency.trick = lambda _a, _c, _b, answer: answer
        take(feed_, DAY)
    assert numbers(feed_) == list(range(25))


@pytest.mark.parametrize("counted", ["page", "offset"])
def test_a_row_that_always_comes_twice_hides_another_and_is_not_believed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: str
) -> None:
    secret("agency-key", {"value": "open sesame"})
    agency = Agency(counted)
    agency.rows[12] = agency.rows[3]
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        with pytest.raises(SourceUnavailable, match="never made one whole"):
            take(contract(tmp_path, counted), DAY)


@pytest.mark.parametrize("end", [{"items": [], "total": 20}, 404])
def test_a_last_page_that_is_full_is_no_lie(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Any
) -> None:
    secret("agency-key", {"value": "open sesame"})

    def behind(_agency: Agency, _call: int, begin: int, answer: dict[str, Any]) -> Any:
        if begin < 20:
            return answer
        return end if isinstance(end, dict) else Response(status_code=end)

    agency = Agency("page", [row(n) for n in range(20)], behind)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        take(contract(tmp_path, "page"), DAY)
    assert numbers(contract(tmp_path, "page")) == list(range(20))


@pytest.mark.parametrize("linked", ["cursor", "link"])
def test_a_cursor_that_turns_in_a_circle_ends_and_writes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: str
) -> None:
    secret("agency-key", {"value": "open sesame"})

    def circle(_agency: Agency, _call: int, _begin: int, answer: dict[str, Any]) -> Any:
        return {**answer, "meta": {"next": "10" if linked == "cursor" else "rows?from_row=10"}}

    agency = Agency(linked, trick=circle)
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        with pytest.raises(SourceUnavailable, match="never made one whole"):
            take(contract(tmp_path, linked), DAY)
    assert len(agency.begins) < 20


def test_a_snapshot_cursor_is_read_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret("agency-key", {"value": "open sesame"})
    agency = Agency("cursor")
    with serving(agency.app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        take(contract(tmp_path, "cursor", snapshot=True), DAY)
    assert agency.begins == [0, 10, 20]


def test_the_credential_goes_to_no_other_host(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret("agency-key", {"value": "open sesame"})
    stranger = Agency("link")
    with serving(stranger.app()) as elsewhere:
        lures: list[Trick] = [
            lambda _a, _c, _b, answer: {**answer, "meta": {"next": f"{elsewhere}/api/rows"}},
            lambda _a, _c, _b, answer: {**answer, "meta": {"next": f"//{elsewhere[7:]}/api/rows"}},
            lambda _a, _c, _b, _answer: RedirectResponse(f"{elsewhere}/api/rows"),
        ]
        for lure in lures:
            with serving(Agency("link", trick=lure).app()) as url:
                monkeypatch.setenv("AGENCY_API", url)
                with pytest.raises(SourceUnavailable, match=r"another host|HTTP 307"):
                    take(contract(tmp_path, "link"), DAY)
    assert stranger.begins == []


def test_a_wrong_or_missing_key_is_told_without_its_value(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Agency().app()) as url:
        monkeypatch.setenv("AGENCY_API", url)
        with pytest.raises(SourceUnavailable, match="'agency-key' is not in the secrets"):
            take(contract(tmp_path, "page"), DAY)
        secret("agency-key", {"value": "guess"})
        with pytest.raises(SourceUnavailable, match=r"^feed:T01: HTTP 401$"):
            take(contract(tmp_path, "page"), DAY)
