"""What arrives late, again, out of order or to take something back; the law holds each time."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import clock
from ingestion.contract import Contract, ContractError
from ingestion.delivery import Receipt
from ingestion.lake.tables import history_path
from tests.conftest import settle
from tests.ingestion.handover import balance, csv_text, make_contract, put, stored

KEY = {"name": "case_id", "pii": "none", "key": 1, "required": True}
AMOUNT = {"name": "amount", "pii": "none", "type": "integer", "physical": "int32"}
STATE = {"name": "state", "pii": "none", "required": True}
CHANGED = {"name": "changed", "pii": "none", "type": "timestamp", "transport": "version"}
OPERATION = {
    "name": "op", "pii": "none", "source": "操作", "transport": "operation", "delete_values": ["D"],
}  # fmt: skip
HEADER = ["case_id", "amount", "state", "changed", "操作"]


@pytest.fixture
def cases(home: Path, tmp_path: Path) -> Contract:
    """Cases with a version and tombstones, every version kept."""
    columns = [KEY, AMOUNT, STATE, CHANGED, OPERATION]
    return make_contract(tmp_path, columns, version="changed", own={"history": True})


def moment(day: int) -> str:
    return f"2026-10-{day:02d} 08:00:00"


def send(contract: Contract, day: int, *rows: tuple[str, str, str, int, str]) -> Receipt:
    """One day's file; a row is (case, amount, state, day of its version, operation)."""
    cells = [[c, a, s, moment(v), op] for c, a, s, v, op in rows]
    content = csv_text(HEADER, cells).encode()
    receipt = put(contract, f"T01_202610{day:02d}.csv", content)
    assert receipt.rows_n == balance(receipt)
    return receipt


def live(contract: Contract) -> dict[str, int | None]:
    rows = stored(contract).filter(~pl.col("_deleted"))
    return dict(rows.select("case_id", "amount").iter_rows())


def test_a_tombstone_takes_the_row_away_and_keeps_only_its_key(cases: Contract) -> None:
    send(cases, 1, ("a", "1", "open", 1, ""), ("b", "2", "open", 1, ""))
    gone = send(cases, 2, ("a", "", "", 2, "D"))
    assert (gone.deleted_n, gone.quarantined_n) == (1, 0)
    assert live(cases) == {"b": 2}
    marker = stored(cases).filter(pl.col("_deleted")).select("amount", "state")
    assert marker.rows() == [(None, None)]


def test_an_older_version_does_not_bring_a_deleted_row_back(cases: Contract) -> None:
    send(cases, 2, ("a", "", "", 2, "D"))  # of a row that never came
    late = send(cases, 3, ("a", "1", "open", 1, ""))
    assert late.superseded_n == 1
    assert live(cases) == {}
    again = send(cases, 4, ("a", "5", "open", 4, ""))  # opened anew, after it was deleted
    assert again.inserted_n == 1
    assert live(cases) == {"a": 5}


def test_a_tombstone_older_than_the_row_is_superseded(cases: Contract) -> None:
    send(cases, 3, ("a", "1", "open", 3, ""))
    assert send(cases, 4, ("a", "", "", 2, "D")).superseded_n == 1
    assert live(cases) == {"a": 1}


def test_a_tombstone_without_a_key_is_quarantined(cases: Contract) -> None:
    assert send(cases, 1, ("", "", "", 1, "D")).quarantined_n == 1


def test_history_keeps_what_was_superseded(cases: Contract) -> None:
    send(cases, 3, ("a", "3", "open", 3, ""))
    send(cases, 4, ("a", "2", "open", 2, ""))  # late
    send(cases, 5, ("a", "3", "open", 3, ""))  # nothing new
    send(cases, 6, ("a", "", "", 6, "D"))
    versions = pl.read_delta(str(history_path(cases))).sort("_valid_from")
    assert versions["amount"].to_list() == [2, 3, None]
    assert versions["_deleted"].to_list() == [False, False, True]


_ROW = st.tuples(
    st.sampled_from("abcd"), st.integers(0, 3), st.integers(1, 9), st.sampled_from(["", "", "D"])
)


@given(st.lists(st.lists(_ROW, max_size=6), min_size=1, max_size=5))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_any_order_of_deliveries_ends_in_the_newest_versions(
    tmp_path_factory: pytest.TempPathFactory, days: list[list[tuple[str, int, int, str]]]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        columns = [KEY, AMOUNT, STATE, CHANGED, OPERATION]
        contract = make_contract(folder, columns, version="changed", own={"history": True})
        truth: dict[str, tuple[tuple[int, int], int | None]] = {}
        total = 0
        for day, rows in enumerate(days, 1):
            receipt = send(contract, day, *[(c, str(a), "s", v, op) for c, a, v, op in rows])
            total += receipt.inserted_n - receipt.deleted_n
            for case, amount, version, op in rows:
                told = ((version, day), None if op else amount)
                if case not in truth or told[0] >= truth[case][0]:
                    truth[case] = told
        wanted = {c: a for c, (_, a) in truth.items() if a is not None}
        assert live(contract) == wanted
        assert total == len(wanted), "rows inserted less rows deleted are the rows that live"


@pytest.fixture
def monthly(home: Path, tmp_path: Path) -> Contract:
    """A monthly snapshot: a later file of the same month revises it."""
    columns = [KEY, AMOUNT, STATE]
    return make_contract(tmp_path, columns, own={"snapshot": "period"})


def snapshot(contract: Contract, day: int, rows: dict[str, int], landed: int) -> Receipt:
    cells = [[c, str(a), "s"] for c, a in rows.items()]
    with clock.at(datetime(2026, 10, landed, 9, tzinfo=clock.LOCAL)):
        content = csv_text(["case_id", "amount", "state"], cells).encode()
        return put(contract, f"T01_202610{day:02d}.csv", content)


def test_a_revised_snapshot_updates_and_drops_only_its_own_month(monthly: Contract) -> None:
    snapshot(monthly, 1, {"a": 1, "b": 2, "c": 3}, 2)
    snapshot(monthly, 2, {"d": 4}, 3)
    revised = snapshot(monthly, 1, {"a": 1, "b": 9}, 4)
    assert (revised.updated_n, revised.unchanged_n, revised.vanished_n) == (1, 1, 1)
    assert revised.rows_n == balance(revised)
    assert live(monthly) == {"a": 1, "b": 9, "d": 4}


def test_a_refused_row_of_a_snapshot_does_not_vanish(monthly: Contract) -> None:
    snapshot(monthly, 1, {"a": 1, "b": 2}, 2)
    cells = [["a", "1", "s"], ["b", "many", "s"]]
    content = csv_text(["case_id", "amount", "state"], cells).encode()
    receipt = put(monthly, "T01_20261001.csv", content)
    assert (receipt.quarantined_n, receipt.vanished_n) == (1, 0)
    assert live(monthly) == {"a": 1, "b": 2}


def test_a_snapshot_that_lost_half_its_rows_is_refused_whole(home: Path, tmp_path: Path) -> None:
    contract = make_contract(tmp_path, [KEY, AMOUNT, STATE], own={"snapshot": "all"})
    snapshot(contract, 1, {f"c{n}": n for n in range(100)}, 2)
    cut = snapshot(contract, 2, {f"c{n}": n for n in range(50)}, 3)
    assert cut.refusal and cut.refusal.startswith("snapshot_shrank")
    assert len(live(contract)) == 100
    fine = snapshot(contract, 3, {f"c{n}": n for n in range(95)}, 4)
    assert (fine.vanished_n, fine.unchanged_n) == (5, 95)


def test_an_older_snapshot_takes_nothing_from_a_newer_one(home: Path, tmp_path: Path) -> None:
    contract = make_contract(tmp_path, [KEY, AMOUNT, STATE], own={"snapshot": "all"})
    snapshot(contract, 5, {"a": 1, "b": 2}, 6)
    late = snapshot(contract, 4, {"a": 7, "z": 1}, 7)
    assert (late.vanished_n, late.superseded_n, late.inserted_n) == (0, 1, 1)
    assert live(contract) == {"a": 1, "b": 2, "z": 1}


def test_what_cannot_be_corrected_may_not_promise_it(tmp_path: Path) -> None:
    plain = [{"name": "text", "pii": "none"}]
    for own in ({"snapshot": "all"}, {"history": True}):
        with pytest.raises(ContractError, match="need policy latest"):
            make_contract(tmp_path, plain, own=own)


def test_a_late_correction_of_an_old_period_wins_when_it_is_newer(
    home: Path, tmp_path: Path
) -> None:
    """Without a version column the declared period orders versions, then the arrival."""
    contract = make_contract(tmp_path, [KEY, AMOUNT, STATE])
    first, second = date(2026, 10, 1), date(2026, 10, 2)
    for day, amount, landed in ((first, 1, 2), (second, 2, 3), (first, 3, 4), (second, 4, 5)):
        snapshot(contract, day.day, {"a": amount}, landed)
    assert live(contract) == {"a": 4}
