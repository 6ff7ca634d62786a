"""What differs between the specifications and the server, as native fields, old → new.

Both sides are native files. Ids that a server assigns itself are replaced by our names first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
ABSENT = "(absent)"
# Written by the server on import or export; they carry no choice of anybody's.
_SERVER_OWNED = {
    "charts": {"params.datasource", "params.slice_id", "params.dashboards"},
    "dashboards": {"theme_uuid", "theme_id", "tags", "metadata.show_native_filters"},
    "databases": {"impersonate_user", "extra.version", "password", "encrypted_extra"},
    "datasets": set(),
}
_KINDS = tuple(_SERVER_OWNED)
_BRIEF = 80


@dataclass(frozen=True)
class Change:
    """One object to create, one to prune, or one field that differs."""

    action: str  # create | update | prune
    kind: str  # databases | datasets | charts | dashboards | rules
    name: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.action != "update":
            return f"{self.action:6} {self.kind[:-1]:9} {self.name}"
        return f"update {self.kind[:-1]:9} {self.name}: {self.field}: {self.old} → {self.new}"


def compare(ours: dict[str, Json], theirs: dict[str, Json]) -> list[Change]:
    """Changes that would make the server equal to the specifications, in import order."""
    wanted, found = _by_identity(ours), _by_identity(theirs)
    changes: list[Change] = []
    for key, content in wanted.items():
        kind, name = key[0], _name(content)
        if key not in found:
            changes.append(Change("create", kind, name))
            continue
        new, old = _flat(kind, content), _flat(kind, found[key])
        changes += [
            Change("update", kind, name, path, *_brief(old.get(path), new.get(path)))
            for path in sorted(new.keys() | old.keys())
            if new.get(path) != old.get(path)
        ]
    changes += [
        Change("prune", kind, _name(content), content["uuid"])
        for (kind, identity), content in found.items()
        if (kind, identity) not in wanted
    ]
    return changes


def _by_identity(files: dict[str, Json]) -> dict[tuple[str, str], Json]:
    return {
        (path.split("/")[0], str(content["uuid"])): content
        for path, content in files.items()
        if path.split("/")[0] in _KINDS
    }


def _name(content: Json) -> str:
    for key in ("dashboard_title", "slice_name", "table_name", "database_name"):
        if key in content:
            return str(content[key])
    return str(content.get("uuid"))


def _flat(kind: str, content: Json) -> dict[str, Any]:
    """Leaves by dotted path; empty values and server-owned fields are left out."""
    content = json.loads(json.dumps(content, default=str))
    if kind == "charts" and content.get("query_context"):
        context = json.loads(content["query_context"])
        context.pop("datasource", None)
        context.get("form_data", {}).pop("datasource", None)
        content["query_context"] = context
    if kind == "dashboards":
        _name_charts(content)
    if kind == "datasets":
        for part, key in (("columns", "column_name"), ("metrics", "metric_name")):
            content[part] = {one[key]: one for one in content.get(part) or []}
    leaves = dict(_leaves(content, ""))
    owned = _SERVER_OWNED[kind]
    return {
        path: value
        for path, value in leaves.items()
        if value not in (None, "", False)
        and not any(path == one or path.startswith(f"{one}.") for one in owned)
    }


def _name_charts(content: Json) -> None:
    """Replace the server's chart numbers by the charts' own ids."""
    names: dict[int, str] = {}
    for component in content.get("position", {}).values():
        if isinstance(component, dict) and component.get("type") == "CHART":
            number = component["meta"].pop("chartId", None)
            names[number] = str(component["meta"].get("uuid"))
            # The name shown comes from the chart; the copy here may be of an older import.
            component["meta"].pop("sliceName", None)
    for one in content.get("metadata", {}).get("native_filter_configuration", []):
        scope = one.get("scope", {})
        scope["excluded"] = sorted(names.get(n, str(n)) for n in scope.get("excluded", []))
        one.pop("chartsInScope", None)
        one.pop("tabsInScope", None)
    metadata = content.get("metadata", {})
    metadata.get("global_chart_configuration", {}).pop("chartsInScope", None)
    # Derived by the server's pages for their own use.
    for key in ("shared_label_colors", "map_label_colors", "chart_configuration"):
        metadata.pop(key, None)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _leaves(below, f"{path}[{number}]")
    else:
        yield path, value


def _brief(old: Any, new: Any) -> tuple[str, str]:
    """Both values on one line; of long ones, the part from the first difference."""
    texts = [ABSENT if one is None else str(one).replace("\n", " ") for one in (old, new)]
    if max(map(len, texts)) <= _BRIEF:
        return texts[0], texts[1]
    same = next((n for n, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), 0)
    start = max(0, same - 10)
    cut = [text[start : start + _BRIEF] for text in texts]
    return tuple(("…" if start else "") + text for text in cut)  # type: ignore[return-value]
