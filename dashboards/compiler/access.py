"""Who sees which rows: default deny on every dataset, then one rule and the grants of each role.

A row-level rule holds for one dataset, and a dataset without a rule is open. So one Base rule
`1 = 0` covers every dataset, only the roles of ours are exempt, and each of these has a Regular
rule over `scope_code` on every dataset. Which role has which clause, which page schema and which
bench file follows from `dashboards/server/roles.py`, hence from the contracts and the registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboards.compiler.drift import Change
from dashboards.compiler.names import DATABASE, SCHEMA
from dashboards.compiler.session import Session
from dashboards.server.roles import Role, bench_name, roles

DENY_RULE = "默认拒绝"
DENY_CLAUSE = "1 = 0"
_FIELDS = ("filter_type", "clause", "tables", "roles")


@dataclass(frozen=True)
class Rule:
    """A row-level rule as we want it; tables and roles by their ids on this server."""

    name: str
    filter_type: str
    clause: str
    tables: tuple[int, ...]
    roles: tuple[int, ...]

    def body(self) -> dict[str, Any]:
        values = {f: getattr(self, f) for f in _FIELDS}
        values |= {"tables": list(self.tables), "roles": list(self.roles)}
        return {"name": self.name, "description": "", "group_key": "", **values}


def access_changes(session: Session) -> list[Change]:
    """What the rules and the grants lack."""
    changes = []
    found = _found_rules(session)
    for wanted in _wanted_rules(session):
        known = found.get(wanted.name)
        if known is None:
            changes.append(Change("create", "rules", wanted.name))
            continue
        changes += [
            Change("update", "rules", wanted.name, f, str(known[f]), str(getattr(wanted, f)))
            for f in _FIELDS
            if known[f] != getattr(wanted, f)
        ]
    for role, permission in _missing_grants(session):
        changes.append(Change("create", "rules", f"{role.name} may read {permission[1]}"))
    return changes


def apply_access(session: Session) -> None:
    """Write the rules over all datasets of ours, and the grants."""
    found = _found_rules(session)
    for wanted in _wanted_rules(session):
        known = found.get(wanted.name)
        if known is None:
            session.post("/api/v1/rowlevelsecurity/", wanted.body())
        elif any(known[f] != getattr(wanted, f) for f in _FIELDS):
            session.put(f"/api/v1/rowlevelsecurity/{known['id']}", wanted.body())
    missing = _missing_grants(session)
    if not missing:
        return
    identifiers = _permission_ids(session)
    ids = _roles(session)
    for role, permission in missing:
        if permission not in identifiers:
            raise LookupError(f"Superset has no permission {permission}")
        granted = _permissions(session, ids[role.name])
        session.post(
            f"/api/v1/security/roles/{ids[role.name]}/permissions",
            {"permission_view_menu_ids": [*granted, identifiers[permission]]},
        )


def datasets_without_deny(session: Session) -> list[str]:
    """Names of datasets that the deny rule does not cover; must be empty."""
    found = _found_rules(session).get(DENY_RULE)
    covered = set(found["tables"]) if found else set()
    return [
        one["table_name"]
        for one in session.all("dataset", ["id", "table_name"])
        if one["id"] not in covered
    ]


def data_permission(role: Role, databases: dict[str, int]) -> tuple[str, str] | None:
    """What a role may read: the schema of the pages, or its whole bench file.

    Superset puts the catalog, which is the file's stem, into the name of a schema's permission,
    and makes none for a database without a dataset: a bench is granted as a database.
    """
    if role.bench:
        name = bench_name(role.bench)
        return (
            ("database_access", f"[{name}].(id:{databases[name]})") if name in databases else None
        )
    return ("schema_access", f"[{DATABASE}].[pages].[{SCHEMA}]") if role.clause else None


def _wanted_rules(session: Session) -> list[Rule]:
    ids = _roles(session)
    tables = tuple(sorted(one["id"] for one in session.all("dataset", ["id"])))
    readers = [role for role in roles() if role.clause]
    exempt = tuple(sorted([ids["Admin"], *(ids[role.name] for role in readers)]))
    rules = [Rule(DENY_RULE, "Base", DENY_CLAUSE, tables, exempt)]
    for role in readers:
        rules.append(
            Rule(f"行级 {role.name}", "Regular", str(role.clause), tables, (ids[role.name],))
        )
    return rules


def _found_rules(session: Session) -> dict[str, dict[str, Any]]:
    found = {}
    for one in session.all("rowlevelsecurity", ["id", "name"]):
        rule = session.get(f"/api/v1/rowlevelsecurity/{one['id']}")["result"]
        found[str(one["name"])] = {
            "id": one["id"],
            "filter_type": rule["filter_type"],
            "clause": rule["clause"],
            "tables": tuple(sorted(table["id"] for table in rule["tables"])),
            "roles": tuple(sorted(role["id"] for role in rule["roles"])),
        }
    return found


def _missing_grants(session: Session) -> list[tuple[Role, tuple[str, str]]]:
    ids = _roles(session)
    databases = {
        str(d["database_name"]): int(d["id"])
        for d in session.all("database", ["id", "database_name"])
    }
    missing = []
    for role in roles():
        permission = data_permission(role, databases)
        if permission and permission not in _permissions(session, ids[role.name]).values():
            missing.append((role, permission))
    return missing


def _roles(session: Session) -> dict[str, int]:
    return {one["name"]: one["id"] for one in session.all("security/roles", ["id", "name"])}


def _permissions(session: Session, role: int) -> dict[int, tuple[str, str]]:
    answer = session.get(f"/api/v1/security/roles/{role}/permissions/")
    return {one["id"]: (one["permission_name"], one["view_menu_name"]) for one in answer["result"]}


def _permission_ids(session: Session) -> dict[tuple[str, str], int]:
    columns = ["id", "permission.name", "view_menu.name"]
    return {
        (one["permission"]["name"], one["view_menu"]["name"]): int(one["id"])
        for one in session.all("security/permissions-resources", columns)
    }
