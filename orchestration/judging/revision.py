"""What was published, for ever: `lake/published/fct_indicator_revision`, append-only Delta.

A published value is never changed; a later reading is a dated revision (domain, conventions).
`revision_no` counts publishings: several may share one as_of.
One row is appended for each (indicator, unit, window, period) whose published content differs
from its last revision, and none for the rest: a quiet day appends only its new period.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
from deltalake import DeltaTable, write_deltalake

from ingestion import places

KEY = ["indicator_code", "unit_level", "unit_code", "window_kind", "period_start"]
# Content that makes a revision. Shrunk values and probabilities follow from the peers' counts and
# move a little whenever a neighbour is corrected: they are stored, but are no reason.
CONTENT = [
    "numerator", "denominator", "value", "light", "is_provisional", "is_complete", "is_running",
    "suppressed", "formula_version",
]  # fmt: skip


def path() -> Path:
    """Where the revisions lie."""
    return places.lake() / "published" / "fct_indicator_revision"


def append_revisions(judged: pl.DataFrame) -> int:
    """Append rows that differ from their last revision; gives their number."""
    where = str(path())
    table = judged.with_columns(
        pl.col("as_of", "fresh_until")
        .dt.replace_time_zone("Asia/Shanghai")
        .dt.convert_time_zone("UTC")
    )
    number = 1
    if DeltaTable.is_deltatable(where):
        known = DeltaTable(where)
        already = known.to_pyarrow_table(columns=[*KEY, *CONTENT, "revision_no"])
        with duckdb.connect() as con:
            con.register("now", table.select(*KEY, *CONTENT).to_arrow())
            con.register("already", already)
            last = con.execute("select max(revision_no) from already").fetchall()[0][0]
            differs = " or ".join(f"now.{c} is distinct from last.{c}" for c in CONTENT)
            changed = con.execute(
                f"select {', '.join('now.' + c for c in KEY)} from now left join ("
                f"  select * from already qualify row_number() over ("
                f"    partition by {', '.join(KEY)} order by revision_no desc) = 1"
                f") as last using ({', '.join(KEY)}) where last.revision_no is null or {differs}"
            ).pl()
        table = table.join(changed, on=KEY, how="semi")
        number = 1 + int(last or 0)
    if table.is_empty():
        return 0
    table = table.with_columns(revision_no=pl.lit(number, dtype=pl.Int64))
    Path(where).parent.mkdir(parents=True, exist_ok=True)
    write_deltalake(where, table.to_arrow(compat_level=pl.CompatLevel.oldest()), mode="append")
    return len(table)
