"""Where things come from and go to: one graph of feeds, models, indicators, rules and pages.

An indicator's two models (its rows and their counts) are one node. What every indicator shares
(the table of counts, judging, the registry) is left out: it would tie all to all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from orchestration.site.facts import Facts
from orchestration.site.html import href

# Every indicator runs through these; they say nothing of one.
_SHARED = {"agg_indicator_counts", "agg_duration_days", "dim_indicator", "fct_warning"}
_ZONE_DOOR = re.compile(r"^(declassified_|l4_\w+_counts$)")
_INDICATOR = re.compile(r"^ind_(\w+?)(_rows|_open|_median)?$")
# A drawing with more nodes is not read any more.
MANY = 42


@dataclass(frozen=True)
class Node:
    """A box: kind (feed, staging, model, indicator, rule, page), two lines, where it leads."""

    id: str
    kind: str
    title: str
    note: str
    url: str


@dataclass
class Graph:
    """Nodes and the edges between them, both ways."""

    nodes: dict[str, Node] = field(default_factory=dict)
    into: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    out: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def join(self, start: str, end: str) -> None:
        """An edge, if both ends are known and differ."""
        if start in self.nodes and end in self.nodes and start != end:
            self.out[start].add(end)
            self.into[end].add(start)

    def reach(self, start: str, edges: dict[str, set[str]]) -> set[str]:
        """Everything on the way from a node along the edges, the node among it."""
        seen, wanted = {start}, [start]
        while wanted:
            for other in edges.get(wanted.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    wanted.append(other)
        return seen

    def around(self, start: str) -> tuple[set[str], set[str]]:
        """(nodes to draw, ends left out): all before and after; pages, then indicators and rules
        are left out of a drawing that would be too large to read."""
        chosen = self.reach(start, self.into) | self.reach(start, self.out)
        dropped: set[str] = set()
        for kinds in ({"page"}, {"indicator", "rule"}, {"model"}):
            if len(chosen) <= MANY:
                break
            gone = {n for n in chosen - {start} if self.nodes[n].kind in kinds}
            gone = {n for n in gone if n in self.reach(start, self.out)} or gone
            chosen, dropped = chosen - gone, dropped | gone
        return chosen, dropped


def of_model(facts: Facts, name: str) -> str | None:
    """The node a dbt model belongs to; None for what all share."""
    if name in _SHARED or _ZONE_DOOR.match(name):
        return None
    match = _INDICATOR.match(name)
    if match:
        for stem in (match[1], match[1] + (match[2] or "")):
            code = next((c for c in facts.indicators if _stem(c) == stem), None)
            if code:
                return f"indicator:{code}"
    return f"model:{name}"


def rule_of(facts: Facts, name: str) -> str | None:
    """The rule a model of warnings computes."""
    stem = name.removeprefix("warn_")
    return next((r for r in facts.rules if r.lower().replace("-", "_") == stem), None)


def _stem(code: str) -> str:
    return code.lower().replace("#", "_")


def build(facts: Facts) -> Graph:
    """The whole graph."""
    graph = Graph()
    staging = {f"stg_{c.table}": code for code, c in facts.feeds.items()}
    for code, contract in facts.feeds.items():
        _add(graph, f"feed:{code}", "feed", f"feed:{code}", contract.name, href("feeds", code))
    for code, row in facts.indicators.items():
        url = href("indicators", code)
        _add(graph, f"indicator:{code}", "indicator", code, row["name_zh"], url)
    for page in facts.pages.values():
        _add(graph, f"page:{page.id}", "page", page.title, page.id, href("pages", page.id))
    for name, model in facts.models.items():
        node = of_model(facts, name)
        if node != f"model:{name}":
            continue
        zh = re.split(r"[。/,,::]", model.description, maxsplit=1)[0].strip()
        base = name.removesuffix("_history")
        rule = rule_of(facts, name) if name.startswith("warn_") else None
        if base in staging:
            _add(graph, node, "staging", name, zh, href("feeds", staging[base]))
        elif rule:
            _add(graph, node, "rule", rule, zh, href("rules", rule))
        else:
            _add(graph, node, "model", name, zh, href("models", name))
        if base in staging:
            graph.join(f"feed:{staging[base]}", node)
    for name, model in facts.models.items():
        end = of_model(facts, name)
        for parent in model.parents:
            start = of_model(facts, parent)
            if start and end:
                # A rule or a model may read an indicator's rows; the indicator still ends there.
                if start.startswith("indicator:") and not end.startswith("indicator:"):
                    continue
                graph.join(start, end)
    for code, pages in facts.indicator_pages.items():
        for page_id in pages:
            graph.join(f"indicator:{code}", f"page:{page_id}")
    for page in facts.pages.values():
        for name in facts.models_read_by(page):
            start = of_model(facts, name)
            if start:
                graph.join(start, f"page:{page.id}")
    for name, model in facts.models.items():
        if name.startswith("warn_") and "lights" in facts.pages:
            graph.join(f"model:{name}", "page:lights")
        if model.folder == "index":
            # The index is judged in Python from these (ADR 35): no model stands between.
            for code, row in facts.indicators.items():
                if row["light_rule"] == "index":
                    graph.join(f"model:{name}", f"indicator:{code}")
    return graph


def _add(graph: Graph, id_: str, kind: str, title: str, note: str, url: str) -> None:
    graph.nodes[id_] = Node(id_, kind, title, note, url)
