"""A brief: equal bytes for equal data, vectors, Chinese, hidden stays hidden, draft till signed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.brief import NoBrief, make
from orchestration.cli.main import app
from orchestration.publish import mark
from tests.brief.conftest import RELEASED_MONTH, RELEASED_WEEK
from tests.brief.reading import IMAGE, PATH, cells_of, kinds_of_objects, pages_of, text_of, words_of


@pytest.mark.parametrize("kind", ["weekly", "monthly"])
def test_the_same_data_give_the_same_bytes_on_another_day_and_in_another_place(
    city: Path, tmp_path: Path, kind: str
) -> None:
    here = make(kind, "330681", out=tmp_path / "a")
    script = (
        "import sys, pathlib; from orchestration.brief import make;"
        "make(sys.argv[1], '330681', out=pathlib.Path(sys.argv[2]))"
    )
    elsewhere = {**os.environ, "TZ": "America/New_York", "PYTHONHASHSEED": "7", "LANG": "C"}
    subprocess.run(
        [sys.executable, "-c", script, kind, str(tmp_path / "b")], env=elsewhere, check=True
    )
    for file in (here.pdf, here.xlsx):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_other_data_give_other_bytes(city: Path, tmp_path: Path) -> None:
    first = make("weekly", out=tmp_path / "a").pdf.read_bytes()
    with duckdb.connect(str(city)) as pages:
        pages.execute("update page_status set release_id = 'another'")
    assert make("weekly", out=tmp_path / "b").pdf.read_bytes() != first


@pytest.mark.parametrize(("kind", "least", "most"), [("weekly", 3, 5), ("monthly", 7, 12)])
def test_a_leader_can_read_it_through(city: Path, kind: str, least: int, most: int) -> None:
    pages = pages_of(make(kind).pdf)
    assert least <= len(pages) <= most
    for number, text in enumerate(pages, start=1):
        assert len(text) > 150, f"page {number} is empty"
        assert "演示数据" in text and "草稿" in text, f"page {number} does not say what it is"
        assert "small-city" in text and "2026-10-31 09:00" in text


@pytest.mark.parametrize("unit", ["330600", "330681"])
def test_every_part_that_was_promised_is_there(city: Path, unit: str) -> None:
    weekly, monthly = text_of(make("weekly", unit).pdf), text_of(make("monthly", unit).pdf)
    for part in ("红灯与黄灯", "为什么亮灯", "变灯", "本周数", "事项预警", "逾期未办", "控制图",
                 "数据到达与质量", "方法说明", "口径版本"):  # fmt: skip
        assert part in weekly, part
    for part in (
        "红灯与黄灯",
        "变动最大的指标",
        "全部指标",
        "社会稳定指数",
        "亮灯最多的规则",
        "口径版本",
    ):
        assert part in monthly, part
    assert ("区县地图" in weekly) == (unit == "330600")


def test_drawings_are_vectors(city: Path) -> None:
    kinds = kinds_of_objects(make("monthly").pdf)
    assert IMAGE not in kinds
    assert PATH in kinds


def test_no_english_is_left_over(city: Path) -> None:
    told = text_of(make("monthly").pdf) + text_of(make("weekly").pdf)
    assert set(re.findall(r"[A-Za-z]{4,}", told.replace("small-city", ""))) == set()
    assert "None" not in told and "nan" not in told and "�" not in told


def test_large_numbers_have_their_separators(city: Path) -> None:
    told = text_of(make("monthly").pdf)
    assert re.search(r"\d,\d{3}", told)
    # The hotline is called 12345; a year, a date and a code of four digits are no amounts.
    assert set(re.findall(r"(?<![\d,.])\d{5,}(?![\d])", told)) <= {"12345", "48"}


def test_a_hidden_value_reads_so_and_its_counts_are_nowhere(city: Path) -> None:
    made = make("monthly", "330681")
    rows = {row[1]: row for row in cells_of(made.xlsx)["全部指标"]}
    head = rows["代码"]
    hidden = dict(zip(head, rows["H04"], strict=True))
    assert (hidden["现值"], hidden["变化"], hidden["分子、分母"]) == ("不公开", "—", "—")
    assert "不公开" in text_of(made.pdf)
    # Of what is told in small numbers a value may stand, but never the two counts behind it.
    city_wide = {row[1]: row for row in cells_of(make("monthly").xlsx)["全部指标"]}
    shown = dict(zip(city_wide["代码"], city_wide["H04"], strict=True))
    assert shown["现值"] != "不公开" and shown["分子、分母"] == "—"


def test_why_a_value_moved_is_told_by_its_counts(city: Path) -> None:
    rows = {row[1]: row for row in cells_of(make("monthly").xlsx)["全部指标"]}
    told = dict(zip(rows["代码"], rows["D07"], strict=True))["分子、分母"]
    assert re.fullmatch(
        r"分子 [\d,]+ → [\d,]+（[+−][\d.]+%）(，分母 [\d,]+ → [\d,]+(（.*）)?)?", str(told)
    )


def test_it_is_a_draft_until_two_have_signed(city: Path) -> None:
    for kind, label in (("weekly", RELEASED_WEEK), ("monthly", RELEASED_MONTH)):
        draft, released = make(kind), make(kind, label=label)
        assert (draft.period.state, released.period.state) == ("草稿", "已发布")
        told = text_of(released.pdf)
        assert "草稿" not in told
        assert "中共绍兴市委政法委" in told and "绍兴市政务服务(大数据)局" in told
        assert {"状态", "已发布"} <= set(words_of(released.xlsx).split("\n"))


def test_the_index_page_says_draft_from_the_same_record(city: Path) -> None:
    with duckdb.connect(str(city), read_only=True) as pages:
        told = pages.execute(
            "select distinct month_text, release_text, reply_text from index_version order by all"
        ).fetchall()
    # September was signed on the last of the five workdays in which a unit may contest its number.
    assert told == [
        ("2026年8月", "已发布 2026-09-20", "09-18止"),
        ("2026年9月", "草稿", "10-16止"),
    ]


def test_a_failed_run_is_told_on_paper_too(city: Path) -> None:
    assert mark("failed", "10月31日 09:00 的计算未完成，页面为上一次发布的结果")
    assert "计算未完成" in text_of(make("weekly").pdf)


def test_a_cell_is_text_even_if_it_begins_like_a_formula(city: Path) -> None:
    planted = ['=HYPERLINK("http://x")', "+1+1", "-1", "@SUM(A1)", "\t=1+1"]
    with duckdb.connect(str(city)) as pages:
        codes = [c for (c,) in pages.execute(
            "select distinct indicator_code from brief_value where part = 'light' order by 1"
        ).fetchall()][: len(planted)]  # fmt: skip
        for code, text in zip(codes, planted, strict=True):
            pages.execute(
                "update brief_value set indicator = ? where indicator_code = ?", [text, code]
            )
    made = make("monthly")
    names = [row[2] for row in cells_of(made.xlsx)["全部指标"]]
    assert set(planted) <= set(names)
    with zipfile.ZipFile(made.xlsx) as parts:
        sheets = [parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in sheet for sheet in sheets)
        assert b"quotePrefix" in parts.read("xl/styles.xml")


def test_what_cannot_be_made_says_why(home: Path) -> None:
    with pytest.raises(NoBrief, match="nothing is published"):
        make("weekly")


def test_an_unknown_unit_period_or_kind_is_an_error_of_the_one_who_asks(city: Path) -> None:
    for words, why in (
        (["weekly", "--unit", "330682"], "330681 诸暨市"),
        (["weekly", "--period", "2026-W01"], "2026-W43"),
        (["yearly"], "weekly or monthly"),
    ):
        done = CliRunner().invoke(app, ["brief", *words])
        assert done.exit_code == 2
        assert why in done.output


def test_the_command_says_where_the_files_are(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["brief", "weekly", "--unit", "330681", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "社会治理周报 诸暨市 2026年第43周 草稿" in done.output
    assert {p.name for p in out.iterdir()} == {
        "weekly-2026-W43-330681.pdf",
        "weekly-2026-W43-330681.xlsx",
    }
