"""SQL for a statistician at the terminal: read only, no file but the lake's can be opened."""

from __future__ import annotations

import duckdb
import polars as pl

from ingestion import places
from orchestration.run.day import build_file


def ask(query: str, limit: int) -> pl.DataFrame:
    """The first `limit` rows of a query over marts, judged, staging and seeds."""
    path = build_file()
    if not path.exists():
        raise FileNotFoundError("nothing has been computed yet: `fengqiao run` first")
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'Asia/Shanghai'")
        con.execute("SET search_path = 'marts,judged,staging,seeds'")
        # Order matters: the folders first, then the door is shut and locked.
        con.execute(f"SET allowed_directories = ['{places.lake()}/']")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        relation = con.sql(query)
        if relation is None:
            raise duckdb.InvalidInputException("only queries that give rows")
        return relation.limit(limit).pl()
