"""First initialisation of Superset: metadata, roles, users. Runs inside Superset's environment.

One process does what four command-line calls of Superset would (each imports for seconds).
Running it again changes nothing but brings roles up to date.
"""

from __future__ import annotations

import csv
import os
import secrets
from typing import Any

from dashboards.server import paths
from dashboards.server.roles import Role, roles

# Data access is granted per database when pages are applied, never by a role's base.
_DENIED = {"all_database_access", "all_datasource_access", "all_query_access"}
# What one user ran must not be handed to another (traps: the export takes any query's id).
_DENIED_PAIRS = {("can_export_csv", "SQLLab"), ("can_export_streaming_csv", "SQLLab")}


def accounts() -> list[tuple[str, str]]:
    """(login, role): one login of each role, for the demonstration."""
    return [("admin", "Admin"), *((role.name, role.name) for role in roles())]


def logins() -> dict[str, str]:
    """Passwords by login, generated on first use."""
    file = paths.logins_file()
    if not file.exists():
        paths.keep_secret(file, "login,password,role")
    with file.open(encoding="utf-8", newline="") as lines_in:
        known = {row["login"]: row["password"] for row in csv.DictReader(lines_in)}
    missing = [(login, role) for login, role in accounts() if login not in known]
    fresh = {login: secrets.token_urlsafe(12) for login, _ in missing}
    if fresh:
        with file.open("a", encoding="utf-8") as out:
            out.writelines(f"{login},{fresh[login]},{role}\n" for login, role in missing)
    return {**known, **fresh}


def _make_role(manager: Any, wanted: Role) -> None:
    """Give a role its bases' permissions, keeping the data access it already has."""
    role = manager.add_role(wanted.name)
    kept = [p for p in role.permissions if p.permission.name.endswith("_access")]
    based = [p for base in wanted.base for p in manager.find_role(base).permissions]
    extra = [manager.add_permission_view_menu(*pair) for pair in wanted.extra]
    copied = [
        p
        for p in [*based, *(e for e in extra if e is not None)]
        if p.permission.name not in _DENIED
        and (p.permission.name, p.view_menu.name) not in _DENIED_PAIRS
    ]
    role.permissions = list({p.id: p for p in [*copied, *kept]}.values())
    manager.session.commit()


def main() -> None:
    """Upgrade the metadata, synchronise roles, create the users that are missing."""
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        import flask_migrate
        from superset.extensions import appbuilder, security_manager

        flask_migrate.upgrade(
            directory=os.path.join(app.root_path, "migrations")  # noqa: PTH118
        )
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        labels = {role.name: role.label for role in roles()}
        for role in roles():
            _make_role(security_manager, role)
        passwords = logins()
        for login, name in accounts():
            if security_manager.find_user(login) is None:
                security_manager.add_user(
                    login,
                    labels.get(name, "管理员"),
                    "演示",
                    f"{login}@fengqiao.invalid",
                    security_manager.find_role(name),
                    passwords[login],
                )


if __name__ == "__main__":
    main()
