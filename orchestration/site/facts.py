"""What the site says, gathered once from where it is written: contracts, dbt's manifest, registry,
rules, code tables, page specifications and page tables. The site has no fact of its own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dashboards.compiler.specification import Page, load_pages
from ingestion.contract import load_all
from ingestion.contract.load import load_platform
from ingestion.contract.model import Contract
from orchestration.publish.publish import PAGE_TABLES
from orchestration.transform.seeds import seed_rows

ROOT = Path(__file__).resolve().parents[2]
_REFERENCE = re.compile(r"\bpages\.([a-z_][a-z0-9_]*)")


@dataclass(frozen=True)
class Column:
    """One column of a model; the description carries both languages."""

    name: str
    description: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A dbt model or seed."""

    name: str
    folder: str  # facts, dimensions, …; seeds
    description: str
    columns: tuple[Column, ...]
    tests: tuple[str, ...]  # of the whole model: its grain among them
    unit_tests: tuple[str, ...]
    parents: tuple[str, ...]
    path: str
    kind: str  # table, view, incremental, ephemeral, seed


@dataclass(frozen=True)
class Facts:
    """Everything that is said somewhere, by its name."""

    contracts: dict[str, Contract]
    platform: dict[str, Contract]
    models: dict[str, Model]
    indicators: dict[str, dict[str, str]]
    rules: dict[str, list[dict[str, str]]]
    codes: dict[str, list[dict[str, str]]]
    pages: dict[str, Page]
    page_tables: dict[str, str]

    @property
    def feeds(self) -> dict[str, Contract]:
        """Feeds and the platform's own logs."""
        return {**self.contracts, **self.platform}

    @cached_property
    def code_uses(self) -> dict[str, list[tuple[str, str]]]:
        """Code table → the (feed, column) that bear its codes."""
        uses: dict[str, list[tuple[str, str]]] = {}
        for code, contract in self.feeds.items():
            for field in contract.fields:
                if field.code_table:
                    uses.setdefault(field.code_table, []).append((code, field.name))
        return uses

    @cached_property
    def indicator_pages(self) -> dict[str, list[str]]:
        """Indicator → the pages whose specification names its code."""
        shown: dict[str, list[str]] = {}
        for page in self.pages.values():
            words = {word for block in page.blocks for word in _words(block.options)}
            for code in sorted(words & self.indicators.keys()):
                shown.setdefault(code, []).append(page.id)
        return shown

    def tables_of(self, page: Page) -> list[str]:
        """Page tables a page reads, and the page tables these are made of."""
        wanted = [str(b.options.get("table")) for b in page.blocks]
        found: list[str] = []
        while wanted:
            name = wanted.pop()
            if name in self.page_tables and name not in found:
                found.append(name)
                wanted += _REFERENCE.findall(self.page_tables[name])
        return sorted(found)

    def models_read_by(self, page: Page) -> list[str]:
        """Facts and served feeds that a page shows directly, without an indicator between."""
        text = "\n".join(self.page_tables[name] for name in self.tables_of(page))
        names = set(re.findall(r"\b(?:fct|stg)_\w+", text))
        names |= {f"stg_{b.options.get('table')}" for b in page.blocks}
        return sorted(names & self.models.keys())


def gather(manifest: Path) -> Facts:
    """Read everything; `manifest` is the manifest.json of a parsed dbt project."""
    indicators = {r["indicator_code"]: r for r in seed_rows("seed_indicator_registry")}
    rules: dict[str, list[dict[str, str]]] = {}
    for row in seed_rows("seed_warning_rule"):
        rules.setdefault(row["rule_id"], []).append(row)
    codes: dict[str, list[dict[str, str]]] = {}
    for row in seed_rows("seed_code"):
        codes.setdefault(row["code_table"], []).append(row)
    # A one-column twin says nothing of its own.
    pages = {p.id: p for p in load_pages() if not p.of}
    tables = {p.stem: p.read_text("utf-8") for p in sorted(PAGE_TABLES.rglob("*.sql"))}
    return Facts(
        contracts=load_all(),
        platform=load_platform(),
        models=_models(json.loads(manifest.read_text("utf-8"))),
        indicators=dict(sorted(indicators.items())),
        rules=dict(sorted(rules.items())),
        codes=dict(sorted(codes.items())),
        pages=pages,
        page_tables=tables,
    )


def _words(options: Any) -> list[str]:
    if isinstance(options, str):
        return [options]
    if isinstance(options, dict):
        options = list(options.values())
    if isinstance(options, list | tuple):
        return [word for one in options for word in _words(one)]
    return []


def _models(manifest: dict[str, Any]) -> dict[str, Model]:
    nodes = manifest["nodes"]
    tests: dict[tuple[str, str | None], list[str]] = {}
    for node in nodes.values():
        if node["resource_type"] == "test" and node.get("attached_node"):
            place = (node["attached_node"], node.get("column_name"))
            tests.setdefault(place, []).append(_test(node))
    units: dict[str, list[str]] = {}
    for one in manifest.get("unit_tests", {}).values():
        units.setdefault(one["model"], []).append(one["name"].replace("_", " "))
    found = {}
    for key, node in nodes.items():
        if node["resource_type"] not in ("model", "seed"):
            continue
        seed = node["resource_type"] == "seed"
        found[node["name"]] = Model(
            name=node["name"],
            folder="seeds" if seed else node["fqn"][1],
            description=node["description"],
            columns=tuple(
                Column(name, c["description"], tuple(sorted(tests.get((key, name), []))))
                for name, c in node["columns"].items()
            ),
            tests=tuple(sorted(tests.get((key, None), []))),
            unit_tests=tuple(sorted(units.get(node["name"], []))),
            # A source of the lake is the feed of the staging model, known by its name.
            parents=tuple(
                parent.rpartition(".")[2]
                for parent in node.get("depends_on", {}).get("nodes", [])
                if not parent.startswith("source.")
            ),
            path=f"dbt_project/{node['original_file_path']}",
            kind="seed" if seed else str(node["config"]["materialized"]),
        )
    return dict(sorted(found.items()))


def _test(node: dict[str, Any]) -> str:
    """A test in a few words: its name and what it is given."""
    about = node["test_metadata"]
    given = {k: v for k, v in about["kwargs"].items() if k not in ("model", "column_name")}
    shown = "; ".join(
        f"{k}: {', '.join(map(str, v)) if isinstance(v, list) else v}" for k, v in given.items()
    )
    return f"{about['name']} ({shown})" if shown else str(about["name"])
