"""Writing what was judged: every judged table of the build file changes in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import duckdb
import polars as pl

from ingestion.lake.tables import exists, load
from orchestration.judging import again, revision
from orchestration.judging.again import PART, Asked

MAIN = "fct_indicator"


def write(
    con: duckdb.DuckDBPyConnection,
    judged: pl.DataFrame,
    beside: Mapping[str, pl.DataFrame],
    asked: Asked,
    fresh: Mapping[str, datetime | None],
) -> pl.DataFrame | None:
    """Put `judged` in the place of the rows that were asked for, and `beside` in that of the other
    tables. `fresh` says up to when an indicator's sources reach.

    Gives the rows whose place was taken, in the columns of `judged`; None where all are new.
    """
    con.execute("create schema if not exists judged")
    con.begin()
    try:
        stood = None if asked.parts is None else _renew(con, judged, asked, fresh)
        made = dict(beside) if stood is not None else {MAIN: judged, **beside}
        for name, table in made.items():
            con.register("judged_rows", table.to_arrow())
            con.execute(f"create or replace table judged.{name} as select * from judged_rows")
            con.unregister("judged_rows")
        again.note(con)
    except BaseException:
        con.rollback()
        raise
    con.commit()
    return stood


def _renew(
    con: duckdb.DuckDBPyConnection,
    judged: pl.DataFrame,
    asked: Asked,
    fresh: Mapping[str, datetime | None],
) -> pl.DataFrame:
    assert asked.parts is not None
    con.register("asked_parts", asked.parts.to_arrow())
    of_asked = (
        "indicator_code not in (select indicator_code from marts.agg_indicator_counts)"
        " or exists (select 1 from asked_parts as asked where period_start >= asked.since and "
        + " and ".join(f"asked.{name} = {MAIN}.{name}" for name in PART)
        + ")"
    )
    stood = con.execute(f"select * from judged.{MAIN} where {of_asked}").pl()
    con.execute(f"delete from judged.{MAIN} where {of_asked}")
    con.unregister("asked_parts")
    # The others are what they were, in this release and as fresh as their sources are now.
    until = pl.DataFrame(
        {"indicator_code": list(fresh), "reaches": list(fresh.values())},
        schema={"indicator_code": pl.String, "reaches": pl.Datetime("us")},
    )
    con.register("reaches", until.to_arrow())
    moment = judged.select("as_of", "release_id").row(0)
    con.execute(
        f"update judged.{MAIN} as rows set as_of = ?, release_id = ?, fresh_until = reaches"
        " from reaches where rows.indicator_code = reaches.indicator_code",
        moment,
    )
    con.unregister("reaches")
    con.register("judged_rows", judged.to_arrow())
    con.execute(f"insert into judged.{MAIN} by name select * from judged_rows")
    con.unregister("judged_rows")
    return stood


def publish_revisions(
    con: duckdb.DuckDBPyConnection, judged: pl.DataFrame, stood: pl.DataFrame | None, asked: Asked
) -> int:
    """Append to the revisions what differs; gives the number of new contents.

    The rows that were replaced are what stood, if the run before ended with the revisions at their
    version of now; else all that stands is read and compared.
    """
    if stood is not None and _stands(con) == (asked.release_before, _version()):
        revised = revision.append_revisions(judged, stood)
    else:
        table = judged if stood is None else con.execute(f"select * from judged.{MAIN}").pl()
        revised = revision.append_revisions(table)
    release = judged["release_id"][0]
    con.execute(
        "create or replace table judged.stands as select ? as release_id, ? as revisions",
        [release, _version()],
    )
    return revised


def _stands(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The release whose rows the revisions held to the last, and their version then."""
    try:
        rows = con.execute("select release_id, revisions from judged.stands").fetchall()
    except duckdb.CatalogException:
        return "", ""
    return (str(rows[0][0]), str(rows[0][1])) if rows else ("", "")


def _version() -> str:
    """The table of revisions and its newest commit; empty before the first."""
    where = revision.path()
    if not exists(where):
        return ""
    table = load(where)
    return f"{table.metadata().id} {table.version()}"
