"""Ask Superset every question of every page once for each different reader, before anybody does.

Runs in Superset's environment, beside the server and never through it: no password, no session, no
address. A question is asked as somebody who has exactly the roles of a login and is nobody
(`asking.Roles`), along the way a browser's question takes, so what is kept is what a browser would
have been given. Logins whose rows are the same are asked for once. `fengqiao dashboards warm`
(dashboards/compiler/warming.py) gives the questions on standard input and reads one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from flask import Flask, g

from dashboards.compiler.names import DATABASE
from dashboards.server import asking, rights
from dashboards.server.answers import PATH
from dashboards.server.cache import is_current
from dashboards.server.question import understood
from ingestion.access import ACCESS, Access, NotLogged, Who

# Nobody's look at a page, but somebody's work: one record a run says how much was asked.
ACTION = "page.warm"
_SYSTEM = Who("system", "–", "superset")


def _readers() -> list[frozenset[int]]:
    """The roles of every login that is switched on, each combination once, most logins first.

    Administrators are left out: they see what nobody else sees, and seldom read pages.
    """
    from superset import db, security_manager

    admin = security_manager.find_role("Admin")
    counted: dict[frozenset[int], int] = {}
    for user in db.session.query(security_manager.user_model).filter_by(active=True):
        roles = asking.role_ids(user)
        if roles and admin.id not in roles:
            counted[roles] = counted.get(roles, 0) + 1
    return sorted(counted, key=lambda roles: (-counted[roles], sorted(roles)))


def _bodies(asked: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The questions with this server's number for the dataset, which they name by its UUID."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable

    numbers = {str(one.uuid): one.id for one in db.session.query(SqlaTable)}
    for body in asked:
        number = numbers.get(body["datasource"]["id"])
        if number is not None:
            yield {**body, "datasource": {**body["datasource"], "id": number}}


def _nobody(roles: frozenset[int]) -> asking.Roles:
    from superset import db, security_manager

    model = security_manager.role_model
    return asking.Roles(db.session.query(model).filter(model.id.in_(roles)).all())


def _rows(app: Flask, roles: frozenset[int], dataset: int) -> str | None:
    """What decides the rows of these roles; None if they get none, or none that are kept."""
    with app.test_request_context(PATH):
        state = rights.state()
        return rights.fingerprint(_nobody(roles), dataset, state) if state is not None else None


def _ask(app: Flask, body: dict[str, Any], roles: frozenset[int]) -> int:
    """The status of one answer."""
    with app.test_request_context(PATH, method="POST", json=body):
        g._login_user = _nobody(roles)  # where flask-login looks for who asks
        return int(app.full_dispatch_request().status_code)


def warm(app: Flask, asked: list[dict[str, Any]]) -> dict[str, int]:
    """Ask; gives how many answers there were, for how many readers, and how many failed."""
    from superset import db
    from superset.models.core import Database

    done = {"questions": len(asked), "readers": 0, "answers": 0, "failed": 0}
    with app.app_context():
        readers, bodies = _readers(), list(_bodies(asked))
        pages = db.session.query(Database).filter_by(database_name=DATABASE).one_or_none()
        if pages is None:  # nothing was deployed yet
            return done
        # As long as one connection is open, DuckDB need not read the file's catalog again.
        with pages.get_raw_connection():
            _ask_all(app, readers, bodies, done)
    return done


def _ask_all(
    app: Flask, readers: list[frozenset[int]], bodies: list[dict[str, Any]], done: dict[str, int]
) -> None:
    served: set[tuple[str, str]] = set()
    for body in bodies:
        question = understood(body)
        if question is None:
            continue
        for roles in readers:
            if not is_current():  # whoever published begins anew
                return
            rows = _rows(app, roles, question.dataset)
            if rows is None or (rows, question.text) in served:
                continue
            served.add((rows, question.text))
            status = _ask(app, body, roles)
            done["answers" if status == 200 else "failed"] += 1
            if status != 200:
                print(f"not ready, {status}: {question.text[:300]}", file=sys.stderr)
            done["readers"] = len({one for one, _ in served})


def main() -> None:
    """Read the questions, ask them, say what came of it."""
    asked = json.load(sys.stdin)
    from superset.app import create_app

    app = create_app()
    done = warm(app, asked)
    try:
        ACCESS.append(Access(ACTION, details=dict(done), who=_SYSTEM))
    except NotLogged as error:
        print(f"not logged: {error}", file=sys.stderr)
    print(json.dumps(done))


if __name__ == "__main__":
    main()
