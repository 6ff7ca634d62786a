"""What the agency gets back: a receipt that adds up, and its refused rows with advice."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import openpyxl
import pyrage
import pytest

from ingestion import places
from ingestion.contract import load
from ingestion.delivery import Receipt
from ingestion.delivery.receipt import ConservationError
from tests.ingestion.handover import P44_HEADER, csv_text, put, receipt_json, tickets


def opened(receipt: Receipt) -> list[list[object]]:
    """The refused rows, decrypted with the agency's own key."""
    key = (places.agencies() / "keys" / f"{receipt.feed_code}.key").read_text().strip()
    path = places.outbox() / receipt.feed_code / f"{receipt.delivery_id}.refused.xlsx.age"
    clear = pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(key)])
    sheet = openpyxl.load_workbook(io.BytesIO(clear)).worksheets[0]
    assert all(c.data_type in ("s", "n", "inlineStr") for r in sheet.iter_rows() for c in r)
    return [list(r) for r in sheet.iter_rows(values_only=True)]


def p44(*changes: dict[str, str]) -> Receipt:
    return put("P44", "P44_20261001.csv", csv_text(P44_HEADER, tickets(*changes)).encode("gb18030"))


def test_the_receipt_adds_up_and_counts_each_rule(home: Path) -> None:
    receipt = p44(
        {}, {"事项分类": "7"}, {"事项分类": "8", "办理时限": "?"}, {"办结时间": "2026-09-01 08:00"}
    )
    body = receipt_json(receipt)
    parts = ("inserted", "updated", "deleted", "unchanged", "superseded", "quarantined")
    assert body["rows_n"] == 4 == sum(body[f"{p}_n"] for p in parts)
    assert (body["quarantined_n"], body["warned_n"], body["valid_rows_n"]) == (2, 1, 2)
    found = {(f["rule"], f["severity"]): (f["rows_n"], f["first_rows"]) for f in body["findings"]}
    assert found == {
        ("code", "error"): (2, [2, 3]),
        ("type", "error"): (1, [3]),
        ("finish_after_accept", "warning"): (1, [4]),
    }


def test_the_agency_opens_its_refused_rows_and_reads_what_to_mend(home: Path) -> None:
    receipt = p44({}, {"事项分类": "7", "来电人": "某人"}, {"事项分类": "8", "办理时限": "?"})
    head, *rows = opened(receipt)
    assert head[:3] == ["原文件行号", "问题", "如何修改"]
    assert set(P44_HEADER) <= set(head)
    assert [r[0] for r in rows] == ["2", "3"]
    first = dict(zip(head, rows[0], strict=True))
    assert first["来电人"] == "某人"
    assert first["问题"] == "事项分类：代码不在代码表内"
    assert first["如何修改"] == "请使用代码表内的代码"
    assert "办理时限" in str(rows[1][1])


@pytest.mark.parametrize(
    "formula", ["=1+1", "+cmd|' /C calc'!A0", "-1+2", "@SUM(1)", "http://x.cn"]
)
def test_a_cell_that_looks_like_a_formula_stays_text(home: Path, formula: str) -> None:
    receipt = p44({"诉求内容": formula, "事项分类": "7"})
    head, row = opened(receipt)
    assert row[head.index("诉求内容")] == formula


def test_a_clean_delivery_has_a_receipt_and_no_workbook(home: Path) -> None:
    receipt = p44({}, {})
    files = [p.name for p in (places.outbox() / "P44").iterdir()]
    assert files == [f"{receipt.delivery_id}.receipt.json"]


def test_another_agency_cannot_open_them(home: Path) -> None:
    receipt = p44({"事项分类": "7"})
    path = places.outbox() / "P44" / f"{receipt.delivery_id}.refused.xlsx.age"
    other = pyrage.x25519.Identity.generate()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(path.read_bytes(), [other])


@pytest.mark.parametrize(
    ("name", "as_of", "status"),
    [
        ("P44_20261030.csv", "2026-10-31T07:59:00", "1"),
        ("P44_20261030.csv", "2026-10-31T08:00:00", "1"),
        ("P44_20261030.csv", "2026-10-31T08:01:00", "2"),
        ("P44_202609.csv", "2026-10-01T08:00:00", "1"),
    ],
)
def test_on_time_is_judged_by_the_contracts_calendar(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, as_of: str, status: str
) -> None:
    monkeypatch.setenv("FENGQIAO_AS_OF", as_of)
    receipt = put("P44", name, csv_text(P44_HEADER, tickets({})).encode("gb18030"))
    assert receipt.status == status
    assert receipt.is_backfill == (name == "P44_202609.csv")


def test_a_receipt_that_does_not_add_up_stops_everything(home: Path) -> None:
    receipt = p44({}, {})
    broken = Receipt(**{**vars(receipt), "inserted_n": 1})
    with pytest.raises(ConservationError, match="2 rows in, 1 accounted for"):
        broken.check()
    assert receipt.period_start == date(2026, 10, 1)
    assert load("P44").code == receipt.feed_code
