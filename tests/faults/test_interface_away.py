"""An agencies' interface that is away for a while: the feed fails by name, the next run has it all.

What an interface may do within one read stands in tests/ingestion/test_api.py.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion import clock
from ingestion.connectors import session
from ingestion.contract import Contract
from ingestion.delivery import spool
from ingestion.lake.logs import read_log
from orchestration.run.intake import Intake, take_feed
from tests.ingestion.handover import stored, tricky_api
from tests.loopback import serving

AS_OF = datetime(2026, 1, 4, 9, tzinfo=clock.LOCAL)  # T01 begins on 2026-01-01: three days
ROWS = [{"id": f"r{i}", "n": i} for i in range(7)]
PATIENCE_S = 0.3


class Interface:
    """Seven rows a day; `mood` says what it does instead of answering."""

    mood = ""

    async def token(self, _: Request) -> Response:
        if self.mood == "no token":
            return Response("<html>maintenance</html>", 200)
        return JSONResponse({"access_token": "t"})

    async def rows(self, request: Request) -> Response:
        match self.mood:
            case "500":
                return Response("down", 500)
            case "429":
                return Response("", 429, {"Retry-After": "0"})
            case "garbage":
                return Response(b"\x00\xffnot json", 200)
            case "page of maintenance":
                return Response("<html>maintenance</html>", 200)
            case "silent":
                await asyncio.sleep(PATIENCE_S * 2)
            case "dies on the second day" if "2026-01-02" in request.query_params["from"]:
                return Response("down", 503)
        day = request.query_params["from"][:10]
        rows = [{**r, "id": f"{day}-{r['id']}"} for r in ROWS]
        return JSONResponse({"data": {"total": len(rows), "rows": rows}})

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/token", self.token, methods=["POST"]), Route("/rows", self.rows)]
        )


@pytest.fixture
def feed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contract:
    monkeypatch.setattr(session, "ATTEMPTS", 2)
    monkeypatch.setattr(session, "TIMEOUT_SECONDS", PATIENCE_S)
    return tricky_api(tmp_path)


def ask(contract: Contract) -> Intake:
    intake = Intake()
    with clock.at(AS_OF):
        take_feed(contract, intake)
    for receipt in intake.receipts:
        receipt.check()
    return intake


MOODS = ("500", "429", "garbage", "page of maintenance", "silent", "no token")


@pytest.mark.parametrize("mood", [*MOODS, "dies on the second day", "not there"])
def test_an_outage_is_told_and_the_next_run_has_every_row_once(
    feed: Contract, monkeypatch: pytest.MonkeyPatch, mood: str
) -> None:
    interface = Interface()
    with serving(interface.app()) as url:
        interface.mood = mood
        monkeypatch.setenv("TRICK_API", "http://127.0.0.1:9" if mood == "not there" else url)
        for _ in range(2):
            intake = ask(feed)
            assert "T01" in intake.failures["T01"]
            assert "unexpected" not in intake.failures["T01"]
        taken = read_log("o01_delivery_log").height
        assert taken == (1 if mood == "dies on the second day" else 0)
        interface.mood = ""
        monkeypatch.setenv("TRICK_API", url)
        intake = ask(feed)
        assert intake.failures == {}
        assert len(intake.receipts) == 3 - taken
        assert ask(feed).receipts == []
    rows = stored(feed)
    assert rows.height == 3 * len(ROWS)
    assert rows["id"].is_unique().all()
    assert not list(spool.folder("T01").glob("*"))
