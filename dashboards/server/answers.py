"""A chart's answer, once given to a role, is given again as it was. Runs in Superset's environment.

Superset keeps results, but builds every answer anew: it reads the chart, its dataset and the row
rules from the metadata and writes the JSON, a tenth of a second of a core for each of a page's
twenty charts. Here the finished answer is kept, by everything that decides what is in it: the
question to the letter, the roles of who asks, the page file (cache.py), and the state of the
metadata, which any change through Superset makes another (`_CHANGES_NOTHING` are the exceptions).
Who asks is looked up every time; a login that was switched off gets nothing. Each answer given
again is an access like the first and is written down as one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request

from dashboards.server import asking, paths
from dashboards.server.cache import PageFileCache, is_current, release
from ingestion.access import Access

PATH = "/api/v1/chart/data"
# A rule changed in a way that passes no request of this server (a command, the metadata file) is
# seen after this time at the latest.
KEPT_S = 10 * 60
MOST_BYTES = 2 << 20
# What a browser sends while somebody reads: it changes neither pages nor rules.
_CHANGES_NOTHING = (
    PATH,
    "/api/v1/security/login",
    "/api/v1/security/refresh",
    "/api/v1/sqllab/execute",
    "/api/v1/sqllab/estimate",
    "/api/v1/explore/",
    "/login",
    "/superset/log/",
    "/tabstateview/",
)
_FILTER_STATE = "/filter_state"


def _store() -> PageFileCache:
    folder = paths.cache_folder() / "answers"
    return PageFileCache(str(folder), threshold=5_000, default_timeout=KEPT_S, mode=0o600)


def _generation_file() -> Path:
    return paths.cache_folder() / "metadata-generation"


def _generation() -> str:
    try:
        return _generation_file().read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def metadata_changed() -> None:
    """No answer given before is given again."""
    file = _generation_file()
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    draft.write_text(os.urandom(8).hex(), encoding="ascii")
    draft.replace(file)


def _asked() -> bytes | None:
    """The question, if its answer may be one that is kept: a chart's rows as JSON, not forced."""
    if request.method != "POST" or request.path.rstrip("/") != PATH or not request.is_json:
        return None
    if request.args.get("force") or (request.content_length or 0) > MOST_BYTES:
        return None
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or body.get("force"):
        return None
    kind = (body.get("result_format", "json"), body.get("result_type", "full"))
    return request.get_data(cache=True) if kind == ("json", "full") else None


def _rights(user: Any) -> str:
    """What decides which rows a user gets: the roles, also those of groups."""
    own = {role.id for role in user.roles}
    of_groups = {r.id for group in getattr(user, "groups", ()) or () for r in group.roles}
    return ",".join(str(i) for i in sorted(own | of_groups))


def _key(question: bytes, user: Any) -> str:
    # The page file is named here, too: it may change between the question and the answer.
    parts = (_generation(), release(), _rights(user), request.query_string.decode("latin-1"))
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + question).hexdigest()


def _before(told: Callable[[Callable[[], Access]], None]) -> Response | None:
    question = _asked()
    user = asking.early_user() if question is not None else None
    if question is None or user is None or not user.is_active or not is_current():
        return None
    key = _key(question, user)
    kept = _store().get(key)
    if kept is None:
        g.answer_key = key
        return None
    body, content_type, access = kept
    details = {**access.details, "cached": True, "kept": True}
    told(lambda: replace(access, details=details, who=asking.who(user)))
    return Response(body, status=200, content_type=content_type)


def note(access: Access) -> None:
    """What the chart's command saw of the question at hand; without it no answer is kept."""
    g.answer_access = access


def _after(response: Response) -> Response:
    key, access = g.pop("answer_key", None), g.pop("answer_access", None)
    if key is not None:
        if access is not None and response.status_code == 200 and not response.is_streamed:
            body = response.get_data()
            if len(body) <= MOST_BYTES:
                _store().set(key, (body, response.content_type, replace(access, who=None)))
    elif request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400:
        path = request.path
        if not path.startswith(_CHANGES_NOTHING) and _FILTER_STATE not in path:
            metadata_changed()
    return response


def install(app: Flask, told: Callable[[Callable[[], Access]], None]) -> None:
    """Called once when Superset has begun; `told` writes an access down."""
    metadata_changed()
    app.before_request(lambda: _before(told))
    app.after_request(_after)
