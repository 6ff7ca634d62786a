"""Deliveries that are refused whole: by name, with their rows counted, and without a value."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ingestion import places
from ingestion.lake.logs import read_log
from simulation.identity import sentinel_names
from tests.ingestion.handover import P44_HEADER, csv_text, put, receipt_json, stored, tickets
from tests.leakscan import audit

NAME = sentinel_names()[3]
RESIDENT = "11010519491231002X"
ROWS = tickets({"来电人": NAME}, {"来电号码": "13987654321"}, {"诉求内容": f"证件{RESIDENT}"})


def gb(text: str) -> bytes:
    return text.encode("gb18030")


def leaks(home: Path) -> list[object]:
    return list(audit(home, sentinel_names()))


def test_a_column_nobody_declared_refuses_the_file_by_name(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [[*row, RESIDENT] for row in ROWS]
    text = csv_text([*P44_HEADER, "身份证号"], rows)
    with caplog.at_level(logging.INFO):
        receipt = put("P44", "P44_20261001.csv", gb(text))
    assert receipt.status == "4"
    assert receipt.rows_n == receipt.quarantined_n == 3
    assert "身份证号" in str(receipt.refusal)
    assert "身份证号" in receipt_json(receipt)["refusal"]
    assert "身份证号" in caplog.text
    line = read_log("quarantine").row(0, named=True)
    assert (line["rule"], line["column_name"]) == ("unknown_column", "身份证号")
    assert read_log("o01_delivery_log")["status"].to_list() == ["4"]
    assert stored("P44").height == 0
    assert leaks(home) == []
    assert not any(v in caplog.text for v in (NAME, RESIDENT, "13987654321"))


@pytest.mark.parametrize("header", [NAME, f"{NAME}联系电话", "zhang_longyao", f"x{RESIDENT}"])
def test_a_name_in_a_header_lands_nowhere(
    home: Path, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    rows = [[*row, "1"] for row in ROWS]
    with caplog.at_level(logging.DEBUG):
        receipt = put("P44", "P44_20261001.csv", gb(csv_text([*P44_HEADER, header], rows)))
    assert (receipt.status, receipt.quarantined_n) == ("4", 3)
    # It is told where the column stands, with what of it is a word of the contracts.
    line = read_log("quarantine").row(0, named=True)
    assert line["rule"] == "unknown_column"
    assert line["column_name"].startswith(f"第{len(P44_HEADER) + 1}列 ")
    assert ("联系电话" in line["column_name"]) == ("联系电话" in header)
    hidden = (NAME, "longyao", RESIDENT)
    said = [caplog.text, str(receipt.refusal), receipt_json(receipt)["refusal"], str(line)]
    assert not [v for v in hidden for text in said if v in text]
    assert not [v for v in hidden for p in home.rglob("*.patch") if v in p.read_text()]
    found = list(audit(home, [*sentinel_names(), "longyao"]))
    assert found == []


def test_a_missing_column_refuses_the_file_by_name(home: Path) -> None:
    at = P44_HEADER.index("办理时限")
    text = csv_text(
        [h for h in P44_HEADER if h != "办理时限"], [r[:at] + r[at + 1 :] for r in ROWS]
    )
    receipt = put("P44", "P44_20261001.csv", gb(text))
    assert (receipt.status, receipt.rows_n) == ("4", 3)
    assert "办理时限" in str(receipt.refusal)


@pytest.mark.parametrize("repeated", [False, True], ids=["plain", "a cell twice"])
def test_a_file_without_a_header_shows_no_value_anywhere(
    home: Path, caplog: pytest.LogCaptureFixture, repeated: bool
) -> None:
    row = tickets({"来电人": NAME, "来电号码": "13987654321", "诉求内容": RESIDENT})[0]
    if repeated:
        row[P44_HEADER.index("事发地址")] = NAME
    with caplog.at_level(logging.DEBUG):
        receipt = put("P44", "P44_20261001.csv", gb(csv_text(row, ROWS[1:])))
    assert receipt.status == "4"
    assert receipt.rows_n in (3, None)
    assert leaks(home) == []
    assert not any(v in caplog.text for v in (NAME, RESIDENT, "13987654321"))
    assert NAME not in str(receipt.refusal)


@pytest.mark.parametrize(
    "name", ["P44_20261301.csv", "工单.csv", "P44_20261001.csv.bak", "P44_.csv"]
)
def test_a_wrong_file_name_is_refused_and_says_the_right_one(home: Path, name: str) -> None:
    receipt = put("P44", name, gb(csv_text(P44_HEADER, ROWS)))
    assert receipt.status == "4"
    assert "P44_{period}.csv" in str(receipt.refusal)
    assert receipt_json(receipt)["conservation"] == "rows_unknown"


def workbook_bytes() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, P44_HEADER)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n\r\n", b"\xef\xbb\xbf", workbook_bytes(), bytes(range(256)) * 40, b"%PDF-1.7 x"],
    ids=["empty", "blank", "only a mark", "a workbook", "noise", "pdf"],
)
def test_what_is_no_csv_is_refused_with_a_receipt(home: Path, content: bytes) -> None:
    receipt = put("P44", "P44_20261001.csv", content)
    assert receipt.status == "4"
    assert receipt_json(receipt)["findings"][0]["severity"] == "error"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", workbook_bytes()[:900], b"PK\x03\x04"])
def test_what_is_no_workbook_is_refused_with_a_receipt(home: Path, content: bytes) -> None:
    assert put("F24", "F24_20261009.xlsx", content).status == "4"


def test_a_file_with_only_its_header_is_a_delivery_of_no_rows(home: Path) -> None:
    receipt = put("P44", "P44_20261001.csv", gb(csv_text(P44_HEADER, [])))
    assert (receipt.status, receipt.rows_n, receipt.refusal) == ("2", 0, None)
    # Another day without tickets is another delivery, though not one byte differs.
    other = put("P44", "P44_20261002.csv", gb(csv_text(P44_HEADER, [])))
    assert other.delivery_id != receipt.delivery_id
    assert not other.repeated


def test_a_refused_file_is_archived_and_can_be_sent_again_mended(home: Path) -> None:
    bad = put(
        "P44", "P44_20261001.csv", gb(csv_text([*P44_HEADER, "备注"], [[*r, ""] for r in ROWS]))
    )
    assert list((places.archive() / "P44").glob(f"{bad.delivery_id}*.age"))
    good = put("P44", "P44_20261001.csv", gb(csv_text(P44_HEADER, ROWS)))
    assert good.inserted_n == 3
    assert read_log("o01_delivery_log").sort("status")["status"].to_list() == ["2", "4"]
    assert pl.Series(stored("P44")["ticket_id"]).n_unique() == 3
