"""Who asks Superset. Runs in Superset's environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import g, has_request_context, request
from flask_login import current_user  # type: ignore[import-not-found]

from ingestion.access import Who


@dataclass(frozen=True, eq=False)
class Roles:
    """Somebody who has these roles and is nobody: what a role may see is asked through it.

    No user of the metadata, for one that is made there only to ask may be written there by the
    way. It owns nothing and has no name, so Superset remembers nothing for it.
    """

    roles: list[Any]
    groups: ClassVar[list[Any]] = []
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    id: ClassVar[None] = None
    username: ClassVar[None] = None

    def get_id(self) -> None:
        """No id, as flask-login asks for it."""


@contextmanager
def acting(as_user: Any) -> Iterator[None]:
    """Superset works for another user meanwhile; after an error, too, it works for the first."""
    before = getattr(g, "user", None)
    g.user = as_user
    try:
        yield
    finally:
        g.user = before


def is_nobody(user: Any) -> bool:
    """Whether no person asks: the answers are being made ready (warming.py)."""
    return isinstance(user, Roles)


def role_ids(user: Any) -> frozenset[int] | None:
    """The roles that decide what a user sees, also those of groups; None when not all are known."""
    groups = getattr(user, "groups", None)
    if groups is None or not user.is_authenticated or getattr(user, "is_guest_user", False):
        return None
    of_groups = {role.id for group in groups for role in group.roles}
    return frozenset({role.id for role in user.roles} | of_groups) or None


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
