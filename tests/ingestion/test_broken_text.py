"""A broken line costs that line alone, and is named by its number."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.lake.logs import read_log
from ingestion.receive import delimited
from ingestion.receive.text import SOURCE_ROW, Unreadable
from tests.ingestion.handover import P44_HEADER, csv_text, put, stored, tickets

HEADER = ["编号", "姓名", "说明"]


def read(
    content: bytes, encoding: str = "utf-8"
) -> tuple[dict[int, tuple[str, ...]], dict[int, str]]:
    """(cells by row number, rule of each lost record)."""
    stream = delimited.read(lambda: io.BytesIO(content), encoding)
    kept = {}
    for batch in stream.batches:
        for row in batch.select(SOURCE_ROW, *stream.columns).iter_rows():
            kept[row[0]] = row[1:]
    return kept, {b.source_row: b.rule for b in stream.broken}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("row", [1, 7, 20])
def test_one_undecodable_line_loses_exactly_that_line(encoding: str, row: int) -> None:
    lines = [f"{i},张三,第{i}条\r\n".encode(encoding) for i in range(1, 21)]
    lines[row - 1] = f"{row},".encode() + b"\xff\xff\xfe" + f",第{row}条\r\n".encode(encoding)
    kept, broken = read(",".join(HEADER).encode(encoding) + b"\r\n" + b"".join(lines), encoding)
    assert broken == {}
    damaged = {n for n, cells in kept.items() if any("\ufffd" in (c or "") for c in cells)}
    assert damaged == {row}
    assert kept.keys() == set(range(1, 21))


def test_the_broken_line_is_quarantined_with_its_number(home: object) -> None:
    text = csv_text(P44_HEADER, tickets(*[{} for _ in range(30)])).encode("gb18030")
    lines = text.split(b"\r\n")
    lines[17] = lines[17].replace("路灯".encode("gb18030"), b"\xff\xff")
    receipt = put("P44", "P44_20261001.csv", b"\r\n".join(lines))
    assert (receipt.rows_n, receipt.inserted_n, receipt.quarantined_n) == (30, 29, 1)
    found = read_log("quarantine").row(0, named=True)
    assert (found["source_row"], found["rule"], found["column_name"]) == (
        17,
        "encoding",
        "诉求内容",
    )
    assert found["value"] is None
    assert 17 not in stored("P44")["_source_row"].to_list()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte-order mark"])
def test_line_ends_and_byte_order_marks_change_nothing(end: str, mark: bytes) -> None:
    rows: list[list[str | None]] = [
        ["1", "张三", "一"],
        ["2", "李四", None],
        ["3", None, '三,"四"'],
    ]
    kept, broken = read(mark + csv_text(HEADER, rows, end).encode())
    assert list(kept.values()) == [tuple(r) for r in rows]
    assert broken == {}


def test_mixed_line_ends_and_blank_lines_keep_the_numbers() -> None:
    content = "\n编号,姓名,说明\r\n1,a,x\n\n2,b,y\r3,c\r\n\r\n4,d,z\n5,e,w".encode()
    kept, broken = read(content)
    assert {n: c[0] for n, c in kept.items()} == {1: "1", 2: "2", 4: "4", 5: "5"}
    assert broken == {3: "structure"}


@pytest.mark.parametrize("cell", ['"never closed', '"a, b', '"'])
def test_a_quote_that_never_closes_costs_its_line_only(cell: str) -> None:
    lines = [f"{i},n{i},t{i}" for i in range(1, 11)]
    lines[3] = f"4,n4,{cell}"
    lines[7] = f"8,{cell},t8"
    kept, broken = read("\r\n".join([",".join(HEADER), *lines]).encode())
    assert set(broken) == {4, 8}
    assert {n: c[0] for n, c in kept.items()} == {
        n: str(n) for n in range(1, 11) if n not in (4, 8)
    }


def test_a_quoted_text_of_many_lines_and_commas_is_one_cell() -> None:
    text = '第一行,有逗号\n第二行,,,,\n\n"引号",第四行'
    kept, broken = read(csv_text(HEADER, [["1", "甲", text], ["2", "乙", "短"]]).encode())
    assert kept == {1: ("1", "甲", text), 2: ("2", "乙", "短")}
    assert broken == {}


@pytest.mark.parametrize(
    "damage",
    [b"\x00", b"\xed\xa0\x80", b"\x1a", "\u2028".encode(), b"x" * 3_000_000],
    ids=["NUL", "lone surrogate", "SUB", "line separator", "three megabytes"],
)
def test_strange_bytes_stay_in_their_row(damage: bytes) -> None:
    kept, broken = read(b"a,b,c\n1,x,y\n2," + damage + b",y\n3,x,y\n")
    assert broken == {}
    assert {n: c[0] for n, c in kept.items()} == {1: "1", 2: "2", 3: "3"}


@settings(max_examples=60)
@given(noise=st.binary(max_size=400), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_noise_is_read_or_refused_but_never_crashes(noise: bytes, encoding: str) -> None:
    for content in (noise, b"a,b,c\n1,2,3\n" + noise + b"\n4,5,6\n"):
        try:
            kept, broken = read(content, encoding)
        except Unreadable:
            continue
        assert not set(kept) & set(broken)
        numbers = sorted([*kept, *broken])
        assert numbers == list(range(1, len(numbers) + 1))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd\ufeff"), max_size=12)


@settings(max_examples=50)
@given(
    rows=st.lists(st.lists(CELL, min_size=5, max_size=5), max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_whatever_is_written_is_read_back(rows: list[list[str]], end: str, encoding: str) -> None:
    rows = [[str(n), *row] for n, row in enumerate(rows, 1)]
    header = ["n", "a", "b", "c", "d", "e"]
    kept, broken = read(csv_text(header, rows, end).encode(encoding), encoding)
    assert broken == {}
    assert list(kept.values()) == [tuple(c or None for c in row) for row in rows]
