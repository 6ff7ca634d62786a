"""What was published, for ever: `lake/published/`, two append-only Delta tables.

`fct_indicator_revision`: a published value is never changed; a later reading is a dated revision
(domain, conventions). One row is appended for each (indicator, unit, window, period) of which any
published number differs from what stood, so the judged table of any release can be put together
again; a quiet day appends only its new periods. What is no longer published (a unit merged into
another, yesterday's "to date") is appended once as withdrawn. Rows come after suppression: a hidden
number is not in here either.

`release`: one row when the pages of a release are in place. A row that was judged but replaced
before any release carried it (a run killed or failed in between) was never published, and is left
out of every answer.

`revision_no` counts up; several releases may share one as_of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import polars as pl
from deltalake import write_deltalake

from ingestion import clock, places
from ingestion.lake.files import settle_commits
from ingestion.lake.tables import exists, load
from ingestion.store import Location

KEY = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]
# Content that makes a revision. Shrunk values and probabilities follow from the peers' counts and
# move a little whenever a neighbour is corrected: they are kept (reason `derived`), so that a
# release can be reproduced, and are no revision.
COUNTS = ["numerator", "denominator", "value"]
FLAGS = ["light", "is_provisional", "is_complete", "is_running", "suppressed", "formula_version"]
FOLLOWS = [
    "value_shrunk", "interval_low", "interval_high", "rolling_numerator", "rolling_denominator",
    "p_yellow", "p_red", "light_reason_zh", "change_month", "change_year", "target",
    "threshold_yellow", "threshold_red", "open_n", "quality_flag", "period_end",
]  # fmt: skip
# Sums of fractions differ in their last digits with the order in which an engine adds.
SAME_SHARE, SAME = 1e-9, 1e-12
WITHDRAWN, DERIVED = "withdrawn", "derived"
_MOMENTS = ("as_of", "fresh_until")
# Why a row was appended, the first that holds. `now` is the reading, `old` what stood before it.
_REASON = """
    case when now.indicator_code is null then 'withdrawn'
        when old.indicator_code is null then 'first'
        when not ({counts} or {flags}) then 'derived'
        when now.formula_version is distinct from old.formula_version then 'formula'
        when old.is_running then 'running'
        when old.is_provisional then 'provisional'
        when now.suppressed is distinct from old.suppressed then 'disclosure'
        when now.is_complete and not old.is_complete or now.denominator > old.denominator
            or (now.denominator is null and now.numerator > old.numerator) then 'late data'
        when {counts} then 'correction'
        else 'light' end
"""


def path() -> Location:
    """Where the revisions lie."""
    return places.lake() / "published" / "fct_indicator_revision"


def release_path() -> Location:
    """Where the releases lie."""
    return places.lake() / "published" / "release"


def append_revisions(judged: pl.DataFrame, stood: pl.DataFrame | None = None) -> int:
    """Append what differs from what stands; gives the number of new contents.

    The same table twice adds nothing. With `stood`, both are a part of the table: what was judged
    again, and all that stands in its place.
    """
    table = judged.with_columns(
        pl.col(_MOMENTS).dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")
    )
    number = 1 + max(_last_no(), _last_release_no())
    stood = _state(None) if stood is None else stood
    if stood is None:
        fresh = table.with_columns(reason=pl.lit("first"))
    else:
        fresh = _differing(table, stood)
    if fresh.is_empty():
        return 0
    fresh = fresh.with_columns(revision_no=pl.lit(number, dtype=pl.Int64))
    _append(path(), fresh)
    return fresh.filter(~pl.col("reason").is_in([WITHDRAWN, DERIVED])).height


def _differing(table: pl.DataFrame, stood: pl.DataFrame) -> pl.DataFrame:
    """Rows to append, with their reason."""

    def other(name: str) -> str:
        now, old = f"now.{name}", f"old.{name}"
        if not table.schema[name].is_float():
            return f"{now} is distinct from {old}"
        near = f"greatest({SAME}, {SAME_SHARE} * greatest(abs({now}), abs({old})))"
        return f"({now} is null) <> ({old} is null) or coalesce(abs({now} - {old}) > {near}, false)"

    def moved(names: list[str]) -> str:
        return " or ".join(map(other, names))

    reason = _REASON.format(counts=moved(COUNTS), flags=moved(FLAGS))
    keys = " and ".join(f"now.{k} = old.{k}" for k in KEY)
    columns = ", ".join(
        f"coalesce(now.{c}, old.{c}) as {c}" if c in (*KEY, "period_label", "period_end")
        else f"now.{c}"
        for c in table.columns if c not in ("as_of", "release_id")
    )  # fmt: skip
    release = table.select("as_of", "release_id").head(1)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("now_rows", table.to_arrow())
        con.register("old_rows", stood.to_arrow())
        found = con.execute(
            f"select {columns}, {reason} as reason from now_rows as now full join old_rows as old"
            f" on {keys} where now.indicator_code is null or old.indicator_code is null"
            f" or {moved(COUNTS + FLAGS + FOLLOWS)}"
        ).pl()
    return found.join(release, how="cross").select(*table.columns, "reason").cast(table.schema)


def note_release(release_id: str, as_of: datetime) -> None:
    """Write down that the pages show this release. Noted last already: nothing is added."""
    known, newest = releases(), _last_no()
    last = _last_release_no()
    if len(known) and known["release_id"][-1] == release_id and newest <= last:
        return
    row = pl.DataFrame(
        {
            "release_no": [max(newest, last + 1)],
            "release_id": [release_id],
            "as_of": [as_of.astimezone(UTC)],
            "published_time": [clock.as_of().astimezone(UTC)],
        },
        schema_overrides={"release_no": pl.Int64},
    ).with_columns(pl.col("as_of", "published_time").dt.cast_time_unit("us"))
    _append(release_path(), row)


def releases() -> pl.DataFrame:
    """release_no, release_id, as_of, published_time (UTC), oldest first.

    Revisions of before releases were noted, and of a home that was never published, count as
    releases of their own as_of.
    """
    columns = ["release_no", "release_id", "as_of", "published_time"]
    noted = _read(release_path(), columns)
    first = None if noted is None else noted["release_no"].min()
    # The files' statistics tell which of them can hold any: of a home that has always published,
    # none is read.
    earlier = None if first is None else [("revision_no", "<", first)]
    judged = _read(path(), ["revision_no", "release_id", "as_of"], earlier)
    parts = [] if noted is None else [noted]
    if judged is not None:
        unnoted = judged.unique()
        parts.append(
            unnoted.select(
                pl.col("revision_no").alias("release_no"), "release_id", "as_of",
                pl.col("as_of").alias("published_time"),
            )
        )  # fmt: skip
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.Null))
    return pl.concat(parts, how="vertical_relaxed").sort("release_no")


def stood_last(codes: list[str]) -> pl.DataFrame | None:
    """What the last release showed of some indicators; None before the first."""
    known = releases()
    if known.is_empty():
        return None
    state = _state(int(known["release_no"][-1]), _among("indicator_code", codes))
    return None if state is None or state.is_empty() else state


def stood_before(as_of: datetime, levels: Sequence[str]) -> pl.DataFrame | None:
    """What the last release of a day before showed of the units of some levels; None when there
    was none."""
    midnight = as_of.astimezone(clock.LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    known = releases()
    if known.is_empty():
        return None
    earlier = known.filter(pl.col("as_of") < midnight.astimezone(UTC))
    if earlier.is_empty():
        return None
    return _state(int(earlier["release_no"][-1]), _among("unit_level", levels))


def _among(column: str, values: Sequence[str]) -> str:
    return f"{column} in ({', '.join(repr(v) for v in values)})"


def _state(number: int | None, of: str = "true") -> pl.DataFrame | None:
    """The rows that stood at a revision number (None: the newest), withdrawn ones left out; `of`
    is a condition over columns of the key."""
    if not exists(path()):
        return None
    table = load(path())
    reason = "reason" in {f.name for f in table.schema().fields}
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.register("revision", table.to_pyarrow_dataset())
        until = "true" if number is None else f"revision_no <= {number}"
        stands = con.execute(
            f"select * from revision where {until} and {of} qualify row_number() over ("
            f" partition by {', '.join(KEY)} order by revision_no desc) = 1"
        ).pl()
    if not reason:  # written before reasons were kept
        return stands
    return stands.filter(pl.col("reason").fill_null("") != WITHDRAWN)


def _last_no() -> int:
    """The newest revision number; 0 before the first."""
    known = _read(path(), ["revision_no"])
    return 0 if known is None else max(known["revision_no"].unique().to_list(), default=0)


def _last_release_no() -> int:
    """The number of the newest release noted; 0 before the first."""
    known = _read(release_path(), ["release_no"])
    return 0 if known is None else max(known["release_no"].to_list(), default=0)


def _read(
    where: Location, columns: list[str], filters: list[tuple[str, str, Any]] | None = None
) -> pl.DataFrame | None:
    if not exists(where):
        return None
    found = load(where).to_pyarrow_table(columns=columns, filters=filters)
    return pl.DataFrame(pl.from_arrow(found))


def _append(where: Location, rows: pl.DataFrame) -> None:
    """One commit: whole, or not there."""
    where.prepare()
    arrow = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    told = where.delta_options()
    write_deltalake(str(where), arrow, mode="append", schema_mode="merge", storage_options=told)
    table = load(where)
    settle_commits(table, table.version() - 1, data=True)
