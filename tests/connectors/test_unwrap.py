"""Encrypted and compressed drops: opened whole, or refused; never in part, never without end."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingestion import places
from ingestion.delivery import deliver, unwrap
from ingestion.delivery.received import Received, from_bytes
from ingestion.receive.text import Unreadable
from tests.connectors.feeds import AS_OF, feed, numbers, row
from tests.ingestion.handover import csv_text

WRAPPINGS = [
    (compression, scheme)
    for compression in (None, "gzip", "zip", "zstd")
    for scheme in (None, "age", "aes-256-gcm", "sm4-gcm")
    if compression or scheme
]


def received(
    folder: Path,
    compression: str | None,
    scheme: str | None,
    content: bytes,
    *,
    ready: bool = False,
) -> Received:
    """A drop of `content`, wrapped by its sender unless it is `ready`."""
    options: dict[str, Any] = {"file_pattern": "T01_{period}.csv", "encoding": "utf-8"}
    if compression:
        options["compression"] = compression
    if scheme:
        options["encryption"] = {"scheme": scheme, "key": f"drop-{scheme}"}
    contract = feed(folder, "local", "inbox/T01/", format="csv", **options)
    drop = content if ready else unwrap.seal(contract, content)
    return from_bytes(contract, drop, AS_OF.date(), AS_OF.date(), "T01_20260103.csv")


def read(drop: Received) -> bytes:
    with unwrap.clear(drop)() as source:
        return source.read()


@pytest.mark.parametrize(("compression", "scheme"), WRAPPINGS)
def test_a_drop_opens_again_and_again_and_a_spoilt_one_never(
    home: Path, tmp_path: Path, compression: str | None, scheme: str | None
) -> None:
    content = os.urandom(1_500_000) + b"abc," * 300_000
    drop = received(tmp_path, compression, scheme, content)
    assert read(drop) == read(drop) == content
    with unwrap.clear(drop)() as source:
        assert source.read(7) == content[:7]
    with drop.open() as source:
        sealed = source.read()
    middle = len(sealed) // 2
    flipped = sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]
    shortened = [sealed[:end] for end in (0, 5, middle, len(sealed) - 1)]
    for spoilt in (*shortened, flipped):
        bad = received(tmp_path, compression, scheme, spoilt, ready=True)
        with pytest.raises(Unreadable) as told:
            read(bad)
        assert "abc" not in str(told.value)


@pytest.mark.parametrize("scheme", ["age", "aes-256-gcm", "sm4-gcm"])
def test_another_key_opens_nothing_and_a_missing_one_makes_the_drop_wait(
    home: Path, tmp_path: Path, scheme: str
) -> None:
    drop = received(tmp_path, None, scheme, b"id\n1\n")
    key = places.secrets() / f"drop-{scheme}"
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    with pytest.raises(FileNotFoundError):
        read(drop)
    received(tmp_path, None, scheme, b"")  # makes a new key
    with pytest.raises(Unreadable, match="another key"):
        read(drop)


@pytest.mark.parametrize("compression", ["gzip", "zip", "zstd"])
def test_a_small_drop_that_expands_without_end_is_refused(
    home: Path, tmp_path: Path, compression: str
) -> None:
    drop = received(tmp_path, compression, "aes-256-gcm", b"0" * 100_000_000)
    with pytest.raises(Unreadable, match="expands beyond 200 times"):
        read(drop)


def test_a_zip_holds_one_file(home: Path, tmp_path: Path) -> None:
    for names in ([], ["a.csv", "b.csv"], ["folder/"]):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as book:
            for name in names:
                book.writestr(name, b"x")
        with pytest.raises(Unreadable, match="members, one file"):
            read(received(tmp_path, "zip", None, target.getvalue(), ready=True))


def test_a_sealed_drop_reaches_the_lake_and_a_spoilt_one_is_refused_whole(
    home: Path, tmp_path: Path
) -> None:
    rows = [[str(v) for v in row(n).values()] for n in range(500)]
    content = csv_text(list(row(0)), rows).encode("utf-8")
    drop = received(tmp_path, "gzip", "aes-256-gcm", content)
    assert deliver(drop).inserted_n == 500
    assert numbers(drop.contract) == list(range(500))
    with drop.open() as source:
        sealed = source.read()
    spoilt = received(tmp_path, "gzip", "aes-256-gcm", sealed[:-20], ready=True)
    refused = deliver(spoilt)
    assert (refused.status, refused.rows_n) == ("4", None)
    assert numbers(drop.contract) == list(range(500))
