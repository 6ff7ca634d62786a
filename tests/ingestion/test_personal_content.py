"""Numbers of persons in text that promised none: cut out before the first durable write."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.conform.rows import conform
from ingestion.contract import Contract
from ingestion.lake.logs import read_log
from ingestion.receive.text import SOURCE_ROW
from tests.ingestion.handover import csv_text, make_contract, put, receipt_json, stored
from tests.leakscan import WEIGHTS, is_resident_id

COLUMNS: list[dict[str, Any]] = [
    {"name": "no", "source": "编号", "pii": "none", "key": 1, "required": True},
    {"name": "remark", "source": "备注", "pii": "none", "physical": "string(400)"},
]
MOBILE, CARD = "13912345678", "6222021234567890128"
NEXT_TO = "0-9A-Za-z０-９"  # a longer run, however wide its digits


def resident(head: str, born: date, serial: int) -> str:
    body = f"{head}{born:%Y%m%d}{serial:03d}"
    total = sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def passes_luhn(digits: str) -> bool:
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits))]
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def card(head: str) -> str:
    return next(head + str(n) for n in range(10) if passes_luhn(head + str(n)))


RESIDENT = resident("330602", date(1990, 3, 7), 12)


def numbers_in(text: str) -> list[str]:
    """What a reader of the text could find, written apart from the product's own search."""
    ids = [m for m in re.findall(r"(?=([0-9]{17}[0-9Xx]))", text) if is_resident_id(m)]
    ids = [m for m in ids if date(int(m[6:10]), int(m[10:12]), int(m[12:14])) < date(2026, 10, 31)]
    mobiles = re.findall(rf"(?<![{NEXT_TO}])1[3-9][0-9]{{9}}(?![{NEXT_TO}])", text)
    runs = re.findall(rf"(?<![{NEXT_TO}])[0-9]{{16,19}}(?![{NEXT_TO}])", text)
    return ids + mobiles + [r for r in runs if passes_luhn(r) and int(r)]


@pytest.fixture
def contract(home: Path, tmp_path: Path) -> Contract:
    return make_contract(tmp_path, COLUMNS)


def conformed(contract: Contract, remarks: list[str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    text = pl.DataFrame(
        {"编号": [f"A{i}" for i in range(len(remarks))], "备注": remarks},
        schema={"编号": pl.String, "备注": pl.String},
    ).with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(SOURCE_ROW))
    done = conform(contract, text)
    return done.rows, done.findings


people = st.dates(date(1900, 1, 1), date(2026, 10, 30))
identity = st.builds(
    resident, st.sampled_from(["110105", "330602", "500101", "820001"]), people, st.integers(0, 999)
)
mobile = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)
bank_card = st.integers(10**14, 10**18 - 1).map(lambda n: card(str(n)))
around = st.text(st.sampled_from("越城区 路号0123456789Aaxé，-.（)_１"), max_size=24)
remark = st.builds(lambda *p: "".join(p), around, identity | mobile | bank_card, around)


@settings(max_examples=300)
@given(st.lists(remark, min_size=1, max_size=6))
def test_no_number_survives_at_any_place_of_any_text(texts: list[str]) -> None:
    contract = PROPERTY_CONTRACT
    rows, findings = conformed(contract, list(texts))
    assert [n for left in rows["remark"].to_list() for n in numbers_in(left or "")] == []
    refused = findings.filter(pl.col("severity") == "error")[SOURCE_ROW].n_unique()
    assert rows.height + refused == len(texts)
    marked = set(findings[SOURCE_ROW].to_list())
    assert {i for i, t in enumerate(texts, 1) if numbers_in(t)} <= marked
    for value in findings["value_shape"].to_list():
        assert numbers_in(value) == []
    assert findings["value"].null_count() == findings.height


@pytest.fixture(autouse=True, scope="module")
def _property_contract(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = pytest.MonkeyPatch()
    patch.setenv("FENGQIAO_AS_OF", "2026-10-31T09:00:00")
    global PROPERTY_CONTRACT
    PROPERTY_CONTRACT = make_contract(tmp_path_factory.mktemp("contract"), COLUMNS)


PROPERTY_CONTRACT: Contract


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"联系人{MOBILE}，已回访", "联系人[手机号已删]，已回访"),
        (f"证件{RESIDENT}号", "证件[身份证号已删]号"),
        (f"卡号 {CARD} 退款", "卡号 [银行卡号已删] 退款"),
        ("卡号 6222 0212 3456 7890 128 退款", "卡号 [银行卡号已删] 退款"),
        ("电话139 1234 5678找他", "电话[手机号已删]找他"),
        ("电话１３９１２３４５６７８找他", "电话[手机号已删]找他"),
        ("电话+8613912345678找他", "电话+[手机号已删]找他"),
        (f"两个{MOBILE}{RESIDENT}号", "两个13912345678[身份证号已删]号"),
    ],
)
def test_a_number_among_words_is_cut_out_and_the_words_stay(
    contract: Contract, text: str, left: str
) -> None:
    rows, findings = conformed(contract, [text, "无"])
    if MOBILE in left:  # against a number, a number of eleven digits is part of a longer run
        left = left.replace(MOBILE, "[手机号已删]")
    assert rows["remark"].to_list() == [left, "无"]
    assert findings.select("rule", "severity", "column_name").rows() == [
        ("personal_content", "warning", "备注")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "单号SX2026100100000001",
        "案卷号A13912345678",
        "长号139123456789",
        "时间20261001083000",
        f"错号{RESIDENT[:-1]}{(int(RESIDENT[-1], 36) + 1) % 10}",
        "错卡6222021234567890127",
        "经度120.13912345678901",
    ],
)
def test_what_only_resembles_a_number_is_left_alone(contract: Contract, text: str) -> None:
    rows, findings = conformed(contract, [text])
    assert rows["remark"].to_list() == [text]
    assert findings.height == 0


def test_a_key_with_a_number_in_it_costs_the_row(contract: Contract) -> None:
    text = csv_text(["编号", "备注"], [["A1", "甲"], [RESIDENT, "乙"], [MOBILE, "丙"]])
    receipt = put(contract, "T01_20261001.csv", text.encode())
    assert (receipt.inserted_n, receipt.quarantined_n) == (1, 2)
    lines = read_log("quarantine")
    assert set(lines["rule"]) == {"personal_content"}
    assert lines["value_shape"].to_list() == ["18 digits", "11 digits"]
    assert lines["value"].null_count() == 2


def test_a_serial_number_that_passes_luhn_stays_a_key(contract: Contract) -> None:
    serial = card("202610010000012")
    text = csv_text(["编号", "备注"], [[serial, "甲"], [CARD, "乙"]])
    assert put(contract, "T01_20261001.csv", text.encode()).quarantined_n == 1
    assert stored(contract)["no"].to_list() == [serial]


def test_the_row_is_kept_marked_and_nothing_durable_holds_the_number(
    contract: Contract, home: Path
) -> None:
    texts = [["A1", f"业主电话{MOBILE}"], ["A2", "无"], ["A3", f"证件{RESIDENT}，卡{CARD}"]]
    receipt = put(contract, "T01_20261001.csv", csv_text(["编号", "备注"], texts).encode())
    assert (receipt.inserted_n, receipt.warned_n, receipt.quarantined_n) == (3, 2, 0)
    assert stored(contract).sort("no")["remark"].to_list() == [
        "业主电话[手机号已删]",
        "无",
        "证件[身份证号已删]，卡[银行卡号已删]",
    ]
    found = receipt_json(receipt)["findings"]
    assert {f["rule"] for f in found} == {"personal_content"}
    for path in (p for p in home.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        for number in (MOBILE, RESIDENT, CARD):
            assert number.encode() not in raw, path


def test_a_column_of_the_reader_is_passed_over_only_where_no_number_can_stand(
    contract: Contract,
) -> None:
    quiet = [["A1", "第1234567890号"], ["A2", "路"]]
    for wide in ("１３９１２３４５６７８", MOBILE, "139 1234 5678"):
        text = csv_text(["编号", "备注"], [*quiet, ["A3", f"电话{wide}"]])
        day = {"１": 1, "1": 2}.get(wide[0], 3) + len(wide)
        put(contract, f"T01_202610{day:02d}.csv", text.encode())
        assert "[手机号已删]" in str(stored(contract).sort("no")["remark"][2])


def test_the_rest_of_a_kept_value_never_shows_a_number(contract: Contract) -> None:
    """A remark that is too long is a finding too; its value may not bring the number back."""
    long = "路" * 400 + "１３９１２３４５６７８"
    _, findings = conformed(contract, [long, "路" * 400 + " 139 1234 5678"])
    assert set(findings["rule"]) == {"length", "personal_content"}
    assert findings["value"].null_count() == findings.height
