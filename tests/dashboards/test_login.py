"""Guessing a password ends soon, costs nobody else, and weak ones are not taken."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dashboards.compiler.errors import SupersetRefused
from dashboards.compiler.session import Session, password
from dashboards.server import control, paths

GOOD = f"Aa1-{secrets.token_hex(8)}"
_TLS = """
import json
from dashboards.server import superset_config as c
print(json.dumps([c.SESSION_COOKIE_SECURE, c.ENABLE_PROXY_FIX,
    c.TALISMAN_CONFIG["session_cookie_secure"], c.TALISMAN_CONFIG["strict_transport_security"]]))
"""


@pytest.fixture
def guarded(superset: control.Running) -> Iterator[str]:
    """A login of its own, so that no other test is locked out."""
    name = f"guarded-{secrets.token_hex(3)}"
    with Session() as admin:
        roles = {r["name"]: r["id"] for r in admin.all("security/roles", ["id", "name"])}
        made = admin.post("/api/v1/security/users/", _user(name, GOOD, roles["auditor"]))
        yield name
        admin.delete(f"/api/v1/security/users/{made['id']}")


def _user(name: str, word: str, role: int) -> dict[str, object]:
    return {
        "username": name, "first_name": name, "last_name": "试", "password": word,
        "email": f"{name}@fengqiao.invalid", "active": True, "roles": [role],
    }  # fmt: skip


def try_login(login: str, word: str) -> int:
    body = {"username": login, "password": word, "provider": "db"}
    return httpx.post(f"{paths.address()}/api/v1/security/login", json=body).status_code


def try_page(page: Any, login: str, word: str) -> int:
    """The status of what the page's form gets for an answer."""
    page.goto(f"{paths.address()}/login/")
    page.fill("#username", login)
    page.fill("#password", word)
    with page.expect_response(lambda r: r.request.method == "POST" and "/login" in r.url) as got:
        page.press("#password", "Enter")
    return int(got.value.status)


def test_after_five_failures_even_the_right_password_waits(
    superset: control.Running, guarded: str
) -> None:
    assert try_login(guarded, GOOD) == 200
    assert [try_login(guarded, f"wrong-{i}") for i in range(5)] == [401] * 5
    assert try_login(guarded, GOOD) == 429
    assert try_login(guarded.upper(), GOOD) == 429  # the same login
    assert try_login("engineer", password("engineer")) == 200  # nobody else waits
    kept = [p.read_bytes() for p in (paths.cache_folder() / "logins").iterdir()]
    assert not any(guarded.encode() in content or GOOD.encode() in content for content in kept)


def test_a_success_forgets_the_failures_before_it(superset: control.Running, guarded: str) -> None:
    for _ in range(3):
        assert [try_login(guarded, "wrong") for _ in range(4)] == [401] * 4
        assert try_login(guarded, GOOD) == 200


def test_the_page_and_the_interface_count_together(
    leader: Any, superset: control.Running, guarded: str
) -> None:
    context = leader.browser.new_context()
    page = context.new_page()
    assert [try_page(page, guarded, f"wrong-{i}") for i in range(4)] == [302] * 4
    assert try_login(guarded, "wrong") == 401
    assert try_page(page, guarded, GOOD) == 429
    assert "请15分钟后再试" in page.inner_text("body")
    context.close()


@pytest.mark.parametrize("word", ["short-1A", "alllowercaseletters", "lower1234567890"])
def test_a_weak_password_is_not_taken(superset: control.Running, word: str) -> None:
    with Session() as admin:
        roles = {r["name"]: r["id"] for r in admin.all("security/roles", ["id", "name"])}
        with pytest.raises(SupersetRefused, match="密码至少12个字符") as refused:
            admin.post("/api/v1/security/users/", _user("weak", word, roles["auditor"]))
    assert word not in str(refused.value)


@pytest.mark.parametrize("tls", ["", "1"])
def test_behind_tls_cookies_are_for_tls_alone(superset: control.Running, tls: str) -> None:
    done = subprocess.run(
        [str(paths.superset_python()), "-c", _TLS],
        env={**os.environ, "FENGQIAO_SUPERSET_TLS": tls},
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [tls == "1"] * 4
