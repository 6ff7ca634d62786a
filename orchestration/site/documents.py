"""The words of `docs/` and the two READMEs as pages of the site.

They are written for readers of CommonMark; the generator's Python-Markdown wants a blank line
before a list and four spaces under one, and gets them here. A link to a file that is no page
becomes the file's path: the site has the words, the repository the code.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from markdown_it import MarkdownIt

from orchestration.site import flowchart
from orchestration.site.facts import ROOT
from orchestration.site.html import plain

DOCS = ROOT / "docs"
# Told by the site's own pages, generated from the same contracts and longer than a page should be.
_REPLACED = {"dictionary.md": "feeds/index.md"}
_ABOUT_FILES = "docs/pictures/README.md"
_READMES = {"README.zh-CN.md": "docs/readme.zh-CN.md", "README.md": "docs/readme.md"}
# A link, whose words may be code, or code, in which nothing is a link.
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)|`[^`\n]+`")
_FENCE = re.compile(r"^\s*```")


def sources() -> dict[str, Path]:
    """Path in the site → the Markdown file it is made of."""
    found = {f"docs/{p.relative_to(DOCS).as_posix()}": p for p in sorted(DOCS.rglob("*.md"))}
    for page in (*(f"docs/{name}" for name in _REPLACED), _ABOUT_FILES):
        found.pop(page, None)
    found |= {page: ROOT / name for name, page in _READMES.items() if (ROOT / name).exists()}
    contributing = ROOT / "CONTRIBUTING.md"
    return found | {"docs/contributing.md": contributing}


def write(folder: Path) -> dict[str, str]:
    """Write every page and the pictures they show; gives path → Markdown."""
    pages = sources()
    place = {source.resolve(): page for page, source in pages.items()}
    place |= {(DOCS / name).resolve(): page for name, page in _REPLACED.items()}
    written = {}
    for page, source in pages.items():
        text = commonmark_lists(source.read_text("utf-8"))
        text = "".join(
            flowchart.drawn(part) if number % 2 else _linked(part, page, source, place, folder)
            for number, part in enumerate(_split_code(text))
        )
        target = folder / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        written[page] = text
    return written


def _split_code(text: str) -> list[str]:
    """Words and blocks of code in turn."""
    return re.split(r"(^ *```.*?^ *```\s*?$)", text, flags=re.M | re.S)


def _linked(text: str, page: str, source: Path, place: dict[Path, str], folder: Path) -> str:
    def one(match: re.Match[str]) -> str:
        picture, words, target = match.groups()
        if target is None:
            return match[0]
        path, mark, anchor = target.partition("#")
        if "://" in target or not path:
            return match[0]
        file = (source.parent / path).resolve()
        if file.is_dir() and (file / "README.md").exists():
            file = file / "README.md"
        here = (Path("/") / page).parent
        if file.suffix == ".png" and file.exists():
            inside = Path("docs") / "pictures" / file.name
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / inside)
            return f"{picture}[{words}]({os.path.relpath(Path('/') / inside, here)})"
        if file in place:
            return f"[{words}]({os.path.relpath(Path('/') / place[file], here)}{mark}{anchor})"
        name = os.path.relpath(file, ROOT)
        # A path said in its own words needs no second mention.
        return words if name.rstrip("/") in words else f"{words} (`{name}`)"

    return _LINK.sub(one, text)


def commonmark_lists(text: str) -> str:
    """The same lists with a blank line before them and four spaces a level."""
    lines = text.split("\n")
    depth: dict[int, int] = {}  # line → levels of lists around it
    content: dict[int, int] = {}  # line → column its content begins at
    starts: dict[int, int] = {}  # line with a marker → column of the content after it
    firsts: set[int] = set()
    level = 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            level += 1
            if token.map:
                firsts.add(token.map[0])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            level -= 1
        elif token.type == "list_item_open" and token.map:
            first, end = token.map
            marker = re.match(r"\s*(?:[-*+]|\d+[.)])\s+", lines[first])
            if not marker:
                continue
            starts[first] = marker.end()
            for number in range(first, end):
                depth[number], content[number] = level, marker.end()
    out: list[str] = []
    for number, line in enumerate(lines):
        if number not in depth or not line.strip():
            out.append(line)
            continue
        if number in firsts and out and out[-1].strip():
            out.append("")
        if number in starts:
            marker_text = line[: starts[number]].strip()
            pad = " " * (4 * (depth[number] - 1))
            out.append(f"{pad}{marker_text:<3} {line[starts[number] :]}")
        else:
            own = len(line) - len(line.lstrip())
            rest = line[min(own, content[number]) :]
            out.append(" " * (4 * depth[number]) + rest)
    return "\n".join(out)


def sections(text: str) -> list[tuple[str, str, str]]:
    """(heading, anchor, words) of a document, for the search."""
    found: list[tuple[str, str, str]] = []
    heading, fenced = "", False
    words: list[str] = []
    for line in text.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        mark = None if fenced else re.match(r"^(#{1,4}) +(.+)$", line)
        if mark:
            found.append((heading, anchor(heading), " ".join(words)))
            heading, words = mark[2], []
        else:
            words.append(line.strip())
    found.append((heading, anchor(heading), " ".join(words)))
    return [f for f in found if f[0]]


def anchor(heading: str) -> str:
    """The id the generator gives a heading: GitHub's (lower case, hyphens for spaces)."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^\w\s-]", "", text.replace("`", "")).strip().lower()
    return re.sub(r"\s", "-", text)


def title(text: str) -> str:
    """The first heading, as plain text."""
    match = re.search(r"^# +(.+)$", text, re.M)
    return plain(match[1]) if match else ""
