"""No row is lost or doubled, in whatever order deliveries come."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.contract import Contract
from ingestion.delivery import Receipt
from ingestion.lake.logs import append_log, read_log
from ingestion.lake.tables import LOGS, log_path
from tests.ingestion.handover import balance, csv_text, make_contract, put, stored

LOG = "o01_delivery_log"
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
HEADER = ["id", "month", "value", "updated"]
COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "pii": "none", "required": True, "key": 1},
    {"name": "month", "type": "date", "pii": "none", "partition": True, "date_forms": ["month"]},
    {"name": "value", "type": "integer", "pii": "none"},
    {"name": "updated", "type": "timestamp", "pii": "none", "required": True},
]
VERSIONED = st.tuples(
    st.sampled_from([f"k{i:02d}" for i in range(8)]),
    st.sampled_from(["2026-08", "2026-09", "2026-10"]),
    st.sampled_from(["1", "2", "x"]),  # x breaks a rule
    st.integers(0, 9),  # hour of the version
)
DELIVERIES = st.lists(st.lists(VERSIONED, max_size=8), min_size=1, max_size=4)
Rows = list[tuple[str, str, str, int]]


@contextmanager
def own_home(parent: Path) -> Iterator[None]:
    """A data home of its own for one example."""
    before = os.environ["FENGQIAO_HOME"]
    with TemporaryDirectory(dir=parent) as folder:
        os.environ["FENGQIAO_HOME"] = folder
        try:
            yield
        finally:
            os.environ["FENGQIAO_HOME"] = before


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return make_contract(tmp_path_factory.mktemp("contract"), COLUMNS, version="updated")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A feed whose rows carry no version: the delivery's period is all there is."""
    return make_contract(tmp_path_factory.mktemp("contract"), COLUMNS[:3])


def hand_over(contract: Contract, day: int, rows: Rows) -> Receipt:
    width = len(contract.fields)
    cells = [[k, m, v, f"2026-10-01 {h:02d}:00:00"][:width] for k, m, v, h in rows]
    content = csv_text(HEADER[:width], cells).encode()
    return put(contract, f"T01_202610{day:02d}.csv", content)


def state(contract: Contract) -> list[tuple[object, ...]]:
    """The table's content, by key."""
    return stored(contract).select(HEADER[: len(contract.fields)]).sort("id").rows()


@settings(max_examples=15, suppress_health_check=QUIET)
@given(deliveries=DELIVERIES)
def test_rows_in_are_all_accounted_for_and_the_newest_version_stays(
    home: Path, tmp_path: Path, keyed: Contract, deliveries: list[Rows]
) -> None:
    with own_home(tmp_path):
        for day, rows in enumerate(deliveries, 1):
            receipt = hand_over(keyed, day, rows)
            assert receipt.rows_n == len(rows) == balance(receipt)
            assert receipt.quarantined_n == sum(v == "x" for _, _, v, _ in rows)
        table = stored(keyed)
        assert table["id"].is_unique().all()
        good = [r for rows in deliveries for r in rows if r[2] != "x"]
        newest: dict[str, int] = {}
        for key, _, _, hour in good:
            newest[key] = max(newest.get(key, -1), hour)
        assert {k: t.hour for k, t in table.select("id", "updated").iter_rows()} == {
            k: (h - 8) % 24 for k, h in newest.items()
        }
        log = read_log(LOG)
        assert log["inserted_n"].sum() == table.height
        errors = read_log("quarantine").select("delivery_id", "source_row").unique()
        assert errors.height == log["quarantined_n"].sum()


@settings(max_examples=5, suppress_health_check=QUIET)
@given(
    deliveries=st.lists(
        st.lists(VERSIONED, max_size=6, unique_by=lambda r: r[0]), min_size=3, max_size=3
    )
)
def test_any_order_of_deliveries_ends_in_the_same_table(
    home: Path, tmp_path: Path, keyed: Contract, deliveries: list[Rows]
) -> None:
    # Each delivery is of an hour of its own, so that no two versions of a row tie.
    numbered = [
        (day, [(k, m, v, day) for k, m, v, _ in rows]) for day, rows in enumerate(deliveries, 1)
    ]
    ends = []
    for order in itertools.permutations(numbered):
        with own_home(tmp_path):
            for day, rows in order:
                hand_over(keyed, day, rows)
            ends.append(state(keyed))
    assert all(end == ends[0] for end in ends)


@settings(max_examples=4, suppress_health_check=QUIET)
@given(
    deliveries=st.lists(
        st.lists(VERSIONED, max_size=6, unique_by=lambda r: r[0]), min_size=3, max_size=3
    )
)
def test_without_a_version_the_later_period_wins_in_any_order(
    home: Path, tmp_path: Path, snapshot: Contract, deliveries: list[Rows]
) -> None:
    ends = []
    for order in itertools.permutations(enumerate(deliveries, 1)):
        with own_home(tmp_path):
            for day, rows in order:
                receipt = hand_over(snapshot, day, rows)
                assert balance(receipt) == receipt.rows_n
            ends.append(state(snapshot))
    assert all(end == ends[0] for end in ends)


def test_a_period_that_arrives_late_does_not_undo_what_a_later_one_confirmed(
    home: Path, snapshot: Contract
) -> None:
    first: Rows = [("k01", "2026-10", "1", 0)]
    other: Rows = [("k01", "2026-10", "2", 0)]
    hand_over(snapshot, 1, first)
    confirmed = hand_over(snapshot, 3, first)
    assert (confirmed.unchanged_n, confirmed.updated_n) == (1, 0)
    late = hand_over(snapshot, 2, other)
    assert (late.superseded_n, late.updated_n) == (1, 0)
    row = stored(snapshot).row(0, named=True)
    assert row["value"] == 1
    assert row["_delivery_id"].startswith("T01-20261001"), "where the row came from first"


def test_a_row_that_moves_to_another_month_is_not_doubled(home: Path, keyed: Contract) -> None:
    hand_over(keyed, 1, [("k01", "2026-08", "1", 1), ("k02", "2026-08", "1", 1)])
    moved = hand_over(keyed, 2, [("k01", "2026-09", "1", 2)])
    assert moved.updated_n == 1
    table = stored(keyed).sort("id")
    assert table.select("id", "_month").rows() == [("k01", "2026-09"), ("k02", "2026-08")]


def test_identical_rows_without_a_key_are_kept_and_numbered(home: Path, tmp_path: Path) -> None:
    bare = make_contract(tmp_path, [{"name": "what", "pii": "none"}])
    rows = [["a"], ["b"], ["a"], ["a"]]
    first = put(bare, "T01_20261001.csv", csv_text(["what"], rows).encode())
    assert (first.inserted_n, first.indistinguishable_n) == (4, 2)
    more = put(bare, "T01_20261002.csv", csv_text(["what"], [*rows, ["a"]]).encode())
    assert (more.inserted_n, more.unchanged_n) == (1, 4)
    numbers = stored(bare).sort("what", "_occurrence").select("what", "_occurrence").rows()
    assert numbers == [("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1)]


def test_the_same_file_twice_is_one_delivery(home: Path, keyed: Contract) -> None:
    rows: Rows = [("k01", "2026-08", "1", 1), ("k02", "2026-08", "x", 1)]
    first, second = hand_over(keyed, 1, rows), hand_over(keyed, 1, rows)
    assert (second.repeated, second.delivery_id) == (True, first.delivery_id)
    assert balance(second) == second.rows_n == 2
    assert read_log(LOG).height == 1
    assert read_log("quarantine").height == 1
    assert isinstance(stored(keyed), pl.DataFrame)


def test_a_commit_is_remembered_past_a_checkpoint_of_the_log(home: Path) -> None:
    row = pl.DataFrame({"delivery_id": ["d"]})
    row = row.with_columns(pl.lit(None, t).alias(c) for c, t in LOGS[LOG].items() if c not in row)
    for number in range(25):
        append_log(LOG, row, transaction=f"d{number}")
    assert list((log_path(LOG) / "_delta_log").glob("*.checkpoint.parquet"))
    append_log(LOG, row, transaction="d0")
    assert read_log(LOG).height == 25
