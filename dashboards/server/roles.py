"""Who may log in, and what each role sees. Standard library only: both environments read it.

Pages: every page table has a column `scope_code` that says for whom a row is, and every role
has one clause over it; a role without a clause sees no row (the default-deny rule):
`city`, `peer` (median of the districts), a district's code, `operations` (deliveries, checks),
`restricted` (city leadership), `only:<district>` (a row made for that district's leader).

SQL Lab: a statistician gets one file with what its audience may read, and no page table. The
file is the boundary; the guard on statements is the second lock.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_DIVISIONS = _HERE.parents[1] / "dbt_project" / "seeds" / "seed_division.csv"
_AUDIENCES = _HERE.parent / "audiences.csv"
_EVERYTHING = "scope_code NOT LIKE 'only:%'"


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
    with _DIVISIONS.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["unit_level"] == "2"]
    return {r["region_code"]: r["name_zh"] for r in rows}


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
    benches = [
        Role(f"statistician_{key}", f"统计员({label})", ("Gamma", "sql_lab"), bench=key)
        for key, (label, _) in audiences().items()
    ]
    return (*fixed, *local, *benches)
