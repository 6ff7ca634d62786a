"""Which periods must be judged again: those whose counts differ from what was judged before, and
all after them.

A row's judgement follows from its own period's counts, from the twelve months that end with it
(two years of Z01), from its peers of these periods, from the register, the units and the flag of
its sources. Nothing looks ahead. So of an indicator, level and window (a part) everything before
the first month that differs is what it was, and only its release, moment and freshness are written
anew. Digests of the counts by month lie beside the judged table in the build file and change in
one transaction with it; without them, or when code, register or units differ, all is judged.

What is under disclosure control is always judged whole, because what stands or is hidden is decided
over its levels and releases; medians and means too, whose durations are not among the counts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

PART = ["indicator_code", "unit_level", "window_kind"]
# The longest look back of a judge that may be cut: twelve months and the one they begin in.
BACK_MONTHS = 13
_LIBRARIES = ("numpy", "scipy", "polars", "duckdb")
_HERE = Path(__file__).parent
# A sum of fractions depends on where it begins, and two years are more than BACK_MONTHS.
_FROM_THE_FIRST = ("posterior_amount", "posterior_rate", "posterior_rate_yoy")
_BY_DURATION = ("posterior_median", "posterior_mean")
_BOOK = """
    create or replace temp table judged_from_now as
    select indicator_code, unit_level, window_kind,
        cast(date_trunc('month', period_start) as date) as month,
        count(*) as rows_n, sum(hash({columns})) as digest, max(period_end) as last_end,
        max(period_end) filter (where not is_running and not is_provisional) as newest_end,
        bool_and(coalesce(numerator = trunc(numerator), true)
            and coalesce(denominator = trunc(denominator), true)) as is_whole
    from marts.agg_indicator_counts
    group by all
"""
_BACK = f"cast(since - interval {BACK_MONTHS} month as date)"
# `since` is the first month to judge, `back` the first whose counts are needed for that.
_ASKED = f"""
    with months as (
        select {", ".join(PART)}, month, now.last_end, now.rows_n,
            now.rows_n is distinct from old.rows_n or now.digest is distinct from old.digest
                as differs,
            coalesce(now.is_whole, true) as is_whole,
            -- Today's checks speak of the newest final period and what follows (`_quality`).
            least(max(now.newest_end) over part, max(old.newest_end) over part) as newest_end
        from judged_from_now as now
        full join judged.judged_from as old using ({", ".join(PART)}, month)
        window part as (partition by {", ".join(PART)})
    ), parts as (
        select {", ".join(PART)}, bool_and(is_whole) as is_whole,
            min(month) filter (where differs or last_end >= newest_end) as since
        from months group by all
    ), cut as (
        select {", ".join(f"parts.{name}" for name in PART)},
            case when disclosure <> 'none' or light_rule in {_BY_DURATION!r}
                then date '0001-01-01' else since end as since,
            is_whole and disclosure = 'none'
                and light_rule not in {(*_FROM_THE_FIRST, *_BY_DURATION)!r} as may_cut
        from parts inner join marts.dim_indicator using (indicator_code)
        where since is not null or disclosure <> 'none' or light_rule in {_BY_DURATION!r}
    )
    select {", ".join(f"cut.{name}" for name in PART)}, any_value(since) as since,
        -- One period alone would be summed in another order than several.
        case when any_value(may_cut) and count(*) filter (
                where months.rows_n > 0 and month >= {_BACK}) > 1
            then any_value({_BACK}) else date '0001-01-01' end as back
    from cut inner join months using ({", ".join(PART)})
    group by {", ".join(f"cut.{name}" for name in PART)}
"""


@dataclass(frozen=True)
class Asked:
    """What is judged in this run: PART, `since` and `back`, a row per part; None: everything."""

    parts: pl.DataFrame | None
    release_before: str = ""

    def counts(self, con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        """The counts that judging these needs."""
        if self.parts is None:
            return con.execute("select * from marts.agg_indicator_counts").pl()
        con.register("asked_parts", self.parts.to_arrow())
        found = con.execute(
            "select counts.* from marts.agg_indicator_counts as counts"
            f" inner join asked_parts using ({', '.join(PART)}) where period_start >= back"
        ).pl()
        con.unregister("asked_parts")
        return found

    def since(self, indicator: str, level: str, window: str) -> date:
        """The first day whose periods are asked for, of one part."""
        if self.parts is None:
            return date.min
        return self._since.get((indicator, level, window), date.min)

    @cached_property
    def _since(self) -> dict[tuple[str, str, str], date]:
        assert self.parts is not None
        return {(i, n, w): day for i, n, w, day in self.parts.select(*PART, "since").iter_rows()}

    def only(self, judged: pl.DataFrame) -> pl.DataFrame:
        """Judged rows without those that were only there to be looked back at."""
        if self.parts is None or judged.is_empty():
            return judged
        since = self.parts.select(*PART, "since")
        return judged.join(since, on=PART).filter(pl.col("period_start") >= pl.col("since")).drop(
            "since"
        )  # fmt: skip


def ask(con: duckdb.DuckDBPyConnection, contracted_n: int, whole: bool = False) -> Asked:
    """Note the counts' digests in a temporary table, and say what differs from the last run's."""
    columns = ", ".join(
        f'"{name}"' for name, *_ in con.execute("describe marts.agg_indicator_counts").fetchall()
    )
    con.execute(_BOOK.format(columns=columns))
    rules = _rules(con, contracted_n)
    con.execute("create or replace temp table judged_by_now as select ? as rules", [rules])
    known = {
        str(name)
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where schema_name = 'judged'"
            " and not temporary and database_name = current_database()"
        ).fetchall()
    }
    if whole or not {"fct_indicator", "judged_from", "judged_by"} <= known:
        return Asked(None)
    before = con.execute("select rules from judged.judged_by").fetchall()
    releases = con.execute("select distinct release_id from judged.fct_indicator").fetchall()
    if before != [(rules,)] or len(releases) != 1:
        return Asked(None)
    return Asked(con.execute(_ASKED).pl(), str(releases[0][0]))


def note(con: duckdb.DuckDBPyConnection) -> None:
    """Keep what `ask` saw; called in the transaction that writes the judged table."""
    for name in ("judged_from", "judged_by"):
        con.execute(f"create or replace table judged.{name} as select * from {name}_now")


def _rules(con: duckdb.DuckDBPyConnection, contracted_n: int) -> str:
    """What decides a judgement beside counts and flags, as one name."""
    digest = hashlib.sha256(_code())
    for table in ("marts.dim_indicator", "marts.dim_unit"):
        rows = con.execute(f"select cast(t as varchar) from {table} as t order by 1").fetchall()
        digest.update("\n".join(str(row[0]) for row in rows).encode() + b"\0")
    digest.update(str(contracted_n).encode())
    return digest.hexdigest()


@cache
def _code() -> bytes:
    parts = [f"{name} {version(name)}".encode() for name in _LIBRARIES]
    parts += [file.read_bytes() for file in sorted(_HERE.glob("*.py"))]
    return b"\0".join(parts)
