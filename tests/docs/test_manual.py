"""The user's manual and the Chinese README: nothing in them is invented."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from dashboards.compiler.registry import registry
from dashboards.compiler.specification import load_pages
from ingestion.contract import load_all

ROOT = Path(__file__).resolve().parents[2]
MANUAL = ROOT / "docs" / "manual"
PAGES = [*sorted(MANUAL.glob("*.md")), ROOT / "README.zh-CN.md"]
RULES = ROOT / "dbt_project" / "seeds" / "seed_warning_rule.csv"


def text(page: Path) -> str:
    return page.read_text("utf-8")


def test_there_is_a_part_for_each_reader_and_the_index_leads_there() -> None:
    parts = {p.name for p in MANUAL.glob("*.md")} - {"README.md"}
    assert parts == {"leaders.md", "statisticians.md", "data-owners.md"}
    assert parts <= set(re.findall(r"\]\(([\w-]+\.md)\)", text(MANUAL / "README.md")))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_no_other_host_is_named(page: Path) -> None:
    hosts = re.findall(r"\w+://([^\s/)`:]+)", text(page))
    assert set(hosts) <= {"127.0.0.1"}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_feed_indicator_and_rule_that_is_named_exists(page: Path) -> None:
    with RULES.open(encoding="utf-8", newline="") as file:
        rules = {row["rule_id"] for row in csv.DictReader(file)}
    words = text(page)
    assert set(re.findall(r"\b[A-Z]{2}-[RYA]\d{1,2}\b", words)) <= rules
    assert set(re.findall(r"feed:(\w+)", words)) <= set(load_all())
    assert set(re.findall(r"indicator:([A-Z]\d\d)", words)) <= set(registry())


def test_the_pages_and_blocks_that_the_manual_quotes_are_there() -> None:
    pages = {page.id: page for page in load_pages()}
    titles = {b.title.partition("（")[0] for p in pages.values() for b in p.blocks}
    for title in ("指标一览", "矛盾纠纷化解率走势", "报送单位", "两法衔接的灯走到哪一步"):
        assert title in titles, title
    quoted = set(re.findall(r"/superset/dashboard/([\w-]+)/", text(MANUAL / "leaders.md")))
    assert quoted <= pages.keys()
    columns = {c for p in pages.values() for b in p.blocks for c in _headers(b.options)}
    assert {"迟到、缺失、拒收的数据源", "受影响的指标", "说明"} <= columns


def _headers(options: dict[str, object]) -> list[str]:
    columns = options.get("columns")
    return [str(c) for c in columns.values()] if isinstance(columns, dict) else []


def test_every_refusal_of_a_whole_delivery_is_told_to_the_owners_too() -> None:
    """The reasons of operations.md, in the words of the manual."""
    table = text(ROOT / "docs" / "operations.md").partition("## Why a delivery was refused")[2]
    reasons = set(re.findall(r"^\| `(\w+)` \|", table.partition("\n## ")[0], re.M))
    assert len(reasons) >= 8
    assert reasons <= set(re.findall(r"`(\w+)`", text(MANUAL / "data-owners.md")))


def test_the_chinese_readme_shows_what_the_english_one_shows() -> None:
    for pattern in (
        r"docs/pictures/[\w-]+\.png",
        r"^\| `(\w+)",
        r"^ {4}(make \w+)",
        r"^\| \[`(\w+)/`\]",
        r"^\$? {4}(?:\$ )?(fengqiao (?:\w+ ?){1,2})",
    ):
        english, chinese = (
            set(re.findall(pattern, text(ROOT / name), re.M))
            for name in ("README.md", "README.zh-CN.md")
        )
        # The variables' table is in the English one; the Chinese one leads to it.
        english = {e for e in english if not e.startswith(("FENGQIAO", "PYTHON"))}
        assert english <= chinese, english - chinese
