"""A contract patch: the proposed changes as a unified diff of the YAML, for an engineer.

The text is edited where YAML's own marks say that a node stands, so comments and layout stay
and either style, block or flow, can be read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ingestion.city import own
from ingestion.contract.codes import SEED
from ingestion.contract.load import FOLDER
from ingestion.contract.model import Contract
from ingestion.draft.compose import column_lines, quoted
from ingestion.draft.drift import Change


class _Text:
    """A YAML text and its edits: (from, to, new text), applied from the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = yaml.compose(text, Loader=yaml.SafeLoader)
        self.edits: list[tuple[int, int, str]] = []

    def result(self) -> str:
        text = self.text
        for start, end, new in sorted(self.edits, key=lambda e: (e[0], e[1]), reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def replace(self, mapping: Any, key: str, new: str) -> None:
        """Another value for a key; what stood there may span lines."""
        name, old = next((k, v) for k, v in mapping.value if k.value == key)
        self.edits.append((name.end_mark.index, _end(old), f": {new}"))

    def line_after(self, node: Any, lines: Sequence[str]) -> None:
        """New lines below the node's last one."""
        end = self.text.find("\n", _end(node))
        at = len(self.text) if end < 0 else end + 1
        lead = "" if end >= 0 else "\n"
        self.edits.append((at, at, lead + "".join(f"{line}\n" for line in lines)))


def _end(node: Any) -> int:
    """Where a node's text ends; a block collection's own mark is past blank lines and comments."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _child(node: Any, key: str) -> Any:
    return next((v for k, v in node.value if k.value == key), None)


def _properties(text: _Text) -> Any:
    return _child(_child(text.root, "schema").value[0], "properties")


def _property(text: _Text, name: str) -> Any:
    return next(p for p in _properties(text).value if _child(p, "name").value == name)


def _set_key(text: _Text, node: Any, key: str, value: str) -> None:
    old = _child(node, key)
    if old is not None:
        text.replace(node, key, value)
    elif node.flow_style:
        text.edits.append((node.end_mark.index - 1,) * 2 + (f", {key}: {value}",))
    else:
        text.line_after(node, [" " * node.start_mark.column + f"{key}: {value}"])


def _set_property(text: _Text, node: Any, name: str, value: str, *, extend: bool = False) -> None:
    """Set one of a column's customProperties; `extend` adds to a list that is there."""
    ours = _child(node, "customProperties")
    item = f"{{property: {name}, value: {value}}}"
    if ours is None or not ours.value:
        if ours is not None:
            text.replace(node, "customProperties", f"[{item}]")
        else:
            _set_key(text, node, "customProperties", f"[{item}]")
        return
    for entry in ours.value:
        if _child(entry, "property").value == name:
            old = _child(entry, "value")
            if extend and isinstance(old, yaml.SequenceNode) and old.flow_style:
                at = old.end_mark.index - 1
                text.edits.append((at, at, f", {value[1:-1]}"))
            elif extend:
                text.line_after(old, [" " * old.start_mark.column + f"- {value[1:-1]}"])
            else:
                text.replace(entry, "value", value)
            return
    if ours.flow_style:
        text.edits.append((_end(ours.value[-1]), _end(ours.value[-1]), f", {item}"))
    else:
        text.line_after(ours.value[-1], [" " * ours.start_mark.column + f"- {item}"])


def _apply(text: _Text, change: Change) -> None:
    if change.addition is not None:
        properties = _properties(text)
        # Whatever its content looks like, a class is a person's decision, and none means dropped;
        # and a diff that lies in the outbox shows no value of a column that nobody has looked at.
        found = change.addition
        bare = replace(found, codes=None, kind=replace(found.kind, pii=None, extra={}))
        kept = column_lines(bare, required=False, key=None, dated=False)
        dates = found.kind.extra.get("date_forms")
        if isinstance(dates, list):
            forms = f"{{property: date_forms, value: [{', '.join(dates)}]}}"
            kept += ["  customProperties:", f"    - {forms}"]
        if properties.flow_style:
            node = yaml.safe_load("\n".join(kept))[0]
            flow = yaml.safe_dump(node, allow_unicode=True, default_flow_style=True, width=10_000)
            end = _end(properties.value[-1])
            text.edits.append((end, end, f", {flow.strip()}"))
            return
        margin = " " * (properties.start_mark.column)
        text.line_after(properties, [margin + line for line in kept])
        return
    if change.declared is None:
        return
    node = _property(text, change.declared)
    if change.kind == "renamed":
        unit = f", unit: {change.alias_unit}" if change.alias_unit else ""
        alias = f"{{name: {quoted(change.header)}{unit}}}"
        _set_property(text, node, "aliases", f"[{alias}]", extend=True)
    for key, value in change.keys.items():
        _set_key(text, node, key, value)
    for name, value in change.properties.items():
        _set_property(text, node, name, value)


def _raise_version(text: _Text) -> None:
    """The next minor version: by it a delivery that was refused is taken anew."""
    node = _child(text.root, "version")
    numbers = re.fullmatch(r"(\d+)\.(\d+)(?:\.\d+)?", node.value)
    if numbers:
        text.replace(text.root, "version", f"{numbers[1]}.{int(numbers[2]) + 1}.0")


def mended(text: str, changes: Sequence[Change]) -> str:
    """The contract's text with the proposed changes and its version raised, if there are any."""
    edited = _Text(text)
    for change in changes:
        _apply(edited, change)
    if edited.edits:
        _raise_version(edited)
    return edited.result()


def _with_codes(text: str, changes: Sequence[Change]) -> str:
    """The seed of code tables with the proposed codes behind those of their table."""
    lines = text.splitlines(keepends=True)
    for change in (c for c in changes if c.codes):
        last = max(i for i, line in enumerate(lines) if line.startswith(f"{change.code_table},"))
        new = [f"{change.code_table},{code},TODO,,TODO,enum,,,\n" for code in change.codes]
        lines[last + 1 : last + 1] = new
    return "".join(lines)


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def propose(contract: Contract, changes: Sequence[Change], path: Path | None = None) -> str:
    """A unified diff that would mend the contract; empty where nothing can be proposed.

    `path` is the contract's file where that does not lie in the city's folder.
    """
    path = path or own(f"contracts/{contract.path}") or FOLDER / contract.path
    if not changes or not path.is_file():
        return ""
    before = path.read_text("utf-8")
    inside = path.parent == FOLDER
    name = f"ingestion/contracts/{path.name}" if inside else path.name
    diff = _diff(before, mended(before, changes), name)
    seed = SEED.read_text("utf-8")
    return diff + _diff(seed, _with_codes(seed, changes), "dbt_project/seeds/seed_code.csv")
