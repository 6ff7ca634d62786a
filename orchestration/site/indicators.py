"""A page per indicator (from the registry), per warning rule and per page of the dashboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from orchestration.generate.release_calendar import WINDOWS
from orchestration.site import html, models
from orchestration.site.facts import Facts
from orchestration.site.feeds import lineage
from orchestration.site.lineage import Graph, of_model

_HOME = '<a href="../index.html">首页</a>'
_LIGHTS = {"R": "红 red", "Y": "黄 yellow", "A": "汇总 aggregate"}
_DIRECTIONS = {"higher": "越高越好", "lower": "越低越好", "neutral": "不分高低"}
# What a rule's numbers are: column of the seed, words.
_NUMBERS = {
    "limit_hours": "小时 hours", "limit_days": "天 days", "from_days": "起始天 from days",
    "limit_months": "月 months", "limit_factor": "倍数 factor", "window_days": "窗口(天)",
    "window_months": "窗口(月)", "window_years": "窗口(年)", "least_cases": "至少件数",
    "limit_value": "界限 limit", "from_share": "起始占比(%)", "limit_share": "占比(%)",
    "least_probability": "至少概率", "least_precision": "至少准确率(%)", "charge_key": "阈值行",
}  # fmt: skip


def pages(facts: Facts, graph: Graph) -> Iterator[tuple[str, str]]:
    """(path, Markdown) of every indicator, rule and page, and of their lists."""
    yield from _indicators(facts, graph)
    yield from _rules(facts, graph)
    yield from _dashboards(facts, graph)


def _indicators(facts: Facts, graph: Graph) -> Iterator[tuple[str, str]]:
    trail = f'{_HOME} › <a href="index.html">指标 indicators</a>'
    rows = []
    for code, row in facts.indicators.items():
        parts = [html.facts(_about(facts, row))]
        parts += ["## 来去 / lineage", lineage(graph, f"indicator:{code}")]
        for model in facts.models.values():
            if of_model(facts, model.name) == f"indicator:{code}" and model.name.endswith("_rows"):
                parts += [
                    f"## 总体逐行 / population: {html.plain(model.name)}",
                    f"<p>{escape(model.description)}</p>",
                    models.columns(model),
                ]
                if model.unit_tests:
                    tested = "".join(f"<li>{escape(t)}</li>" for t in model.unit_tests)
                    parts += ["## 单元测试 / unit tests", f"<ul>{tested}</ul>"]
        title = f"{code} {row['name_zh']}"
        yield f"indicators/{html.slug(code)}.md", html.page(title, trail, parts)
        limits = f"黄 {row['yellow_text']}；红 {row['red_text']}"
        rows.append(
            (
                html.link("indicators", code), escape(row["name_zh"]), escape(row["name_en"]),
                escape(row["domain_zh"]), escape(row["unit"]), escape(limits),
                escape(row["owner_zh"]),
            )
        )  # fmt: skip
    head = ("代码", "名称", "English", "领域", "单位", "亮灯界限 limits", "责任单位 owner")
    yield "indicators/index.md", html.page("指标 indicators", _HOME, [html.table(head, rows)])


def _about(facts: Facts, row: dict[str, str]) -> list[tuple[str, str]]:
    sources = [s for s in row["sources"].split(";") if s]
    shown = facts.indicator_pages.get(row["indicator_code"], [])
    windows = [WINDOWS.get(w, w) for w in row["window_kinds"].split(";")]
    return [
        ("名称 name", escape(f"{row['name_zh']} · {row['name_en']}")),
        ("领域 domain", escape(row["domain_zh"])),
        ("口径 formula", escape(row["formula_zh"])),
        ("分子 numerator", escape(row["numerator_zh"])),
        ("分母 denominator", escape(row["denominator_zh"])),
        ("单位 unit", escape(row["unit"])),
        ("方向 direction", _DIRECTIONS[row["direction"]]),
        ("目标 target", escape(row["target_text"])),
        ("黄灯 yellow", escape(row["yellow_text"])),
        ("红灯 red", escape(row["red_text"])),
        ("亮灯方法 light rule", html.code(row["light_rule"])),
        ("依据 basis", escape(row["basis"])),
        ("来源性质 origin", escape(row["origin"])),
        ("责任单位 owner", escape(f"{row['owner_zh']} {row['owner_phone']}")),
        ("注意 caution", escape(row["caution_zh"])),
        ("披露 disclosure", html.code(row["disclosure"])),
        ("时段 windows", html.listed(escape(w) for w in windows)),
        ("层级 levels", html.listed(html.code(x) for x in row["unit_levels"].split(";"))),
        ("数据源 feeds", html.listed(
            html.link("feeds", s, f"{s} {facts.feeds[s].name}") if s in facts.feeds else escape(s)
            for s in sources)),
        ("页面 pages", html.listed(html.link("pages", p, facts.pages[p].title) for p in shown)),
        ("口径版本 version", html.code(row["formula_version"])),
    ]  # fmt: skip


def _rules(facts: Facts, graph: Graph) -> Iterator[tuple[str, str]]:
    trail = f'{_HOME} › <a href="index.html">预警规则 rules</a>'
    lines = []
    for rule, grounds in facts.rules.items():
        first = grounds[0]
        rows = [
            (
                f"{escape(g['ground'])} · {escape(g['rule_version'])}",
                _LIGHTS.get(g["light"], escape(g["light"])),
                escape(g["condition_zh"]),
                html.listed(f"{v} {escape(g[k])}" for k, v in _NUMBERS.items() if g[k]),
                escape(g["legal_basis_zh"]),
                escape(f"{g['basis_mark']} · {g['valid_from']} – {g['valid_to']}"),
            )
            for g in grounds
        ]
        node = f"model:warn_{rule.lower().replace('-', '_')}"
        model = facts.models.get(node.removeprefix("model:"))
        about = [
            ("领域 area", escape(first["area_zh"])),
            ("对象 raised on", html.code(first["entity_kind"])),
            ("内容 content", escape(model.description) if model else "由判定产生 made by judging"),
            ("模型 model", html.link("models", model.name) if model else "—"),
        ]
        head = ("情形 ground", "灯 light", "条件 condition", "数值", "依据 basis", "有效 valid")
        parts = [html.facts(about), "## 情形 / grounds", html.table(head, rows)]
        parts += ["## 来去 / lineage", lineage(graph, node)]
        title = f"{rule} {rule_name(facts, rule)}"
        yield f"rules/{html.slug(rule)}.md", html.page(title, trail, parts)
        words = "；".join(dict.fromkeys(g["condition_zh"] for g in grounds))
        lines.append(
            (html.link("rules", rule), escape(first["area_zh"]),
             _LIGHTS.get(first["light"], escape(first["light"])), escape(words))
        )  # fmt: skip
    top = ("规则 rule", "领域 area", "灯 light", "条件 condition")
    yield "rules/index.md", html.page("预警规则 warning rules", _HOME, [html.table(top, lines)])


def rule_name(facts: Facts, rule: str) -> str:
    """What its model calls it, `XL-R02 以罚代刑 / …`; else the condition in the rule's words."""
    model = facts.models.get(f"warn_{rule.lower().replace('-', '_')}")
    said = model.description.partition(" / ")[0] if model else facts.rules[rule][0]["condition_zh"]
    return said.removeprefix(rule).strip()


def _dashboards(facts: Facts, graph: Graph) -> Iterator[tuple[str, str]]:
    trail = f'{_HOME} › <a href="index.html">页面 pages</a>'
    lines = []
    for page in facts.pages.values():
        shown = [c for c, where in facts.indicator_pages.items() if page.id in where]
        tables = facts.tables_of(page)
        about = [
            ("地址 address", html.code(f"/superset/dashboard/{page.id}/")),
            ("筛选 filters", html.listed(escape(f.name) for f in page.filters)),
            ("指标 indicators", html.listed(
                html.link("indicators", c, f"{c} {facts.indicators[c]['name_zh']}")
                for c in sorted(shown))),
            ("规格 specification", html.code(page.file)),
        ]  # fmt: skip
        rows = [
            (html.code(b.kind), escape(b.title), html.code(str(b.options.get("table") or "—")))
            for b in page.blocks
            if b.kind not in ("markdown", "header")
        ]
        grain = [(html.code(t), escape(_grain(facts.page_tables[t]))) for t in tables]
        parts = [
            html.facts(about),
            "## 图表 / blocks",
            html.table(("种类 kind", "标题 title", "页面表 table"), rows),
            "## 页面表 / page tables",
            html.table(("表 table", "粒度 grain"), grain),
            "## 来源 / lineage",
            lineage(graph, f"page:{page.id}"),
        ]
        yield f"pages/{page.id}.md", html.page(page.title, trail, parts)
        lines.append((html.link("pages", page.id, page.title), html.code(page.id), str(len(shown))))
    head = ("页面 page", "地址 address", "指标数 indicators")
    yield "pages/index.md", html.page("页面 pages", _HOME, [html.table(head, lines)])


def _grain(sql: str) -> str:
    """The comment at the head of a page table's file."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return re.sub(r"^Grain:\s*", "", " ".join(lines))
