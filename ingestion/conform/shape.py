"""The shape of a value: what a person may see of a cell that must not be seen.

"11010119900307123X" → "17 digits + X". Only the characters' kinds and counts remain.
"""

from __future__ import annotations

import itertools

import polars as pl

# Kept as they are: they carry form, not content.
_PLAIN = set("-/:.,;()（）[]#*@+% \t_X")
_NAMES = {"9": "digits", "A": "letters", "字": "Chinese characters", "?": "other characters"}
MAX_SHAPE_CHARS = 120


def _kind(char: str) -> str:
    if char in _PLAIN:
        return char
    if char.isdigit():
        return "9"
    if "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff":
        return "字"
    return "A" if char.isalpha() else "?"


def shape(value: str | None) -> str:
    """The shape of one value, in words."""
    if value is None or value == "":
        return "empty"
    parts = []
    for kind, run in itertools.groupby(value, key=_kind):
        count = len(list(run))
        if kind in _NAMES:
            parts.append(f"{count} {_NAMES[kind] if count > 1 else _NAMES[kind].removesuffix('s')}")
        else:
            parts.append("space" if kind == " " else kind * min(count, 3))
    text = " + ".join(parts)
    return text if len(text) <= MAX_SHAPE_CHARS else text[: MAX_SHAPE_CHARS - 1] + "…"


def shapes(values: pl.Series) -> pl.Series:
    """The shapes of many values; each distinct value is described once."""
    distinct = values.unique()
    described = [shape(v) for v in distinct]
    return values.replace_strict(distinct, pl.Series(described, dtype=pl.String)).fill_null("empty")
