"""Saved queries of the statistician's bench. Runs in Superset's environment.

Each file of `dashboards/bench/<audience>/` is one query that every login of that audience's role
finds in SQL Lab as its own: Superset shows a saved query to its owner alone. They are laid down
when such a login comes to SQL Lab, so a login made yesterday has them, and nobody's password is
needed. What a user changes under another title stays; what keeps our title follows the file.
"""

from __future__ import annotations

import fcntl
import logging
from typing import Any

from flask import Flask, request

from dashboards.server import asking, paths
from dashboards.server.queries import queries
from dashboards.server.roles import bench_name, roles

MARK = "示例"  # before the title: ours, not the user's
_PATHS = ("/sqllab", "/savedqueryview", "/api/v1/saved_query", "/api/v1/sqllab")
_log = logging.getLogger("fengqiao.examples")
_done: set[int] = set()  # users that this worker has looked after


def _audience_of(user: Any) -> str | None:
    """The bench of a user's role; None for everybody else."""
    held = {role.name for role in getattr(user, "roles", ())}
    return next((role.bench for role in roles() if role.bench and role.name in held), None)


def lay_down(user: Any) -> int:
    """Give a user the examples it lacks and bring those of ours up to date; gives how many."""
    from superset import db
    from superset.models.core import Database
    from superset.models.sql_lab import SavedQuery

    audience = _audience_of(user)
    if audience is None:
        return 0
    wanted = queries(audience)
    database = db.session.query(Database).filter_by(database_name=bench_name(audience)).first()
    if database is None:  # the pages are not applied yet
        return 0
    known = {
        one.label: one
        for one in db.session.query(SavedQuery).filter_by(user_id=user.id, db_id=database.id)
        if str(one.label).startswith(f"{MARK} ")
    }
    changed = 0
    for example in wanted:
        label = f"{MARK} {example.title}"
        saved = known.pop(label, None)
        if saved is None:
            saved = SavedQuery(user_id=user.id, db_id=database.id, label=label)
            saved.catalog, saved.schema = database.get_default_catalog(), "main"
            db.session.add(saved)
        if (saved.sql, saved.description) != (example.sql, example.description):
            saved.sql, saved.description = example.sql, example.description
            changed += 1
    for renamed in known.values():  # its file is gone
        db.session.delete(renamed)
        changed += 1
    db.session.commit()
    _done.add(user.id)
    return changed


def _before() -> None:
    """Once per worker and user, when SQL Lab is asked for; an example is never worth an error."""
    if not request.path.startswith(_PATHS):
        return
    try:
        user = asking.early_user()
        if user is None or user.id in _done:
            return
        # Two workers asked at once would lay down each query twice.
        with (paths.superset_home() / "examples.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lay_down(user)
    except Exception:
        from superset import db

        db.session.rollback()
        _log.exception("saved queries could not be laid down")


def install(app: Flask) -> None:
    """Called once when Superset has begun."""
    app.before_request(_before)
