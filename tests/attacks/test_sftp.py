"""An agency's SFTP folder in the hands of somebody else."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from ingestion.connectors import SourceUnavailable
from ingestion.contract import Contract
from tests.attacks.limits import within
from tests.connectors.feeds import feed, numbers, receipts_n, secret, take
from tests.connectors.servers import Sftp
from tests.connectors.test_inbox import csv


@pytest.fixture
def contract(home: Path, sshd: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contract:
    user = pwd.getpwuid(os.getuid()).pw_name
    keys = {"username": user, "host_key": sshd.host_key, "private_key": sshd.private_key}
    secret("agency-sftp", keys)
    folder = sshd.folder / tmp_path.name
    folder.mkdir()
    monkeypatch.setenv("AGENCY_SFTP", f"sftp://127.0.0.1:{sshd.port}{folder}")
    options = {"file_pattern": "T01_{period}.csv", "encoding": "utf-8"}
    return feed(
        tmp_path, "sftp", "${AGENCY_SFTP}", format="csv", credential="agency-sftp", **options
    )


def folder_of(sshd: Sftp, tmp_path: Path) -> Path:
    return sshd.folder / tmp_path.name


def test_links_and_pipes_of_the_server_are_not_read(
    contract: Contract, sshd: Sftp, tmp_path: Path
) -> None:
    drop = folder_of(sshd, tmp_path)
    (drop / "T01_20260101.csv").symlink_to("/etc/passwd")
    os.mkfifo(drop / "T01_20260102.csv")
    (drop / "T01_20260103.csv").write_bytes(csv(1, 2))
    with within(60):
        assert [r.file_name for r in take(contract)] == ["T01_20260103.csv"]
    assert numbers(contract) == [1, 2]


def test_a_name_in_another_encoding_is_told_by_name_of_the_trouble(
    contract: Contract, sshd: Sftp, tmp_path: Path
) -> None:
    """The library reads a listing as a whole; the feed waits until the file has another name."""
    drop = folder_of(sshd, tmp_path)
    bad = bytes(drop) + b"/T01_\xb9\xa4.csv"
    with open(bad, "wb") as file:  # noqa: PTH123
        file.write(csv(9))
    (drop / "T01_20260103.csv").write_bytes(csv(1, 2))
    with within(60), pytest.raises(SourceUnavailable, match="not UTF-8"):
        take(contract)
    assert receipts_n(contract) == 0
    os.remove(bad)  # noqa: PTH107
    assert len(take(contract)) == 1


def test_a_name_that_commands_a_terminal_is_shown_harmless(
    contract: Contract, sshd: Sftp, tmp_path: Path
) -> None:
    (folder_of(sshd, tmp_path) / "T01_20260103\n\x1b[2J.csv").write_bytes(csv(1))
    (receipt,) = take(contract)
    assert receipt.status == "4" and receipt.file_name.isprintable()
