"""Who may log in, and what each role sees. Standard library only: both environments read it.

Pages: every page table has a column `scope_code` that says for whom a row is, and every role
has one clause over it; a role without a clause sees no row (the default-deny rule):
`city`, `peer` (median of the districts), a district's code, `operations` (deliveries, checks),
`restricted` (city leadership), `only:<district>` (a row made for that district's leader).
Beside it stands `department`, the department that owns the row's indicator (null: nobody's own):
a department's leadership sees what the whole city may, and of its own indicators every unit
(`every`: a row for each of them, as the list of districts).

SQL Lab: an analyst gets one file with what its audience may read, the statistician one with all
published values and every feed that is served, and neither a page table. The file is the
boundary; the guard on statements is the second lock.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingestion import city

_HERE = Path(__file__).parent
_AUDIENCES = _HERE.parent / "audiences.csv"
_DEPARTMENTS = _HERE.parent / "departments.csv"
_EVERYTHING = "scope_code NOT LIKE 'only:%'"
_OF_DEPARTMENT = "scope_code IN ('city', 'peer') OR (department IN ('{}', 'every') AND {})"
# In `audiences.csv` a feed code of its own: values of indicators whatever they are made of.
EVERY_INDICATOR = "*"
_WHOLE_CITY = "city"


@dataclass(frozen=True)
class Role:
    """A role of ours: what it is made from, its rows on pages, its file in SQL Lab, its login."""

    name: str
    label: str
    base: tuple[str, ...]  # Superset's own roles whose permissions it has
    clause: str | None = None
    bench: str | None = None
    extra: tuple[tuple[str, str], ...] = ()  # further (permission, view) pairs


@lru_cache(maxsize=1)
def districts() -> dict[str, str]:
    """Code → name of the city's districts."""
    return city.districts()


@lru_cache(maxsize=1)
def audiences() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Audience of SQL Lab → (its name, the feeds it may read)."""
    with _AUDIENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {r["audience"]: r["label_zh"] for r in rows}
    return {
        key: (label, tuple(r["feed_code"] for r in rows if r["audience"] == key))
        for key, label in names.items()
    }


@lru_cache(maxsize=1)
def departments() -> dict[str, str]:
    """Department → its name, as the indicators' register names their owners."""
    with _DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        return {r["department"]: r["label_zh"] for r in csv.DictReader(file)}


def bench_name(audience: str) -> str:
    """The file's stem and the name of its database entry."""
    return f"bench-{audience}"


@lru_cache(maxsize=1)
def roles() -> tuple[Role, ...]:
    """Every role, in the order in which they are made."""
    reader = ("Gamma",)
    log = (("can_read", "Log"), ("menu_access", "Action Log"))
    fixed = [
        Role("leader", "市领导", reader, _EVERYTHING),
        Role("engineer", "数据工程师", ("Alpha",), _EVERYTHING),
        Role("auditor", "审计员", reader, "scope_code IN ('city', 'operations')", extra=log),
    ]
    local = [
        Role(
            f"leader_{code}",
            f"{name}领导",
            reader,
            f"scope_code IN ('city', 'peer', '{code}', 'only:{code}')",
        )
        for code, name in districts().items()
    ]
    heads = [
        Role(f"department_{code}", f"{name}领导", reader, _OF_DEPARTMENT.format(code, _EVERYTHING))
        for code, name in departments().items()
    ]
    benches = [
        Role("statistician", f"统计员({label})", ("Gamma", "sql_lab"), bench=key)
        if key == _WHOLE_CITY
        else Role(f"analyst_{key}", f"分析员({label})", ("Gamma", "sql_lab"), bench=key)
        for key, (label, _) in audiences().items()
    ]
    return (*fixed, *local, *heads, *benches)
