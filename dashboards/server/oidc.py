"""Who somebody is, said by the house's identity provider (OpenID Connect). Superset's environment.

The provider only proves the name. What the name may see stays with the roles given here: nobody is
registered by arriving, and no claim changes a role, so that the register of access and its end
dates (docs/asvs.md) hold for these logins too. Authorization code flow with PKCE (RFC 7636); the
identity token's signature, issuer, audience, nonce and time are verified by Authlib.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request
from flask_appbuilder.const import AUTH_OAUTH

from ingestion import places

PROVIDER, LABEL = "sso", "统一身份认证"
SECRET_FILE = "oidc-client-secret"  # noqa: S105
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OidcError(RuntimeError):
    """The settings do not make a safe sign-in; the text is one clear line."""


def issuer() -> str | None:
    """The provider's address (`FENGQIAO_OIDC_ISSUER`), or None: passwords, as without it."""
    named = os.environ.get("FENGQIAO_OIDC_ISSUER", "").rstrip("/")
    if not named:
        return None
    parts = urlsplit(named)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise OidcError("FENGQIAO_OIDC_ISSUER must be an https address")
    return named


def _client() -> tuple[str, str]:
    client = os.environ.get("FENGQIAO_OIDC_CLIENT", "")
    file = places.secrets() / SECRET_FILE
    if not client or not file.exists():
        raise OidcError(f"OpenID Connect needs FENGQIAO_OIDC_CLIENT and the file {SECRET_FILE}")
    if file.stat().st_mode & 0o077:
        raise OidcError(f"{SECRET_FILE} may be read by others; chmod 600")
    return client, file.read_text(encoding="utf-8").strip()


def settings() -> dict[str, Any]:
    """What Superset's configuration gets; nothing where no provider is named."""
    address = issuer()
    if address is None:
        return {}
    client, secret = _client()
    remote = {
        "client_id": client,
        "client_secret": secret,
        "server_metadata_url": f"{address}/.well-known/openid-configuration",
        "client_kwargs": {"scope": "openid profile", "code_challenge_method": "S256"},
    }
    return {
        "AUTH_TYPE": AUTH_OAUTH,
        "AUTH_USER_REGISTRATION": False,
        "AUTH_ROLES_SYNC_AT_LOGIN": False,
        "COMMON_BOOTSTRAP_OVERRIDES_FUNC": _labelled,
        "OAUTH_PROVIDERS": [
            {
                "name": PROVIDER,
                "icon": "fa-key",
                "token_key": "access_token",
                "remote_app": remote,
            }
        ],
    }


def _labelled(page: dict[str, Any]) -> dict[str, Any]:
    """The button's Chinese name. Superset makes name and address one; the address stays ASCII,
    because providers compare addresses letter by letter."""
    providers = [{"name": LABEL, "icon": "fa-key"}]
    return {"conf": {**page["conf"], "AUTH_PROVIDERS": providers}}


def _to_provider() -> Response | Any | None:
    """From the button's address to the provider's; None for every other request."""
    if request.path != f"/login/{LABEL}":
        return None
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"/login/{PROVIDER}" + (f"?{query}" if query else ""))


def _who(_provider: str, answer: dict[str, Any] | None = None) -> dict[str, Any]:
    """The login: a claim of the verified identity token, never of an unsigned answer."""
    claims = (answer or {}).get("userinfo") or {}
    name = os.environ.get("FENGQIAO_OIDC_CLAIM", "preferred_username")
    return {"username": str(claims.get(name) or "")}


def install(app: Flask) -> None:
    """Called once when Superset has begun."""
    if issuer() is not None:
        app.appbuilder.sm.oauth_user_info = _who  # type: ignore[attr-defined]
        app.before_request(_to_provider)
