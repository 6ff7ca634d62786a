"""Who asks Superset. Runs in Superset's environment."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context, request
from flask_login import current_user  # type: ignore[import-not-found]

from ingestion.access import Who


def early_user() -> Any | None:
    """The user of a request that Superset has not looked at yet, by cookie or by token."""
    if current_user and current_user.is_authenticated:
        return current_user
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        return None
    from flask_jwt_extended import (  # type: ignore[import-not-found]
        get_current_user,
        verify_jwt_in_request,
    )

    verify_jwt_in_request(optional=True)
    return get_current_user()


def who(user: Any | None) -> Who:
    """A user as the access log knows it, with the roles that decide what it sees."""
    login = getattr(user, "username", None)
    if not login:
        return Who("anonymous", "Public", "superset")
    names = sorted(role.name for role in getattr(user, "roles", ()))
    return Who(str(login), ",".join(names), "superset")


def user_here() -> Who:
    """The user for whom Superset works at this moment."""
    return who(getattr(g, "user", None) if has_request_context() else None)
