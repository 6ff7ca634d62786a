"""Small additions to Superset's Flask application: translations, logo, a start page."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, request
from jinja2 import ChoiceLoader, FileSystemLoader

from dashboards.server import access_log, examples, filters, login, oidc

_HERE = Path(__file__).parent
_LANGUAGE_PACK = "/superset/language_pack/zh/"
# A PNG of one fully transparent pixel: the background of maps.
_TRANSPARENT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII="
)
COCKPIT = "/superset/dashboard/cockpit/"


@cache
def _language_pack() -> bytes:
    """Superset's Chinese texts with ours over them.

    Superset translates "Sign in" as 不在…之中 ("Not In") and leaves about 550 texts English.
    Ours lie in `translations_zh.json`, so an upgrade of the package loses nothing.
    """
    import superset

    shipped = Path(superset.__file__).parent / "translations/zh/LC_MESSAGES/messages.json"
    pack: dict[str, Any] = json.loads(shipped.read_text(encoding="utf-8"))
    ours = json.loads((_HERE / "translations_zh.json").read_text(encoding="utf-8"))
    pack["locale_data"]["superset"].update({source: [text] for source, text in ours.items()})
    return json.dumps(pack, ensure_ascii=False).encode()


def _answer_first() -> Response | Any | None:
    """Serve what must also be seen before login; None lets Superset answer."""
    if request.path.rstrip("/") + "/" == _LANGUAGE_PACK:
        return Response(_language_pack(), mimetype="application/json")
    if request.path == "/fengqiao/logo.svg":
        logo = (_HERE / "logo.svg").read_text(encoding="utf-8")
        return Response(logo, mimetype="image/svg+xml")
    if request.path == "/fengqiao/blank.png":
        pixel = base64.b64decode(_TRANSPARENT)
        return Response(pixel, mimetype="image/png", headers={"Cache-Control": "max-age=86400"})
    if request.path in ("/", "/superset/welcome/"):
        return redirect(COCKPIT)
    return None


def install(app: Flask, *, serves: bool = True) -> None:
    """Hook for FLASK_APP_MUTATOR; `serves` is false for a program beside the server."""
    app.before_request(_answer_first)
    login.install(app)
    oidc.install(app)
    access_log.install(app, serves=serves)
    filters.install()
    examples.install(app)
    # Superset's page has no viewport, so a telephone would draw it 980 px wide.
    ours = FileSystemLoader(_HERE / "templates")
    app.jinja_loader = ChoiceLoader([ours, *([app.jinja_loader] if app.jinja_loader else [])])
