"""dbt's models and tests as assets and checks; dagster-dbt gives the graph, dbt runs in process.

Through dagster-dbt's subprocess the same run costs 12 s instead of 3 (traps, measured).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from ingestion import clock, places
from orchestration.definitions.executor import alone
from orchestration.run.day import pages_say_if_it_fails, register_lake
from orchestration.transform import DbtRun, count, run_dbt, run_zones
from orchestration.transform.manifest import project

_TARGET = places.build() / "dbt" / "duckdb"


def _is_current(path: Path) -> bool:
    """Whether the parsed project is younger than every file of the project."""
    if not path.exists():
        return False
    parsed = path.stat().st_mtime
    folder = project()
    files = [
        p for part in ("models", "macros", "seeds", "tests") for p in (folder / part).rglob("*")
    ]
    return all(p.stat().st_mtime <= parsed for p in [folder / "dbt_project.yml", *files])


def manifest() -> dict[str, Any]:
    """The parsed project; parsed now if its files changed."""
    path = _TARGET / "manifest.json"
    if not _is_current(path):
        run_dbt(clock.as_of(), command="parse")
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


_MANIFEST = manifest()


class ByFolder(DagsterDbtTranslator):
    """dbt's folders are the groups of the graph."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        kind = str(dbt_resource_props["resource_type"])
        return "seeds" if kind == "seed" else f"dbt_{dbt_resource_props['fqn'][1]}"


_TRANSLATOR = ByFolder()


def _in_order(specs: Iterable[dg.AssetSpec]) -> list[dg.AssetSpec]:
    """Specs so that each comes after what it reads: dagster wants them yielded like this."""
    by_key = {spec.key: spec for spec in specs}
    graph = {k: [d.asset_key for d in s.deps if d.asset_key in by_key] for k, s in by_key.items()}
    return [by_key[key] for key in TopologicalSorter(graph).static_order()]


_SPECS = _in_order(
    build_dbt_asset_specs(manifest=_MANIFEST, dagster_dbt_translator=_TRANSLATOR, exclude="tag:l4")
)
_KEYS = {spec.key for spec in _SPECS}


def _key(node: dict[str, Any]) -> dg.AssetKey:
    return _TRANSLATOR.get_asset_key(node)


def _tests() -> dict[str, dg.AssetCheckKey]:
    """dbt test id → the check it is: data tests of models, not unit tests."""
    found = {}
    for unique_id, node in _MANIFEST["nodes"].items():
        model = _MANIFEST["nodes"].get(node.get("attached_node") or "")
        # Seeds are loaded and tested only when they change, not in the day's job.
        if node["resource_type"] != "test" or not model or model["resource_type"] != "model":
            continue
        if _key(model) in _KEYS:
            found[unique_id] = dg.AssetCheckKey(_key(model), node["name"])
    return found


_TESTS = _tests()


def _report(run: DbtRun) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    seconds = {n.unique_id: n.seconds for n in run.nodes}
    for spec in _SPECS:
        unique_id = str(spec.metadata.get("dagster_dbt/unique_id"))
        yield dg.MaterializeResult(
            asset_key=spec.key, metadata={"seconds": seconds.get(unique_id, 0.0)}
        )
    for node in run.nodes:
        key = _TESTS.get(node.unique_id)
        if key is not None:
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=node.status in ("pass", "success"),
                metadata={"failures": node.failures},
            )


@dg.multi_asset(
    name="dbt",
    specs=_SPECS,
    check_specs=[dg.AssetCheckSpec(k.name, asset=k.asset_key) for k in _TESTS.values()],
)
def marts() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Lake → staging → facts → counts."""
    with alone() as as_of, pages_say_if_it_fails(as_of):
        run_zones(as_of)
        register_lake(as_of)
        run = count(as_of)
    yield from _report(run)
