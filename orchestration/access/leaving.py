"""Which tables may leave: an allow-list, by what they are made of (DP-11, DP-22).

Rows leave only if every feed they come from is L1 or L2, lands nothing personal, lies in no zone
and says `serve` in its contract: what SQL Lab may show. Of the others leave the judged values,
which are published and have their small cells hidden. As open data go rows of L1 alone, and never
petitions, health or minors, whatever a contract says.

What a table is made of is read from dbt's manifest; a table that it does not know stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from ingestion import places
from ingestion.contract import Contract, load_all
from orchestration.publish.bench import NotServable, servable

SCHEMAS = ("marts", "judged", "staging", "seeds")
PUBLISHED = frozenset({
    "fct_indicator", "fct_index", "fct_index_dimension", "fct_index_item", "index_version_state",
    "indicator_revision", "indicator_release", "first_published",
})  # fmt: skip
# The pipeline's own tables: what is due, what the contracts are.
_OWN = frozenset({"contract", "due_delivery", "o01_delivery_log", "o02_test_run"})
_NEVER_OPEN = {"信访": "petitions", "卫健": "health", "未成年": "minors"}
_HARMLESS = frozenset({"range", "generate_series", "unnest"})
_FROM = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"})


class MayNotLeave(RuntimeError):
    """A statement whose rows stay here; the text says which table, and why."""


def tables_that_leave(query: str, *, open_data: bool = False) -> tuple[str, ...]:
    """The tables of a statement; raises `MayNotLeave` unless all of them may leave."""
    names = tables_of(query)
    for name in names:
        why = why_not(name, open_data=open_data)
        if why:
            raise MayNotLeave(f"{name} may not leave: {why}")
    return names


def tables_of(query: str) -> tuple[str, ...]:
    """Names of all tables that a statement names, `schema.table` where it says so.

    A common table expression hides a table of its name only inside its own query, so a name counts
    as a table's whenever there is such a table. Raises `MayNotLeave` for what cannot be told.
    """
    with duckdb.connect() as con:
        (text,) = con.execute("select json_serialize_sql(?)", [query]).fetchone() or ("{}",)
    tree = json.loads(text)
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        said = tree.get("error_message") or "one query at a time"
        raise MayNotLeave(f"only one query that gives rows can leave: {said}")
    named, expressions = set(), set()
    for node in _nodes(tree):
        kind = str(node.get("type"))
        if "cte_map" in node:
            expressions |= {str(e["key"]).lower() for e in node["cte_map"].get("map", ())}
        if kind == "BASE_TABLE":
            parts = [node.get("catalog_name"), node.get("schema_name"), node["table_name"]]
            named.add(".".join(str(p).lower() for p in parts if p))
        elif kind == "TABLE_FUNCTION" and _function(node) not in _HARMLESS:
            raise MayNotLeave(f"the function {_function(node)} may read anything: name the table")
        elif kind not in _FROM and "alias" in node and "sample" in node:
            raise MayNotLeave(f"{kind.lower()} cannot leave: write it as a select")
    known = _lineage().keys() | PUBLISHED
    return tuple(sorted(n for n in named if n not in expressions or n in known))


def _function(node: dict[str, Any]) -> str:
    return str(node.get("function", {}).get("function_name", "")).lower()


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for part in tree.values():
            yield from _nodes(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _nodes(part)


def why_not(name: str, *, open_data: bool = False) -> str | None:
    """Why rows of a table stay here; None if they may leave."""
    schema, _, table = name.rpartition(".")
    if schema and schema not in SCHEMAS:
        return f"only tables of {', '.join(SCHEMAS)} do"
    if table in PUBLISHED:
        if open_data:
            return "it holds indicators of petitions, health and minors, which are never open data"
        return None
    feeds = _lineage().get(table)
    if feeds is None:
        return "dbt does not know it, so nobody can say what it is made of"
    contracts = {c.table: c for c in load_all().values()}
    for feed in sorted(feeds - _OWN):
        # The versions of a feed (slowly changing) are its rows as well.
        why = _of_feed(contracts.get(feed.removesuffix("_history")), feed, open_data)
        if why:
            hint = "" if open_data else "; its published values are in fct_indicator"
            return f"it is made of {why}{hint}"
    return None


def _of_feed(contract: Contract | None, feed: str, open_data: bool) -> str | None:
    if contract is None:
        return f"{feed}, which no contract describes"
    name = f"feed:{contract.code} {contract.name}"
    if contract.zone:
        return f"{name}, of the zone {contract.zone}, whose rows nobody gets"
    if contract.level_landed not in ("L1", "L2"):
        return f"{name}, level {contract.level_landed}: never as rows"
    try:
        served = servable(contract)
    except NotServable as error:
        return str(error)
    if not served:
        return f"{name}, whose contract does not say `serve`"
    if open_data and contract.level_landed != "L1":
        return f"{name}, level {contract.level_landed}: open data are L1"
    if open_data:
        for word, what in _NEVER_OPEN.items():
            if word in contract.domain:
                return f"{name}: {what} are never open data"
    return None


def manifest_file() -> Path:
    """What dbt wrote of the last run: each model and what it is made of."""
    return places.build() / "dbt" / "duckdb" / "manifest.json"


def _lineage() -> dict[str, frozenset[str]]:
    path = manifest_file()
    if not path.exists():
        return {}
    return _read_lineage(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read_lineage(path: Path, _changed: int) -> dict[str, frozenset[str]]:
    """Model or seed → the tables of the lake that it is made of, at any distance."""
    manifest = json.loads(path.read_text("utf-8"))
    nodes, sources = manifest["nodes"], manifest["sources"]
    found: dict[str, frozenset[str]] = {}

    def made_of(node: str) -> frozenset[str]:
        if node in sources:
            source = sources[node]
            inside = source["schema"] == "lake"
            return frozenset({source["name"] if inside else f"{source['schema']}.{source['name']}"})
        if node not in found:
            parts = nodes[node].get("depends_on", {}).get("nodes", ())
            found[node] = frozenset().union(*(made_of(p) for p in parts))
        return found[node]

    tables = [n for n, node in nodes.items() if node["resource_type"] in ("model", "seed")]
    return {nodes[n]["alias"].lower(): made_of(n) for n in tables}
