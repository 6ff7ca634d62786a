"""The agencies' HTTP interface: token, pages, a rate limit and failures, on loopback.

    python -m simulation.agency_api --port 8099

`POST /oauth/token` (form: grant_type=client_credentials, client_id, client_secret) gives a
bearer token for ten minutes. `GET /api/p32/disputes` and `/api/f20/events` take `updated_from`
and `updated_to` (local ISO, half-open), `page` and `page_size` (at most 1000) and answer
`{"code":0,"data":{"total":n,"page":1,"page_size":1000,"rows":[...]}}`. A key changed twice in
the window is shown once, as last changed. 401: token missing, wrong or expired. 429 with
Retry-After: every `--limit-every` calls. 500: a seeded share of calls (`--failure-share`).
"""

from __future__ import annotations

import hmac
import json
import secrets as random_secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

import numpy as np
import polars as pl
import typer
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion.keys import write_once
from ingestion.places import agencies, secrets

TOKEN_LIFE_S = 600
MAX_PAGE = 1000
DEFAULT_PORT = 8099


def credentials() -> dict[str, str]:
    """client_id and client_secret of the demonstration, made on first use (0600)."""
    path = secrets() / "agency-api.json"
    if not path.exists():
        made = {"client_id": "fengqiao-demo", "client_secret": random_secrets.token_urlsafe(24)}
        write_once(path, json.dumps(made))
    known: dict[str, str] = json.loads(path.read_text("utf-8"))
    return known


class Endpoint:
    """The rows of one feed, sorted by the time they changed; `row` is ready JSON."""

    def __init__(self, path: Path) -> None:
        table = pl.read_parquet(path)
        self.changed = table["changed"].to_numpy()
        self.table = table.select("key", "row")
        self.window = lru_cache(maxsize=8)(self._window)

    def _window(self, start: datetime, end: datetime) -> list[str]:
        """Rows changed in [start, end), one per key, the last change of each."""
        low, high = np.searchsorted(self.changed, np.array([start, end], "datetime64[us]"))
        part = self.table.slice(int(low), int(high - low))
        rows: list[str] = part.unique("key", keep="last", maintain_order=True)["row"].to_list()
        return rows


@dataclass
class Door:
    """Who may come in and how often: tokens, the rate limit, seeded failures."""

    known: dict[str, str]
    limit_every: int = 60
    failure_share: float = 0.02
    clock: Callable[[], float] = time.monotonic
    tokens: dict[str, float] = field(default_factory=dict)
    calls: int = 0
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

    def refuse(self, authorization: str) -> Response | None:
        """The answer to a call that may not pass; None lets it through."""
        token = authorization.removeprefix("Bearer ")
        if self.tokens.get(token, 0.0) < self.clock():
            return JSONResponse({"code": 401, "message": "令牌无效或已过期"}, 401)
        self.calls += 1
        if self.limit_every and self.calls % self.limit_every == 0:
            return JSONResponse({"code": 429, "message": "调用过于频繁"}, 429, {"Retry-After": "1"})
        if self.failure_share and self.chance.random() < self.failure_share:
            return JSONResponse({"code": 500, "message": "系统繁忙"}, 500)
        return None


def _bad(message: str) -> Response:
    return JSONResponse({"code": 400, "message": message}, 400)


def _page(endpoint: Endpoint, request: Request) -> Response:
    query = request.query_params
    try:
        start = datetime.fromisoformat(query["updated_from"]).replace(tzinfo=None)
        end = datetime.fromisoformat(query["updated_to"]).replace(tzinfo=None)
        page, size = int(query.get("page", "1")), int(query.get("page_size", str(MAX_PAGE)))
    except (KeyError, ValueError):
        return _bad("updated_from, updated_to: ISO local time; page, page_size: numbers")
    if page < 1 or not 1 <= size <= MAX_PAGE:
        return _bad(f"page from 1, page_size 1 to {MAX_PAGE}")
    rows = endpoint.window(start, end)
    chosen = ",".join(rows[(page - 1) * size : page * size])
    body = (
        f'{{"code":0,"data":{{"total":{len(rows)},"page":{page},"page_size":{size},'
        f'"rows":[{chosen}]}}}}'
    )
    return Response(body, media_type="application/json")


def application(folder: Path, door: Door) -> Starlette:
    """The interface over what `simulation.city.build` wrote to `folder`/api."""
    endpoints = {name: Endpoint(folder / "api" / f"{name}.parquet") for name in ("p32", "f20")}

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        made = door.token(form.get("client_id", ""), form.get("client_secret", ""))
        if made is None:
            return JSONResponse({"code": 401, "message": "客户端凭证不正确"}, 401)
        return JSONResponse(
            {"access_token": made, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S}
        )

    def serve(name: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            refusal = door.refuse(request.headers.get("authorization", ""))
            return refusal or _page(endpoints[name], request)

        return answer

    async def health(_: Request) -> Response:
        return JSONResponse({"code": 0})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/oauth/token", token, methods=["POST"]),
            Route("/api/p32/disputes", serve("p32")),
            Route("/api/f20/events", serve("f20")),
        ]
    )


def main(
    port: Annotated[int, typer.Option(help="port on 127.0.0.1")] = DEFAULT_PORT,
    folder: Annotated[Path | None, typer.Option(help="what build() wrote")] = None,
    limit_every: Annotated[int, typer.Option(help="429 at every n-th call; 0 never")] = 60,
    failure_share: Annotated[float, typer.Option(help="share of 500 answers; 0 none")] = 0.02,
) -> None:
    """Serve the agencies' interface until stopped."""
    door = Door(credentials(), limit_every, failure_share)
    uvicorn.run(
        application(folder or agencies(), door), host="127.0.0.1", port=port, log_level="warning"
    )


if __name__ == "__main__":
    typer.run(main)
