"""A page is a YAML file: title, filters, rows of blocks. Nothing else is understood.

    page: cockpit                 # id, slug in the address
    title: 综合指挥驾驶舱
    filters:
      - {name: 区县, table: scope, column: district, default: 全市, sort: district_order}
    narrow: true                  # with a one-column twin for telephones (narrow.py)
    refresh_seconds: 300          # a wall that reads itself anew
    rows:
      - height: 30                # of 8 px each
        blocks:
          - {block: table, id: freshness, title: 数据新鲜度, width: 12, table: feed_freshness, ...}

Widths of a row sum to at most 12. Which keys a block understands is written in `blocks.py`; what
many pages show alike is a composite of blocks (`composites.yaml`, `expand.py`). Pages lie in
folders by meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dashboards.compiler.errors import SpecificationError
from dashboards.compiler.expand import expand
from ingestion.city import city, districts, in_words, own, rows
from ingestion.contract import load_all, load_known

PAGES = Path(__file__).resolve().parents[1] / "pages"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
MAX_LINES = 80
GRID_COLUMNS = 12
WIDTHS = (1920, 1366)
NARROW_WIDTH = 390


@dataclass(frozen=True)
class Filter:
    """One native filter: a single choice out of one column, required when it has a default."""

    name: str
    table: str
    column: str
    default: str | None = None
    sort: str | None = None
    descending: bool = False
    # By block id: the only charts that follow the filter, or those that do not.
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """One place on a page; `options` are the block's own keys."""

    kind: str
    id: str
    title: str
    width: int
    options: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """Blocks side by side; height in units of 8 px."""

    height: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """One dashboard."""

    id: str
    title: str
    file: str
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...]
    # A wall reads itself anew; 0 is never.
    refresh_seconds: int = 0
    # Whether a one-column twin is generated; of a twin, the page whose charts it shows.
    narrow: bool = False
    of: str = ""

    @property
    def charts_of(self) -> str:
        """The page that the charts are named after."""
        return self.of or self.id

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths in px at which the page is looked at."""
        return (NARROW_WIDTH,) if self.of else WIDTHS

    @property
    def blocks(self) -> list[Block]:
        """All blocks in reading order."""
        return [block for row in self.rows for block in row.blocks]


def load_pages(folder: Path | None = None) -> list[Page]:
    """Every page of a folder, by file name, each before its narrow twin if it has one."""
    from dashboards.compiler.narrow import twin

    pages = [load_page(file) for file in sorted((folder or PAGES).rglob("*.yaml"))]
    if folder in (None, PAGES):
        pages = _of_city(pages)
    return [one for page in pages for one in ((page, twin(page)) if page.narrow else (page,))]


def _of_city(pages: list[Page]) -> list[Page]:
    """Ours without those that show a feed this city has not, and the city's own in addition."""
    mine = own("pages")
    made = [load_page(file) for file in sorted(mine.rglob("*.yaml"))] if mine else []
    chosen = load_all()
    absent = {c.table for code, c in load_known().items() if code not in chosen}
    taken = {page.id for page in made}
    kept = [
        page
        for page in pages
        if page.id not in taken and not absent & {str(b.options.get("table")) for b in page.blocks}
    ]
    return [*kept, *made]


def text_of(file: Path) -> str:
    """A page's text with the names of this city: {city}, {city_view}, {districts_n},
    {place_columns} (a column's name and label for the city and each district), {place_codes}."""
    words = _words()
    return _PLACEHOLDER.sub(lambda m: words.get(m[1], m[0]), file.read_text(encoding="utf-8"))


def _words() -> dict[str, str]:
    here = city()
    whole = next((r for r in rows("seed_division") if r["unit_level"] == "1"), {})
    point = (whole.get("lon") or "120.2", whole.get("lat") or "29.2")
    named = {f"c{here.code}": "市级", **{f"c{code}": name for code, name in districts().items()}}
    return {
        "city": here.name,
        "city_view": ", ".join([*(f"{float(x):.2f}" for x in point), "9"]),
        "districts_n": in_words(len(districts())),
        "place_columns": ", ".join(f"{column}: {name}" for column, name in named.items()),
        "place_codes": ", ".join(named),
    }


def load_page(file: Path) -> Page:
    """One page, checked."""
    text = text_of(file)
    if len(text.splitlines()) >= MAX_LINES:
        raise SpecificationError(f"{file.name}: a page has under {MAX_LINES} lines")
    document = yaml.safe_load(text)
    _only(document, {"page", "title", "filters", "rows", "narrow", "refresh_seconds"}, file.name)
    title = document["title"]
    rows = tuple(
        _row(row, title, f"{file.name}: row {n}") for n, row in enumerate(document["rows"], 1)
    )
    page = Page(
        id=document["page"],
        title=title,
        file=file.name,
        filters=tuple(_filter(entry, file.name) for entry in document.get("filters", [])),
        rows=rows,
        refresh_seconds=int(document.get("refresh_seconds", 0)),
        narrow=bool(document.get("narrow", False)),
    )
    ids = [block.id for block in page.blocks]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise SpecificationError(f"{file.name}: block ids used twice: {', '.join(twice)}")
    return page


def _filter(entry: dict[str, Any], where: str) -> Filter:
    _only(entry, set(Filter.__dataclass_fields__), f"{where}: filter {entry.get('name')}")
    lists = {key: tuple(entry.get(key, ())) for key in ("only", "but")}
    return Filter(**{**entry, **lists})


def _row(entry: dict[str, Any], title: str, where: str) -> Row:
    _only(entry, {"height", "blocks"}, where)
    plain = [one for block in entry["blocks"] for one in expand(block, title, where)]
    blocks = tuple(_block(block, where) for block in plain)
    if sum(block.width for block in blocks) > GRID_COLUMNS:
        raise SpecificationError(f"{where}: widths sum to more than {GRID_COLUMNS}")
    return Row(height=int(entry["height"]), blocks=blocks)


def _block(entry: dict[str, Any], where: str) -> Block:
    missing = {"block", "id", "width"} - entry.keys()
    if missing:
        raise SpecificationError(f"{where}: a block needs {', '.join(sorted(missing))}")
    options = {
        key: value for key, value in entry.items() if key not in {"block", "id", "title", "width"}
    }
    return Block(entry["block"], entry["id"], entry.get("title", ""), entry["width"], options)


def _only(entry: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(entry.keys() - known)
    if unknown:
        raise SpecificationError(f"{where}: unknown key {', '.join(unknown)}")
