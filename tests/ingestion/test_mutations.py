"""Spoiled files of every form: each ends in a receipt that adds up, and nothing half done.

`FENGQIAO_MUTATIONS` is their number (a few hundred when left out); the seed is the number of the
mutation, so that one that fails can be had again.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from ingestion import places
from ingestion.connectors import inbox
from ingestion.contract import Contract, load
from ingestion.delivery import reading
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path
from tests.attacks.limits import within
from tests.ingestion.handover import (
    P44_HEADER,
    balance,
    csv_text,
    make_contract,
    put,
    receipt_json,
    stored,
    tickets,
)
from tests.ingestion.test_drift import COLUMNS, HEADER, rows

MUTATIONS = int(os.environ.get("FENGQIAO_MUTATIONS", "240"))
SECONDS = 15
SAMPLES = Path(__file__).resolve().parents[2] / "simulation" / "samples"
Mutation = Callable[[random.Random, bytes], bytes]


def flip(draw: random.Random, content: bytes) -> bytes:
    raw = bytearray(content)
    for _ in range(draw.choice([1, 3, 40])):
        raw[draw.randrange(len(raw))] = draw.randrange(256)
    return bytes(raw)


def cut(draw: random.Random, content: bytes) -> bytes:
    start, end = sorted(draw.randrange(len(content)) for _ in range(2))
    return draw.choice([content[:end], content[start:], content[:start] + content[end:]])


def nulls(draw: random.Random, content: bytes) -> bytes:
    at = draw.randrange(len(content))
    return content[:at] + b"\0" * draw.choice([1, 7, 4096]) + content[at:]


def doubled(draw: random.Random, content: bytes) -> bytes:
    return content * 2


def foreign(draw: random.Random, content: bytes) -> bytes:
    return draw.choice(
        [b"", b"\n\n", b"%PDF-1.7\n", b"PK\x05\x06" + bytes(18), draw.randbytes(5000)]
    )


def recoded(draw: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(draw.choice(["utf-16", "utf-32", "gb18030"]), "replace")


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def lost_lines(draw: random.Random, content: bytes) -> bytes:
    return b"".join(line for line in _lines(content) if draw.random() > 0.3)


def shuffled_lines(draw: random.Random, content: bytes) -> bytes:
    lines = _lines(content)
    draw.shuffle(lines)
    return b"".join(lines)


def _grid(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def _text(grid: list[list[str]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(grid)
    return out.getvalue().encode(encoding)


def columns(draw: random.Random, content: bytes) -> bytes:
    """Columns swapped (harmless), given twice or left out."""
    grid = _grid(content)
    order = list(range(len(grid[0])))
    draw.shuffle(order)
    how = draw.choice(["swap", "twice", "drop"])
    order = order if how == "swap" else [*order, order[0]] if how == "twice" else order[1:]
    return _text([[row[i] for i in order if i < len(row)] for row in grid])


def cells(draw: random.Random, content: bytes) -> bytes:
    """Formulas, quotes, line ends, giants and other things that people put into cells."""
    grid = _grid(content)
    odd = ["=cmd|' /C calc'!A0", '"', "\n", "\r", "\0", "é" * 3, "9" * 400, "-" * 70_000]
    odd += ["1e999", "NaN", "𠮷" * 40, "\ufffd", "1900-02-30", "x" * 3_000_000]
    for _ in range(draw.choice([1, 5])):
        row = draw.choice(grid[1:])
        row[draw.randrange(len(row))] = draw.choice(odd)
    return _text(grid)


def quotes(draw: random.Random, content: bytes) -> bytes:
    for _ in range(draw.choice([1, 2, 9])):
        at = draw.randrange(len(content))
        content = content[:at] + b'"' + content[at:]
    return content


def wide(draw: random.Random, content: bytes) -> bytes:
    count = draw.choice([2_001, 1_000_000])
    head = b",".join(b"c%d" % i for i in range(count))
    return head + b"\n" + b"," * (count - 1) + b"\n"


def delimiters(draw: random.Random, content: bytes) -> bytes:
    return content.replace(b",", draw.choice([b";", b"\t", b",,"]))


def line_ends(draw: random.Random, content: bytes) -> bytes:
    return content.replace(b"\r\n", draw.choice([b"\r", b"\n", b"\n\r", b"\r\n\r\n"]))


def json_odd(draw: random.Random, content: bytes) -> bytes:
    lines = _lines(content)
    deep = draw.choice([500, 100_000])
    odd = [
        b"[" * deep + b"]" * deep + b"\n",
        b'{"a":' * deep + b"1" + b"}" * deep + b"\n",
        b"{" + b",".join(b'"k%d":1' % i for i in range(3_000)) + b"}\n",
        b'{"\xe7\xbc\x96\xe5\x8f\xb7":' + b"9" * 100_000 + b"}\n",
        b'{"\xe7\xbc\x96\xe5\x8f\xb7":"' + b"x" * 5_000_000 + b'"}\n',
        b"[1,2]\n",
        b"null\n",
        b'{"\xe7\xbc\x96\xe5\x8f\xb7":{"a":1}}\n',
        b'{"\xe7\xbc\x96\xe5\x8f\xb7":NaN}\n',
        b'{"\xe7\xbc\x96\xe5\x8f\xb7":"\\ud800"}\n',
        b"[" + content.replace(b"\n", b",") + b"null]",
        b"{}\n",
    ]
    lines.insert(draw.randrange(len(lines) + 1), draw.choice(odd))
    return b"".join(lines)


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, body in members.items():
            book.writestr(name, body)
    return out.getvalue()


def sheet_part(draw: random.Random, content: bytes) -> bytes:
    """The workbook whole, one of its parts spoiled or gone."""
    members = _members(content)
    name = draw.choice(sorted(members))
    how = draw.choice([flip, cut, nulls, doubled, None])
    if how is None:
        del members[name]
    else:
        members[name] = how(draw, members[name])
    return _zip(members)


def sheet_cells(draw: random.Random, content: bytes) -> bytes:
    members = _members(content)
    name = "xl/worksheets/sheet1.xml"
    sheet = members[name]
    far = draw.choice([b"XFD1048576", b"A1048576", b"XFD1", b"ZZZZ9", b"A99999999", b"A0"])
    odd = [
        lambda: sheet.replace(b'r="A2"', b'r="' + far + b'"'),
        lambda: re.sub(rb"<v>\d+</v>", b"<v>999999</v>", sheet, count=3),
        lambda: re.sub(rb"<v>\d+</v>", b"<f>1/0</f><v>#DIV/0!</v>", sheet, count=3),
        lambda: sheet.replace(b"</sheetData>", b"<row r='99'><c r='A99' t='inlineStr'><is><t>"
                              + b"x" * 2_000_000 + b"</t></is></c></row></sheetData>"),
        lambda: sheet.replace(b"<sheetData>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><sheetData>"),
    ]  # fmt: skip
    members[name] = draw.choice(odd)()
    return _zip(members)


def bomb(draw: random.Random, content: bytes) -> bytes:
    members = _members(content)
    members["xl/worksheets/sheet1.xml"] = b" " * draw.choice([20_000_000, 60_000_000])
    raw = _zip(members)
    if draw.random() < 0.5:  # the list of members says that it is small
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            size = book.getinfo("xl/worksheets/sheet1.xml").file_size
        raw = raw.replace(size.to_bytes(4, "little"), (900).to_bytes(4, "little"))
    return raw


def packed(mutate: Mutation) -> Mutation:
    """The mutation inside a compressed file."""

    def inside(draw: random.Random, content: bytes) -> bytes:
        return gzip.compress(mutate(draw, gzip.decompress(content)), mtime=0)

    return inside


def expanding(draw: random.Random, content: bytes) -> bytes:
    return gzip.compress(b"\n" * 40_000_000, mtime=0)


BYTES = [flip, cut, nulls, doubled, foreign]
LINES = [lost_lines, shuffled_lines]
CSV = [*BYTES, *LINES, recoded, columns, cells, quotes, wide, delimiters, line_ends]
FORMS: dict[str, list[Mutation]] = {
    "csv": CSV,
    "hotline": [*BYTES, *LINES, quotes, wide],
    "street": [*BYTES, *LINES, cells, columns, quotes, delimiters],
    "json": [*BYTES, *LINES, recoded, json_odd, json_odd],
    "xlsx": [*BYTES, sheet_part, sheet_part, sheet_cells, sheet_cells, bomb],
    "gzip": [flip, cut, foreign, expanding, packed(cells), packed(flip)],
}


def sample(form: str, folder: Path) -> tuple[Contract, str, bytes]:
    """A contract, the name of a file that fits it, and the whole file."""
    body = [*rows(30), *[[f"B{i}", *r[1:]] for i, r in enumerate(rows(9, 类型="M"))]]
    if form == "hotline":
        text = csv_text(P44_HEADER, tickets(*[{} for _ in range(25)]))
        return load("P44"), "P44_20261001.csv", text.encode("gb18030")
    if form == "street":
        lines = (SAMPLES / "2017-07-west-yorkshire-street-leeds.csv").read_bytes().splitlines()
        return load("UK01"), "2017-07-west-yorkshire-street.csv", b"\r\n".join(lines[:60])
    options: dict[str, Any] = {"encoding": ["utf-8", "gb18030"]}
    content = csv_text(HEADER, body).encode("utf-8")
    name = "T01_20261001.csv"
    if form == "json":
        records = [dict(zip(HEADER, row, strict=True)) for row in body]
        content = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
        options = {"file_pattern": "T01_{period}.json"}
        name = "T01_20261001.json"
    elif form == "xlsx":
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            sheet = book.add_worksheet()
            for n, row in enumerate([HEADER, *body]):
                sheet.write_row(n, 0, row)
        content, options = out.getvalue(), {"file_pattern": "T01_{period}.xlsx"}
        name = "T01_20261001.xlsx"
    elif form == "gzip":
        content = gzip.compress(content, mtime=0)
        options |= {"compression": "gzip"}
    kind = form if form in ("json", "xlsx") else "csv"
    return make_contract(folder, COLUMNS, form=kind, **options), name, content


def spoiled(form: str, number: int, whole: bytes) -> tuple[str, bytes]:
    draw = random.Random(number)
    mutate = draw.choice(FORMS[form])
    content = mutate(draw, whole)
    if content and draw.random() < 0.2 and len(content) < 1_000_000:
        content = draw.choice(BYTES)(draw, content)
    return getattr(mutate, "__name__", "?"), content


def rows_in_lake(contract: Contract) -> int:
    return stored(contract).height if feed_path(contract).exists() else 0


def check_read(contract: Contract, path: Path) -> None:
    """In memory: refused with one clear reason, or every record is accounted for."""
    try:
        result = reading.read(inbox.receive(contract, path))
    except reading.Refused as refusal:
        assert refusal.reason and len(refusal.reason) < 4_000
        assert "\n" not in refusal.reason
        return
    assert result.rows.height + result.quarantined == result.records
    ordinals = result.findings["_source_row"]
    # Blank rows of a sheet are no records, but they are counted on the way to the next.
    last = 2**20 if contract.server.format == "xlsx" else result.records
    assert ordinals.is_between(1, last).all()


def check_delivered(contract: Contract, name: str, content: bytes) -> None:
    """On disk: a receipt that adds up, and the lake holds what it says, no more and no less."""
    before = rows_in_lake(contract)
    receipt = put(contract, name, content)
    if receipt.refusal:
        assert rows_in_lake(contract) == before
        assert receipt_json(receipt)["refusal"] == receipt.refusal
    else:
        assert balance(receipt) == receipt.rows_n
        assert rows_in_lake(contract) == before + receipt.inserted_n - receipt.deleted_n
    log = read_log("o01_delivery_log", delivery_id=receipt.delivery_id)
    assert log.height == 1
    drafts = [p for p in places.home().rglob("*.part") if p.is_file()]
    assert drafts == []


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", FORMS)
def test_a_spoiled_file_ends_in_a_receipt_and_nothing_half_done(
    home: Path, tmp_path: Path, form: str
) -> None:
    contract, name, whole = sample(form, tmp_path)
    folder = tmp_path / "files"
    folder.mkdir()
    share = max(1, MUTATIONS // len(FORMS))
    for number in range(share):
        kind, content = spoiled(form, number, whole)
        path = folder / name
        path.write_bytes(content)
        try:
            with within(SECONDS):
                check_read(contract, path)
                if number % 10 == 0:
                    check_delivered(contract, name, content)
        except BaseException as error:
            error.add_note(f"{form} {kind} {number}")
            raise


def test_the_whole_samples_are_taken(home: Path, tmp_path: Path) -> None:
    """The mutations start from files that hold, else they would prove nothing."""
    for form in FORMS:
        contract, name, whole = sample(form, tmp_path)
        receipt = put(contract, name, whole)
        assert receipt.refusal is None, form
        assert receipt.quarantined_n == 0, form
        (tmp_path / "t01_test.odcs.yaml").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("form", "mutate", "words"),
    [
        ("csv", wide, "more than 2000"),
        ("xlsx", bomb, "expands to"),
        ("gzip", expanding, "expands beyond"),
    ],
)
def test_a_bomb_is_refused_by_its_name(
    home: Path, tmp_path: Path, form: str, mutate: Mutation, words: str
) -> None:
    contract, name, whole = sample(form, tmp_path)
    draw = random.Random(2)
    draw.random = lambda: 0.9  # type: ignore[method-assign]
    receipt = put(contract, name, mutate(draw, whole))
    assert words in str(receipt.refusal)


def test_a_broken_record_with_broken_bytes_costs_only_itself(home: Path, tmp_path: Path) -> None:
    """The parser cannot tell us of a record that is no text; the decoder marks it first."""
    contract, name, whole = sample("street", tmp_path)
    lines = whole.split(b"\r\n")
    lines[5] = lines[5].replace(b",", b"\xff,", 1) + b",one cell more"
    receipt = put(contract, name, b"\r\n".join(lines))
    assert (receipt.rows_n, receipt.quarantined_n) == (59, 1)
    assert read_log("quarantine")["rule"].to_list() == ["encoding"]


def test_thousands_of_undeclared_keys_are_refused_at_once(home: Path, tmp_path: Path) -> None:
    contract, name, whole = sample("json", tmp_path)
    keys = ",".join(f'"k{i}":1' for i in range(1_900))
    with within(SECONDS):
        receipt = put(contract, name, f"{{{keys}}}\n".encode() + whole)
    assert "等 1900 列" in str(receipt.refusal)
    assert len(str(receipt.refusal)) < 4_000


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "BZZ2"])
def test_a_cell_far_away_does_not_fill_the_memory(home: Path, tmp_path: Path, cell: str) -> None:
    contract, name, whole = sample("xlsx", tmp_path)
    members = _members(whole)
    part = "xl/worksheets/sheet1.xml"
    members[part] = members[part].replace(b'r="A3"', f'r="{cell}"'.encode())
    with within(SECONDS):
        receipt = put(contract, name, _zip(members))
    assert balance(receipt) == receipt.rows_n if receipt.refusal is None else receipt.status == "4"
    assert pl.Series([receipt.status]).is_in(["1", "2", "4"]).all()
