"""A feed is added by drafting its contract from a sample file; no code is written."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ingestion import places
from ingestion.connectors import inbox
from ingestion.contract import Contract
from ingestion.contract.load import load_file
from ingestion.delivery import deliver, reading
from ingestion.draft import draft
from ingestion.draft.keys import looks_like_code
from ingestion.draft.ready import Undecided
from ingestion.receive.text import Unreadable
from simulation.identity import sentinel_names
from tests.ingestion.test_personal_content import card, resident

LINT = Path(
    os.environ.get(
        "FENGQIAO_DATACONTRACT",
        Path(__file__).resolve().parents[2] / ".venv" / "lint" / "bin" / "datacontract",
    )
)
HEADER = [
    "长椅编号", "登记日期", "区县", "镇街代码", "联系人", "联系电话", "证件", "开户卡", "车牌",
    "住处", "造价(万元)", "用地（亩）", "是否完好", "风险等级", "材质", "情况说明", "更新时间",
    "月份", "件数", "邮件",
]  # fmt: skip
PERSONAL = {
    "联系人": "NAME",
    "联系电话": "PHONE",
    "证件": "ID",
    "开户卡": "BANK",
    "车牌": "PLATE",
    "住处": "ADDR",
    "情况说明": "FREE",
}
ROWS = 300


def table() -> list[list[str]]:
    draw, names, rows = random.Random(7), sentinel_names(), []
    for i in range(ROWS):
        day = date(2026, 9, 1) + timedelta(days=i % 29)
        row = [
            f"CY{i:06d}",
            f"{day.year}/{day.month}/{day.day}" if i % 2 else day.isoformat(),
            f"33060{2 + i % 3}",
            f"330602{i % 9 + 1:03d}000",
            "赵" + draw.choice("一二三四五六七八") + draw.choice("甲乙丙丁戊己庚辛壬癸"),
            f"139{draw.randrange(10**8):08d}",
            resident("330602", date(1970, 1, 1) + timedelta(days=31 * i), i),
            card(f"622202{draw.randrange(10**12):012d}"),
            f"浙D{draw.randrange(10**5):05d}",
            f"越城区胜利路{i}号{i % 9 + 1}幢",
            f"{i * 1.25:.2f}",
            f"{i * 0.3 + 1:.1f}",
            "是" if i % 3 else "否",
            "HML"[i % 3],
            draw.choice(["木", "石", "铁"]),
            f"椅面开裂，附近居民第{i}次反映，请尽快派人到现场查看并修复",
            f"2026-09-30 08:{i % 60:02d}:00",
            f"20260{i % 9 + 1}",
            str(i % 40),
            f"user{i}@example.com",
        ]
        assert names[0] not in row
        rows.append(row)
    return rows


def delimited(rows: list[list[str]], delimiter: str, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *rows])
    return out.getvalue().encode(encoding)


def records(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(HEADER, row, strict=True)) for row in rows]


def sheet(rows: list[list[str]]) -> bytes:
    """A title, a group over two columns, names merged downwards, a total and a footnote."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("说明")
        page.write(0, 0, "填报说明")
        page = book.add_worksheet("长椅")
        page.merge_range(0, 0, 0, len(HEADER) - 1, "公园长椅台账（2026年9月）")
        for i, name in enumerate(HEADER):
            if name.startswith(("造价", "用地")):
                page.write(2, i, name)
            else:
                page.merge_range(1, i, 2, i, name)
        at = HEADER.index("造价(万元)")
        page.merge_range(1, at, 1, at + 1, "投入")
        for n, row in enumerate(rows, 3):
            page.write_row(n, 0, row)
        page.write(len(rows) + 3, 0, "注：本表由市园林局填报")
    return out.getvalue()


FORMS: dict[str, tuple[str, Callable[[list[list[str]]], bytes]]] = {
    "gb18030 ;": ("长椅_20260930.csv", lambda r: delimited(r, ";", "gb18030")),
    "bom tab": ("长椅_20260930.txt", lambda r: delimited(r, "\t", "utf-8-sig")),
    "utf-16 |": ("长椅_2026-09.csv", lambda r: delimited(r, "|", "utf-16")),
    "utf-8 ,": ("长椅.csv", lambda r: delimited(r, ",", "utf-8")),
    "lines": (
        "bench_202609.ndjson",
        lambda r: "\n".join(json.dumps(x, ensure_ascii=False) for x in records(r)).encode(),
    ),
    "list": ("bench_202609.json", lambda r: json.dumps(records(r), indent=1).encode()),
    "document": (
        "bench_202609.json",
        lambda r: json.dumps({"code": 0, "data": {"total": ROWS, "items": records(r)}}).encode(),
    ),
    "workbook": ("长椅_20260930.xlsx", sheet),
}


def drafted(folder: Path, form: str, rows: list[list[str]]) -> tuple[str, Contract, Path]:
    name, write = FORMS[form]
    file = folder / name
    file.write_bytes(write(rows))
    text = draft(file, "X01", "公园长椅")
    path = folder / "x01_bench.odcs.yaml"
    path.write_text(text, "utf-8")
    return text, load_file(path), file


def read_by(contract: Contract, file: Path) -> reading.Reading:
    return reading.read(replace(inbox.receive(contract, file), misfit=None))


@pytest.mark.parametrize("form", FORMS)
def test_a_draft_reads_its_own_sample(home: Path, tmp_path: Path, form: str) -> None:
    text, contract, file = drafted(tmp_path, form, table())
    result = read_by(contract, file)
    assert (result.records, result.quarantined) == (ROWS, 0)
    assert contract.key == ("bench_number",)
    assert contract.duplicate_policy == "latest"
    assert contract.partition_field == "register_date"
    assert contract.version_field == "update_time"
    classes = {f.source: f.pii for f in contract.fields}
    assert {h: classes[h] for h in PERSONAL} == PERSONAL
    assert classes["邮件"] == "PERSONAL", "what nobody decided is dropped"
    assert "decide its class (e-mail addresses)" in text
    types = {f.source: (f.logical, f.unit, f.source_unit, f.code_table) for f in contract.fields}
    assert types["造价(万元)"] == ("number", "元", "万元", None)
    assert types["用地（亩）"] == ("number", "平方米", "亩", None)
    assert types["是否完好"][0] == "boolean"
    assert types["件数"][0] == "integer"
    assert types["区县"][3] == "GB/T 2260"
    assert types["镇街代码"][3] == "NBS_TOWN"
    assert types["风险等级"][3] == "RISK_LEVEL"
    assert types["月份"][3] == "YYYYMM"
    assert "木, 石, 铁" in text or "木, 铁, 石" in text
    day = next(f for f in contract.fields if f.source == "登记日期")
    assert set(day.date_forms) == {"iso", "slash"}


@pytest.mark.parametrize("form", ["gb18030 ;", "workbook"])
def test_no_value_of_a_person_is_in_a_draft(home: Path, tmp_path: Path, form: str) -> None:
    rows = table()
    text, _, _ = drafted(tmp_path, form, rows)
    hidden = {row[HEADER.index(h)] for row in rows for h in [*PERSONAL, "邮件"]}
    assert [value for value in hidden if value in text] == []


def test_the_standards_own_linter_takes_a_draft(home: Path, tmp_path: Path) -> None:
    _, _, file = drafted(tmp_path, "gb18030 ;", table())
    path = file.with_name("x01_bench.odcs.yaml")
    done = subprocess.run([str(LINT), "lint", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_drafted_contract_takes_nothing_in_before_it_is_decided(
    home: Path, tmp_path: Path
) -> None:
    text, contract, file = drafted(tmp_path, "gb18030 ;", table())
    with pytest.raises(Undecided, match=r"description\.purpose, legal_basis, team\.name"):
        deliver(inbox.receive(contract, file))
    assert not places.archive().exists() or not any(places.archive().rglob("*.age"))
    path = tmp_path / "x01_bench.odcs.yaml"
    for key in ("why it may be collected; without it no ingest", "law and article"):
        text = text.replace(f"TODO: {key}", "统计可用的长椅")
    path.write_text(text.replace("TODO: whose data they are", "市园林局"), "utf-8")
    made = deliver(inbox.receive(load_file(path), file))
    assert (made.inserted_n, made.quarantined_n) == (ROWS, 0)


def test_dirty_rows_do_not_hide_a_type(home: Path, tmp_path: Path) -> None:
    rows = table()
    for i, (header, value) in enumerate(
        [("登记日期", "去年"), ("件数", "很多"), ("风险等级", "X"), ("造价(万元)", "约三千")]
    ):
        rows[i][HEADER.index(header)] = value
    _, contract, file = drafted(tmp_path, "gb18030 ;", rows)
    result = read_by(contract, file)
    assert result.quarantined == 4
    assert result.records - result.quarantined == ROWS - 4


def test_words_for_nothing_zones_and_a_few_fractions_are_seen(home: Path, tmp_path: Path) -> None:
    """As open data and exports of statistics programs write them."""
    lines = [
        f"S{i:04d},{('NULL', 'NA', '无', str(i))[i % 4]},{'10' if i % 50 else '0.25'},"
        f"2026-09-{i % 28 + 1:02d}T0{i % 10}:00:00{('Z', '+08:00')[i % 2]},{i % 90}"
        for i in range(ROWS)
    ]
    file = tmp_path / "站点_20260930.csv"
    head = "station_id,wind_gust,visibility,observed_at,patientAge"
    file.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    out = tmp_path / "contract.yaml"
    out.write_text(draft(file, "X01", "站点"), encoding="utf-8")
    contract = load_file(out)
    fields = {f.name: f for f in contract.fields}
    gust, clear = fields["wind_gust"], fields["visibility"]
    assert (gust.logical, gust.null_values, gust.required) == (
        "integer",
        ("NA", "NULL", "无"),
        False,
    )
    assert clear.physical == "decimal(18,2)", "a number in fifty has a fraction"
    assert fields["observed_at"].date_forms == ("offset",)
    assert fields["patient_age"].pii == "PERSONAL", "what is said of a patient is not typed away"
    result = read_by(contract, file)
    assert result.findings.is_empty()
    rows = result.rows.sort("station_id")
    assert rows["wind_gust"].to_list()[:5] == [None, None, None, 3, None]
    assert rows["observed_at"].dt.strftime("%m-%dT%H:%M").to_list()[:2] == [
        "09-01T00:00", "09-01T17:00",
    ]  # fmt: skip


def test_without_a_unique_column_a_pair_is_the_key_or_none(home: Path, tmp_path: Path) -> None:
    pair = [[f"{t}", f"2026-09-{d:02d}", str(t * d)] for t in range(1, 6) for d in range(1, 29)]
    file = tmp_path / "count_202609.csv"
    text = "\n".join(",".join(r) for r in [["town_code", "stat_date", "n_cases"], *pair])
    file.write_text(text, "utf-8")
    path = tmp_path / "x.odcs.yaml"
    path.write_text(draft(file), "utf-8")
    assert set(load_file(path).key) == {"town_code", "stat_date"}
    file.write_text(text + "\n" + ",".join(pair[0]), "utf-8")
    path.write_text(draft(file), "utf-8")
    assert load_file(path).duplicate_policy == "none"


def test_names_that_yaml_would_read_as_something_else(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd_202609.csv"
    header = ["no", "Yes", "说明: # 一", 'a"b', "null", "a b", "a-b"]
    body = "\n".join(",".join([f"N{i}", "x", "y", "z", "1", "2", "3"]) for i in range(20))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(header)
    file.write_text(out.getvalue() + body, "utf-8")
    path = tmp_path / "x.odcs.yaml"
    path.write_text(draft(file), "utf-8")
    contract = load_file(path)
    assert [f.source for f in contract.fields] == header
    assert len({f.name for f in contract.fields}) == len(header)
    assert all(isinstance(f.name, str) and f.name.isidentifier() for f in contract.fields)
    assert read_by(contract, file).quarantined == 0


def test_a_long_code_is_no_free_text(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "项目_202609.csv"
    codes = [f"2026-330600-04-01-{i:06d}" for i in range(40)]
    file.write_text("\n".join(["项目代码,件数", *[f"{c},1" for c in codes]]), "utf-8")
    path = tmp_path / "x.odcs.yaml"
    path.write_text(draft(file), "utf-8")
    field = load_file(path).fields[0]
    assert (field.pii, field.code_table) == ("none", "TZ_PROJECT_CODE")


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"{}", b"[]", b"PK\x03\x04", b"[1,2]"])
def test_a_file_that_teaches_nothing_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x_202609.csv"
    file.write_bytes(content)
    with pytest.raises(Unreadable):
        draft(file)


@pytest.mark.parametrize(
    ("header", "code"), [("案件编号", True), ("ticket_id", True), ("标题", False), ("idea", False)]
)
def test_names_of_codes_are_known(header: str, code: bool) -> None:
    assert looks_like_code(header) is code


def test_a_large_sample_is_drafted_within_seconds(home: Path, tmp_path: Path) -> None:
    rows = pl.DataFrame(table(), schema=HEADER, orient="row")
    many = pl.concat([rows] * 300).with_columns(
        pl.format("CY{}", pl.int_range(pl.len()).cast(pl.String)).alias("长椅编号")
    )
    file = tmp_path / "长椅_20260930.csv"
    many.write_csv(file)
    assert "primaryKey: true" in draft(file)
