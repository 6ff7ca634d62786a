"""DuckDB beside the lake: connections that can read it wherever it lies."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion import places


def connect(file: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to a file, or to none, whose views of the lake can be asked."""
    con = duckdb.connect(str(file) if file else ":memory:", read_only=read_only)
    try:
        places.lake().let_in(con)
    except BaseException:
        con.close()
        raise
    return con
