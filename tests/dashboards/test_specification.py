"""What a page specification promises, without a server."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from dashboards.compiler.blocks import compile_block
from dashboards.compiler.bundle import compile_bundle
from dashboards.compiler.checks import chain_problems
from dashboards.compiler.commands import compiled
from dashboards.compiler.drift import compare
from dashboards.compiler.errors import SpecificationError
from dashboards.compiler.specification import (
    MAX_LINES,
    PAGES,
    load_page,
    load_pages,
)
from dashboards.server import paths
from tests.dashboards.small_records import SEEDS

SMALL = """page: small
title: 小页
rows:
  - height: 10
    blocks:
      - {block: number, id: n, title: 行数, width: 4, table: scope, value: COUNT(*)}
"""


def composite(rest: str) -> str:
    """The small page with a composite block in the place of its number."""
    return SMALL[: SMALL.index("{block")] + f"{{block: big_numbers, id: n, width: 4, {rest}}}\n"


def write(folder: Path, text: str) -> Path:
    file = folder / "small.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_page_is_under_80_lines_and_has_text_without_missing_names(city_home: Path) -> None:
    for file in PAGES.rglob("*.yaml"):
        assert len(file.read_text("utf-8").splitlines()) < MAX_LINES
    assert chain_problems(compiled(), paths.pages_file()) == []


def test_a_limit_drawn_on_a_trend_is_the_registrys_yellow_limit() -> None:
    registry = SEEDS / "seed_indicator_registry.csv"
    with registry.open(encoding="utf-8") as file:
        yellow = {row["indicator_code"]: row["yellow"] for row in csv.DictReader(file)}
    lined = [
        (page, block)
        for page in load_pages()
        for block in page.blocks
        if "line_at" in block.options and block.kind == "trend"
    ]
    # The line once was the number of rows as well: a hundred points, and the lowest were cut.
    rows = {chart.query.row_limit for p, b in lined if (chart := compile_block(p, b)) is not None}
    assert rows == {5000}
    drawn = [(b.options["where"]["indicator_code"], b.options["line_at"]) for _, b in lined]
    assert set(drawn) == {("D09", 97), ("D07", 98)}
    assert all(float(yellow[code]) == limit for code, limit in drawn)


def test_a_sort_by_an_unknown_column_breaks_the_chain(city_home: Path, tmp_path: Path) -> None:
    table = "{block: table, id: n, title: 表, width: 4, table: scope, columns: {district: 区县}"
    start = SMALL.index("{block")
    write(tmp_path, SMALL[:start] + table + ", sort: gone}\n")
    [problem] = chain_problems(compiled(tmp_path), paths.pages_file())
    assert "gone" in problem


def test_the_same_specification_gives_the_same_bytes(city_home: Path) -> None:
    assert compiled().archive() == compiled().archive()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SMALL.replace("height", "hight"), "row 1: unknown key hight"),
        (SMALL.replace("width: 4", "width: 13"), "more than 12"),
        (SMALL.replace("block: number", "block: pie"), "no block pie; there are"),
        (SMALL.replace("value: COUNT(*)", "note: x"), "'value' is missing"),
        (SMALL.replace("table: scope", "table: scoop"), "no such table in pages.duckdb: scoop"),
        (SMALL + "\n" * MAX_LINES, "under 80 lines"),
        (composite("codes: [X99]"), "no indicator X99"),
        (composite("codes: [D01, D02, D03, D04, D05, D06, D07]"), "at most 6"),
        (composite("where: {}"), "'codes' is missing"),
    ],
)
def test_a_wrong_page_is_refused_by_name(
    city_home: Path, tmp_path: Path, wrong: str, said: str
) -> None:
    write(tmp_path, wrong)
    with pytest.raises(SpecificationError, match=said.replace("(", r"\(")):
        compiled(tmp_path)


def test_a_column_that_is_not_published_breaks_the_chain(city_home: Path, tmp_path: Path) -> None:
    write(tmp_path, SMALL.replace("COUNT(*)", "SUM(gone)"))
    [problem] = chain_problems(compiled(tmp_path), paths.pages_file())
    assert "small: 行数: scope" in problem
    assert "gone" in problem


def test_a_chart_on_the_server_that_no_page_names_is_drift(city_home: Path) -> None:
    bundle = compiled()
    theirs = {
        **bundle.files,
        "charts/hand.yaml": {
            "slice_name": "手工图",
            "uuid": "00000000-0000-4000-8000-000000000000",
            "params": {},
        },
    }
    [change] = compare(bundle.files, theirs)
    assert (change.action, change.name) == ("prune", "手工图")


def test_a_page_needs_nothing_but_its_file(city_home: Path, tmp_path: Path) -> None:
    page = load_page(write(tmp_path, SMALL))
    pages = [*load_pages(), page]
    bundle = compile_bundle(pages, compiled().tables, paths.pages_file())
    assert f"charts/{page.id}_n.yaml" in bundle.files


def test_a_composite_is_the_blocks_it_stands_for(tmp_path: Path) -> None:
    start = SMALL[: SMALL.index("{block")]
    lines = "{block: multiples, id: m, width: 12, codes: [D09, C02]}"
    page = load_page(write(tmp_path, f"{start}{lines}\n"))
    assert [(b.kind, b.id, b.width, b.title) for b in page.blocks] == [
        ("trend", "m-d09", 6, "矛盾纠纷化解率（%）"),
        ("trend", "m-c02", 6, "场景应用试点推广率(占上线)（%）"),
    ]
    given = "{block: indicator_table, id: t, width: 12, title: 表, codes: [D09], sort: indicator}"
    [table] = load_page(write(tmp_path, f"{start}{given}\n")).blocks
    assert (table.kind, table.title) == ("table", "表")
    assert table.options["where"] == {"indicator_code": ["D09"]}
    assert table.options["sort"] == "indicator"


def test_every_indicator_is_on_a_page() -> None:
    """Except what waits for the page of the stability index."""
    text = " ".join(file.read_text("utf-8") for file in PAGES.rglob("*.yaml"))
    with (SEEDS / "seed_indicator_registry.csv").open(encoding="utf-8") as file:
        codes = {row["indicator_code"] for row in csv.DictReader(file)}
    named = {code for code in codes if re.search(rf"[\[ \"]{code}[\], \"}}]", text)}
    assert {code for code in codes - named if not code.startswith("S")} == set()


def test_every_page_says_its_head_once_and_is_synthetic() -> None:
    for page in load_pages():
        head = page.blocks[0]
        assert head.id == "banner", page.id
        assert page.title.removesuffix("（手机版）") in head.options["text"], page.id
        assert page.id == "west-yorkshire" or "演示数据" in head.options["text"], page.id
