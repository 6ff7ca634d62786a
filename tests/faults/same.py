"""Whether two homes hold the same lake and show the same pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.whole.test_killed_day import judged, lake, served

# What a run under a wrong clock leaves for good: its pages were published, and revised afterwards.
AFTER_A_LEAP = {"pages.definition": ["revision_text"]}


def differences(
    mine: Path, other: Path, but: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """The tables in which two homes differ; when a row was loaded, the release's name, and `but`
    some columns of a table, are not compared."""
    found, but = [], but or {}
    for read in (lake, served):
        left, right = read(mine / "data"), read(other / "data")
        found += sorted(left.keys() ^ right.keys())
        both = [n for n in left if n in right]
        found += [
            n
            for n in both
            if not left[n].drop(but.get(n, ())).equals(right[n].drop(but.get(n, ())))
        ]
    if not judged(mine / "data").equals(judged(other / "data")):
        found.append("judged")
    return found
