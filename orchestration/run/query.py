"""SQL for a statistician at the terminal: read only, no file but the lake's can be opened.

Every question is written into the access log (DP-12) before its answer is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb
import polars as pl

from ingestion import places
from ingestion.access import Access, note
from ingestion.lake import duck
from orchestration.run.day import build_file

# Only a question about the past waits for the revisions to be opened.
_PAST = re.compile(r"\b(indicator_revision|indicator_release|first_published)\b", re.I)


def ask(
    query: str, limit: int, release: str | None = None, as_of: date | None = None
) -> pl.DataFrame:
    """The first `limit` rows of a query over marts, judged, staging and seeds.

    With a release, or a day whose last release is meant, `fct_indicator` is the table that was
    published then. Raises `UnknownRelease` if there is none, `NotLogged` if the access log is not
    to be written.
    """
    past = {k: str(v) for k, v in {"release": release, "as_of": as_of}.items() if v}
    tables = touched(query)
    try:
        found = fetch(query, limit, release, as_of)
    except duckdb.Error as error:
        # Its message may show a value ("could not convert …"), so it is an answer, too.
        details = {**past, "error": type(error).__name__}
        note(Access("sql", tables, query, outcome="failed", details=details))
        raise
    note(Access("sql", tables, query, rows=found.height, details=past))
    return found


def fetch(
    query: str, limit: int, release: str | None = None, as_of: date | None = None
) -> pl.DataFrame:
    """The same without a record: for those who write their own."""
    with _opened(query, release, as_of) as con:
        # A folder that may be read may be written, too: by COPY, over the lake's own files.
        kinds = [statement.type for statement in con.extract_statements(query)]
        relation = con.sql(query) if kinds == [duckdb.StatementType.SELECT] else None
        if relation is None:
            raise duckdb.InvalidInputException("only queries that give rows, one at a time")
        return relation.limit(limit).pl()


def touched(query: str) -> tuple[str, ...]:
    """The tables a query names, as far as DuckDB's parser can tell; for the log, no lock."""
    try:
        with duckdb.connect() as con:
            return tuple(sorted(con.get_table_names(query, qualified=True)))
    except duckdb.Error:
        return ()


@contextmanager
def _opened(
    query: str, release: str | None, as_of: date | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    path = build_file()
    if not path.exists():
        raise FileNotFoundError("nothing has been computed yet: `fengqiao run` first")
    with duck.connect(path, read_only=True) as con:
        con.execute("SET TimeZone = 'Asia/Shanghai'")
        con.execute("SET search_path = 'marts,judged,staging,seeds'")
        if release or as_of or _PAST.search(query):
            from orchestration.run.releases import add_views, choose

            add_views(con, choose(release, as_of))
        # Order matters: the folders first, then the door is shut and locked.
        con.execute(f"SET allowed_directories = ['{places.lake()}/']")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
