"""Classes that change what a column is: a date of birth, a text whose presence alone is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.contract import ContractError
from ingestion.lake.logs import read_log
from ingestion.protect.columns import age_band
from tests.ingestion.handover import make_contract, put, stored

COLUMNS = [
    {"name": "id", "physical": "string(10)", "pii": "none", "key": 1, "required": True},
    {"name": "born", "type": "date", "physical": "date", "pii": "BIRTH"},
    {"name": "why", "pii": "FREE", "presence_as": "why_given"},
    {"name": "at", "type": "timestamp", "physical": "timestamp", "pii": "none", "required": True},
]
FILE = """id,born,why,at
1,2010-03-02,因为张三,2026-03-01 10:00:00
2,2010-03-02,,2026-03-02 10:00:00
3,,家里有事,2026-03-02 10:00:00
4,不详,,2026-03-02 10:00:00
"""


def test_a_birthday_lands_as_a_band_and_a_reason_as_whether_there_was_one(
    home: Path, tmp_path: Path
) -> None:
    contract = make_contract(tmp_path, COLUMNS, version="at")
    receipt = put(contract, "T01_20260302.csv", FILE.encode())
    assert (receipt.inserted_n, receipt.quarantined_n) == (3, 1)
    rows = stored(contract).sort("id")
    assert rows["born_age_band"].to_list() == ["14-15", "16-17", None]
    assert rows["why_given"].to_list() == [True, False, True]
    assert not {"born", "why"} & set(rows.columns)
    broken = read_log("quarantine").row(0, named=True)
    assert (broken["column_name"], broken["rule"], broken["value"]) == ("born", "type", None)


def test_an_age_needs_a_moment(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="BIRTH needs a version"):
        make_contract(tmp_path, COLUMNS)


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_band_holds_the_age(born: date, day: date) -> None:
    frame = pl.DataFrame({"b": [born], "d": [day]})
    moment = pl.col("d").cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
    band = frame.select(age_band(pl.col("b"), moment.dt.convert_time_zone("UTC"))).item()
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    low, high = (int(n) for n in band.split("-"))
    assert low <= age <= high
    assert high - low <= 4
