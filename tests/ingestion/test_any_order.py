"""The same deliveries in any order, killed here and there, end in the same tables."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from ingestion import clock
from ingestion.connectors import inbox
from ingestion.contract import load
from ingestion.delivery import deliver
from ingestion.lake.logs import read_log
from orchestration.run.replay import arrivals, lay_down
from tests.conftest import settle
from tests.ingestion import victim
from tests.ingestion.handover import agencies_send, stored

# Keyed with and without a version, snapshots, workbooks, GB18030, an announced rename.
FEEDS = ("P09", "P12", "P13", "P17", "P20", "P28", "P36", "P37", "P39", "P43", "F15", "F22")
AS_OF = "2026-10-31T23:00:00"
ORDERS = int(os.environ.get("FENGQIAO_ORDERS", "2"))


@pytest.fixture(scope="module")
def agencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the agencies sent in two months, defects and mishaps included."""
    folder = tmp_path_factory.mktemp("orders")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder, AS_OF)
        agencies_send("2026-08-20")
    return folder


@pytest.fixture
def home(agencies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settle(monkeypatch, agencies, AS_OF)
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path / "data"))
    yield tmp_path


def content(code: str) -> pl.DataFrame:
    """The table without what depends on when and in which file a row came."""
    contract = load(code)
    columns = [f.landed_name for f in contract.landed if f.landed_name]
    rows = stored(contract).filter(~pl.col("_deleted").fill_null(False)).select(columns)
    return rows.sort(contract.key)


def take(order: list[int], draw: random.Random | None = None) -> dict[str, pl.DataFrame]:
    """Deliver the files in an order; with `draw` some deliveries are killed and taken again."""
    listed = [a for a in arrivals(clock.as_of()) if a.feed_code in FEEDS]
    for number in order:
        arrival = listed[number]
        contract = load(arrival.feed_code)
        path = lay_down(arrival, contract)
        if draw is not None and draw.random() < 0.25:
            killed(arrival.feed_code, path, draw.choice(STEPS))
        if path.exists():
            deliver(inbox.receive(contract, path))
    return {code: content(code) for code in FEEDS}


STEPS = ("archived", "workbook", "quarantine", "data", "outbox", "receipt")


def killed(code: str, path: Path, at: str) -> None:
    """A process that takes the file in dies at a durable step."""
    settings = {k: v for k, v in os.environ.items() if k.startswith("FENGQIAO_")}
    child = victim.SPAWN.Process(target=_take_and_die, args=(settings, code, path, at))
    child.start()
    child.join(60)
    # A step that this file never reaches is no death: the file was taken in.
    assert child.exitcode in (0, -signal.SIGKILL)


def _take_and_die(settings: dict[str, str], code: str, path: Path, at: str) -> None:
    os.environ.update(settings)

    def die(step: str) -> None:
        if step == at:
            os.kill(os.getpid(), signal.SIGKILL)

    deliver(inbox.receive(load(code), path), die)


def expected(agencies: Path, folder: Path) -> dict[str, pl.DataFrame]:
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, agencies, AS_OF)
        patch.setenv("FENGQIAO_HOME", str(folder))
        n = len([a for a in arrivals(clock.as_of()) if a.feed_code in FEEDS])
        assert n > 60
        return take(list(range(n)))


def test_any_order_and_any_kill_end_in_the_same_tables(
    agencies: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = expected(agencies, home / "in-order")
    assert all(frame.height for frame in wanted.values())
    n = len([a for a in arrivals(clock.as_of()) if a.feed_code in FEEDS])
    for seed in range(ORDERS):
        draw = random.Random(seed)
        order = list(range(n))
        draw.shuffle(order)
        monkeypatch.setenv("FENGQIAO_HOME", str(home / f"order-{seed}"))
        found = take(order, draw)
        for code in FEEDS:
            assert found[code].equals(wanted[code]), (seed, code)
        log = read_log("o01_delivery_log")
        assert log["delivery_id"].is_unique().all()
        parts = ("inserted", "updated", "deleted", "unchanged", "superseded", "quarantined")
        told = log.filter(pl.col("rows_n").is_not_null())
        assert told.filter(
            pl.sum_horizontal(f"{p}_n" for p in parts) != pl.col("rows_n")
        ).is_empty()
