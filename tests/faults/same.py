"""Whether two homes hold the same lake and show the same pages."""

from __future__ import annotations

from pathlib import Path

from tests.whole.test_killed_day import judged, lake, served


def differences(mine: Path, other: Path) -> list[str]:
    """The tables in which two homes differ; when a row was loaded and the release's name are not
    compared."""
    found = []
    for read in (lake, served):
        left, right = read(mine / "data"), read(other / "data")
        found += sorted(left.keys() ^ right.keys())
        found += [n for n in left if n in right and not left[n].equals(right[n])]
    if not judged(mine / "data").equals(judged(other / "data")):
        found.append("judged")
    return found
