"""The agencies' HTTP interface: token or key, pages, a rate limit and failures, on loopback.

    python -m simulation.agency_api --port 8099

`POST /oauth/token` (form: grant_type=client_credentials, client_id, client_secret) gives a
bearer token for ten minutes; `/api/p03/entities` asks for the header X-Api-Key instead. Each
endpoint takes a half-open window of local ISO times and cuts its rows in its own manner (see
the contracts and channels/endpoint.py), at most 1000 at once. A key changed twice in the window is
shown once, as last changed. 401: no right to enter. 429 with Retry-After: every `--limit-every`
calls. 500: a seeded share of calls (`--failure-share`).
"""

from __future__ import annotations

import hmac
import json
import secrets as random_secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

import numpy as np
import typer
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion.contract import load_all
from ingestion.keys import write_once
from ingestion.places import agencies, secrets
from simulation.channels.endpoint import (
    Endpoint,
    answer,
    by_cursor,
    by_link,
    by_offset,
    by_page,
)

TOKEN_LIFE_S = 600
DEFAULT_PORT = 8099
BASE = "${FENGQIAO_AGENCY_API}"
Style = Callable[[Endpoint, Request], str]
STYLES: dict[str, Style] = {
    "page": by_page,
    "offset": by_offset,
    "cursor": by_cursor,
    "link": by_link,
}


@dataclass(frozen=True)
class Way:
    """One endpoint as its contract declares it."""

    path: str
    feed: str
    style: Style
    by_key: bool


def ways() -> list[Way]:
    """Every endpoint that a contract asks."""
    found = []
    for contract in load_all().values():
        if contract.server.kind != "api" or BASE not in contract.server.location:
            continue
        options = contract.server.options
        found.append(
            Way(
                contract.server.location.replace(BASE, ""),
                contract.code.lower(),
                STYLES[options["paging"]["style"]],
                options["auth"]["style"] == "header",
            )
        )
    return found


def credentials() -> dict[str, str]:
    """client_id and client_secret of the demonstration, made on first use (0600)."""
    path = secrets() / "agency-api.json"
    if not path.exists():
        made = {"client_id": "fengqiao-demo", "client_secret": random_secrets.token_urlsafe(24)}
        write_once(path, json.dumps(made))
    known: dict[str, str] = json.loads(path.read_text("utf-8"))
    return known


def api_key() -> str:
    """The key of the project platform, made on first use (0600)."""
    path = secrets() / "agency-key.json"
    if not path.exists():
        write_once(path, json.dumps({"value": random_secrets.token_urlsafe(24)}))
    return str(json.loads(path.read_text("utf-8"))["value"])


@dataclass
class Door:
    """Who may come in and how often: tokens, the rate limit, seeded failures."""

    known: dict[str, str]
    limit_every: int = 600
    failure_share: float = 0.005
    clock: Callable[[], float] = time.monotonic
    tokens: dict[str, float] = field(default_factory=dict)
    calls: int = 0
    key: str = ""  # that of the project platform; the one in the secrets where none is given
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(500))

    def token(self, client_id: str, client_secret: str) -> str | None:
        """A new token for the right secret."""
        right = all(
            hmac.compare_digest(given.encode(), self.known[name].encode())
            for name, given in (("client_id", client_id), ("client_secret", client_secret))
        )
        if not right:
            return None
        token = random_secrets.token_urlsafe(24)
        self.tokens[token] = self.clock() + TOKEN_LIFE_S
        return token

    def refuse(self, request: Request, by_key: bool) -> Response | None:
        """The answer to a call that may not pass; None lets it through."""
        if by_key:
            given = request.headers.get("x-api-key", "")
            known = hmac.compare_digest(given.encode(), self.key.encode())
        else:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            known = self.tokens.get(token, 0.0) >= self.clock()
        if not known:
            return JSONResponse({"code": 401, "message": "令牌无效或已过期"}, 401)
        self.calls += 1
        if self.limit_every and self.calls % self.limit_every == 0:
            return JSONResponse({"code": 429, "message": "调用过于频繁"}, 429, {"Retry-After": "1"})
        if self.failure_share and self.chance.random() < self.failure_share:
            return JSONResponse({"code": 500, "message": "系统繁忙"}, 500)
        return None


def application(folder: Path, door: Door) -> Starlette:
    """The interface over what `simulation.city.build` wrote to `folder`/api."""

    door.key = door.key or api_key()

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        made = door.token(form.get("client_id", ""), form.get("client_secret", ""))
        if made is None:
            return JSONResponse({"code": 401, "message": "客户端凭证不正确"}, 401)
        return JSONResponse(
            {"access_token": made, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S}
        )

    def serve(way: Way) -> Callable[[Request], Response]:
        endpoint = Endpoint(folder / "api" / f"{way.feed}.parquet")

        def reply(request: Request) -> Response:
            refusal = door.refuse(request, by_key=way.by_key)
            return refusal or answer(endpoint, request, way.style)

        return reply

    async def health(_: Request) -> Response:
        return JSONResponse({"code": 0})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/oauth/token", token, methods=["POST"]),
            *(Route(way.path, serve(way)) for way in ways()),
        ]
    )


def main(
    port: Annotated[int, typer.Option(help="port on 127.0.0.1")] = DEFAULT_PORT,
    folder: Annotated[Path | None, typer.Option(help="what build() wrote")] = None,
    limit_every: Annotated[int, typer.Option(help="429 at every n-th call; 0 never")] = 600,
    failure_share: Annotated[float, typer.Option(help="share of 500 answers; 0 none")] = 0.005,
) -> None:
    """Serve the agencies' interface until stopped."""
    door = Door(credentials(), limit_every, failure_share)
    uvicorn.run(
        application(folder or agencies(), door), host="127.0.0.1", port=port, log_level="warning"
    )


if __name__ == "__main__":
    typer.run(main)
