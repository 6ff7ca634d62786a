"""Example queries of the bench, by audience. Standard library only: tests read them, too.

A file of `dashboards/bench/<audience>/` is one query: two lines of comment, its title and what it
is for, then SQL that begins with the parameters. Where audiences differ in nothing but these, the
file ends with a line `-- 其余见 NAME`, and what follows stands once in `dashboards/bench/shared/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "bench"
SHARED = "shared"
_REST = "-- 其余见 "


@dataclass(frozen=True)
class Query:
    """A query with its title and what it is for; `file` names it inside `bench/`."""

    file: str
    title: str
    description: str
    sql: str


@lru_cache(maxsize=16)
def queries(audience: str) -> tuple[Query, ...]:
    """The examples of an audience, in the order of their files."""
    return tuple(_read(path) for path in sorted((FOLDER / audience).glob("*.sql")))


def _read(path: Path) -> Query:
    own, named, rest = path.read_text(encoding="utf-8").partition(_REST)
    text = own + _shared(rest.strip()) if named else own
    comments = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        comments.append(line.removeprefix("--").strip())
    file = path.relative_to(FOLDER).as_posix()
    return Query(file, comments[0], " ".join(comments[1:]), text)


def _shared(name: str) -> str:
    return (FOLDER / SHARED / name).read_text(encoding="utf-8")
