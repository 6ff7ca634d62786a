"""Rows of the small city: as published for the pages, and as the build's records have them."""

from __future__ import annotations

from typing import Any

import duckdb

from dashboards.server import paths
from ingestion import places
from tests.dashboards.small_city import AS_OF


def rows(query: str) -> list[tuple[Any, ...]]:
    """What a query of the page file gives."""
    with duckdb.connect(str(paths.pages_file()), read_only=True) as connection:
        return connection.execute(query).fetchall()


def records(query: str) -> list[tuple[Any, ...]]:
    """What a query of the build file gives; tables by bare name, `{as_of}` filled in."""
    build = places.build() / "fengqiao.duckdb"
    with duckdb.connect(str(build), read_only=True) as connection:
        connection.execute("set search_path = 'judged,marts,staging,seeds'")
        return connection.execute(query.replace("{as_of}", AS_OF)).fetchall()
