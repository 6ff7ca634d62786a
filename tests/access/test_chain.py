"""The log is as it was written, or somebody is told where it is not."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion import clock, places
from ingestion.access import ACCESS, PROVISION, Access, Who, anchor, folder
from ingestion.access.record import GENESIS, Entry, decode, encode
from orchestration.access.listing import counted, listed
from orchestration.access.verify import Verified, verify
from tests.conftest import settle

WHO = Who("张统计", "os-user", "terminal")
STATEMENT = "select unit_code, value from fct_indicator where indicator_code = 'D09'"


def write(records_n: int, first: int = 1) -> None:
    for number in range(first, first + records_n):
        ACCESS.append(Access("sql", ("fct_indicator",), STATEMENT, rows=number, who=WHO))


def at_instant(patch: pytest.MonkeyPatch, moment: str) -> None:
    patch.setattr(clock, "instant", lambda: clock.parse(moment))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a log over two months, with a torn line that was repaired in the first."""
    top = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, top)
        at_instant(patch, "2026-09-29T10:00:00")
        write(3)
        with ACCESS.files()[-1].open("ab") as file:
            file.write(b'{"sequence":4,"time":"2026-09-')
        write(2, 4)
        at_instant(patch, "2026-10-02T10:00:00")
        write(4, 6)
        yield top


@pytest.fixture
def log(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A copy of it to spoil; gives its files."""
    top = tmp_path / "copy"
    shutil.copytree(written, top)
    settle(monkeypatch, top)
    # The heads carry the home's name in theirs.
    for path in (top / "secrets").iterdir():
        stem, suffix = path.name.split(".", 1) if "." in path.name else (path.name, "")
        fresh = anchor.daily_file() if suffix else anchor.head_file(stem.split("-")[2])
        path.rename(fresh)
    return ACCESS.files()


def wrong(found: Verified) -> list[tuple[str, int]]:
    return [(f.file, f.line) for f in found.wrong]


def test_a_log_that_nobody_touched_is_whole(log: list[Path]) -> None:
    found = verify(ACCESS)
    assert found.wrong == []
    assert (found.files_n, found.records_n) == (2, 10)
    assert [f.what for f in found.findings] == ["torn by a crash, closed off by the next record"]


def test_records_are_counted_as_they_are_listed(log: list[Path]) -> None:
    """From each moment on, a torn line between them or not."""
    seen = set()
    for day in ("2026-08-01", "2026-09-30", "2026-10-02T10:00:01"):
        since = clock.parse(day)
        by_one = Counter((r["action"], r["outcome"]) for r in listed(since=since, limit=10**6))
        assert counted(since) == [(*key, n) for key, n in sorted(by_one.items())]
        seen.add(sum(by_one.values()))
    assert len(seen) == 3


@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255), second=st.booleans())
@settings(max_examples=400)
def test_any_altered_byte_is_found_where_it_is(
    written: Path, place: float, change: int, second: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, written)
        path = ACCESS.files()[second]
        whole = path.read_bytes()
        at = int(place * len(whole))
        spoiled = bytearray(whole)
        spoiled[at] ^= change
        line = whole[:at].count(b"\n") + 1
        try:
            path.write_bytes(bytes(spoiled))
            found = verify(ACCESS)
        finally:
            path.write_bytes(whole)
        assert found.wrong, (path.name, at, change)
        assert found.wrong[0].file == path.name
        # The end of a line belongs to the line that it ends and to the one it begins.
        assert line <= found.wrong[0].line <= line + 1 or found.wrong[0].line == line - 1
        assert verify(ACCESS).wrong == []


def test_a_deleted_line_is_found(log: list[Path]) -> None:
    lines = log[1].read_bytes().splitlines(keepends=True)
    log[1].write_bytes(b"".join([*lines[:1], *lines[2:]]))
    found = verify(ACCESS).wrong[0]
    assert (found.file, found.line, found.expected, found.found) == (
        "access-2026-10.ndjson", 2, "record 8", "record 9"
    )  # fmt: skip


def test_two_lines_that_changed_places_are_found(log: list[Path]) -> None:
    lines = log[1].read_bytes().splitlines(keepends=True)
    log[1].write_bytes(b"".join([lines[0], lines[2], lines[1], lines[3]]))
    assert ("access-2026-10.ndjson", 2) in wrong(verify(ACCESS))


@pytest.mark.parametrize("gone", [1, 2, 4])
def test_a_missing_end_is_found_by_the_head_outside(log: list[Path], gone: int) -> None:
    lines = log[1].read_bytes().splitlines(keepends=True)
    log[1].write_bytes(b"".join(lines[: len(lines) - gone]))
    assert f"the end is missing: {gone} records" in [f.what for f in verify(ACCESS).wrong]


def test_a_missing_end_stays_found_when_writing_goes_on(log: list[Path]) -> None:
    lines = log[1].read_bytes().splitlines(keepends=True)
    log[1].write_bytes(b"".join(lines[:-2]))
    write(3, 20)
    found = verify(ACCESS).wrong
    assert [f.what for f in found] == ["the log was found broken here when this was written"]
    assert found[0].expected.startswith("10 ")
    assert found[0].found.startswith("8 ")


def test_a_missing_file_is_found(log: list[Path]) -> None:
    log[0].unlink()
    what = "records before this one are gone, and no deletion was recorded"
    assert what in [f.what for f in verify(ACCESS).wrong]


def test_a_log_that_is_gone_is_found(log: list[Path]) -> None:
    shutil.rmtree(folder())
    assert "the end is missing: 10 records" in [f.what for f in verify(ACCESS).wrong]
    write(1)
    assert verify(ACCESS).wrong


def test_a_day_written_anew_is_found_by_the_head_that_was_kept(log: list[Path]) -> None:
    """Somebody changes a record of September, makes the chain true again and notes its head."""
    after, kept = Entry(0, GENESIS), []
    for path in log:
        fresh = b""
        for raw in path.read_bytes().splitlines():
            line = decode(raw)
            if line is None:
                fresh += raw + b"\n"
                continue
            content = {k: v for k, v in line.content.items() if k not in ("sequence", "previous")}
            content["login"] = "nobody"
            made, after = encode(content, after)
            fresh += made
        path.write_bytes(fresh)
        kept.append(after)
    anchor.write_head("access", anchor.Head(after, log[1].name), durable=True)
    assert "not the record that was here when its day ended" in [
        f.what for f in verify(ACCESS).wrong
    ]
    # And where the kept heads are forged as well, by the head that was told to somebody else.
    anchor.daily_file().unlink()
    assert verify(ACCESS).wrong == []
    told = verify(ACCESS, Entry(10, "0" * 64)).wrong
    assert [f.what for f in told] == ["the head that was told is not in the log"]


def test_a_torn_last_line_is_told_and_closed_off_by_the_next_record(log: list[Path]) -> None:
    whole = log[1].read_bytes()
    torn = b'{"sequence":11,"time":"2026-10-02T1'
    log[1].write_bytes(whole + torn)
    found = verify(ACCESS)
    assert found.wrong == []
    assert "torn: a writer was stopped here; the next record closes it off" in [
        f.what for f in found.findings
    ]
    write(1)
    assert log[1].read_bytes().startswith(whole + torn + b"\n")
    again = verify(ACCESS)
    assert again.wrong == []
    assert again.records_n == 12  # the repair says so in a record of its own


def test_half_a_last_record_cut_away_is_no_crash(log: list[Path]) -> None:
    whole = log[1].read_bytes()
    log[1].write_bytes(whole[:-40])
    assert "the end is missing: 1 records" in [f.what for f in verify(ACCESS).wrong]
    write(1)
    assert verify(ACCESS).wrong


def test_a_look_carries_the_machines_time_and_the_data_keep_theirs(home: Path) -> None:
    write(1)
    line = decode(ACCESS.files()[0].read_bytes().splitlines()[0])
    assert line is not None
    looked = datetime.fromisoformat(line.content["time"])
    assert clock.as_of() == clock.parse("2026-10-31T09:00:00")
    assert abs((clock.instant() - looked).total_seconds()) < 60


def test_a_clock_that_was_set_back_opens_no_older_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_instant(monkeypatch, "2026-11-01T00:00:10")
    write(2)
    at_instant(monkeypatch, "2026-10-31T23:59:50")
    write(2, 3)
    assert [p.name for p in ACCESS.files()] == ["access-2026-11.ndjson"]
    assert verify(ACCESS).wrong == []


def test_months_that_are_over_go_with_a_record_and_the_rest_stays_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.access.expiry import expire

    for month in ("2025-08", "2025-09", "2026-11"):
        at_instant(monkeypatch, f"{month}-03T10:00:00")
        write(2)
        PROVISION.append(Access("export", ("fct_indicator",), STATEMENT, purpose="年报", who=WHO))
    assert expire() == ["access-2025-08.ndjson", "access-2025-09.ndjson"]
    assert [verify(b).wrong for b in (ACCESS, PROVISION)] == [[], []]
    assert len(PROVISION.files()) == 3  # three years
    assert expire() == []
    last = ACCESS.files()[-1].read_text("utf-8").splitlines()[-1]
    assert json.loads(last)["details"]["file"] == "access-2025-09.ndjson"


def test_only_the_owner_reads_log_and_heads(home: Path) -> None:
    write(1)
    files = [*ACCESS.files(), *places.secrets().iterdir()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert folder().stat().st_mode & 0o777 == 0o700
