"""Build `serving/pages.duckdb` from the build file and rename it into place.

One file under `pages/` is one table; its header comment says the grain. Tables of the build file
are read by bare name, other page tables as `pages.<name>` (which also gives the order).
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from dashboards.compiler.names import filter_id
from ingestion import places, trace
from ingestion.city import city, districts, in_words
from ingestion.clock import LOCAL
from ingestion.durable import settle
from ingestion.lake import duck
from orchestration.generate.release_calendar import monthly_day
from orchestration.publish.bench import build_benches
from orchestration.publish.draw_glyphs import GLYPHS_FILE
from orchestration.publish.owned import Owned
from orchestration.publish.words import add_words

log = logging.getLogger("fengqiao.publish")
PAGES_FILE_NAME = "pages.duckdb"
BUILD_FILE_NAME = "fengqiao.duckdb"
PAGE_TABLES = Path(__file__).parent / "pages"
# Unqualified names are looked up in this order in the build file.
_SCHEMAS = ("judged", "marts", "staging", "seeds")
_REFERENCE = re.compile(r"\bpages\.([a-z_][a-z0-9_]*)")


class PublishError(RuntimeError):
    """A page table could not be built; yesterday's file is untouched."""


@dataclass(frozen=True)
class Published:
    """What was published: rows by page table, and the file."""

    file: Path
    rows_n: dict[str, int]


@trace.span("publish")
def publish(
    release_id: str,
    as_of: datetime,
    *,
    build_file: Path | None = None,
    serve: Iterable[str] | None = None,
) -> Published:
    """Build every page table and every bench file, and rename the files into place.

    `serve` names the feed tables whose rows a page shows as they are (default: every contract
    with `serve: true` whose table a page names). Times are printed in local time.
    """
    build_file = build_file or places.build() / BUILD_FILE_NAME
    target = _target()
    _sweep(target.parent)
    fresh = target.with_name(f".{PAGES_FILE_NAME}.{os.getpid()}.new")
    benches: dict[Path, Path] = {}
    here = city()
    values = {
        "as_of": as_of.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S"),
        "as_of_text": as_of.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M"),
        "release_id": release_id,
        "city_code": here.code,
        "city_short": here.short,
        "data_note": here.data_note,
        "districts_n_zh": in_words(len(districts())),
        "monthly_day": str(monthly_day(as_of.astimezone(LOCAL).year)),
        "definition_filter": filter_id("definitions", "指标"),
        "domain_filter": filter_id("definitions", "领域"),
    }
    try:
        with duck.connect(build_file, read_only=True) as connection:
            connection.execute(f"attach '{fresh}' as pages (read_write)")
            add_words(connection, as_of)
            _add_light_before(connection, as_of)
            rows_n = _create_page_tables(connection, values)
            rows_n |= _create_served_tables(connection, _served(serve))
            connection.execute("detach pages")
            benches = build_benches(connection, target.parent)
        for bench, place in benches.items():
            _settle(bench, place)
        _rename(fresh, target)
    finally:
        # With what DuckDB wrote beside a draft that it could not finish (the disk is full).
        for left in (fresh, *benches):
            for path in (left, left.with_name(f"{left.name}.wal")):
                path.unlink(missing_ok=True)
    return Published(target, rows_n)


def mark(state: str, state_text: str) -> bool:
    """Write on the published pages that the last build failed; False when there are none yet.

    The tables stay as they were published: only `page_status` changes, in a copy that is
    renamed into place like any publish.
    """
    target = _target()
    if not target.exists():
        return False
    fresh = target.with_name(f".{PAGES_FILE_NAME}.{os.getpid()}.mark")
    try:
        shutil.copyfile(target, fresh)
        with duckdb.connect(str(fresh)) as connection:
            connection.execute(
                "update page_status set state = ?, state_text = ?", [state, state_text]
            )
        _rename(fresh, target)
    finally:
        if fresh.exists():
            fresh.unlink()
    return True


def _create_page_tables(
    connection: duckdb.DuckDBPyConnection, values: dict[str, str]
) -> dict[str, int]:
    catalog = _one(connection, "select current_database()")
    present = {
        str(name)
        for (name,) in connection.execute(
            "select schema_name from information_schema.schemata where catalog_name = ?", [catalog]
        ).fetchall()
    }
    found = [f"{catalog}.{schema}" for schema in _SCHEMAS if schema in present]
    connection.execute(f"set search_path = '{','.join(found)}'")
    # Glyphs are drawn once by hand (draw_glyphs.py) and only needed while the map is built.
    connection.execute(f"""
        create temporary table glyph as
        select character, advance_em,
            from_json(polygons, '[[[["DOUBLE"]]]]') as polygons
        from read_csv('{GLYPHS_FILE}', columns = {{
            'character': 'varchar', 'advance_em': 'double', 'polygons': 'json'}}, header = true)
    """)
    owned = Owned(connection)
    rows_n = {}
    for name, text in _in_order(PAGE_TABLES):
        query = re.sub(r"\{(\w+)\}", lambda match: values[str(match[1])].replace("'", "''"), text)
        query = _REFERENCE.sub(r"pages.main.\1", query)
        try:
            owned.create(f"pages.main.{name}", query)
        except duckdb.Error as error:
            raise PublishError(f"page table {name}: {error}") from error
        rows_n[name] = int(_one(connection, f"select count(*) from pages.main.{name}"))
    return rows_n


def _add_light_before(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """`light_before`: each indicator's newest light of a unit, in the last release of a day before.

    Empty when there was none.
    """
    from orchestration.judging.revision import stood_before

    connection.execute(
        "create temporary table light_before"
        " (unit_level varchar, unit_code varchar, indicator_code varchar, light varchar)"
    )
    before = stood_before(as_of, ("city", "district"))
    if before is not None:
        connection.register("stood_before", before.to_arrow())
        connection.execute("""
            insert into light_before
            select unit_level, unit_code, indicator_code,
                max_by(light, (period_end, window_kind))
            from stood_before
            where light is not null
            group by all
        """)


def _create_served_tables(
    connection: duckdb.DuckDBPyConnection, tables: list[str]
) -> dict[str, int]:
    owned = Owned(connection)
    rows_n = {}
    for table in tables:
        # Columns with a leading underscore are lineage, not content. What a page shows as it is
        # is open (L1): for everybody who may see the page.
        query = f"select columns('^[^_].*'), 'city' as scope_code from stg_{table}"
        try:
            owned.create(f"pages.main.{table}", query)
        except duckdb.Error as error:
            raise PublishError(f"served table {table}: {error}") from error
        rows_n[table] = int(_one(connection, f"select count(*) from pages.main.{table}"))
    return rows_n


def _served(tables: Iterable[str] | None) -> list[str]:
    if tables is not None:
        return sorted(tables)
    from dashboards.compiler.specification import load_pages
    from ingestion.contract.load import load_all

    shown = {str(block.options.get("table")) for page in load_pages() for block in page.blocks}
    open_ones = {c.table for c in load_all().values() if c.serve and c.level_landed == "L1"}
    return sorted(shown & open_ones)


def _in_order(folder: Path) -> list[tuple[str, str]]:
    """(table, SQL) of every file, a table after those it reads."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.sql"))}
    needs = {name: set(_REFERENCE.findall(text)) - {name} for name, text in texts.items()}
    unknown = {n for names in needs.values() for n in names} - texts.keys()
    if unknown:
        raise PublishError(f"page tables that no file builds: {', '.join(sorted(unknown))}")
    return [(name, texts[name]) for name in TopologicalSorter(needs).static_order()]


def _target() -> Path:
    places.serving().mkdir(parents=True, exist_ok=True)
    return places.serving() / PAGES_FILE_NAME


def _sweep(folder: Path) -> None:
    """Remove drafts that a killed run left; whoever publishes holds the home, so none is in use."""
    for pattern in (".*.duckdb.*.new*", ".*.duckdb.*.mark*"):
        for draft in folder.glob(pattern):
            draft.unlink(missing_ok=True)


def _settle(fresh: Path, target: Path) -> None:
    """Make `fresh` durable and put it in the place of `target`."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(target)
    settle(target.parent)


def _rename(fresh: Path, target: Path) -> None:
    """Put the pages in their place and let Superset reopen every file."""
    _settle(fresh, target)
    from dashboards.server.control import begin_warming, reopen_page_file

    # Result caches carry the file's identity in their keys (dashboards/server/cache.py).
    try:
        told = reopen_page_file()
    except OSError as error:  # it ended just now, or it is another user's
        log.warning("Superset could not be told to reopen the pages: %s", error)
        return
    begin_warming()  # what pages ask is answered before somebody opens one; nobody waits for it
    log.info("Superset reopens the pages" if told else "Superset does not run: nobody was told")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    row = connection.execute(query).fetchone()
    return "" if row is None else str(row[0])
