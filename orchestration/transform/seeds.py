"""Reference data: its rows by name, and that it is loaded when it changed, not every day."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from ingestion import city

SEEDS = city.SEEDS


def seed_rows(name: str) -> list[dict[str, str]]:
    """The lines of a seed of the city, e.g. `seed_organisation`, as texts."""
    return city.rows(name)


def seeds_hash(project: Path) -> str:
    """SHA-256 over the contents of the seed files."""
    digest = hashlib.sha256()
    for path in sorted((project / "seeds").glob("*.*")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def seeds_are_loaded(database: Path, wanted: str) -> bool:
    """Whether this build file already holds exactly these seeds."""
    if not database.exists():
        return False
    with duckdb.connect(str(database)) as con:
        known = con.execute(
            "select count(*) from information_schema.tables"
            " where table_schema = 'seeds' and table_name = 'loaded_hash'"
        ).fetchall()[0][0]
        if not known:
            return False
        row = con.execute("select hash from seeds.loaded_hash").fetchall()
    return bool(row) and row[0][0] == wanted


def note_seeds_loaded(database: Path, wanted: str) -> None:
    """Remember in the build file which seeds it holds, so that a new file loads them again."""
    with duckdb.connect(str(database)) as con:
        con.execute("create schema if not exists seeds")
        con.execute("create or replace table seeds.loaded_hash (hash varchar)")
        con.execute("insert into seeds.loaded_hash values (?)", [wanted])
