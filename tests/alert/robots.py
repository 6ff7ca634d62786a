"""A receiver that speaks the protocol of DingTalk's and WeCom's group robots, on loopback."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion import clock
from tests.loopback import serving

TOKEN, SECRET, KEY = "token-5f0e7c", "SEC-3b1d-secret", "key-81aa2c"
HOUR_MS = 3_600_000


@dataclass
class Group:
    """What the robots' groups got, and how the next messages are to be answered."""

    address: str = ""
    dingtalk: list[dict[str, Any]] = field(default_factory=list)
    wecom: list[dict[str, Any]] = field(default_factory=list)
    asked_n: int = 0
    # One word a message, then all is well: an HTTP status, a number as errcode, or "hang".
    plan: list[str] = field(default_factory=list)
    on_taken: Callable[[], None] = lambda: None

    @property
    def texts(self) -> list[str]:
        """DingTalk's messages, in order."""
        return [m["markdown"]["text"] for m in self.dingtalk]

    def robot(self, channel: str) -> dict[str, str]:
        """The secret file of a robot of this receiver."""
        if channel == "dingtalk":
            return {"webhook": f"{self.address}/robot/send?access_token={TOKEN}", "secret": SECRET}
        return {"webhook": f"{self.address}/cgi-bin/webhook/send?key={KEY}"}


def _no(code: int, why: str) -> Response:
    return JSONResponse({"errcode": code, "errmsg": why})


def _signed(query: dict[str, str]) -> bool:
    """DingTalk's own words: timestamp + "\\n" + secret, HmacSHA256, Base64, urlEncode."""
    to_sign = f"{query.get('timestamp')}\n{SECRET}"
    made = hmac.new(SECRET.encode(), to_sign.encode(), digestmod=hashlib.sha256).digest()
    return base64.b64encode(made).decode() == query.get("sign")


@contextmanager
def group() -> Iterator[Group]:
    """A receiver for the length of a block."""
    found = Group()

    async def planned(secret: str) -> Response | None:
        found.asked_n += 1
        word = found.plan.pop(0) if found.plan else ""
        if word == "hang":
            await asyncio.sleep(1.5)
        elif word.startswith("HTTP "):
            return Response(status_code=int(word[5:]))
        elif word:
            return _no(int(word), f"refused, as planned, for {secret}")
        return None

    async def dingtalk(request: Request) -> Response:
        query = dict(request.query_params)
        if query.get("access_token") != TOKEN:
            return _no(300005, "token is not exist")
        late = abs(int(query.get("timestamp", "0")) - clock.instant().timestamp() * 1000)
        if late > HOUR_MS or not _signed(query):
            return _no(310000, "sign not match")
        body = await request.json()
        if body.get("msgtype") != "markdown" or not {"title", "text"} <= body["markdown"].keys():
            return _no(40035, "invalid parameter")
        if (answer := await planned(TOKEN)) is None:
            found.dingtalk.append(body)
            found.on_taken()
        return answer or _no(0, "ok")

    async def wecom(request: Request) -> Response:
        if request.query_params.get("key") != KEY:
            return _no(93000, "invalid webhook url")
        body = await request.json()
        if len(body["markdown"]["content"].encode()) > 4096:
            return _no(40058, "markdown.content exceed max length 4096")
        if (answer := await planned(KEY)) is None:
            found.wecom.append(body)
            found.on_taken()
        return answer or _no(0, "ok")

    routes = [
        Route("/robot/send", dingtalk, methods=["POST"]),
        Route("/cgi-bin/webhook/send", wecom, methods=["POST"]),
    ]
    with serving(Starlette(routes=routes)) as address:
        found.address = address
        yield found
