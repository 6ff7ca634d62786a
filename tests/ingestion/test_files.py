"""Files that we write ourselves: what other readers make of them, what the log says of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingestion.lake import files
from ingestion.lake.tables import CONFIGURATION, arrow

SCHEMA = {
    "k": pl.String,
    "n": pl.Int32,
    "big": pl.Int64,
    "amount": pl.Decimal(18, 2),
    "day": pl.Date,
    "moment": pl.Datetime("us", "UTC"),
    "flag": pl.Boolean,
    "x": pl.Float64,
    "_month": pl.String,
}


def rows(n: int = 5) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "k": ["甲", "a|b", None, "z" * 80, "2026"][:n],
            "n": [1, None, 3, -4, 5][:n],
            "big": [2**40, 0, None, -1, 7][:n],
            "amount": ["1.10", "-2.00", None, "99999999999.99", "0"][:n],
            "day": [date(2026, 1, 31), None, date(2024, 2, 29), date.min, date(2026, 1, 1)][:n],
            "moment": [datetime(2026, 1, 31, 15, 59, 59, 999_999, tzinfo=UTC)] * n,
            "flag": [True, False, None, True, False][:n],
            "x": [1.5, float("inf"), None, -0.0, 2.0][:n],
            "_month": ["2026-01", "2026-02", "2026-01", "2026-02", "2026-01"][:n],
        }
    ).cast({"amount": pl.Decimal(18, 2), "n": pl.Int32, "moment": SCHEMA["moment"]})  # fmt: skip


def table_of(folder: Path, partition: str | None = "_month") -> DeltaTable:
    empty = arrow(pl.DataFrame(schema=SCHEMA))
    by = [partition] if partition else []
    return DeltaTable.create(
        str(folder), empty.schema, partition_by=by, configuration=CONFIGURATION
    )


@pytest.mark.parametrize("partition", ["_month", None])
def test_every_reader_sees_the_same_rows(tmp_path: Path, partition: str | None) -> None:
    table = table_of(tmp_path / "t", partition)
    files.commit(table, files.write(table, rows(), partition), [], partition, None)
    key = ["big", "k"]
    expected = rows().select(*SCHEMA).sort(key)
    assert_frame_equal(pl.read_delta(str(tmp_path / "t")).select(*SCHEMA).sort(key), expected)
    fresh = DeltaTable(str(tmp_path / "t"))
    assert fresh.to_pyarrow_table().num_rows == 5
    paths = [uri.removeprefix("file://") for uri in fresh.file_uris()]
    hive = ", hive_partitioning = true, hive_types = {'_month': VARCHAR}" if partition else ""
    with duckdb.connect() as con:
        seen = con.execute(
            f"select * from read_parquet(?{hive}) order by big nulls first, k", [paths]
        ).pl()
    assert seen["amount"].dtype == pl.Decimal(18, 2)
    assert seen["k"].to_list() == expected["k"].to_list()


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(max_size=70)),
            st.one_of(st.none(), st.integers(-(2**62), 2**62)),
            st.one_of(st.none(), st.dates()),
            st.one_of(
                st.none(), st.datetimes(timezones=st.just(UTC))
            ),
        ),
        min_size=1, max_size=8,
    )
)  # fmt: skip
@settings(max_examples=150)
def test_statistics_hold_every_value(values: list[tuple[object, ...]]) -> None:
    """What the log says is least and greatest is: a reader skips a file by it."""
    schema = {"k": pl.String, "n": pl.Int64, "d": pl.Date, "t": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame(
        values,
        schema=schema, orient="row",
    )  # fmt: skip
    told = json.loads(json.dumps(files.statistics(frame)))
    assert told["numRecords"] == len(values)
    for column in schema:
        known = frame[column].drop_nulls()
        assert told["nullCount"][column] == len(values) - len(known)
        if column not in told["minValues"]:
            assert not len(known) or known.dtype == pl.String
            continue
        low, high = told["minValues"][column], told["maxValues"][column]
        if column == "t":
            low, high = (datetime.fromisoformat(x) for x in (low, high))
        if column == "d":
            low, high = (date.fromisoformat(x) for x in (low, high))
        assert (low, high) == (known.min(), known.max())


def test_a_commit_takes_files_away_and_brings_others(tmp_path: Path) -> None:
    table = table_of(tmp_path / "t")
    files.commit(table, files.write(table, rows(), "_month"), [], "_month", None)
    table = DeltaTable(str(tmp_path / "t"))
    listed = pl.DataFrame(pl.from_arrow(pa.table(table.get_add_actions(flatten=True))))
    january = listed.filter(pl.col("partition._month") == "2026-01")["path"].to_list()
    added = files.write(table, rows(1), "_month")
    gone = files.remove(january, listed, "_month", added)
    files.commit(table, added, gone, "_month", None)
    left = pl.read_delta(str(tmp_path / "t"))
    assert left.height == 3
    assert left.filter(pl.col("_month") == "2026-01").height == 1
    assert pl.read_delta(str(tmp_path / "t"), version=1).height == 5
