"""A lineage as inline SVG: layers from left to right, boxes that lead to their pages.

Layers by longest path, crossings lessened by the mean place of a box's neighbours (Sugiyama);
an edge over several layers keeps a free lane in each. No script, no font of another host.
"""

from __future__ import annotations

from html import escape
from itertools import pairwise

from orchestration.site.lineage import Graph, Node

BOX, GAP, HIGH, STEP, LANE = 180, 42, 40, 50, 14
# A wide drawing shrinks to its column, but never below this: then it scrolls.
LEAST_SCALE = 0.72
_SWEEPS = 8
_KINDS = {
    "feed": "数据源 feed", "staging": "暂存 staging", "model": "事实与维 facts",
    "indicator": "指标 indicator", "rule": "规则 rule", "page": "页面 page",
}  # fmt: skip
Lanes = dict[tuple[str, str], list[str]]


def draw(graph: Graph, chosen: set[str], start: str, up: str = "../") -> str:
    """The drawing of some nodes; `start` is the one the page is about."""
    layer = _layers(graph, chosen)
    order, lanes, before, after = _with_lanes(graph, chosen, layer)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for number in sorted(order, reverse=not down):
            near = before if down else after
            place = {n: i for column in order.values() for i, n in enumerate(column)}
            order[number].sort(key=lambda n: (_mean(near.get(n, []), place, place[n]), n))
    tall = {number: sum(_height(n) for n in column) for number, column in order.items()}
    height = max(tall.values()) + 30
    where: dict[str, tuple[float, float]] = {}
    for number, column in order.items():
        y = 24 + (height - 30 - tall[number]) / 2
        for name in column:
            where[name] = (number * (BOX + GAP) + 4, y + _height(name) / 2)
            y += _height(name)
    width = (max(order) + 1) * (BOX + GAP) - GAP + 8
    parts = [_edge([where[n] for n in [s, *mid, e]]) for (s, e), mid in sorted(lanes.items())]
    parts += [_box(graph.nodes[n], *where[n], n == start, up) for n in sorted(chosen)]
    kinds = [k for k in _KINDS if any(graph.nodes[n].kind == k for n in chosen)]
    keys = " ".join(f'<span class="key {k}">{_KINDS[k]}</span>' for k in kinds)
    legend = f"<figcaption>{keys}</figcaption>" if keys else ""
    return (
        f'<figure class="lineage">{legend}<div class="scroll">'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" style="min-width:{width * LEAST_SCALE:.0f}px" '
        f'role="img" aria-label="lineage">'
        f"{''.join(parts)}</svg></div></figure>"
    )


def _height(name: str) -> int:
    return LANE if name.startswith("lane:") else STEP


def _mean(near: list[str], place: dict[str, int], own: int) -> float:
    return sum(place[n] for n in near) / len(near) if near else own


def _layers(graph: Graph, chosen: set[str]) -> dict[str, int]:
    """Longest path from a node without parents; pages all stand in the last layer."""
    layer: dict[str, int] = {}

    def depth(name: str, way: tuple[str, ...] = ()) -> int:
        if name not in layer:
            above = [p for p in graph.into.get(name, ()) if p in chosen and p not in way]
            layer[name] = max((depth(p, (*way, name)) + 1 for p in above), default=0)
        return layer[name]

    for name in sorted(chosen):
        depth(name)
    pages = [n for n in chosen if graph.nodes[n].kind == "page"]
    last = max((layer[n] for n in pages), default=0)
    layer.update(dict.fromkeys(pages, last))
    # A reference table stands beside what reads it, not at the far left.
    for name in sorted(chosen, key=lambda n: -layer[n]):
        below = [layer[c] for c in graph.out.get(name, ()) if c in chosen]
        if below and not [p for p in graph.into.get(name, ()) if p in chosen]:
            layer[name] = min(below) - 1
    return layer


def _with_lanes(
    graph: Graph, chosen: set[str], layer: dict[str, int]
) -> tuple[dict[int, list[str]], Lanes, dict[str, list[str]], dict[str, list[str]]]:
    order: dict[int, list[str]] = {n: [] for n in range(max(layer.values()) + 1)}
    for name in sorted(chosen):
        order[layer[name]].append(name)
    lanes: Lanes = {}
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for end in sorted(chosen):
        for start in sorted(graph.into.get(end, ())):
            if start not in chosen or layer[start] >= layer[end]:
                continue
            between = range(layer[start] + 1, layer[end])
            middle = [f"lane:{start}>{end}:{n}" for n in between]
            for number, lane in zip(between, middle, strict=True):
                order[number].append(lane)
            lanes[(start, end)] = middle
            way = [start, *middle, end]
            for one, other in pairwise(way):
                after.setdefault(one, []).append(other)
                before.setdefault(other, []).append(one)
    return {n: column for n, column in order.items() if column}, lanes, before, after


def _edge(points: list[tuple[float, float]]) -> str:
    (x, y), rest = points[0], points[1:]
    way = [f"M{x + BOX:.0f} {y:.0f}"]
    for to_x, to_y in rest:
        half = GAP / 2
        way.append(f"C{to_x - half:.0f} {y:.0f} {to_x - half:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}")
        way.append(f"H{to_x + BOX:.0f}" if (to_x, to_y) != rest[-1] else "")
        y = to_y
    return f'<path class="edge" d="{"".join(way)}"/>'


def _fit(text: str, room: float) -> str:
    """The text cut to a width; a Chinese character counts as wide as its height."""
    used, kept = 0.0, ""
    for letter in text:
        used += 12 if ord(letter) > 0x2E80 else 6.8
        if used > room:
            return kept + "…"
        kept += letter
    return kept


def _box(node: Node, x: float, y: float, here: bool, up: str) -> str:
    top = y - HIGH / 2
    kind = f"{node.kind} here" if here else node.kind
    title, note = escape(_fit(node.title, BOX - 22)), escape(_fit(node.note, BOX - 22))
    box = (
        f'<g class="box {kind}"><title>{escape(node.title)} '
        f"{escape(node.note)}</title>"
        f'<rect x="{x:.0f}" y="{top:.0f}" width="{BOX}" height="{HIGH}" rx="5"/>'
        f'<text x="{x + 10:.0f}" y="{top + 17:.0f}" class="first">{title}</text>'
        f'<text x="{x + 10:.0f}" y="{top + 33:.0f}" class="second">{note}</text></g>'
    )
    return f'<a href="{up}{node.url}">{box}</a>' if node.url else box
