"""What each row of a delivery means for the table.

The order of versions is (source's time, end of the declared period, arrival, ordinal): a
newer one wins, an older one is superseded and counted. A tombstone is a version like any other:
it stays in the table as a marker without content, or an older row arriving late would bring the
deleted one back. Rows without a key are known by their content and its occurrence, so they are
never de-duplicated and never doubled.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingestion.contract.model import Contract
from ingestion.lake.tables import MONTH, content_schema

# To make a wide question better costs a small delivery more than to answer it.
AS_WRITTEN = pl.QueryOptFlags.none()
# The file a stored row lies in, while a change is planned.
HOME = "__file"
ORDER = ("_valid_from", "_period_end", "_loaded_at", "_source_row")
# Where a row came from first; a later delivery that only confirms it does not change this.
PROVENANCE = ("_delivery_id", "_source_row", "_warnings", "_loaded_at")


@dataclass(frozen=True)
class Counts:
    """The classes of the conservation law, in rows of the delivery; `vanished` is outside it."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    superseded: int = 0
    indistinguishable: int = 0
    vanished: int = 0

    @property
    def total(self) -> int:
        return self.inserted + self.updated + self.deleted + self.unchanged + self.superseded


@dataclass(frozen=True)
class Change:
    """Rows to write, and what became of the others.

    `versions` are the delivered rows that say something new, superseded ones included: what a
    feed with history keeps. `updates` bear HOME, the file of the row they replace.
    """

    inserts: pl.DataFrame
    updates: pl.DataFrame
    counts: Counts
    versions: pl.DataFrame | None = None


def none_changed(rows: pl.DataFrame) -> pl.DataFrame:
    """No stored row changes."""
    return rows.clear().with_columns(pl.lit(None, pl.String).alias(HOME))


def _differs(content: list[str], suffix: str) -> pl.Expr:
    """Another content, or alive against deleted."""
    deleted = pl.col("_deleted").ne_missing(pl.col("_deleted" + suffix))
    return pl.any_horizontal(deleted, *(pl.col(c).ne_missing(pl.col(c + suffix)) for c in content))


def split_by_key(contract: Contract, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows with a whole key, rows without one)."""
    if not contract.key:
        return rows.clear(), rows
    if not any(rows[k].has_nulls() for k in contract.key):
        return rows, rows.clear()
    whole = pl.all_horizontal(pl.col(k).is_not_null() for k in contract.key)
    return rows.filter(whole), rows.filter(~whole)


def _winners(
    contract: Contract, rows: pl.DataFrame, content: list[str]
) -> tuple[pl.DataFrame, int, pl.DataFrame]:
    """The newest row of each key; how many others equal it; the older versions."""
    key = list(contract.key)
    if not rows[key].is_duplicated().any():
        return rows, 0, rows.clear()
    ordered = rows.sort(*ORDER)
    newest = ordered.unique(subset=key, keep="last", maintain_order=True)
    others = ordered.join(newest.select("_source_row"), on="_source_row", how="anti")
    paired = others.join(newest, on=key, how="inner", suffix="__n")
    rest = [c for c in content if c not in key]
    older = paired.filter(_differs(rest, "__n")).select(rows.columns)
    return newest, others.height - older.height, older


def _later(names: tuple[str, ...]) -> tuple[pl.Expr, pl.Expr]:
    """(the delivered row comes later in the order of `names`, it is equal in all of them)."""
    later, tie = pl.lit(False), pl.lit(True)
    for name in names:
        later = later | (tie & (pl.col(name) > pl.col(name + "__old")))
        tie = tie & (pl.col(name) == pl.col(name + "__old"))
    return later, tie


def _classify(rest: list[str]) -> pl.Expr:
    """The class of a delivered row beside what is stored under its key."""
    known = pl.col("_delivery_id__old").is_not_null()
    dead, was_dead = pl.col("_deleted"), pl.col("_deleted__old").fill_null(False)
    later, tie = _later(ORDER[:3])
    wins = later | tie  # a full tie can only be a correction sent in the same moment
    return (
        pl.when(~known & dead)
        .then(pl.lit("absent"))  # nothing to delete; the marker keeps older versions out
        .when(~known)
        .then(pl.lit("inserted"))
        .when(~_differs(rest, "__old") | (dead & was_dead))
        .then(pl.lit("unchanged"))
        .when(~wins)
        .then(pl.lit("superseded"))
        .when(dead)
        .then(pl.lit("deleted"))
        .when(was_dead)
        .then(pl.lit("revived"))
        .otherwise(pl.lit("updated"))
    )


def _marker(rows: pl.DataFrame, content: list[str], key: list[str]) -> pl.DataFrame:
    """Tombstones as they are stored: the key, the version, nothing else (DP-16)."""
    if not rows["_deleted"].any():
        return rows
    gone = pl.col("_deleted")
    return rows.with_columns(
        pl.when(~gone).then(pl.col(c)).alias(c) for c in content if c not in key
    )


def _without_null_flag(rows: pl.DataFrame) -> pl.DataFrame:
    """Not said to be deleted is not deleted."""
    if not rows["_deleted"].has_nulls():
        return rows
    return rows.with_columns(pl.col("_deleted").fill_null(False))


def keyed_change(contract: Contract, rows: pl.DataFrame, existing: pl.DataFrame) -> Change:
    """Classify rows with a key against the stored rows of the same keys, which bear HOME.

    An unchanged row of a newer version is written once more with that version: else an older
    one that arrives last would win over it.
    """
    if not rows.height:  # nor has a feed without any key column something to join on
        return Change(rows, none_changed(rows), Counts())
    content = list(content_schema(contract))
    key = list(contract.key)
    rows = _marker(_without_null_flag(rows), content, key)
    newest, same, older = _winners(contract, rows, content)
    if not existing.height:
        absent_n = int(newest["_deleted"].sum())  # nothing to delete, as in `_classify`
        counts = Counts(
            newest.height - absent_n, unchanged=absent_n + same, superseded=older.height
        )
        return Change(newest, none_changed(newest), counts, pl.concat([newest, older]))
    classed = pl.col("__class")
    met = (
        newest.lazy()
        .join(_without_null_flag(existing).lazy(), on=key, how="left", suffix="__old")
        .with_columns(_classify([c for c in content if c not in key]).alias("__class"))
        # A marker stays in the month of the row it took away, beside its neighbours.
        .with_columns(
            pl.when(classed == "deleted").then(f"{MONTH}__old").otherwise(MONTH).alias(MONTH)
        )
        .collect(optimizations=AS_WRITTEN)
    )
    sizes = dict(met["__class"].value_counts().iter_rows())
    if sizes.keys() <= {"inserted"}:
        inserts = new = met[newest.columns]
        updates = none_changed(inserts)
    else:
        parts = met.lazy()
        changed = parts.filter(classed.is_in(["updated", "deleted", "revived"]))
        confirmed = parts.filter((classed == "unchanged") & _later(ORDER[:2])[0]).with_columns(
            pl.col(name + "__old").alias(name) for name in PROVENANCE
        )
        inserts, updates, new = pl.collect_all([
            parts.filter(classed.is_in(["inserted", "absent"])).select(newest.columns),
            pl.concat([changed, confirmed]).select(*newest.columns, HOME),
            parts.filter(classed != "unchanged").select(newest.columns),
        ])  # fmt: skip
    return Change(
        inserts=inserts,
        updates=updates,
        counts=Counts(
            inserted=sizes.get("inserted", 0) + sizes.get("revived", 0),
            updated=sizes.get("updated", 0),
            deleted=sizes.get("deleted", 0),
            unchanged=sizes.get("unchanged", 0) + sizes.get("absent", 0) + same,
            superseded=sizes.get("superseded", 0) + older.height,
        ),
        versions=pl.concat([new, older]),
    )


def vanished(
    contract: Contract, rows: pl.DataFrame, scope: pl.DataFrame, spared: pl.DataFrame | None
) -> pl.DataFrame:
    """Markers for stored rows of a snapshot's scope that it no longer has.

    `scope` are the live stored rows; one that is newer than the snapshot stays. `spared` are the
    keys of refused rows; None spares everything, for one of them may be any row.
    """
    if spared is None or not rows.height:
        return scope.clear()
    key = list(contract.key)
    content = [c for c in content_schema(contract) if c not in key]
    gone = scope.join(rows.select(key), on=key, how="anti")
    if spared.height:
        gone = gone.join(spared, on=key, how="anti")
    stamp = rows.select("_delivery_id", "_valid_from", "_period_end", "_loaded_at").sort(
        "_valid_from"
    )[-1]
    older = pl.all_horizontal(
        pl.col("_period_end") <= stamp["_period_end"][0],
        pl.col("_loaded_at") <= stamp["_loaded_at"][0],
    )
    return gone.filter(older).with_columns(
        *[pl.lit(stamp[c][0]).cast(stamp.schema[c]).alias(c) for c in stamp.columns],
        *[pl.lit(None, gone.schema[c]).alias(c) for c in content],
        pl.lit(0, pl.Int64).alias("_source_row"),
        pl.lit(True).alias("_deleted"),
    )


def keyless_change(contract: Contract, rows: pl.DataFrame, existing: pl.DataFrame) -> Change:
    """Number identical rows by occurrence; those already stored are unchanged."""
    content = list(content_schema(contract))
    numbered = rows.sort("_source_row").with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(content).alias("_occurrence")
    )
    alike = numbered.filter(pl.col("_occurrence") > 1).height
    fresh = numbered.join(
        existing.select(*content, "_occurrence"),
        on=[*content, "_occurrence"],
        how="anti",
        nulls_equal=True,
    )
    counts = Counts(
        inserted=fresh.height, unchanged=rows.height - fresh.height, indistinguishable=alike
    )
    return Change(fresh.select(rows.columns), none_changed(rows), counts)


def add(a: Change, b: Change) -> Change:
    """Two changes of one delivery as one."""
    total = Counts(
        *(getattr(a.counts, f) + getattr(b.counts, f) for f in Counts.__dataclass_fields__)
    )
    return Change(
        pl.concat([a.inserts, b.inserts]),
        pl.concat([a.updates, b.updates]),
        total,
        a.versions,
    )
