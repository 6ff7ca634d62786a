"""A small home with a yesterday and a today, and what must hold of it whatever happened.

Yesterday West Yorkshire's sample was taken in and published. Today a file waits that updates,
repeats and has rows to refuse.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion.contract import load
from ingestion.delivery import receipt
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path
from tests.conftest import settle
from tests.orchestration.conftest import ROOT, SAMPLES, environment, lay_down

YESTERDAY, TODAY = "2026-10-31T09:00:00", "2026-11-01T09:00:00"
WAITING = "2017-08-west-yorkshire-street-late.csv"
LIVE_ROWS = 11_212  # today's file changes rows and brings none
CHANGED, REFUSED, TAKEN = 100, 3, 400
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def lay_today(folder: Path) -> None:
    """Put today's file into the inbox: 97 rows changed, 300 as they were, 3 that no lake takes."""
    header, *lines = (SAMPLES / "2017-07-west-yorkshire-street-leeds.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if not line.startswith(",")][:TAKEN]
    for number, row in enumerate(rows[:CHANGED]):
        row[10] = "Under investigation again"
        if number < REFUSED:
            row[4] = "not a number"
    inbox = folder / "data" / "inbox" / "UK01"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / WAITING).write_text("\n".join([header, *[",".join(r) for r in rows]]) + "\n")


def raise_yesterday(folder: Path) -> Path:
    """The home after yesterday's run; today's file is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    lay_down(folder, *[p.name for p in SAMPLES.glob("*.csv")])
    done = run(folder, FENGQIAO_AS_OF=YESTERDAY)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def copy(folder: Path, target: Path) -> Path:
    """A home of its own with the same content and keys."""
    shutil.copytree(folder, target, symlinks=True)
    return target


def without_rights() -> None:
    """In a child: root obeys the permission bits like anybody else (nothing to do for others)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def start(folder: Path, *words: str, obedient: bool = False, **more: str) -> subprocess.Popen[str]:
    """Begin a run of today (or as `more` says) on a home; `words` as in `child`."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.child", *words],
        env={**environment(folder), "FENGQIAO_AS_OF": TODAY, **more},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=without_rights if obedient else None,
    )


def run(
    folder: Path, *words: str, obedient: bool = False, **more: str
) -> subprocess.CompletedProcess[str]:
    """The same, to its end."""
    process = start(folder, *words, obedient=obedient, **more)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(words, process.returncode, out, err)


@contextmanager
def read_only(*places: Path) -> Iterator[None]:
    """Nothing under these folders may be written by an obedient run."""
    closed = [p for place in places for p in (place, *place.rglob("*"))]
    before = {p: p.stat().st_mode for p in closed}
    for path in closed:
        path.chmod(before[path] & ~0o222)
    try:
        yield
    finally:
        for path in before:
            path.chmod(before[path])


@contextmanager
def small_disk(place: Path, free_bytes: int, content: Path) -> Iterator[Path | None]:
    """A disk of its own with a copy of `content` and so much room; None where none may be
    mounted."""
    place.mkdir(parents=True)
    used = sum(p.stat().st_size // 4096 * 4096 + 8192 for p in content.rglob("*"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={used + (64 << 20)}", "tmpfs", str(place)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        home = copy(content, place / "city")
        with (place / "fill").open("wb") as file:
            left = shutil.disk_usage(place).free - free_bytes
            os.posix_fallocate(file.fileno(), 0, left)
        yield home
    finally:
        subprocess.run(["umount", str(place)], check=True)


def state(folder: Path) -> tuple[str, str]:
    """As of when the pages are, and `ok` or `failed`; they must open and hold their tables."""
    with duckdb.connect(str(folder / "data/serving/pages.duckdb"), read_only=True) as con:
        (rows,) = con.execute("select count(*) from uk01_street_crime").fetchall()
        assert rows[0] == LIVE_ROWS
        found = con.execute(
            "select strftime(as_of, '%Y-%m-%dT%H:%M:%S'), state from page_status"
        ).fetchall()
    assert len(found) == 1
    return str(found[0][0]), str(found[0][1])


def conserved(folder: Path) -> None:
    """Nothing lost, nothing doubled: the lake is that of yesterday or of today, and each receipt
    adds up; today's file is in the inbox as long as it has none."""
    with pytest.MonkeyPatch.context() as patch:
        home = settle(patch, folder, TODAY)
        log = read_log("o01_delivery_log")
        for row in log.iter_rows(named=True):
            made = receipt.from_row(row)
            made.check()
            told = home / "outbox" / made.feed_code / f"{made.delivery_id}.receipt.json"
            assert told.is_file(), made.words()
        assert log["delivery_id"].is_unique().all()
        table = pl.read_delta(str(feed_path(load("UK01"))))
        quarantine = read_log("quarantine")
        has_receipt = WAITING in set(log["file_name"])
        waits = (home / "inbox" / "UK01" / WAITING).exists()
    assert table.height == LIVE_ROWS
    keyed = table.filter(pl.col("crime_id").is_not_null())
    assert keyed["crime_id"].is_unique().all()
    changed = table.filter(pl.col("last_outcome_category") == "Under investigation again").height
    assert changed in (0, CHANGED - REFUSED)
    assert quarantine["source_row"].n_unique() in (0, REFUSED)
    assert has_receipt or waits
    if has_receipt:
        assert (changed, quarantine["source_row"].n_unique()) == (CHANGED - REFUSED, REFUSED)
