"""What a contract's new version does to a lake with rows in it: docs/upgrading.md says the same."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ingestion.lake.views import register
from orchestration.run.intake import Intake, take_all

HEAD = """apiVersion: v3.1.0
kind: DataContract
id: feed:X01
name: "站点读数"
version: {version}
status: active
domain: "演示"
description: {{purpose: "试", usage: "Readings. One row: one reading", limitations: "无"}}
team: {{name: "演示"}}
servers:
  - server: agency
    type: local
    path: inbox/X01/
    format: csv
    customProperties:
      - {{property: file_pattern, value: "X01_{{period}}.csv"}}
      - {{property: encoding, value: utf-8}}
schema:
  - name: x01_reading
    businessName: "读数"
    physicalType: table
    logicalType: object
    properties:
{columns}
slaProperties: [{{property: retention, value: 3650, unit: d}}]
customProperties:
  - {{property: duplicate_policy, value: latest}}
  - {{property: version, value: updated}}
  - {{property: level_raw, value: L1}}
  - {{property: level_landed, value: L1}}
  - {{property: legal_basis, value: "试"}}
  - {{property: archive_days, value: 30}}
  - {{property: calendar, value: []}}
"""


def column(name: str, header: str, kind: str, physical: str, more: str = "") -> str:
    """One line of a contract."""
    return (
        f'      - {{name: {name}, businessName: "{header}", physicalName: "{header}",'
        f' description: "d", logicalType: {kind}, physicalType: "{physical}",'
        " classification: L1, customProperties: [{property: pii, value: none},"
        f" {{property: date_forms, value: [iso]}}]{more}}}\n"
    )


def key(position: int) -> str:
    return f", primaryKey: true, primaryKeyPosition: {position}, required: true"


BASE = column("reading_id", "编号", "string", "string(20)", key(1)) + column(
    "updated",
    "时间",
    "timestamp",
    "timestamp",
    ", required: true, partitioned: true, partitionKeyPosition: 1",
)
NUMBER = column("n", "数", "integer", "int32")
FIRST = "编号,时间,数\na,2026-10-01 08:00:00,1\n"


@dataclass
class Home:
    """A city with one feed, and the means to change its contract and to deliver."""

    folder: Path
    versions: int = 0

    def contract(self, columns: str) -> None:
        """The contract from now on."""
        self.versions += 1
        file = self.folder / "contracts" / "x01.odcs.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(HEAD.format(version=f"1.{self.versions}.0", columns=columns), "utf-8")
        os.utime(file, (self.versions, self.versions))

    def deliver(self, text: str) -> Intake:
        """A file of this text, taken in."""
        inbox = self.folder / "data" / "inbox" / "X01"
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / f"X01_2026100{self.versions}.csv").write_text(text, "utf-8")
        return take_all()

    def rows(self, columns: str) -> list[tuple[object, ...]]:
        """What dbt and the checks would read."""
        with duckdb.connect() as con:
            register(con)
            found = con.execute(f"select {columns} from lake.x01_reading order by all")
            return found.fetchall()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("FENGQIAO_HOME", "FENGQIAO_SECRETS", "FENGQIAO_AGENCIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FENGQIAO_CITY", str(tmp_path))
    monkeypatch.setenv("FENGQIAO_AS_OF", "2026-10-31T09:00:00")
    (tmp_path / "city.yaml").write_text('code: "330800"\nname: 衢州市\nfeeds: [X01]\n', "utf-8")
    made = Home(tmp_path)
    made.contract(BASE + NUMBER)
    made.deliver(FIRST)
    assert made.rows("reading_id, n") == [("a", 1)]
    return made


def test_a_new_column_is_empty_in_old_rows_before_and_after_it_is_delivered(home: Home) -> None:
    home.contract(BASE + NUMBER + column("place", "地点", "string", "string(20)"))
    # The day's run must not wait for this feed's next delivery.
    assert home.rows("reading_id, n, place") == [("a", 1, None)]
    home.deliver("编号,时间,数,地点\nb,2026-10-02 08:00:00,2,甲\n")
    assert home.rows("reading_id, n, place") == [("a", 1, None), ("b", 2, "甲")]


def test_a_column_that_is_gone_is_no_longer_shown(home: Home) -> None:
    home.contract(BASE)
    home.deliver("编号,时间\nb,2026-10-02 08:00:00\n")
    assert home.rows("reading_id") == [("a",), ("b",)]
    home.contract(BASE + NUMBER)  # and is there again when it is declared again
    assert home.rows("reading_id, n") == [("a", 1), ("b", None)]


def test_another_header_is_the_same_column_and_another_name_is_a_new_one(home: Home) -> None:
    home.contract(BASE + column("n", "数量", "integer", "int32"))
    home.deliver("编号,时间,数量\nb,2026-10-02 08:00:00,2\n")
    assert home.rows("reading_id, n") == [("a", 1), ("b", 2)]
    home.contract(BASE + column("number", "数量", "integer", "int32"))
    home.deliver("编号,时间,数量\nc,2026-10-03 08:00:00,3\n")
    assert home.rows("reading_id, number") == [("a", None), ("b", None), ("c", 3)]


@pytest.mark.parametrize(
    ("kind", "physical", "cell", "named"),
    [
        ("integer", "int64", "3000000000", "long"),
        ("number", "double", "2.5", "double"),
        ("number", "decimal(18,2)", "2.50", "decimal(18,2)"),
        ("string", "string(20)", "x", "string"),
    ],
)
def test_another_type_is_refused_before_anything_is_written(
    home: Home, kind: str, physical: str, cell: str, named: str
) -> None:
    home.contract(BASE + column("n", "数", kind, physical))
    taken = home.deliver(f"编号,时间,数\nb,2026-10-02 08:00:00,{cell}\n")
    assert taken.receipts == []
    assert f"n is integer in the lake and {named} by contract" in taken.failures["X01"]
    assert home.rows("reading_id, n") == [("a", 1)], "the table can still be read"
    # The way on: the new type under a new name. The file still waits in the inbox.
    home.contract(BASE + column("n_wide", "数", kind, physical))
    again = take_all()
    assert [r.inserted_n for r in again.receipts] == [1] and again.failures == {}
    wide = [str(row[1]) for row in home.rows("reading_id, n_wide") if row[1] is not None]
    assert wide == [cell]


def test_a_new_key_does_not_meet_the_rows_of_the_old_one(home: Home) -> None:
    home.contract(BASE + column("n", "数", "integer", "int32", key(2)))
    home.deliver("编号,时间,数\na,2026-10-02 08:00:00,2\n")
    assert home.rows("reading_id, n") == [("a", 1), ("a", 2)]
