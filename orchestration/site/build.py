"""`fengqiao docs build`: gather, write Markdown, let MkDocs build it strictly, check every link.

MkDocs runs in an environment of its own (ADR 39). Its warnings are errors; the links inside the
tables and drawings, which are HTML to it, are checked here afterwards.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

from ingestion import places
from orchestration.site import documents, feeds, indicators, lineage, models, search
from orchestration.site.facts import ROOT, Facts, gather

HERE = Path(__file__).parent
MKDOCS = ROOT / ".venv" / "docs" / "bin" / "mkdocs"
_KINDS = {
    "indicators": "指标 indicators",
    "feeds": "数据源 feeds",
    "codes": "代码表 codes",
    "models": "数据模型 models",
    "rules": "预警规则 rules",
    "pages": "页面 pages",
}
_ADDRESS = re.compile(r"""(?:href|src)=["']?([^"'\s>]+)""")
_ID = re.compile(r"""\bid=["']?([^"'\s>]+)""")


class SiteError(RuntimeError):
    """The site could not be built, or would be wrong; the message says where."""


@dataclass(frozen=True)
class Built:
    """What was built."""

    out: Path
    pages_n: int
    entries_n: int


def build(out: Path, as_of: datetime, progress: Callable[[str], None] = lambda _: None) -> Built:
    """Build the site into `out`, replacing what an earlier build left there."""
    if not MKDOCS.exists():
        raise SiteError("the generator is missing: run `scripts/install.sh docs`")
    if out.exists() and any(out.iterdir()) and not (out / "assets" / "search-index.js").exists():
        raise SiteError(f"{out} holds something else than a site; name an empty folder")
    progress("gathering contracts, models, registry, rules and pages")
    facts = gather(_manifest(as_of))
    with tempfile.TemporaryDirectory(prefix="fengqiao-site-") as scratch:
        work = Path(scratch)
        entries_n = _write(facts, work / "docs")
        progress("building pages")
        file = work / "mkdocs.yml"
        # JSON is YAML: the navigation is appended to the settings as they are written.
        nav = json.dumps(_nav(work / "docs"), ensure_ascii=False)
        settings = (HERE / "mkdocs.yml").read_text("utf-8")
        file.write_text(f"{settings}docs_dir: docs\nsite_dir: site\nnav: {nav}\n", "utf-8")
        _mkdocs(file, as_of)
        _drop_leftovers(work / "site")
        progress("checking links")
        problems = problems_of(work / "site")
        if problems:
            raise SiteError("the site would be wrong: " + "; ".join(problems[:20]))
        if out.exists():
            shutil.rmtree(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(work / "site", out)
    return Built(out, len(list(out.rglob("*.html"))), entries_n)


def _manifest(as_of: datetime) -> Path:
    """The project's manifest, parsed anew: it costs seconds, and is then of these very files.

    In a folder of its own: a day's run may be at work beside it.
    """
    from orchestration.transform.run import run_dbt

    run_dbt(as_of, command="parse", build_name="site")
    return places.build() / "dbt" / "site" / "manifest.json"


def _write(facts: Facts, folder: Path) -> int:
    """Every page and the search's index; gives the entries of the index."""
    graph = lineage.build(facts)
    parts: list[Iterator[tuple[str, str]]] = [
        feeds.pages(facts, graph), feeds.code_pages(facts),
        models.pages(facts, graph), indicators.pages(facts, graph),
    ]  # fmt: skip
    for part in parts:
        for path, text in part:
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
    written = documents.write(folder)
    (folder / "index.md").write_text(_home(facts), "utf-8")
    assets = folder / "assets"
    assets.mkdir(exist_ok=True)
    for name in ("search.js", "site.css"):
        shutil.copyfile(HERE / "theme" / name, assets / name)
    found = search.entries(facts, written)
    (assets / "search-index.js").write_text(search.script(found), "utf-8")
    return len(found)


def _home(facts: Facts) -> str:
    """The first page: what is here, and how many."""
    counts = {
        "indicators": len(facts.indicators), "feeds": len(facts.feeds), "codes": len(facts.codes),
        "models": sum(models.has_page(facts, m) for m in facts.models.values()),
        "rules": len(facts.rules), "pages": len(facts.pages),
    }  # fmt: skip
    ways = [f'<a href="{k}/index.html">{t}</a> {counts[k]}' for k, t in _KINDS.items()]
    if (documents.DOCS / "manual" / "README.md").exists():
        ways.append('<a href="docs/manual/index.html">用户手册 user manual</a>')
    ways.append('<a href="docs/index.html">文档 documents</a>')
    items = "".join(f"<li>{way}</li>" for way in ways)
    return (
        "---\nhide: [navigation, toc]\n---\n# 数据字典与文档 / Dictionary and documents\n\n"
        f'<ul class="ways">{items}</ul>\n\n'
        "右上角可搜索中文名称、代码(如 `D09`、`F03`)和字段名(如 `sign_due`)；"
        "按 `/` 进入，回车打开第一条。"
        "本站由数据合同、模型、指标登记表和页面规格生成，演示数据均为合成。\n\n"
        "The box above finds Chinese names, codes and columns; `/` enters it, Enter opens the "
        "first hit. Everything here is generated from contracts, models, registry and page "
        "specifications; nothing is loaded from another host.\n"
    )


def _nav(folder: Path) -> list[dict[str, object]]:
    """Lists of things, then the documents; a thing's own page is reached from its list."""
    nav: list[dict[str, object]] = [{"首页": "index.md"}]
    nav += [{title: f"{kind}/index.md"} for kind, title in _KINDS.items()]
    groups: dict[str, list[dict[str, str]]] = {"手册 manual": [], "文档 docs": [], "决策 ADR": []}
    for path in sorted(folder.glob("docs/**/*.md")):
        place = path.relative_to(folder).as_posix()
        kind = place.split("/")[1]
        group = {"manual": "手册 manual", "adr": "决策 ADR"}.get(kind, "文档 docs")
        name = re.sub(r"\\(.)", r"\1", documents.title(path.read_text("utf-8"))).replace("`", "")
        groups[group].append({name or path.stem: place})
    for pages in groups.values():
        pages.sort(key=lambda page: _place(folder, next(iter(page.values()))))
    return nav + [{title: pages} for title, pages in groups.items() if pages]


def _place(folder: Path, page: str) -> tuple[int, str]:
    """A folder's README comes first, then the others as it names them, then the rest."""
    path = folder / page
    readme = path.with_name("README.md")
    named = readme.read_text("utf-8").find(f"({path.name})") if readme.exists() else -1
    if path.name == "README.md":
        return -1, page
    return (named if named >= 0 else 1 << 30), page


def _mkdocs(file: Path, as_of: datetime) -> None:
    """Run the generator; whatever it says is an error (strict, and quiet otherwise)."""
    environment = {
        **os.environ,
        # The only clock: dates in the sitemap are those of the run, not of the wall.
        "SOURCE_DATE_EPOCH": str(int(as_of.timestamp())),
        "NO_MKDOCS_2_WARNING": "1",
    }
    done = subprocess.run(
        [str(MKDOCS), "build", "--strict", "--quiet", "--config-file", str(file)],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    said = (done.stdout + done.stderr).strip()
    if done.returncode or said:
        raise SiteError(f"mkdocs: {said or done.returncode}")


def _drop_leftovers(site: Path) -> None:
    """Files for search engines: the site has no address they could name."""
    for name in ("sitemap.xml", "sitemap.xml.gz", "404.html"):
        (site / name).unlink(missing_ok=True)


def problems_of(site: Path) -> list[str]:
    """Links that lead nowhere, and addresses of other hosts that a browser would load."""
    texts = {p.relative_to(site).as_posix(): p.read_text("utf-8") for p in site.rglob("*.html")}
    ids = {name: set(map(unescape, _ID.findall(text))) for name, text in texts.items()}
    problems = []
    for name, text in texts.items():
        for tag in re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", text):
            if re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag):
                problems.append(f"{name} loads {escape(tag)}")
        for address in set(_ADDRESS.findall(text)):
            target = unquote(unescape(address))
            if "://" in target or target.startswith(("mailto:", "data:", "tel:")):
                continue
            path, _, anchor = target.partition("#")
            place = os.path.normpath(Path(name).parent / path) if path else name
            if not (site / place).exists():
                problems.append(f"{name}: {target}")
            elif anchor and place in ids and anchor not in ids[place] and anchor != "__skip":
                problems.append(f"{name}: no place {target}")
    return sorted(problems)
