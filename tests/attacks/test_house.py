"""What is forged inside the home, typed at the command line, or written into files for others."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pyrage
import pytest
from typer.testing import CliRunner

from ingestion import keys, places
from ingestion.contract import load
from ingestion.delivery.receipt import refused_path
from ingestion.delivery.spool import folder as spool_of
from ingestion.lake.logs import read_log
from orchestration.cli.main import app
from orchestration.run.intake import Intake, take_feed
from tests.connectors.feeds import feed
from tests.ingestion.handover import P44_HEADER, csv_text, put, receipt_json, tickets

FORMULAS = [
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://x")',
    "\t=1",
    "＝1+1",
]


def command(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    assert not done.exception or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_forged_receipt_stands_for_no_delivery(home: Path) -> None:
    """The outbox is a copy for the agencies; what came is told by the log of deliveries alone."""
    real = put("P44", "P44_20261001.csv", csv_text(P44_HEADER, tickets({})).encode("gb18030"))
    forged = receipt_json(real) | {
        "delivery_id": "P44-20261030-aaaaaaaaaaaaaaaaaaaa",
        "period_start": "2026-10-30",
        "period_end": "2026-10-30",
        "rows_n": 9_999,
    }
    name = f"{forged['delivery_id']}.receipt.json"
    (places.outbox() / "P44" / name).write_text(json.dumps(forged), "utf-8")
    (places.archive() / "P44" / f"{forged['delivery_id']}.csv.zst.age").write_bytes(b"x")
    assert read_log("o01_delivery_log")["delivery_id"].to_list() == [real.delivery_id]
    code, told = command("feed", "show", "P44", "--json")
    assert code == 0 and forged["delivery_id"] not in told and "9999" not in told
    code, told = command("feed", "replay", str(forged["delivery_id"]))
    assert code == 2 and "no receipt of that id" in told


@pytest.mark.parametrize("kind", ["noise", "sealed to another key"])
def test_a_forged_pull_in_the_spool_is_not_delivered(home: Path, tmp_path: Path, kind: str) -> None:
    contract = feed(tmp_path, "api", "${NOT_SET}/rows")
    keys.spool_identity()
    head = {"sender": "x", "period_start": "2026-01-01", "period_end": "2026-01-01",
            "file_name": "T01_20260101.ndjson", "misfit": None, "sequence": None,
            "control": None}  # fmt: skip
    clear = json.dumps(head).encode() + b'\n{"id": "forged", "n": 1}\n'
    other = pyrage.x25519.Identity.generate().to_public()
    sealed = b"noise" if kind == "noise" else pyrage.encrypt(clear, [other])
    spool_of("T01").mkdir(parents=True)
    (spool_of("T01") / "T01_20260101.ndjson.age").write_bytes(sealed)
    intake = Intake()
    take_feed(contract, intake)
    assert intake.receipts == [] and "T01" in intake.failures
    assert read_log("o01_delivery_log").height == 0


@pytest.mark.parametrize(
    "given", ["../../../etc/passwd", "/etc/passwd", "P44-x' or '1'='1", "*", ""]
)
def test_an_identifier_at_the_command_line_is_no_path_and_no_sql(home: Path, given: str) -> None:
    put("P44", "P44_20261001.csv", csv_text(P44_HEADER, tickets({})).encode("gb18030"))
    before = {p for p in home.rglob("*") if p.is_file()}
    for words in (
        ("feed", "replay", given),
        ("feed", "show", given),
        ("quarantine", "list", "--feed", given or "x"),
        ("run", given or "x"),
    ):
        code, told = command(*words)
        assert code == 2, (words, told)
        assert "root:" not in told
    left = {p for p in home.rglob("*") if p.is_file()} - before
    assert all(p.is_relative_to(home / "ops") for p in left), left


@pytest.mark.parametrize("unit", ["../../etc", "330600/../x", "330600' or 1=1 --", "\x1b[2J"])
def test_a_brief_for_a_unit_that_is_a_path_is_not_made(
    home: Path, tmp_path: Path, unit: str
) -> None:
    code, told = command("brief", "weekly", "--unit", unit, "--out", str(tmp_path / "out"))
    assert code == 2, told
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").rglob("*"))
    assert "\x1b" not in told


def cells(book: bytes) -> list[object]:
    read = openpyxl.load_workbook(io.BytesIO(book))
    found = []
    for sheet in read:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" and cell.hyperlink is None, cell.value
                found.append(cell.value)
    return found


def test_no_cell_of_the_agencys_workbook_is_computed(home: Path) -> None:
    """Refused rows go back as they came: to the agency they are text."""
    contract = load("P44")
    identity = pyrage.x25519.Identity.generate()
    places.secrets().mkdir(parents=True, exist_ok=True)
    (places.secrets() / "agency-P44.pub").write_text(str(identity.to_public()))
    rows = tickets(*({"诉求内容": f, "受理时间": "never", "来电人": f} for f in FORMULAS))
    made = put("P44", "P44_20261001.csv", csv_text(P44_HEADER, rows).encode("gb18030"))
    assert made.quarantined_n == len(FORMULAS)
    path = refused_path(contract.code, made.delivery_id)
    found = cells(pyrage.decrypt(path.read_bytes(), [identity]))
    assert set(FORMULAS) <= {str(v) for v in found}


def test_what_an_agency_wrote_commands_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from orchestration.cli.output import rows

    rows(
        [{"file": "a\x1b[2Jb", "value": "[/red] [link=http://x]y[/link]", "more": "一\u202e二"}],
        False,
    )
    told = capsys.readouterr().out
    assert "\x1b" not in told and "\u202e" not in told
    assert "[/red] [link=http://x]y[/link]" in told
