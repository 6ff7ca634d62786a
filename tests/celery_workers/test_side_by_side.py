"""What feeds share while they are taken at the same time: the home's lock and the logs."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.synchronize import Barrier
from pathlib import Path

import polars as pl
import pytest

from ingestion.lake.logs import append_log, read_log
from ingestion.lake.tables import LOGS
from ingestion.lock import Busy, feed_lock, run_lock

WRITERS, EACH = 4, 12


def test_feeds_share_the_home_and_whoever_computes_has_it_alone(home: Path) -> None:
    with feed_lock("P44", 0), feed_lock("P40", 0):
        with pytest.raises(Busy, match="feed:P44"), feed_lock("P44", 0.3):
            pass
        with pytest.raises(Busy, match="of several workers"), run_lock(0.3):
            pass
    with run_lock(), pytest.raises(Busy, match=str(os.getpid())), feed_lock("P44", 0.3):
        pass
    with feed_lock("P44", 0):
        pass


def _append(number: int, start: Barrier) -> None:
    """Deliveries of one feed, each a row of the receipts' log and one of the quarantine."""
    start.wait()
    for n in range(EACH):
        identity = f"X{number}-{n}"
        for name in ("o01_delivery_log", "quarantine"):
            row = {"delivery_id": [identity], "feed_code": [f"X{number}"]}
            whole = {c: row.get(c, [None]) for c in LOGS[name]}
            append_log(name, pl.DataFrame(whole, schema=LOGS[name]), transaction=identity)


@pytest.mark.parametrize("first", [False, True])
def test_appends_to_the_shared_logs_meet_and_none_is_lost(home: Path, first: bool) -> None:
    """`first`: the tables are not there yet, and all make them at once."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WRITERS)
    if not first:
        for name in ("o01_delivery_log", "quarantine"):
            append_log(name, pl.DataFrame(schema=LOGS[name]), transaction="begun")
    writers = [context.Process(target=_append, args=(n, start)) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=120)
    assert {w.exitcode for w in writers} == {0}
    wanted = sorted(f"X{w}-{n}" for w in range(WRITERS) for n in range(EACH))
    for name in ("o01_delivery_log", "quarantine"):
        assert sorted(read_log(name)["delivery_id"]) == wanted
