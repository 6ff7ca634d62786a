"""Who sees which rows: default deny on every dataset, and the grants of our two reader roles.

A row-level rule holds for one dataset, and a dataset without a rule is open. So one Base rule
`1 = 0` covers every dataset; only the roles listed here are exempt. District rules (a Regular
rule each, one `group_key`) come on top of it later.
"""

from __future__ import annotations

from typing import Any

from dashboards.compiler.drift import Change
from dashboards.compiler.names import DATABASE, SCHEMA
from dashboards.compiler.session import Session

DENY_RULE = "默认拒绝"
DENY_CLAUSE = "1 = 0"
EXEMPT_ROLES = ("Admin", "engineer", "leader")
READER_ROLES = ("engineer", "leader")
# Superset puts the catalog, which is the file's stem, into the name of a schema's permission.
_SCHEMA_PERMISSION = ("schema_access", f"[{DATABASE}].[pages].[{SCHEMA}]")


def access_changes(session: Session) -> list[Change]:
    """What the deny rule and the grants lack."""
    changes = []
    wanted, found = _wanted_rule(session), _found_rule(session)
    if found is None:
        changes.append(Change("create", "rules", DENY_RULE))
    else:
        changes += [
            Change("update", "rules", DENY_RULE, key, str(found[key]), str(wanted[key]))
            for key in ("filter_type", "clause", "tables", "roles")
            if found[key] != wanted[key]
        ]
    for role in READER_ROLES:
        if _SCHEMA_PERMISSION not in _permissions(session, _roles(session)[role]).values():
            changes.append(Change("create", "rules", f"{role} may read {_SCHEMA_PERMISSION[1]}"))
    return changes


def apply_access(session: Session) -> None:
    """Write the deny rule over all datasets of ours and grant the page schema to readers."""
    wanted, found = _wanted_rule(session), _found_rule(session)
    body = {
        "name": DENY_RULE,
        "description": "",
        "group_key": "",
        **wanted,
    }
    if found is None:
        session.post("/api/v1/rowlevelsecurity/", body)
    elif any(found[key] != wanted[key] for key in wanted):
        session.put(f"/api/v1/rowlevelsecurity/{found['id']}", body)
    missing: int | None = None
    for role in READER_ROLES:
        identifier = _roles(session)[role]
        granted = _permissions(session, identifier)
        if _SCHEMA_PERMISSION in granted.values():
            continue
        missing = missing if missing is not None else _permission_id(session)
        session.post(
            f"/api/v1/security/roles/{identifier}/permissions",
            {"permission_view_menu_ids": [*granted, missing]},
        )


def datasets_without_deny(session: Session) -> list[str]:
    """Names of datasets that the deny rule does not cover; must be empty."""
    found = _found_rule(session)
    covered = set(found["tables"]) if found else set()
    return [
        one["table_name"]
        for one in session.all("dataset", ["id", "table_name"])
        if one["id"] not in covered
    ]


def _wanted_rule(session: Session) -> dict[str, Any]:
    roles = _roles(session)
    return {
        "filter_type": "Base",
        "clause": DENY_CLAUSE,
        "tables": sorted(one["id"] for one in session.all("dataset", ["id"])),
        "roles": sorted(roles[name] for name in EXEMPT_ROLES),
    }


def _found_rule(session: Session) -> dict[str, Any] | None:
    for one in session.all("rowlevelsecurity", ["id", "name"]):
        if one["name"] == DENY_RULE:
            rule = session.get(f"/api/v1/rowlevelsecurity/{one['id']}")["result"]
            return {
                "id": one["id"],
                "filter_type": rule["filter_type"],
                "clause": rule["clause"],
                "tables": sorted(table["id"] for table in rule["tables"]),
                "roles": sorted(role["id"] for role in rule["roles"]),
            }
    return None


def _roles(session: Session) -> dict[str, int]:
    return {one["name"]: one["id"] for one in session.all("security/roles", ["id", "name"])}


def _permissions(session: Session, role: int) -> dict[int, tuple[str, str]]:
    answer = session.get(f"/api/v1/security/roles/{role}/permissions/")
    return {one["id"]: (one["permission_name"], one["view_menu_name"]) for one in answer["result"]}


def _permission_id(session: Session) -> int:
    for one in session.all(
        "security/permissions-resources", ["id", "permission.name", "view_menu.name"]
    ):
        if (one["permission"]["name"], one["view_menu"]["name"]) == _SCHEMA_PERMISSION:
            return int(one["id"])
    raise LookupError(f"Superset has no permission {_SCHEMA_PERMISSION}")
