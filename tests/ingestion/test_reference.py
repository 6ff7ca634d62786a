"""Reference data and the platform's own logs: declared like every feed, held to their contracts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion import clock
from ingestion.connectors import pending, reference
from ingestion.contract import load, load_all, load_platform
from ingestion.contract.codes import SEED
from ingestion.delivery import deliver
from ingestion.lake.logs import read_log
from ingestion.lake.tables import LOGS, column_type
from tests.ingestion.handover import stored

REFERENCE = [c.code for c in load_all().values() if c.server.kind == "reference"]


def take(code: str) -> int:
    """Deliver what waits; gives the number of deliveries."""
    return len([deliver(r) for r in pending(load(code), clock.as_of())])


@pytest.mark.parametrize("code", REFERENCE)
def test_every_row_of_a_reference_file_lands_once(code: str, home: Path) -> None:
    rows = pl.read_csv(reference.ROOT / load(code).server.location, infer_schema=False)
    assert take(code) == 1
    receipt = read_log("o01_delivery_log", feed_code=code).row(0, named=True)
    assert (receipt["rows_n"], receipt["inserted_n"]) == (rows.height, rows.height)
    assert stored(code).height == rows.height > 4
    assert take(code) == 0, "the same file is no new delivery"


def test_a_changed_file_is_taken_and_what_it_lacks_is_gone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / load("R06").server.location
    place.parent.mkdir(parents=True)
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    whole = SEED.read_bytes()
    lines = whole.splitlines(keepends=True)
    place.write_bytes(whole)
    assert take("R06") == 1
    monkeypatch.setenv("FENGQIAO_AS_OF", "2026-11-02T09:00:00")
    place.write_bytes(b"".join(lines[:-1]))
    assert take("R06") == 1
    # back to the first file: the last delivery was another one
    monkeypatch.setenv("FENGQIAO_AS_OF", "2026-11-03T09:00:00")
    place.write_bytes(whole)
    assert take("R06") == 1
    log = read_log("o01_delivery_log", feed_code="R06").sort("landed_time")
    assert log["vanished_n"].to_list() == [0, 1, 0]
    gone = stored("R06").filter(pl.col("_deleted").fill_null(False))
    assert gone.height == 0
    assert stored("R06").height == len(lines) - 1


@pytest.mark.parametrize("code", sorted(load_platform()))
def test_a_log_has_exactly_the_columns_it_declares(code: str) -> None:
    contract = load_platform()[code]
    declared = {f.name: column_type(f) for f in contract.fields}
    assert declared == LOGS[contract.table]


def test_every_category_feed_and_reference_of_the_programme_is_declared() -> None:
    declared = {*load_all(), *load_platform()}
    wanted = {f"P{n:02d}" for n in range(1, 49)} | {f"F{n:02d}" for n in range(1, 25)}
    wanted |= {f"R{n:02d}" for n in range(1, 9)} | {"O01", "O02"}
    assert wanted <= declared
    assert len(wanted) == 82
