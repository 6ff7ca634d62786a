"""Composite blocks: what many pages show alike is written once, in `composites.yaml`.

A composite is a list of plain blocks with places to fill in. A page gives only what differs:

    {block: indicator_table, id: all, width: 12, codes: [D09, D07]}

`$name` stands for a value of the page's entry (or of `defaults`), `{name}` for the same inside a
text (`data_note` is the city's); a key `$name` in a mapping is replaced by the entries of that
mapping. `each: codes` repeats the blocks for every indicator side by side. Of an indicator its
`name`, `unit`, `column` and `format` are known. What a composite does not use is handed to its
(single) block as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from dashboards.compiler.errors import SpecificationError
from dashboards.compiler.registry import Indicator, indicator
from ingestion.city import city

_FILE = Path(__file__).with_name("composites.yaml")
_PLACE = re.compile(r"\{(\w+)\}")
Entry = dict[str, Any]


@lru_cache(maxsize=1)
def composites() -> dict[str, Entry]:
    """Every composite by its kind."""
    found: dict[str, Entry] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def expand(entry: Entry, page_title: str, where: str) -> list[Entry]:
    """The plain blocks that an entry of a page stands for."""
    composite = composites().get(entry.get("block", ""))
    if composite is None:
        return [entry]
    try:
        return _expand(entry, composite, page_title)
    except (KeyError, SpecificationError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise SpecificationError(f"{where}: {entry.get('id')}: {said}") from error


def _expand(entry: Entry, composite: Entry, page_title: str) -> list[Entry]:
    fixed = {"page_title": page_title, "data_note": city().data_note}
    values = {**fixed, **composite.get("defaults", {}), **entry}
    codes: list[str] = values.get("codes", [])
    most = composite.get("most")
    if most and len(codes) > most:
        raise SpecificationError(f"at most {most} codes, not {len(codes)}")
    named = [indicator(code) for code in codes]
    values["code_columns"] = {one.column: f"{one.name}（{one.unit}）" for one in named}
    values["code_names"] = [one.column for one in named]
    if "code" in values:
        values |= _of(indicator(values["code"]))
    values |= {key: _fill(values[key], values, set()) for key in composite.get("defaults", {})}
    if composite.get("each") != "codes":
        return _filled(composite["blocks"], values, entry)
    blocks = []
    for one in named:
        own = {**values, **_of(one), "id": f"{values['id']}-{one.column}"}
        own["width"] = int(values["width"]) // len(named)
        blocks += _filled(composite["blocks"], own, {})
    return blocks


def _of(one: Indicator) -> Entry:
    return {
        "code": one.code,
        "name": one.name,
        "unit": one.unit,
        "column": one.column,
        "format": f",.{min(one.decimals, 2)}f",
    }


def _filled(blocks: list[Entry], values: Entry, entry: Entry) -> list[Entry]:
    used: set[str] = {"block"}
    filled = [_fill(block, values, used) for block in blocks]
    if len(filled) == 1:
        filled[0] |= {key: value for key, value in entry.items() if key not in used}
    return filled


def _fill(template: Any, values: Entry, used: set[str]) -> Any:
    """A copy of a template with every place filled in; notes in `used` what it took."""
    if isinstance(template, dict):
        filled: Entry = {}
        for key, inner in template.items():
            if isinstance(key, str) and key.startswith("$"):
                used.add(key[1:])
                filled |= values[key[1:]]
            else:
                filled[key] = _fill(inner, values, used)
        return filled
    if isinstance(template, list):
        return [_fill(inner, values, used) for inner in template]
    if not isinstance(template, str):
        return template
    if template.startswith("$"):
        used.add(template[1:])
        return values[template[1:]]

    def place(match: re.Match[str]) -> str:
        used.add(match[1])
        return str(values[match[1]])

    return _PLACE.sub(place, template)
