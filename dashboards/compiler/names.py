"""Deterministic names: the same specification always has the same ids, on every server."""

from __future__ import annotations

from uuid import UUID, uuid5

# Drawn once; changing it would make every object a new one on every server.
NAMESPACE = UUID("8d0a2f34-6c1e-5b7a-9d33-2f6a7e1c4b90")
DATABASE = "pages"
SCHEMA = "main"


def identity(kind: str, name: str) -> str:
    """UUIDv5 of an object of ours, e.g. ("chart", "cockpit/trend-d09")."""
    return str(uuid5(NAMESPACE, f"{kind}:{name}"))


def short(kind: str, name: str) -> str:
    """A short id for layout components and filters."""
    return identity(kind, name).replace("-", "")[:12]


def chart_name(page: str, block: str, title: str) -> str:
    """A chart's title in Superset, and the key of its styles in the page."""
    return title or f"{page}-{block}"


def filter_id(page: str, name: str) -> str:
    """The id of a native filter, also used in addresses."""
    return f"NATIVE_FILTER-{short('filter', f'{page}/{name}')}"
