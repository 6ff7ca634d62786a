"""The documentation site: built by one command without a warning, whole, and found in."""

from __future__ import annotations

import csv
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboards.compiler.registry import registry
from ingestion.clock import parse
from ingestion.contract import load_all
from ingestion.contract.codes import SEED
from orchestration.site.build import SiteError, build, problems_of
from orchestration.site.documents import commonmark_lists
from orchestration.site.flowchart import drawn
from orchestration.site.html import slug
from tests.conftest import AS_OF
from tests.loopback import serving


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, str]:
    """The site as a user builds it: (folder, seconds of work, what was printed)."""
    folder = tmp_path_factory.mktemp("docs")
    environment = {
        **os.environ,
        "FENGQIAO_HOME": str(folder / "data"),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": AS_OF,
    }
    before = _cpu_seconds()
    done = subprocess.run(
        [str(Path(sys.executable).with_name("fengqiao")), "docs", "build"],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "data" / "docs" / "site", _cpu_seconds() - before, done.stderr


def _cpu_seconds() -> float:
    """Work of finished child processes: the wall clock of a shared machine says less."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="session")
def site(built: tuple[Path, float, str]) -> Path:
    return built[0]


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The site behind a plain web server of this machine."""
    with serving(Starlette(routes=[Mount("/", StaticFiles(directory=site, html=True))])) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    with sync_playwright() as play:
        path = os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium")
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_one_command_builds_it_in_a_minute_without_a_warning(
    built: tuple[Path, float, str],
) -> None:
    folder, seconds, said = built
    assert (folder / "index.html").is_file()
    assert not re.search("warn", said, re.I)
    assert seconds < 60


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("ten years of work", "utf-8")
    with pytest.raises(SiteError, match="something else"):
        build(tmp_path, parse(AS_OF))
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert problems_of(site) == []


def test_a_broken_link_and_a_foreign_script_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<a href="gone.html"><a href="#no"><script src="https://cdn.example/x.js">', "utf-8"
    )
    assert len(problems_of(tmp_path)) == 3


def test_every_feed_indicator_and_column_has_its_place(site: Path) -> None:
    for code, contract in load_all().items():
        text = (site / "feeds" / f"{code}.html").read_text("utf-8")
        missing = [f.name for f in contract.fields if f'id="{f.name}"' not in text]
        assert not missing, code
    missing = [c for c in registry() if not (site / "indicators" / f"{slug(c)}.html").exists()]
    assert missing == []


def test_every_column_says_what_it_means_in_both_languages(site: Path) -> None:
    """Of models and seeds; a contract without a label or a meaning does not load."""
    silent = []
    for page in sorted((site / "models").glob("*.html")):
        rows = re.findall(
            r'<tr id="([^"]+)"><td>.*?</td><td>(.*?)</td>', page.read_text("utf-8"), re.S
        )
        silent += [
            f"{page.stem}.{name}: {said}"
            for name, said in rows
            if not re.search("[\u4e00-\u9fff]", said) or not re.search("[A-Za-z0-9]", said)
        ]
    assert silent == []


def test_every_code_has_a_label_in_both_languages() -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 900
    assert [r["code_table"] for r in rows if not r["label_zh"] or not r["label_en"]] == []


def test_a_lineage_leads_from_the_feed_to_the_page(site: Path) -> None:
    text = (site / "indicators" / "D09.html").read_text("utf-8")
    drawing = text[text.index("<svg xmlns") : text.index("</svg></div></figure>")]
    for target in ("feeds/F20", "feeds/P32", "models/fct_dispute", "pages/cockpit"):
        assert f'href="../{target}.html"' in drawing, target


LOOKED_FOR = (
    ("矛盾纠纷化解率", "indicators/D09.html", "D09 矛盾纠纷化解率"),
    ("D09", "indicators/D09.html", "D09 矛盾纠纷化解率"),
    ("F03", "feeds/F03.html", "F03 情指行合成作战指令"),
    ("P01", "indicators/P01.html", "P01 刑事警情万人发案率"),
    ("feed:P01", "feeds/P01.html", "P01 重大投资项目"),
    ("sign_due", "feeds/F03.html#sign_due", "F03 情指行合成作战指令"),
    ("以罚代刑", "rules/XL-R02.html", "XL-R02 以罚代刑"),
    ("ORDER_LEVEL", "codes/ORDER_LEVEL.html", "ORDER_LEVEL"),
)


@pytest.mark.parametrize("way", ["server", "folder"])
def test_a_reader_finds_names_codes_and_columns(
    way: str, site: Path, address: str, chromium: Any
) -> None:
    """Through a web server and from a folder; nothing but this machine is asked."""
    root = address if way == "server" else site.as_uri()
    page = chromium.new_page()
    page.set_default_timeout(10_000)
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    for words, target, heading in LOOKED_FOR:
        page.goto(f"{root}/docs/adr/0020-lights-by-posterior.html")
        page.keyboard.press("/")
        page.keyboard.insert_text(words)
        page.wait_for_selector("#found a")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{target}")
        assert page.inner_text("h1").startswith(heading)
    foreign = [u for u in asked if not u.startswith((address, "file://", "data:"))]
    page.close()
    assert foreign == []
    assert faults == []


def test_a_column_that_is_looked_for_is_shown(site: Path, address: str, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{address}/feeds/F03.html#sign_due")
    box = page.locator("#sign_due").bounding_box()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.close()
    assert 0 < box["y"] < 768
    assert wide <= 0


def test_lists_keep_their_levels() -> None:
    text = "Steps:\n1. one\n   - under\n     more\n2. two\n"
    assert commonmark_lists(text).split("\n")[:6] == [
        "Steps:", "", "1.  one", "", "    -   under", "        more",
    ]  # fmt: skip


def test_a_diagram_is_drawn_without_a_script() -> None:
    text = '```mermaid\nflowchart LR\n    a["one<br>two"] --> b\n    b -. said .-> c[(lake)]\n```\n'
    shown = drawn(text)
    assert shown.count("<rect") == 3
    assert shown.count('class="edge"') == 2
    assert "mermaid" not in shown
