"""A page per feed and log (from its contract), and one per code table."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ingestion.contract.model import BANDED, Contract, Field
from ingestion.generate.register import TREATMENT
from orchestration.site import drawing, html
from orchestration.site.facts import Facts
from orchestration.site.lineage import Graph

_PERIODS = {"day": "每日", "week": "每周", "month": "每月", "quarter": "每季", "year": "每年"}
_POLICIES = {
    "latest": "同键取最新 the newest version of a key counts",
    "none": "不去重 rows without a key are all kept",
    "append": "只增不改 rows only come new",
}
_TRAIL = '<a href="../index.html">首页</a> › <a href="index.html">数据源 feeds</a>'


def pages(facts: Facts, graph: Graph) -> Iterator[tuple[str, str]]:
    """(path, Markdown) of every feed's page and of their list."""
    rows = []
    for code, contract in facts.feeds.items():
        yield f"feeds/{code}.md", _page(facts, graph, contract)
        rows.append(
            (
                html.link("feeds", code, f"feed:{code}", up="../"),
                escape(contract.name),
                escape(contract.usage),
                escape(contract.owner),
                f"{contract.level_raw} → {contract.level_landed}",
                contract.frequency,
            )
        )
    head = ("代码 code", "名称 name", "内容 content", "责任单位 owner", "级别 level", "频率")
    trail = '<a href="../index.html">首页</a>'
    yield "feeds/index.md", html.page("数据源 feeds", trail, [html.table(head, rows)])


def _landed(field: Field) -> str:
    if field.transport:
        return "传输用 transport"
    if field.landed_name is None:
        return "不落湖 dropped"
    name = html.code(field.landed_name)
    if field.presence_only:
        return f"{name} 只留有无 presence"
    if field.pii in BANDED:
        return f"{name} 年龄段 age band"
    return name


def _unit(field: Field) -> str:
    if field.source_unit:
        return escape(f"{field.source_unit} → {field.unit}")
    return escape(field.unit or "")


def _field(facts: Facts, field: Field) -> tuple[str, ...]:
    sources = dict.fromkeys([field.name, field.source, *(a.source for a in field.aliases)])
    table = html.link("codes", field.code_table) if field.code_table else ""
    flags = [*(["主键 key"] if field.key_position else []), *(["必填"] if field.required else [])]
    personal = f"{field.pii}: {escape(TREATMENT.get(field.pii, ''))}" if field.personal else ""
    return (
        "<br>".join(html.code(s) for s in sources),
        escape(field.label),
        escape(field.description),
        escape(field.physical),
        _unit(field),
        table,
        " ".join(flags),
        personal,
        field.level,
        _landed(field),
    )


def _calendar(contract: Contract) -> str:
    return "<br>".join(
        f"{d.since} 起{_PERIODS[d.period]}一批，期末 {escape(d.due)} 前到 / "
        f"one a {d.period} from {d.since}, due by {escape(d.due)} after its end"
        for d in contract.calendar
    )


def _volume(contract: Contract) -> str:
    rows = contract.expected_rows_per_day
    return f"{rows:,.0f} 行/天 rows a day" if rows else "不设 none declared"


def _about(facts: Facts, contract: Contract) -> list[tuple[str, str]]:
    servers = [way.server for way in contract.ways]
    served = "是 yes" if contract.serve else "否 no"
    pairs = [
        ("内容 content", escape(contract.usage)),
        ("粒度 grain", escape(contract.grain)),
        ("主键 key", html.listed(html.code(k) for k in contract.key)),
        ("重复 duplicates", _POLICIES[contract.duplicate_policy]),
        ("目的 purpose", escape(contract.purpose)),
        ("依据 legal basis", escape(contract.legal_basis)),
        ("责任单位 owner", escape(contract.owner)),
        ("领域 domain", escape(contract.domain)),
        ("级别 level", f"来源 {contract.level_raw} → 落湖 {contract.level_landed}"),
        ("存档 archive", f"加密原件 {contract.archive_days} 天 days"),
        ("保存 retention", f"{contract.retention_days} 天 days"),
        ("到达 calendar", _calendar(contract) or "不定期 on demand"),
        ("预计 volume", _volume(contract)),
        ("方式 connector", "<br>".join(escape(f"{s.kind} · {s.format}") for s in servers)),
        ("SQL Lab", served),
        ("表 table", html.code(contract.table)),
        ("合同 contract", escape(f"{contract.path} · {contract.version}")),
        ("已知情况 quirks", escape(contract.limitations)),
    ]
    if contract.zone:
        pairs.append(("L4域 zone", escape(contract.zone)))
    if contract.erase_after:
        column, days = contract.erase_after
        pairs.append(("办结后删除 erased", f"{html.code(column)} + {days} 天 days"))
    if contract.exemptions:
        lines = [f"{e.check}: {e.reason} ({e.owner}, {e.until})" for e in contract.exemptions]
        pairs.append(("豁免 exemptions", "<br>".join(escape(x) for x in lines)))
    return pairs


def _page(facts: Facts, graph: Graph, contract: Contract) -> str:
    head = (
        "列 column", "名称", "含义 meaning", "类型 type", "单位 unit", "代码表 codes", "键",
        "个人信息 personal", "级别", "落湖列 landed as",
    )  # fmt: skip
    parts = [
        html.facts(_about(facts, contract)),
        "## 列 / columns",
        html.table(
            head,
            [_field(facts, f) for f in contract.fields],
            [f.name for f in contract.fields],
        ),
    ]
    if contract.row_rules:
        rows = [
            (html.code(r.name), escape(r.severity), escape(r.reason), html.code(r.expression))
            for r in contract.row_rules
        ]
        parts += [
            "## 行规则 / rules on a row",
            html.table(("规则 rule", "后果", "原因", "条件 condition"), rows),
        ]
    parts += [
        "## 去向 / lineage",
        lineage(graph, f"feed:{contract.code}"),
        _sent_by(contract),
    ]
    return html.page(f"{contract.code} {contract.name}", _TRAIL, [p for p in parts if p])


def _sent_by(contract: Contract) -> str:
    if not contract.senders:
        return ""
    return "## 报送单位 / senders\n\n" + f"<p>{html.listed(map(html.code, contract.senders))}</p>"


def lineage(graph: Graph, start: str) -> str:
    """The drawing around a node, and in words what a large one leaves out."""
    if start not in graph.nodes:
        return "<p>—</p>"
    chosen, dropped = graph.around(start)
    if len(chosen) == 1 and not dropped:
        return "<p>没有下游 / nothing reads it.</p>"
    shown = drawing.draw(graph, chosen, start)
    if dropped:
        nodes = sorted((graph.nodes[n] for n in dropped), key=lambda n: (n.kind, n.title))
        links = [f'<a href="../{n.url}">{escape(n.title)}</a>' for n in nodes]
        shown += f"\n<p>图外 / not drawn ({len(links)}): {html.listed(links)}</p>"
    return shown


def code_pages(facts: Facts) -> Iterator[tuple[str, str]]:
    """(path, Markdown) of every code table's page and of their list."""
    trail = '<a href="../index.html">首页</a> › <a href="index.html">代码表 code tables</a>'
    lines = []
    for name, rows in facts.codes.items():
        uses = facts.code_uses.get(name, [])
        used = html.listed(html.link("feeds", c, f"{c}.{f}", anchor=f) for c, f in uses)
        kind = rows[0]["table_kind"]
        about = [("种类 kind", kind), ("来源 origin", escape(rows[0]["origin"]))]
        if rows[0]["code"] == "*":
            about += [
                ("内容 content", escape(rows[0]["label_zh"])),
                ("格式 pattern", html.code(rows[0]["pattern"])),
            ]
            body = "<p>标准另有发布，这里只核对格式。Published elsewhere; its form is checked.</p>"
        else:
            body = html.table(
                ("代码 code", "名称", "English", "来源 origin"),
                [
                    (html.code(r["code"]), escape(r["label_zh"]), escape(r["label_en"]),
                     escape(r["origin"]))
                    for r in rows
                ],
                [f"c-{html.slug(r['code'])}" for r in rows],
            )  # fmt: skip
        about.append(("用于 used by", used))
        yield (
            f"codes/{html.slug(name)}.md",
            html.page(name, trail, [html.facts(about), "## 代码 / codes", body]),
        )
        known = rows[0]["label_zh"] if rows[0]["code"] == "*" else f"{len(rows)} 个代码"
        lines.append((html.link("codes", name), kind, escape(known), used))
    head = ("代码表 table", "种类 kind", "内容 content", "用于 used by")
    top = '<a href="../index.html">首页</a>'
    yield "codes/index.md", html.page("代码表 code tables", top, [html.table(head, lines)])
