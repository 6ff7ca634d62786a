"""Written by type, read by contract: equal values, and every planted defect under its rule."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.contract import Contract
from ingestion.delivery import reading
from ingestion.delivery.received import from_bytes
from tests.ingestion.handover import csv_text, make_contract

LOCAL = timezone(timedelta(hours=8))
COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "physical": "string(12)", "required": True, "key": 1},
    {"name": "moment", "type": "timestamp", "date_forms": ["iso", "slash", "compact", "chinese"]},
    {"name": "day", "type": "date", "date_forms": ["iso", "slash", "compact", "chinese"]},
    {"name": "month", "type": "date", "date_forms": ["month"]},
    {"name": "whole", "type": "integer", "physical": "int32"},
    {"name": "long", "type": "integer", "physical": "int64"},
    {"name": "money", "type": "number", "physical": "decimal(18,2)"},
    {"name": "share", "type": "number", "physical": "double"},
    {"name": "flag", "type": "boolean", "physical": "boolean"},
    {"name": "kind", "physical": "string(1)", "code_table": "TICKET_TYPE"},
    {"name": "town", "physical": "string(12)", "code_table": "NBS_TOWN"},
]
COLUMNS = [c | {"pii": "none"} for c in COLUMNS]
NAMES = [str(c["name"]) for c in COLUMNS]
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return make_contract(tmp_path_factory.mktemp("contract"), COLUMNS)


def read(contract: Contract, rows: list[list[str | None]]) -> reading.Reading:
    content = csv_text(NAMES, rows).encode()
    day = date(2026, 10, 1)
    return reading.read(from_bytes(contract, content, day, day, "T01_20261001.csv"))


def moment_text(value: datetime, form: int) -> str:
    local = value.astimezone(LOCAL)
    return [
        f"{local:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%dT%H:%M:%S}",
        f"{local.year}/{local.month}/{local.day} {local.hour}:{local:%M:%S}",
        f"{local:%Y%m%d%H%M%S}",
        f"{local.year}年{local.month}月{local.day}日 {local.hour}时{local:%M分%S秒}",
    ][form]


def day_text(value: date, form: int) -> str:
    return [
        value.isoformat(),
        f"{value.year}/{value.month}/{value.day}",
        f"{value:%Y%m%d}",
        f"{value.year}年{value.month}月{value.day}日",
    ][form]


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


# China had summer time until 1991; what a clock showed twice then is not what is promised here.
FIRST_S = int(datetime(1992, 1, 1, tzinfo=UTC).timestamp())
LAST_S = int(datetime(2099, 12, 30, tzinfo=UTC).timestamp())
MOMENTS = st.integers(FIRST_S, LAST_S).map(lambda s: datetime.fromtimestamp(s, UTC))
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
VALUES = st.fixed_dictionaries(
    {
        "moment": optional(MOMENTS),
        "day": optional(DAYS),
        "month": optional(DAYS.map(lambda d: d.replace(day=1))),
        "whole": optional(st.integers(-(2**31), 2**31 - 1)),
        "long": optional(st.integers(-(2**63), 2**63 - 1)),
        "money": optional(st.decimals(-(10**15), 10**15, places=2)),
        "share": optional(st.floats(allow_nan=False, allow_infinity=False)),
        "flag": optional(st.booleans()),
        "kind": optional(st.sampled_from("12345")),
        "town": optional(st.sampled_from(["330602001000", "330681102000"])),
    }
)
STYLE = st.fixed_dictionaries(
    {
        "form": st.integers(0, 3),
        "wide": st.booleans(),
        "space": st.sampled_from(["", " ", "\t"]),
        "truth": st.integers(0, 2),
    }
)


def write(value: dict[str, Any], style: dict[str, Any], number: int) -> list[str | None]:
    """The cells of a row, in the style of some office."""
    form = style["form"]
    words = [("true", "false"), ("是", "否"), ("1", "0")][style["truth"]]
    texts = {
        "moment": value["moment"] and moment_text(value["moment"], form),
        "day": value["day"] and day_text(value["day"], form),
        "month": value["month"] and f"{value['month']:%Y-%m}",
        "whole": None if value["whole"] is None else str(value["whole"]),
        "long": None if value["long"] is None else str(value["long"]),
        "money": None if value["money"] is None else str(value["money"]),
        "share": None if value["share"] is None else repr(value["share"]),
        "flag": None if value["flag"] is None else words[not value["flag"]],
        "kind": value["kind"],
        "town": value["town"],
    }
    if style["wide"]:
        texts = {k: v and v.translate(WIDE) for k, v in texts.items()}
    padded = {k: v and style["space"] + v + style["space"] for k, v in texts.items()}
    return [f"R{number}", *[padded[n] for n in NAMES[1:]]]


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=50, suppress_health_check=QUIET)
@given(rows=st.lists(st.tuples(VALUES, STYLE), min_size=1, max_size=6))
def test_typed_rows_come_back_equal(
    home: Path, contract: Contract, rows: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    result = read(contract, [write(v, s, n) for n, (v, s) in enumerate(rows, 1)])
    assert result.findings.is_empty(), result.findings
    assert result.records == result.rows.height == len(rows)
    for number, (value, _) in enumerate(rows):
        got = result.rows.row(number, named=True)
        assert got["_source_row"] == number + 1
        assert got["id"] == f"R{number + 1}"
        for name, expected in value.items():
            assert got[name] == expected, name


# column, cell, the rule that must catch it
DEFECTS = [
    ("id", "", "required"),
    ("id", "   ", "required"),
    ("id", "x" * 13, "length"),
    ("moment", "2026-13-45 25:61", "type"),
    ("moment", "待定", "type"),
    ("moment", "2026-10-01", "type"),
    ("moment", "1850-01-01 00:00:00", "range"),
    ("day", "2026-02-30", "type"),
    ("day", "20261001 ", None),
    ("day", "2200-01-01", "range"),
    ("month", "2026-13", "type"),
    ("month", "2026-10-01", "type"),
    ("whole", "3.5", "type"),
    ("whole", "3.0", None),
    ("whole", "2147483648", "type"),
    ("whole", "1e3", "type"),
    ("whole", "十", "type"),
    ("long", "9223372036854775808", "type"),
    ("money", "1.005", "type"),
    ("money", "1.500", None),
    ("money", "99999999999999999.00", "type"),
    ("money", "1,200.50", "type"),
    ("share", "1e999", "range"),
    ("share", "nan", "type"),
    ("flag", "maybe", "type"),
    ("kind", "9", "code"),
    ("kind", "１", None),
    ("town", "33060200100", "pattern"),
    ("town", "a\ufffdb", "encoding"),
]


@settings(max_examples=40, suppress_health_check=QUIET)
@given(data=st.data())
def test_every_planted_defect_is_found_by_rule_row_and_column(
    home: Path, contract: Contract, data: st.DataObject
) -> None:
    planted = data.draw(
        st.dictionaries(st.integers(1, 12), st.sampled_from(DEFECTS), min_size=1, max_size=6)
    )
    clean = [
        f"R{0}",
        "2026-10-01 08:00:00",
        "2026-10-01",
        "2026-10",
        "1",
        "2",
        "3.10",
        "0.5",
        "是",
        "1",
        "330602001000",
    ]
    rows: list[list[str | None]] = [[f"R{n}", *clean[1:]] for n in range(1, 13)]
    for row, (column, cell, _) in planted.items():
        rows[row - 1][NAMES.index(column)] = cell
    result = read(contract, rows)
    expected = {(r, c, rule) for r, (c, _, rule) in planted.items() if rule}
    found = set(result.findings.select("_source_row", "column_name", "rule").iter_rows())
    assert found == expected
    assert result.quarantined == len(expected)
    assert set(result.rows["_source_row"]) == set(range(1, 13)) - {r for r, _, _ in expected}
    assert set(result.refused_text["_source_row"]) == {r for r, _, _ in expected}


def test_a_row_with_several_defects_names_each_once(home: Path, contract: Contract) -> None:
    result = read(contract, [["", "x", "y", None, "1", None, None, None, None, "9", None]])
    assert result.quarantined == 1
    assert result.findings.sort("column_name")["column_name"].to_list() == [
        "day",
        "id",
        "kind",
        "moment",
    ]


def test_decimals_are_exact_and_never_pass_through_a_double(home: Path, contract: Contract) -> None:
    result = read(contract, [["R1", *[None] * 5, "9007199254740993.01", *[None] * 4]])
    assert result.rows["money"][0] == Decimal("9007199254740993.01")


def test_full_width_digits_stay_as_they_are_in_free_text(home: Path, tmp_path: Path) -> None:
    free = make_contract(tmp_path, [{"name": "note", "pii": "none"}])
    day = date(2026, 10, 1)
    content = csv_text(["note"], [["第１２号"]]).encode()
    result = reading.read(from_bytes(free, content, day, day, "x"))
    assert result.rows["note"].to_list() == ["第１２号"]


def test_a_moment_that_says_its_zone_is_read_by_it(home: Path, tmp_path: Path) -> None:
    zoned = {"name": "moment", "type": "timestamp", "pii": "none", "date_forms": ["offset", "iso"]}
    contract = make_contract(tmp_path, [zoned])
    day = date(2026, 10, 1)
    told = ["2026-10-01T00:30:00Z", "2026-10-01T08:30:00.000+08:00", "2026-09-30 20:30:00-0400",
            "2026-10-01 08:30:00", "2026-10-01T08:30:00+25:00"]  # fmt: skip
    content = csv_text(["moment"], [[text] for text in told]).encode()
    result = reading.read(from_bytes(contract, content, day, day, "x"))
    assert set(result.rows["moment"].to_list()) == {datetime(2026, 10, 1, 0, 30, tzinfo=UTC)}
    assert result.rows.height == 4
    found = result.findings.select("_source_row", "column_name", "rule").rows()
    assert found == [(5, "moment", "type")]


def test_only_declared_words_stand_for_nothing(home: Path, tmp_path: Path) -> None:
    number: dict[str, Any] = {"name": "n", "type": "integer", "physical": "int32", "pii": "none"}
    columns = [{**number, "null_values": ["NULL", "无"]}, {**number, "name": "m"}]
    contract = make_contract(tmp_path, columns)
    day = date(2026, 10, 1)
    cells = [["NULL", "1"], [" 无 ", "2"], ["3", "NULL"], ["null", "4"]]
    content = csv_text(["n", "m"], cells).encode()
    result = reading.read(from_bytes(contract, content, day, day, "x"))
    assert sorted(result.rows.select("n", "m").rows(), key=str) == [(None, 1), (None, 2)]
    found = result.findings.select("_source_row", "column_name").sort("_source_row").rows()
    assert found == [(3, "m"), (4, "n")]


def test_json_mixes_numbers_words_and_truth_in_one_column(home: Path, tmp_path: Path) -> None:
    columns: list[dict[str, Any]] = [
        {"name": "id", "pii": "none", "key": 1},
        {"name": "money", "type": "number", "physical": "decimal(18,2)", "pii": "none"},
        {"name": "flag", "type": "boolean", "physical": "boolean", "pii": "none"},
    ]
    feed = make_contract(tmp_path, columns, form="json")
    lines = [
        '{"id":"a","money":1200.50,"flag":true}',
        '{"id":"b","money":"壹万元","flag":false}',
        '{"id":7,"money":"12","flag":"是"}',
        '{"id":"d","money":9007199254740993.01}',
        '{"money":null,"flag":null,"id":"e"}',
    ]
    day = date(2026, 10, 1)
    content = "\n".join(lines).encode()
    result = reading.read(from_bytes(feed, content, day, day, "x"))
    assert result.findings.select("_source_row", "column_name", "rule").rows() == [
        (2, "money", "type")
    ]
    assert result.rows.select("id", "money", "flag").rows() == [
        ("a", Decimal("1200.50"), True),
        ("7", Decimal("12"), True),
        ("d", Decimal("9007199254740993.01"), None),
        ("e", None, None),
    ]


@pytest.mark.parametrize(
    ("line", "rule", "named"),
    [
        ('{"id":"a","身份证号":"x"}', "unknown_column", "身份证号"),
        ('{"id":{"deep":1}}', "unreadable", "id"),
        ('{"id":[1,2]}', "unreadable", "id"),
        ('{"id":"a"},{"id":"b"}', "unreadable", ""),
        ('["a"]', "unreadable", ""),
        ('{"id":NaN}', "unreadable", ""),
        ('{"id":"a"', "unreadable", ""),
        ('{"id":"a","_source_row":5}', "unknown_column", "_source_row"),
    ],
)
def test_json_that_is_no_table_is_refused_by_key(
    home: Path, tmp_path: Path, line: str, rule: str, named: str
) -> None:
    feed = make_contract(tmp_path, [{"name": "id", "pii": "none", "key": 1}], form="json")
    day = date(2026, 10, 1)
    content = ('{"id":"z"}\n' + line + "\n").encode()
    with pytest.raises(reading.Refused) as refused:
        reading.read(from_bytes(feed, content, day, day, "x"))
    assert refused.value.rule == rule
    assert named in refused.value.reason


def test_half_a_surrogate_pair_costs_its_record_only(home: Path, tmp_path: Path) -> None:
    feed = make_contract(tmp_path, [{"name": "id", "pii": "none", "key": 1}], form="json")
    day = date(2026, 10, 1)
    content = b'{"id":"a"}\n{"id":"\\ud800"}\n{"id":"\\ud83d\\ude00"}\n{"id":"\\\\ud800"}\n'
    result = reading.read(from_bytes(feed, io.BytesIO(content).read(), day, day, "x"))
    assert result.rows["id"].to_list() == ["a", "😀", "\\ud800"]
    assert result.findings.select("_source_row", "rule").rows() == [(2, "encoding")]
    assert isinstance(result.rows, pl.DataFrame)
