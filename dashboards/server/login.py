"""Who guesses passwords waits. Runs in Superset's environment.

Superset's own limit counts every login of an address, so that an office behind one address locks
itself out at nine in the morning, and it counts in each worker apart. Here only failures count, in
files that the workers share, by login and address, and by login alone (OWASP ASVS 2.2.1). What is
kept is a digest: a mistyped login may be a password.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cachelib import FileSystemCache
from flask import Flask, Response, request
from flask_appbuilder.exceptions import PasswordComplexityValidationError

from dashboards.server import paths

FAILURES_HERE, FAILURES_ANYWHERE = 5, 30
WAIT_S = 15 * 60
WAIT_TEXT = "登录失败次数过多，请15分钟后再试"
LEAST_CHARS, LEAST_KINDS = 12, 3
_PATHS = ("/login", "/api/v1/security/login")


def check_password(password: str) -> None:
    """At least twelve characters of three kinds; raises FAB's error, never with the password."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    used = sum(any(kind(c) for c in password) for kind in kinds)
    if len(password) < LEAST_CHARS or used < LEAST_KINDS:
        raise PasswordComplexityValidationError(
            f"密码至少{LEAST_CHARS}个字符，含大写、小写、数字、符号中的三种"
        )


def _failures() -> FileSystemCache:
    folder = paths.cache_folder() / "logins"
    return FileSystemCache(str(folder), threshold=20_000, default_timeout=WAIT_S, mode=0o600)


def _login() -> str | None:
    """The login that a request would open; None for every other request."""
    if request.method != "POST" or request.path.rstrip("/") not in _PATHS:
        return None
    body: Any = request.get_json(silent=True) if request.is_json else request.form
    return str(body.get("username", "")).strip().lower() if hasattr(body, "get") else ""


def _counters(login: str) -> dict[str, int]:
    """Name of a counter → how many failures it takes."""
    pairs = {f"{login}|{request.remote_addr}": FAILURES_HERE, f"{login}|": FAILURES_ANYWHERE}
    return {hashlib.sha256(k.encode()).hexdigest(): most for k, most in pairs.items()}


def _before() -> Response | None:
    login = _login()
    if login is None:
        return None
    kept = _failures()
    if any((kept.get(name) or 0) >= most for name, most in _counters(login).items()):
        return Response(WAIT_TEXT, 429, {"Retry-After": str(WAIT_S)}, mimetype="text/plain")
    return None


def _after(response: Response) -> Response:
    login = _login()
    if login is None or response.status_code == 429:  # waiting prolongs nothing
        return response
    goes_back = "/login" in response.headers.get("Location", "")
    kept = _failures()
    for name in _counters(login):
        if response.status_code < 400 and not goes_back:
            kept.delete(name)
        else:
            kept.set(name, (kept.get(name) or 0) + 1)
    return response


def install(app: Flask) -> None:
    """Called once when Superset has begun."""
    app.before_request(_before)
    app.after_request(_after)
