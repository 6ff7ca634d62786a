"""A chart's answer, once given, is given again to whoever gets the same rows. In Superset's
environment.

Superset keeps results, but builds every answer anew: it reads the chart, its dataset and the row
rules from the metadata and writes the JSON, a tenth of a second of a core for each of a page's
twenty charts. Here the finished answer is kept, by everything that decides what is in it: the
question (question.py), whether the reader's roles may ask it and with which row rules (rights.py),
the state of the metadata, and the page file (cache.py). Who asks is looked up every time; a login
that was switched off gets nothing. Each answer given again is an access like the first and is
written down as one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, Response, g, request

from dashboards.server import asking, paths, rights
from dashboards.server.cache import PageFileCache, is_current, release
from dashboards.server.question import Question, understood
from dashboards.server.seen import Seen, access
from ingestion.access import Access

PATH = "/api/v1/chart/data"
# Until the next publish, and some hours for one that comes late.
KEPT_S = 30 * 3600
# Every chart of every page for two dozen different readers, and as much again of what they choose.
MOST_ANSWERS = 12_000
MOST_BYTES = 1 << 20
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


@dataclass(frozen=True)
class _Wanted:
    """An answer that is not there yet: where it would be kept, and the state it is asked in."""

    key: str
    state: str


@lru_cache(maxsize=4)
def _opened(process: int, page_file: str) -> PageFileCache:
    """One store of a page file's answers in each process: opening one counts its files. The stores
    of other page files are never read again."""
    stores = paths.cache_folder() / "answers"
    stores.mkdir(mode=0o700, exist_ok=True)
    for other in stores.iterdir():
        if not other.is_dir():
            other.unlink(missing_ok=True)
        elif other.name != page_file:
            shutil.rmtree(other, ignore_errors=True)
    folder = str(stores / page_file)
    return PageFileCache(folder, threshold=MOST_ANSWERS, default_timeout=KEPT_S, mode=0o600)


def _store() -> PageFileCache:
    return _opened(os.getpid(), release())


def _asked() -> Question | None:
    """The question, if its answer may be one that is kept: a chart's rows as JSON, not forced."""
    if request.method != "POST" or request.path.rstrip("/") != PATH or not request.is_json:
        return None
    if (request.content_length or 0) > MOST_BYTES:
        return None
    return understood(request.get_json(silent=True), tuple(request.args))


def _before(told: Callable[[Callable[[], Access]], None]) -> Response | None:
    question = _asked()
    user = asking.early_user() if question is not None else None
    if question is None or user is None or not user.is_active or not is_current():
        return None
    state = rights.state()
    rows = rights.fingerprint(user, question.dataset, state) if state is not None else None
    if state is None or rows is None:
        return None
    # The page file is named here, too: it may change between the question and the answer.
    whole = "\0".join((state, release(), rows, question.text))
    key = hashlib.sha256(whole.encode()).hexdigest()
    kept = _store().get(key)
    if kept is None:
        g.answer_wanted = _Wanted(key, state)
        return None
    body, content_type, what = kept
    if not asking.is_nobody(user):
        place = {"chart": question.chart, "dashboard": question.dashboard}
        told(lambda: access(what, asking.who(user), **place, cached=True, kept=True))
    return Response(body, status=200, content_type=content_type)


def note(what: Seen) -> None:
    """What the chart's command saw of the question at hand; without it no answer is kept."""
    g.answer_seen = what


def _after(response: Response) -> Response:
    wanted, what = g.pop("answer_wanted", None), g.pop("answer_seen", None)
    if wanted is not None:
        whole = response.status_code == 200 and not response.is_streamed
        # Rows of rules that came in between must not stand under the state before.
        if whole and what is not None and rights.state(fresh=True) == wanted.state:
            body = response.get_data()
            if len(body) <= MOST_BYTES:
                _store().set(wanted.key, (body, response.content_type, what))
    elif request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400:
        path = request.path
        if not path.startswith(_CHANGES_NOTHING) and _FILTER_STATE not in path:
            rights.metadata_changed()
    return response


def install(
    app: Flask, told: Callable[[Callable[[], Access]], None], *, serves: bool = True
) -> None:
    """Called once when Superset has begun; `told` writes an access down. `serves` is false for a
    program beside the server, which must not end what the server keeps."""
    if serves:
        rights.server_begins()
    app.before_request(lambda: _before(told))
    app.after_request(_after)
