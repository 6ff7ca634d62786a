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

# login, role, family name, given name, extra Superset roles
ACCOUNTS = (
    ("admin", "Admin", "平台", "管理员"),
    ("leader", "leader", "演示", "领导"),
    ("engineer", "engineer", "演示", "工程师"),
)
# leader reads pages and nothing else; engineer also builds charts. Neither gets SQL Lab on the
# page file, and which data they see is granted per database when pages are applied.
ROLES = {"leader": "Gamma", "engineer": "Alpha"}
_ENGINEER_DENIED = {"all_database_access", "all_datasource_access", "all_query_access"}


def logins() -> dict[str, str]:
    """Passwords by login, generated on first use."""
    file = paths.logins_file()
    if not file.exists():
        lines = ["login,password,role"]
        lines += [f"{login},{secrets.token_urlsafe(12)},{role}" for login, role, _, _ in ACCOUNTS]
        paths.keep_secret(file, "\n".join(lines))
    with file.open(encoding="utf-8", newline="") as lines_in:
        return {row["login"]: row["password"] for row in csv.DictReader(lines_in)}


def _copy_role(manager: Any, source: str, target: str) -> None:
    """Give `target` the permissions of `source`, keeping the data access it already has."""
    role = manager.add_role(target)
    kept = [p for p in role.permissions if p.permission.name.endswith("_access")]
    copied = [
        p
        for p in manager.find_role(source).permissions
        if p.permission.name not in _ENGINEER_DENIED
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
        for target, source in ROLES.items():
            _copy_role(security_manager, source, target)
        for login, password in logins().items():
            _, role, family, given = next(a for a in ACCOUNTS if a[0] == login)
            if security_manager.find_user(login) is None:
                security_manager.add_user(
                    login,
                    given,
                    family,
                    f"{login}@fengqiao.invalid",
                    security_manager.find_role(role),
                    password,
                )


if __name__ == "__main__":
    main()
