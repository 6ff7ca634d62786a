"""An API that limits, fails, forgets and lies: nothing lost or doubled, the next run heals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion import clock, places
from ingestion.connectors import api
from ingestion.contract import Contract, load
from ingestion.contract.calendar import ended_periods
from ingestion.delivery import Receipt, deliver
from ingestion.lake.logs import read_log
from simulation.agency_api import Door, application, credentials
from simulation.city import build
from tests.ingestion.handover import balance, stored, tricky_api
from tests.loopback import serving

AS_OF = datetime(2026, 1, 3, 9, tzinfo=clock.LOCAL)  # the feed T01 begins on 2026-01-01


@dataclass
class Trickster:
    """25 rows in pages of 10; `trick(calls, page, answer)` may spoil an answer."""

    trick: Callable[[int, int, dict[str, Any]], Any] = lambda _calls, _page, answer: answer
    rows: list[dict[str, Any]] = field(
        default_factory=lambda: [{"id": f"r{i:02d}", "n": i} for i in range(25)]
    )
    calls: int = 0
    logins: int = 0
    dead: set[str] = field(default_factory=set)

    async def login(self, _: Request) -> Response:
        self.logins += 1
        return JSONResponse({"access_token": f"t{self.logins}"})

    async def answer(self, request: Request) -> Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token in self.dead:
            return JSONResponse({}, 401)
        self.calls += 1
        page, size = int(request.query_params["page"]), int(request.query_params["size"])
        part = self.rows[(page - 1) * size : page * size]
        spoilt = self.trick(self.calls, page, {"data": {"total": len(self.rows), "rows": part}})
        return spoilt if isinstance(spoilt, Response) else JSONResponse(spoilt)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self.login, methods=["POST"]),
                Route("/rows", self.answer),
            ]
        )


@pytest.fixture
def feed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contract:
    return tricky_api(tmp_path)


def ask(
    contract: Contract, url: str, monkeypatch: pytest.MonkeyPatch, day: int = 2
) -> list[Receipt]:
    """One round at the first days of January 2026."""
    monkeypatch.setenv("TRICK_API", url)
    as_of = AS_OF.replace(day=day)
    with clock.at(as_of):
        return [deliver(r) for r in api.pending(contract, as_of)]


def shift(server: Trickster, at: int) -> Callable[[int, int, dict[str, Any]], Any]:
    """After call `at` one row leaves and another enters: the total stays, the pages shift."""

    def trick(calls: int, _page: int, answer: dict[str, Any]) -> Any:
        if calls == at:
            server.rows = [*server.rows[1:], {"id": "r99", "n": 99}]
        return answer

    return trick


def test_rows_that_move_between_pages_are_neither_lost_nor_doubled(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in (1, 2, 3):
        server = Trickster()
        server.trick = shift(server, at)
        with serving(server.app()) as url:
            monkeypatch.setenv("TRICK_API", url)
            with api.Client(feed) as client:
                period = ended_periods(feed, AS_OF)[0]
                lines = client.read(period).splitlines()
        assert [json.loads(line)["id"] for line in lines] == [r["id"] for r in server.rows], at


SPOILT: dict[str, Callable[[int, int, dict[str, Any]], Any]] = {
    "a total that grows": lambda c, p, a: {"data": {**a["data"], "total": 25 + c}},
    "a total too large": lambda c, p, a: {"data": {**a["data"], "total": 40}},
    "a total too small": lambda c, p, a: {"data": {**a["data"], "total": 12}},
    "no total": lambda c, p, a: {"data": {"rows": a["data"]["rows"]}},
    "a total in words": lambda c, p, a: {"data": {**a["data"], "total": "许多"}},
    "rows that are no list": lambda c, p, a: {"data": {"total": 25, "rows": {"id": 1}}},
    "the first page for ever": lambda c, p, a: {
        "data": {"total": 25, "rows": [{"id": f"r{i:02d}", "n": i} for i in range(10)]}
    },
    "empty pages": lambda c, p, a: {"data": {"total": 25, "rows": []}},
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_source_that_never_tells_one_story_writes_nothing(
    feed: Contract, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    server = Trickster(SPOILT[name])
    with serving(server.app()) as url:
        with pytest.raises(api.SourceUnavailable, match="never made one whole"):
            ask(feed, url, monkeypatch)
        assert read_log("o01_delivery_log").height == 0
        assert not (places.archive() / "T01").exists()
        assert stored(feed).height == 0
        server.trick = lambda _calls, _page, answer: answer  # the next run finds it healed
        (receipt,) = ask(feed, url, monkeypatch)
    assert (receipt.rows_n, receipt.inserted_n, balance(receipt)) == (25, 25, 25)


PASSING: dict[str, Callable[[int, int, dict[str, Any]], Any]] = {
    "half an answer": lambda c, p, a: Response(json.dumps(a)[:40]) if c == 2 else a,
    "a page in words": lambda c, p, a: Response("<html>busy</html>") if c == 1 else a,
    "too many calls": lambda c, p, a: (
        JSONResponse({}, 429, {"Retry-After": "0"}) if c % 3 == 2 else a
    ),
    "a broken server": lambda c, p, a: JSONResponse({}, 500) if c in (1, 3) else a,
}


@pytest.mark.parametrize("name", PASSING)
def test_a_passing_failure_is_waited_out(
    feed: Contract, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with serving(Trickster(PASSING[name]).app()) as url:
        (receipt,) = ask(feed, url, monkeypatch)
    assert receipt.inserted_n == 25
    assert stored(feed).sort("id")["n"].to_list() == list(range(25))


def test_a_token_that_expires_between_pages_is_renewed(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Trickster()

    def trick(calls: int, _page: int, answer: dict[str, Any]) -> Any:
        if calls in (1, 3):
            server.dead.add(f"t{server.logins}")
        return answer

    server.trick = trick
    with serving(server.app()) as url:
        (receipt,) = ask(feed, url, monkeypatch)
    assert (receipt.inserted_n, server.logins) == (25, 3)


def test_each_period_is_asked_for_once_and_only_when_it_has_ended(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Trickster()
    with serving(server.app()) as url:
        assert [r.period_end.day for r in ask(feed, url, monkeypatch, day=2)] == [1]
        calls = server.calls
        assert ask(feed, url, monkeypatch, day=2) == []
        assert server.calls == calls
        later = ask(feed, url, monkeypatch, day=4)
    assert [(r.period_end.day, r.unchanged_n) for r in later] == [(2, 25), (3, 25)]


def test_a_period_refused_whole_is_asked_for_again(
    feed: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Trickster(rows=[{"id": "a", "n": 1, "身份证号": "x"}])
    with serving(server.app()) as url:
        (refused,) = ask(feed, url, monkeypatch)
        assert refused.status == "4" and "身份证号" in str(refused.refusal)
        (again,) = ask(feed, url, monkeypatch)
        assert again.repeated
        server.rows = [{"id": "a", "n": 1}]
        (mended,) = ask(feed, url, monkeypatch)
        assert ask(feed, url, monkeypatch) == []
    assert mended.inserted_n == 1


def test_the_agencies_own_interface_is_read_whole_through_its_moods(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(seed=5, scale=0.3, start="2026-09-01", end="2026-10-02", quiet=True)
    moody = Door(credentials(), limit_every=5, failure_share=0.15)
    calm = Door(credentials(), limit_every=0, failure_share=0.0)
    contract = load("F20")
    as_of = datetime(2026, 10, 3, 9, tzinfo=clock.LOCAL)
    periods = ended_periods(contract, as_of)[-3:]  # September, two days of October
    read: dict[str, list[bytes]] = {"moody": [], "calm": []}
    for name, door in (("moody", moody), ("calm", calm)):
        with serving(application(places.agencies(), door)) as url:
            monkeypatch.setenv("FENGQIAO_AGENCY_API", url)
            with api.Client(contract) as client:
                for period in periods:
                    read[name].append(client.read(period))
                    # eleven minutes later every token is dead
                    door.clock = partial(float, door.clock() + 660)
    assert moody.calls > 10
    assert len(moody.tokens) == len(calm.tokens) == 3
    assert read["moody"] == read["calm"]
    assert all(read["calm"])
