"""Signing in through an identity provider: a real one, a real Superset, a real browser."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread

from dashboards.compiler.browser import stranger, wait_until_drawn
from dashboards.server import control, paths
from tests.dashboards.conftest import free_port

BUTTON = "登录方式 统一身份认证"
COCKPIT = "/superset/dashboard/cockpit/"
CLAIMS = {
    "0001": {"preferred_username": "leader_330681", "email": "a@example.invalid"},
    # In the house, but nobody gave this name a role; and one who says a role of himself.
    "0002": {"preferred_username": "somebody_else", "groups": ["Admin"], "role_keys": ["Admin"]},
}


@pytest.fixture(scope="module")
def signed(superset: control.Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same city on a second server, which believes the provider; gives its address."""
    folder = tmp_path_factory.mktemp("oidc")
    home, own = Path(os.environ["FENGQIAO_HOME"]), Path(os.environ["FENGQIAO_SECRETS"])
    shutil.copytree(home, folder / "data", ignore=shutil.ignore_patterns("superset.pid", "logs"))
    shutil.copytree(own, folder / "secrets")
    users = [User(sub=sub, claims=claims) for sub, claims in CLAIMS.items()]
    with run_server_in_thread(user_claims=users) as provider, pytest.MonkeyPatch.context() as patch:
        secret = folder / "secrets" / "oidc-client-secret"
        secret.write_text(secrets.token_urlsafe(24))
        secret.chmod(0o600)
        patch.setenv("FENGQIAO_HOME", str(folder / "data"))
        patch.setenv("FENGQIAO_SECRETS", str(folder / "secrets"))
        patch.setenv("FENGQIAO_SUPERSET_PORT", str(free_port()))
        patch.setenv("FENGQIAO_OIDC_ISSUER", f"http://localhost:{provider.server_port}")
        patch.setenv("FENGQIAO_OIDC_CLIENT", "fengqiao")
        running = control.start()
        try:
            yield running.address
        finally:
            control.stop()


@pytest.fixture
def page(signed: str) -> Iterator[Any]:
    with stranger() as context:
        opened = context.new_page()
        opened.set_viewport_size({"width": 1366, "height": 900})
        yield opened


def sign_in(page: Any, address: str, subject: str) -> None:
    page.goto(f"{address}/login/?next={COCKPIT}")
    page.get_by_text(BUTTON).click()
    page.get_by_role("button", name=subject).click()
    page.wait_for_url(lambda url: url.startswith(address))
    page.wait_for_load_state("networkidle")


def shoot(page: Any, name: str) -> None:
    """A picture to be looked at, where a folder for it is named."""
    if folder := os.environ.get("FENGQIAO_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def asked(page: Any, address: str) -> dict[str, Any]:
    """What the server says of who is signed in."""
    found: dict[str, Any] = page.request.get(f"{address}/api/v1/me/roles/").json()
    return found


def test_the_sign_in_page_offers_the_provider_and_no_password(page: Any, signed: str) -> None:
    page.goto(f"{signed}/login/")
    page.get_by_text(BUTTON).wait_for()
    assert "sso" not in page.inner_text("body").lower()
    assert page.locator("#password").count() == 0
    shoot(page, "oidc-login")


def test_who_the_provider_names_gets_the_roles_given_here(page: Any, signed: str) -> None:
    sign_in(page, signed, "0001")
    wait_until_drawn(page)
    assert page.url.startswith(f"{signed}{COCKPIT}")
    found = asked(page, signed)["result"]
    assert found["username"] == "leader_330681" and set(found["roles"]) == {"leader_330681"}


def test_a_name_without_a_role_stays_outside_whatever_it_claims(page: Any, signed: str) -> None:
    sign_in(page, signed, "0002")
    assert "/login" in page.url
    shoot(page, "oidc-refused")
    refused = page.request.get(f"{signed}/api/v1/me/", max_redirects=0)
    assert refused.status in (401, 302)


def test_an_answer_that_nobody_asked_for_is_not_believed(signed: str) -> None:
    answer = httpx.get(
        f"{signed}/oauth-authorized/sso",
        params={"code": "stolen", "state": "guessed"},
        follow_redirects=False,
    )
    assert answer.status_code == 302 and "/login" in answer.headers["location"]
    assert httpx.get(f"{signed}/api/v1/me/", cookies=answer.cookies).status_code in (401, 302)


@pytest.mark.parametrize(
    ("issuer", "mode", "said"),
    [
        ("http://id.example.invalid", 0o600, "https"),
        ("https://id.example.invalid", 0o644, "chmod 600"),
        ("https://id.example.invalid", None, "oidc-client-secret"),
    ],
)
def test_unsafe_settings_do_not_start(
    tmp_path: Path, issuer: str, mode: int | None, said: str
) -> None:
    if mode is not None:
        secret = tmp_path / "oidc-client-secret"
        secret.write_text(secrets.token_urlsafe(24))
        secret.chmod(mode)
    code = "from dashboards.server import oidc; oidc.settings()"
    told = _superset_python(code, tmp_path, issuer)
    assert "OidcError" in told.splitlines()[-1] and said in told.splitlines()[-1]


def _superset_python(code: str, folder: Path, issuer: str) -> str:
    """What Superset's Python says at its end when it cannot go on."""
    environment = {
        **os.environ,
        "FENGQIAO_SECRETS": str(folder),
        "FENGQIAO_OIDC_ISSUER": issuer,
        "FENGQIAO_OIDC_CLIENT": "fengqiao",
        "PYTHONPATH": str(paths.code_folder()),
    }
    done = subprocess.run(
        [str(paths.superset_python()), "-W", "ignore", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    return done.stderr.strip()
