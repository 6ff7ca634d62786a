"""Nothing personal can be read in a data home after a whole run, and no zone has a hole."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from ingestion import places
from ingestion.contract import Contract, load_all
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path
from tests.leakscan import TOKEN, Scanner, audit, read_names

# The columns that single out a person or a case in a zone, as our own tokens.
ZONE_KEYS = {"F12": "patient_token", "F13": "patient_token", "F14": "case_token"}
BUILD_FILE = "l4-*.duckdb"


def zoned() -> list[Contract]:
    found = [c for c in load_all().values() if c.zone]
    assert {c.code for c in found} == set(ZONE_KEYS)
    return found


def names() -> list[str]:
    found = read_names(places.agencies() / "truth" / "sentinel_names.txt")
    assert len(found) > 100
    return found


def own_tokens() -> frozenset[str]:
    """Every token of a patient or a case, as the zones hold them."""
    found = set()
    for contract in zoned():
        tokens = pl.read_delta(str(feed_path(contract)))[ZONE_KEYS[contract.code]].unique()
        assert tokens.len() > 3
        assert all(TOKEN.fullmatch(t) for t in tokens)
        found |= set(tokens)
    return frozenset(found)


def inside_a_zone(home: Path, path: str) -> bool:
    return path.startswith("lake-l4/") or (home / path) in list(places.build().glob(BUILD_FILE))


def test_a_whole_citys_home_holds_no_personal_value_nor_a_zones_token(city_home: Path) -> None:
    looked_at = {p.suffix for p in city_home.rglob("*") if p.is_file()}
    assert {".parquet", ".duckdb", ".json", ".age"} <= looked_at
    # `audit` plants a leak of every kind in every format first and must find each.
    leaks = audit(city_home, names(), own_tokens())
    outside = [x for x in leaks if x.kind != "zone_token" or not inside_a_zone(city_home, x.path)]
    assert outside == []
    # Were they not found where they belong, nothing would have been looked for.
    assert {"lake-l4/health", "lake-l4/minors"} <= {x.path.rsplit("/conformed")[0] for x in leaks}


def test_a_zones_rows_lie_in_its_zone_only(city_home: Path) -> None:
    tables = {c.table for c in zoned()}
    for contract in zoned():
        assert feed_path(contract).is_relative_to(places.lake_l4(str(contract.zone)))
    elsewhere = [
        p for p in city_home.rglob("*") if p.is_dir() and p.name in tables and "l4" not in str(p)
    ]
    assert elsewhere == []
    keys = set(ZONE_KEYS.values())
    files = [*places.serving().glob("*.duckdb"), places.build() / "fengqiao.duckdb"]
    assert len(files) > 3
    for file in files:
        with duckdb.connect(str(file), read_only=True) as con:
            columns = con.execute(
                "select table_name, column_name from information_schema.columns"
            ).fetchall()
        assert columns
        assert {t for t, c in columns if c in keys} == set(), file.name
        assert not {t for t, _ in columns} & {f"stg_{t}" for t in tables}, file.name


def test_a_zones_refusals_are_told_without_a_value(city_home: Path) -> None:
    told = read_log("quarantine").filter(pl.col("feed_code").is_in(list(ZONE_KEYS)))
    assert told.height > 10
    assert told["value"].null_count() == told.height


def test_what_is_scanned_as_encrypted_is(city_home: Path) -> None:
    sealed = [*places.archive().rglob("*"), *places.outbox().rglob("*.xlsx.age")]
    files = [p for p in sealed if p.is_file()]
    assert len(files) > 100
    assert all(p.read_bytes()[:21] == b"age-encryption.org/v1" for p in files)


def test_no_pull_is_left_in_the_spool(city_home: Path) -> None:
    left = [p for p in (places.ops() / "spool").rglob("*") if p.is_file()]
    assert left == []


def test_the_agencies_own_files_would_be_found(city_home: Path, tmp_path: Path) -> None:
    source = places.agencies() / "P44" / "P44_20261009.csv"
    (tmp_path / "leak.csv").write_bytes(source.read_bytes())
    stream = next((places.agencies() / "streams").rglob("*.ndjson"))
    (tmp_path / "stream.ndjson").write_bytes(stream.read_bytes())
    assert {leak.kind for leak in Scanner(names()).home(tmp_path)} >= {"mobile", "name"}
