"""What a simulated city wrote, read back as tables."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl

from simulation.justice.case_files import MANNERS
from simulation.justice.cases import CITY
from simulation.world import World

STREAMS = {"F01": "police.call.v1", "P35": "grid.event.v1"}


def api_rows(city: Path, feed: str) -> pl.DataFrame:
    rows = pl.read_parquet(city / "api" / f"{feed}.parquet")["row"].to_list()
    return pl.from_dicts([json.loads(r) for r in rows], infer_schema_length=None, strict=False)


def envelopes(city: Path, feed: str) -> pl.DataFrame:
    parts = []
    for path in sorted((city / "streams" / STREAMS[feed]).rglob("*.ndjson")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        schema = {"offset": pl.Int64, "timestamp": pl.Int64, "key": pl.String, "value": pl.String}
        parts.append(
            pl.DataFrame(rows, schema=schema).with_columns(
                partition=pl.lit(int(path.parent.name)), first=pl.lit(int(path.stem))
            )
        )
    return pl.concat(parts)


def messages(city: Path, feed: str) -> list[dict[str, object]]:
    """The readable messages, in order of their offsets."""
    found = []
    for text in envelopes(city, feed)["value"].drop_nulls():
        try:
            found.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return found


def table(city: Path, name: str) -> pl.DataFrame:
    with closing(sqlite3.connect(city / "db" / "agency.sqlite")) as base:
        cursor = base.execute(f"select * from {name}")
        names = [c[0] for c in cursor.description]
        return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


def case_files(city: Path) -> pl.DataFrame:
    """All F08 rows under their field names, as text."""
    parts = []
    for role, manner in MANNERS.items():
        sender = world().organisation(CITY, role)
        for path in sorted((city / "F08").glob(f"F08_{sender}_*.csv")):
            text = path.read_bytes().decode(manner.encoding)
            back = {header: name for name, header in manner.headers.items()}
            rows = pl.read_csv(io.StringIO(text), infer_schema=False).rename(back)
            parts.append(rows.with_columns(file=pl.lit(path.name), role=pl.lit(role)))
    return pl.concat(parts)


def world() -> World:
    return World(1, date(2026, 8, 1), date(2026, 10, 30), 1.0)


def planted(city: Path, feed: str) -> pl.DataFrame:
    rows = pl.read_csv(city / "truth" / "planted_defects.csv", infer_schema=False)
    return rows.filter(pl.col("feed_code") == feed)
