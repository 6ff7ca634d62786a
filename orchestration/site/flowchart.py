"""The diagrams of the documents (Mermaid flowcharts from left to right), drawn without Mermaid.

Mermaid would come from another host, or as three megabytes of script for one diagram. What the
documents use of it is small: boxes, arrows and their words. Subgraphs are not drawn.
"""

from __future__ import annotations

import re
from itertools import pairwise

from orchestration.site.drawing import draw
from orchestration.site.lineage import Graph, Node

_ARROW = re.compile(r'\s*(?:-->|-\.\s*([^.]*?)\s*\.->|--\s*"([^"]*)"\s*-->)\s*')
_BOX = re.compile(r"^(\w+)(?:[\[({]+\"?(.*?)\"?[\])}]+)?$")
_BLOCK = re.compile(r"^```mermaid\n(.*?)^```\s*?$", re.M | re.S)


def drawn(text: str) -> str:
    """A document in which each Mermaid block is a drawing."""
    return _BLOCK.sub(lambda match: _draw(match[1]), text)


def _draw(source: str) -> str:
    graph = Graph()
    for line in source.splitlines():
        parts = _ARROW.split(line.strip())
        boxes = [_BOX.match(part.strip()) for part in parts[::3]]
        if len(boxes) < 2 and not (boxes[0] and boxes[0][2]):
            continue
        names = []
        for box in boxes:
            if box is None:
                raise ValueError(f"a diagram this site cannot draw: {line.strip()}")
            _say(graph, box[1], box[2])
            names.append(box[1])
        for one, other in pairwise(names):
            graph.join(one, other)
    return draw(graph, set(graph.nodes), "")


def _say(graph: Graph, name: str, label: str | None) -> None:
    """The box under its first label; a later mention without one adds nothing."""
    if label is None and name in graph.nodes:
        return
    first, _, rest = (label or name).replace("<br/>", "<br>").partition("<br>")
    graph.nodes[name] = Node(name, "box", first.strip(), rest.replace("<br>", " ").strip(), "")
