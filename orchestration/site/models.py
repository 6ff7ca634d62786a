"""A page per model: facts, dimensions, intermediate tables, counts, index, zones and seeds."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from orchestration.site import html
from orchestration.site.facts import Facts, Model
from orchestration.site.feeds import lineage
from orchestration.site.lineage import Graph, of_model

FOLDERS = {
    "facts": "事实表 facts",
    "dimensions": "维表 dimensions",
    "intermediate": "中间表 intermediate",
    "counts": "计数 counts",
    "index": "社会稳定指数 stability index",
    "warnings": "预警 warnings",
    "l4": "L4域内 inside the zones",
    "seeds": "参考数据 seeds",
    "staging": "由合同推出的表 derived from the contracts",
}
_TRAIL = '<a href="../index.html">首页</a> › <a href="index.html">数据模型 models</a>'


def has_page(facts: Facts, model: Model) -> bool:
    """Staging is told on the feed's page, an indicator's two models on the indicator's."""
    if model.folder == "staging":
        return feed_of(facts, model.name) is None
    node = of_model(facts, model.name)
    return model.folder in FOLDERS and (node is None or node.startswith("model:"))


def feed_of(facts: Facts, name: str) -> str | None:
    """The feed a staging model reads."""
    table = name.removeprefix("stg_").removesuffix("_history")
    return next((c for c, k in facts.feeds.items() if k.table == table), None)


def columns(model: Model) -> str:
    """Its columns, both languages in the description."""
    return html.table(
        ("列 column", "含义 meaning", "检验 tests"),
        [
            (html.code(c.name), escape(c.description), "<br>".join(escape(t) for t in c.tests))
            for c in model.columns
        ],
        [c.name for c in model.columns],
    )


def pages(facts: Facts, graph: Graph) -> Iterator[tuple[str, str]]:
    """(path, Markdown) of every model's page and of their list."""
    chosen = [m for m in facts.models.values() if has_page(facts, m)]
    children: dict[str, list[str]] = {}
    for model in facts.models.values():
        for parent in model.parents:
            children.setdefault(parent, []).append(model.name)
    for model in chosen:
        yield f"models/{model.name}.md", _page(facts, graph, model, children.get(model.name, []))
    parts = []
    for folder, title in FOLDERS.items():
        rows = [
            (html.link("models", m.name), escape(m.description), m.kind, str(len(m.columns)))
            for m in chosen
            if m.folder == folder
        ]
        head = ("模型 model", "内容 content", "形式 kind", "列 columns")
        parts += [f"## {title}", html.table(head, rows)]
    trail = '<a href="../index.html">首页</a>'
    yield "models/index.md", html.page("数据模型 models", trail, parts)


def _to(facts: Facts, name: str) -> str:
    """A link to where a model is told."""
    if has_page(facts, facts.models[name]):
        return html.link("models", name)
    node = of_model(facts, name) or ""
    kind, _, code = node.partition(":")
    if kind == "indicator":
        return html.link("indicators", code, name)
    feed = feed_of(facts, name)
    return html.link("feeds", feed, name) if feed else html.code(name)


def _page(facts: Facts, graph: Graph, model: Model, children: list[str]) -> str:
    about = [
        ("内容 content", escape(model.description)),
        ("形式 kind", model.kind),
        ("粒度与检验 grain, tests", "<br>".join(escape(t) for t in model.tests)),
        ("取自 reads", html.listed(_to(facts, p) for p in sorted(model.parents))),
        ("用于 read by", html.listed(_to(facts, c) for c in sorted(children))),
        ("代码 code", html.code(model.path)),
    ]
    parts = [html.facts(about), "## 列 / columns", columns(model)]
    if model.unit_tests:
        parts.append("## 单元测试 / unit tests")
        parts.append("<ul>" + "".join(f"<li>{escape(t)}</li>" for t in model.unit_tests) + "</ul>")
    if f"model:{model.name}" in graph.nodes:
        parts += ["## 来去 / lineage", lineage(graph, f"model:{model.name}")]
    return html.page(model.name, _TRAIL, parts)
