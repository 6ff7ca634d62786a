"""The positive control of the leak scan: one leak of each kind in each format must be found."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl
import xlsxwriter

from simulation.changes import pseudonyms
from simulation.identity import mobiles, resident_ids

if TYPE_CHECKING:
    from tests.leakscan import Scanner

KINDS = ("resident_id", "mobile", "name", "raw_token")


def _parquet(path: Path, value: str) -> None:
    pl.DataFrame({"ticket_id": ["SX1"], "note": [f"前{value}后"]}).write_parquet(path)


def _duckdb(path: Path, value: str) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("create schema staging")
        con.execute("create table staging.t as select ? as remark", [value])


def _sqlite(path: Path, value: str) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table logs (body text)")
        con.execute("insert into logs values (?)", [json.dumps({"q": f"x {value} y"})])
    con.close()


def _xlsx(path: Path, value: str) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string(3, 2, value)


def _delta_log(path: Path, value: str) -> None:
    stats = json.dumps({"minValues": {"caller": value}}, ensure_ascii=False)
    path.write_text(json.dumps({"add": {"path": "a.parquet", "stats": stats}}), "utf-8")


def _json(path: Path, value: str) -> None:
    path.write_text(json.dumps({"reason": f"来电{value}"}), "utf-8")  # CJK as \\uXXXX


def _html(path: Path, value: str) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in value)
    path.write_text(f"<td>{escaped}</td>", "utf-8")


def _log(path: Path, value: str) -> None:
    path.write_bytes(f"2026-10-31 ERROR row={value}\n".encode("gb18030"))


def _gzip(path: Path, value: str) -> None:
    path.write_bytes(gzip.compress(value.encode()))


FORMATS = {
    "parquet": _parquet,
    "duckdb": _duckdb,
    "sqlite": _sqlite,
    "xlsx": _xlsx,
    "delta.json": _delta_log,
    "json": _json,
    "html": _html,
    "log": _log,
    "gz": _gzip,
}


def plant(folder: Path, name: str, zone_token: str = "") -> set[tuple[str, str]]:
    """Write one file per format and kind; gives the (file, kind) that must be found.

    A token of an L4 zone is planted only where one is looked for.
    """
    chance = np.random.default_rng(11)
    values = {
        "resident_id": str(resident_ids(chance, 1)[0]),
        "mobile": str(mobiles(chance, 1)[0]),
        "name": name,
        "raw_token": str(pseudonyms(np.arange(1), 11)[0]),
    }
    if zone_token:
        values["zone_token"] = zone_token
    for kind, value in values.items():
        for suffix, write in FORMATS.items():
            write(folder / f"{kind}.{suffix}", value)
    return {(f"{kind}.{suffix}", kind) for kind in values for suffix in FORMATS}


def prove(scanner: Scanner) -> None:
    """Raise unless the scanner finds every planted leak, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        token = min(scanner.zone_tokens, default="")
        planted = plant(Path(folder), scanner.names[0], token)
        found = {(leak.path, leak.kind) for leak in scanner.home(Path(folder))}
    if found != planted:
        missed, extra = sorted(planted - found), sorted(found - planted)
        raise AssertionError(f"leak scan is blind: missed {missed}, invented {extra}")
