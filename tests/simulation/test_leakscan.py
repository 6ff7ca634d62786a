"""What the leak scan promises."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from simulation.identity import sentinel_names
from tests.leakcontrol import FORMATS, KINDS, plant, prove
from tests.leakscan import Scanner, audit, is_resident_id

NAMES = sentinel_names()


def test_one_leak_of_each_kind_in_each_format_is_found(tmp_path: Path) -> None:
    planted = plant(tmp_path, NAMES[17])
    found = {(leak.path, leak.kind) for leak in Scanner(NAMES).home(tmp_path)}
    assert found == planted
    assert len(planted) == len(KINDS) * len(FORMATS)


def test_a_blind_scanner_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = Scanner(NAMES)
    monkeypatch.setattr(scanner, "parquet", lambda path: iter(()))
    with pytest.raises(AssertionError, match="blind"):
        prove(scanner)


def test_a_clean_home_has_no_leak(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "ticket_id": ["SX2026100100000001"],
            "share": [0.16012345678],
            "town_code": ["330602001000"],
            "event_id": ["EV000000001"],
        }
    ).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "log.txt").write_text("0.13912345678 330602199912319999 sha 139123456789", "utf-8")
    assert audit(tmp_path, NAMES) == []


def test_a_phone_kept_as_a_number_is_found(tmp_path: Path) -> None:
    pl.DataFrame({"x": [16012345678]}).write_parquet(tmp_path / "a.parquet")
    assert [leak.kind for leak in Scanner(NAMES).home(tmp_path)] == ["mobile"]


def test_encrypted_files_are_passed_over_by_their_first_bytes_not_their_name(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.age").write_bytes(b"age-encryption.org/v1\n16012345678")
    (tmp_path / "b.age").write_bytes(b"plain 16012345678")
    assert [leak.path for leak in Scanner(NAMES).home(tmp_path)] == ["b.age"]


def test_an_organisation_code_is_no_resident_id(tmp_path: Path) -> None:
    # a credit code of digits only whose last digit also passes MOD 11-2
    code = _digits_valid_as_both()
    pl.DataFrame({"org_code": [code], "note": [code]}).write_parquet(tmp_path / "a.parquet")
    found = Scanner(NAMES, frozenset({"org_code"})).home(tmp_path)
    assert [(leak.where, leak.kind) for leak in found] == [("note", "resident_id")]


def _digits_valid_as_both() -> str:
    from simulation.reference.codes import gb32100_check

    for number in range(1000):
        first = f"33060219900101{number:03d}"
        code = first + gb32100_check(first)
        if code[17].isdigit() and is_resident_id(code):
            return code
    raise AssertionError("no such code")
