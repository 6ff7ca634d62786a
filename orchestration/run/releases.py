"""The past: what was published, by release and by day (docs/revision-policy.md).

Everything here is read from the append-only revisions (judging/revision.py); nothing is computed
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
import polars as pl

from ingestion.clock import LOCAL
from ingestion.lake.tables import load
from orchestration.judging import revision
from orchestration.judging.revision import DERIVED, KEY, WITHDRAWN

# How many releases an error names.
NAMED = 5
_KEYS = ", ".join(KEY)


class UnknownRelease(ValueError):
    """No release of that name, or none by that day; says which there are."""


@dataclass(frozen=True)
class Chosen:
    """The release that a question is put to."""

    release_no: int
    release_id: str


def listed(limit: int = 20) -> list[dict[str, Any]]:
    """The newest releases first: what each changed, and the formulas it restated."""
    known = revision.releases()
    if known.is_empty():
        return []
    with duckdb.connect() as con:
        _register(con, known)
        rows = con.execute(
            "select release.release_id as release_id, release.as_of, release.published_time,"
            " count(change.revision_no) as rows_changed,"
            " coalesce(string_agg(distinct change.indicator_code || ' ' ||"
            "   change.formula_version, ', ' order by change.indicator_code || ' ' ||"
            "   change.formula_version) filter (change.reason = 'formula'), '') as formulas_changed"
            " from release left join change using (release_no)"
            " group by release.release_no, release.release_id, release.as_of,"
            " release.published_time"
            " order by release.release_no desc limit ?",
            [limit],
        ).pl()
    return rows.to_dicts()


def choose(release_id: str | None, day: date | None) -> Chosen | None:
    """The release of that name, or the last of that day; None when neither is given.

    Raises `UnknownRelease`.
    """
    if release_id is None and day is None:
        return None
    known = revision.releases()
    if release_id is not None:
        found = known.filter(pl.col("release_id") == release_id)
        asked = f"there is no release {release_id}"
    else:
        assert day is not None
        until = datetime.combine(day + timedelta(days=1), time(0), LOCAL)
        found = known.filter(pl.col("as_of").dt.convert_time_zone("Asia/Shanghai") < until)
        asked = f"nothing was published by {day.isoformat()}"
    if found.is_empty():
        raise UnknownRelease(f"{asked}; {_newest(known)}")
    last = found.sort("release_no").row(-1, named=True)
    return Chosen(int(last["release_no"]), str(last["release_id"]))


def _newest(known: pl.DataFrame) -> str:
    if known.is_empty():
        return "nothing has been published yet: `fengqiao run` first"
    names = known["release_id"].tail(NAMED).reverse().to_list()
    more = f" and {len(known) - NAMED} older" if len(known) > NAMED else ""
    return f"the newest are {', '.join(names)}{more} (`fengqiao releases`)"


def add_views(con: duckdb.DuckDBPyConnection, chosen: Chosen | None) -> None:
    """Temporary views over the revisions, for a connection that may not open files any more.

    `indicator_revision` every published content of every value; `indicator_release` the table of a
    release (the newest without one), which `fct_indicator` then is too; `first_published` the first
    reading of each period that was over, beside the one of that release.
    """
    known = revision.releases()
    if known.is_empty():
        return
    number = chosen.release_no if chosen else int(known["release_no"][-1])
    _register(con, known)
    shown = "* exclude (release_no, reason, revision_no, release_id, as_of, published_time)"
    stood = (
        f"select * from published where release_no <= {number}"
        f" qualify row_number() over (partition by {_KEYS} order by release_no desc) = 1"
    )
    con.execute(
        f"create temp view indicator_revision as select {_KEYS}, period_label, numerator,"
        " denominator, value, light, suppressed, is_provisional, is_running, formula_version,"
        " reason, release_no, release_id, as_of, published_time from change"
    )
    con.execute(
        "create temp view indicator_release as"
        f" select stood.{shown}, release.as_of::timestamp as as_of, release.release_id"
        f" from ({stood}) as stood, release"
        f" where release.release_no = {number} and stood.reason <> '{WITHDRAWN}'"
    )
    if chosen:
        con.execute("create temp view fct_indicator as select * from indicator_release")
    con.execute(
        "create temp view first_published as"
        f" select {_KEYS}, now.period_label, first.value as first_value,"
        " first.numerator as first_numerator, first.denominator as first_denominator,"
        " first.light as first_light, first.is_provisional as first_is_provisional,"
        " first.release_id as first_release_id, first.published_time as first_published_time,"
        " now.value as now_value, now.numerator as now_numerator,"
        " now.denominator as now_denominator, now.light as now_light,"
        " now.value - first.value as moved, now.is_provisional as now_is_provisional,"
        " coalesce(revised.revisions_n, 0) as revisions_n"
        " from indicator_release as now inner join ("
        f"   select * from change where not is_running and release_no <= {number}"
        f"   qualify row_number() over (partition by {_KEYS} order by release_no) = 1"
        f" ) as first using ({_KEYS})"
        f" left join (select {_KEYS}, count(*) - 1 as revisions_n from change"
        f"   where not is_running and release_no <= {number} group by all) as revised"
        f" using ({_KEYS})"
    )


def _register(con: duckdb.DuckDBPyConnection, known: pl.DataFrame) -> None:
    """`release`; `published`: each row with the release that first carried it; `change`: of these,
    those with a new content. What was replaced before any release carried it is in neither."""
    con.execute("set TimeZone = 'Asia/Shanghai'")
    con.register("release", known.to_arrow())
    table = load(revision.path())
    con.register("judged_revision", table.to_pyarrow_dataset())
    known_reason = "reason" in {f.name for f in table.schema().fields}
    reason = "coalesce(judged.reason, 'first')" if known_reason else "'first'"
    exclude = "release_id, as_of" + (", reason" if known_reason else "")
    con.execute(
        f"create temp view published as select judged.* exclude ({exclude}), {reason} as reason,"
        " release.release_no, release.release_id, release.as_of, release.published_time"
        " from judged_revision as judged asof join release"
        " on judged.revision_no <= release.release_no"
        f" qualify row_number() over (partition by {_KEYS}, release.release_no"
        "   order by judged.revision_no desc) = 1"
    )
    con.execute(
        "create temp view change as select * from published"
        f" where reason not in ('{DERIVED}', '{WITHDRAWN}')"
    )
