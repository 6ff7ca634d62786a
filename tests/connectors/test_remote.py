"""Folders elsewhere: whole files only, put away after their receipt, each taken once."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyarrow import fs

from ingestion import clock, connectors
from ingestion.connectors import SourceUnavailable
from ingestion.connectors.remote import sftp
from ingestion.contract import Contract
from ingestion.delivery import deliver
from tests.connectors.feeds import AS_OF, COLUMNS, feed, numbers, receipts_n, row, secret, take
from tests.connectors.servers import Sftp
from tests.ingestion.handover import csv_text

HEADER = [c[0] for c in COLUMNS]


def csv(*numbers_: int, pad: int = 0) -> bytes:
    rows = [[str(v) for v in row(n, words="字" * pad).values()] for n in numbers_]
    return csv_text(HEADER, rows).encode("utf-8")


@dataclass
class Folder:
    """What the agency sees of its folder."""

    put: Callable[[str, bytes], None]
    names: Callable[[], list[str]]
    location: str
    options: dict[str, Any]
    kind: str

    def contract(self, folder: Path, **options: Any) -> Contract:
        pattern = {"file_pattern": "T01_{period}.csv", "encoding": "utf-8"}
        named = {**pattern, **self.options, **options}
        return feed(folder, self.kind, self.location, format="csv", **named)


def writer(address: str) -> fs.S3FileSystem:
    """The agency's own way into the store."""
    return fs.S3FileSystem(
        access_key="any",
        secret_key="any-secret",
        endpoint_override=address.removeprefix("http://"),
        scheme="http",
        region="us-east-1",
        allow_bucket_creation=True,
    )


def _s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Folder:
    address = request.getfixturevalue("seaweed")
    secret("agency-store", {"access_key": "any", "secret_key": "any-secret"})
    store = writer(address)
    store.create_dir("drops")
    home = f"drops/{abs(hash(request.node.name))}"
    monkeypatch.setenv("AGENCY_STORE", address)
    monkeypatch.setenv("AGENCY_PREFIX", home)

    def put(name: str, content: bytes) -> None:
        with store.open_output_stream(f"{home}/{name}") as target:
            target.write(content)

    def names() -> list[str]:
        selector = fs.FileSelector(home, recursive=True, allow_not_found=True)
        listed = [i for i in store.get_file_info(selector) if i.type == fs.FileType.File]
        return sorted(i.path.removeprefix(f"{home}/") for i in listed)

    options = {"endpoint": "${AGENCY_STORE}", "credential": "agency-store"}
    return Folder(put, names, "s3://${AGENCY_PREFIX}", options, "s3")


def _sftp(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Folder:
    server: Sftp = request.getfixturevalue("sshd")
    user = pwd.getpwuid(os.getuid()).pw_name
    secret(
        "agency-sftp",
        {"username": user, "host_key": server.host_key, "private_key": server.private_key},
    )
    home = server.folder / "t01"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    monkeypatch.setenv("AGENCY_SFTP", f"sftp://127.0.0.1:{server.port}{home}")

    def put(name: str, content: bytes) -> None:
        (home / name).write_bytes(content)

    def names() -> list[str]:
        return sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file())

    return Folder(put, names, "${AGENCY_SFTP}", {"credential": "agency-sftp"}, "sftp")


@pytest.fixture(params=["s3", "sftp"])
def drop(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return {"s3": _s3, "sftp": _sftp}[request.param](request, monkeypatch)


def test_files_are_taken_oldest_first_and_put_away(drop: Folder, tmp_path: Path) -> None:
    drop.put("T01_20260102.csv", csv(3))
    drop.put("T01_20260101.csv", csv(1, 2))
    drop.put(".T01_20260103.csv", csv(9))
    drop.put("T01_20260103.csv.part", csv(9))
    feed_ = drop.contract(tmp_path)
    assert [(r.file_name, r.inserted_n) for r in take(feed_)] == [
        ("T01_20260101.csv", 2),
        ("T01_20260102.csv", 1),
    ]
    assert drop.names() == [
        ".T01_20260103.csv",
        "T01_20260103.csv.part",
        "processed/T01_20260101.csv",
        "processed/T01_20260102.csv",
    ]
    assert take(feed_) == []


def test_files_that_stay_are_taken_once_and_again_when_they_change(
    drop: Folder, tmp_path: Path
) -> None:
    feed_ = drop.contract(tmp_path, after="keep")
    drop.put("T01_20260101.csv", csv(1))
    assert [r.inserted_n for r in take(feed_)] == [1]
    assert take(feed_) == [] and drop.names() == ["T01_20260101.csv"]
    drop.put("T01_20260101.csv", csv(1, 2))
    assert [(r.inserted_n, r.unchanged_n) for r in take(feed_)] == [(1, 1)]
    assert numbers(feed_) == [1, 2]


def chk(content: bytes) -> bytes:
    said = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": 2}
    return json.dumps(said).encode()


def test_a_half_uploaded_file_waits_for_its_control_file_and_its_size(
    drop: Folder, tmp_path: Path
) -> None:
    feed_ = drop.contract(tmp_path, control={"suffix": ".chk"})
    whole = csv(1, 2)
    drop.put("T01_20260101.csv", whole[:60])
    assert take(feed_) == []
    drop.put("T01_20260101.csv.chk", chk(whole))
    assert take(feed_) == []
    drop.put("T01_20260101.csv", whole)
    assert [r.inserted_n for r in take(feed_)] == [2]
    assert drop.names() == ["processed/T01_20260101.csv", "processed/T01_20260101.csv.chk"]


def test_a_file_that_grows_while_it_is_read_waits_and_stops_no_other(
    drop: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.connectors.remote import pull

    feed_ = drop.contract(tmp_path)
    drop.put("T01_20260101.csv", csv(1))
    drop.put("T01_20260102.csv", csv(2))
    ready = pull._ready

    def grows(*given: Any) -> Any:
        found = ready(*given)
        drop.put("T01_20260101.csv", csv(1, 5))
        return found

    with monkeypatch.context() as patch, pytest.raises(SourceUnavailable, match="still uploading"):
        patch.setattr(pull, "_ready", grows)
        take(feed_)
    assert numbers(feed_) == [2]
    take(feed_)
    assert numbers(feed_) == [1, 2, 5]


def test_a_run_killed_before_the_receipt_takes_the_file_it_had(
    drop: Folder, tmp_path: Path
) -> None:
    feed_ = drop.contract(tmp_path)
    drop.put("T01_20260101.csv", csv(1))
    with clock.at(AS_OF):
        received = next(iter(connectors.pending(feed_, AS_OF)))

        def dies(step: str) -> None:
            if step == "data":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deliver(received, dies)
    drop.put("T01_20260101.csv", csv(1, 2))  # corrected by the sender in between
    assert [(r.rows_n, r.inserted_n) for r in take(feed_)] == [(1, 1), (2, 1)]
    assert receipts_n(feed_) == 2 and numbers(feed_) == [1, 2]
    assert drop.names() == ["processed/T01_20260101.csv"]


def test_a_folder_that_is_not_there_is_told(
    drop: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed_ = drop.contract(tmp_path)
    if drop.kind == "s3":
        secret("agency-store", {"access_key": "other", "secret_key": "wrong"})
    else:
        monkeypatch.setenv("AGENCY_SFTP", "sftp://127.0.0.1:9/nowhere")
    with pytest.raises(SourceUnavailable, match="feed:T01: S"):
        take(feed_)


def test_a_server_with_another_host_key_is_not_spoken_to(
    sshd: Sftp, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import paramiko
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    other = Ed25519PrivateKey.generate().public_key()
    wrong = other.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    secret("k", {"username": "x", "host_key": wrong, "password": "must not be sent"})
    monkeypatch.setenv("AGENCY_SFTP", f"sftp://127.0.0.1:{sshd.port}{sshd.folder}")
    sent: list[object] = []
    monkeypatch.setattr(paramiko.Transport, "auth_password", lambda *a, **k: sent.append(a))
    feed_ = feed(
        tmp_path, "sftp", "${AGENCY_SFTP}", format="csv", credential="k", file_pattern="{period}"
    )
    with pytest.raises(SourceUnavailable, match="SFTP: BadHostKeyException"):
        take(feed_)
    assert sent == []


def test_a_connection_that_breaks_in_mid_file_writes_nothing_and_the_next_run_heals(
    sshd: Sftp,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    drop = _sftp(request, monkeypatch)
    feed_ = drop.contract(tmp_path)
    drop.put("T01_20260101.csv", csv(*range(3_000), pad=150))
    opened = sftp.SftpFolder.open

    def breaks(self: sftp.SftpFolder, entry: Any) -> Any:
        stream = opened(self, entry)
        stream.read(1000)
        transport = self._client.get_transport()
        assert transport is not None
        transport.close()
        return stream

    with monkeypatch.context() as patch, pytest.raises(SourceUnavailable, match="feed:T01: SFTP"):
        patch.setattr(sftp.SftpFolder, "open", breaks)
        take(feed_)
    assert receipts_n(feed_) == 0 and drop.names() == ["T01_20260101.csv"]
    take(feed_)
    assert numbers(feed_) == list(range(3_000))


def test_an_upload_in_parts_is_not_seen_before_it_is_whole(
    seaweed: str,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    drop = _s3(request, monkeypatch)
    feed_ = drop.contract(tmp_path)
    content = csv(*range(20_000), pad=150)
    home_ = os.environ["AGENCY_PREFIX"]
    upload = writer(seaweed).open_output_stream(f"{home_}/T01_20260101.csv")
    upload.write(content[:9_000_000])
    upload.flush()
    assert take(feed_) == []
    upload.write(content[9_000_000:])
    upload.close()
    assert [r.inserted_n for r in take(feed_)] == [20_000]
    assert numbers(feed_) == list(range(20_000))
