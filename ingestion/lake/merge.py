"""What each row of a delivery means for the table: inserted, updated, unchanged, superseded.

The order of versions is (source's time, end of the declared period, arrival, ordinal): a
newer one wins, an older one is superseded and counted. Rows without a key are known by their
content and its occurrence, so they are never de-duplicated and never doubled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ingestion.contract.model import Contract
from ingestion.lake.tables import MONTH, content_schema

ORDER = ("_valid_from", "_period_end", "_loaded_at", "_source_row")
# Where a row came from first; a later delivery that only confirms it does not change this.
PROVENANCE = ("_delivery_id", "_source_row", "_warnings", "_loaded_at")


@dataclass(frozen=True)
class Counts:
    """The classes of the conservation law, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    superseded: int = 0
    indistinguishable: int = 0

    @property
    def total(self) -> int:
        return self.inserted + self.updated + self.deleted + self.unchanged + self.superseded


@dataclass(frozen=True)
class Change:
    """Rows to write, and what became of the others."""

    inserts: pl.DataFrame
    updates: pl.DataFrame
    counts: Counts
    old_months: tuple[str, ...] = field(default=())


def _differs(content: list[str], suffix: str) -> pl.Expr:
    return pl.any_horizontal(pl.col(c).ne_missing(pl.col(c + suffix)) for c in content)


def split_by_key(contract: Contract, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows with a whole key, rows without one)."""
    if not contract.key:
        return rows.clear(), rows
    whole = pl.all_horizontal(pl.col(k).is_not_null() for k in contract.key)
    return rows.filter(whole), rows.filter(~whole)


def _winners(
    contract: Contract, rows: pl.DataFrame, content: list[str]
) -> tuple[pl.DataFrame, int, int]:
    """The newest row of each key; how many others equal it, how many are older versions."""
    key = list(contract.key)
    if not rows.select(key).is_duplicated().any():
        return rows, 0, 0
    ordered = rows.sort(*ORDER)
    newest = ordered.unique(subset=key, keep="last", maintain_order=True)
    others = ordered.join(newest.select("_source_row"), on="_source_row", how="anti")
    paired = others.join(newest, on=key, how="inner", suffix="__n")
    rest = [c for c in content if c not in key]
    older = paired.filter(_differs(rest, "__n")).height if rest else 0
    return newest, others.height - older, older


def _later(names: tuple[str, ...]) -> tuple[pl.Expr, pl.Expr]:
    """(the delivered row comes later in the order of `names`, it is equal in all of them)."""
    later, tie = pl.lit(False), pl.lit(True)
    for name in names:
        later = later | (tie & (pl.col(name) > pl.col(name + "__old")))
        tie = tie & (pl.col(name) == pl.col(name + "__old"))
    return later, tie


def keyed_change(contract: Contract, rows: pl.DataFrame, existing: pl.DataFrame) -> Change:
    """Classify rows with a key against the stored rows of the same keys.

    An unchanged row of a newer version is written once more with that version: else an older
    one that arrives last would win over it.
    """
    if not rows.height:  # nor has a feed without any key column something to join on
        return Change(rows, rows, Counts())
    content = list(content_schema(contract))
    key = list(contract.key)
    newest, same, older = _winners(contract, rows, content)
    met = newest.join(existing, on=key, how="left", suffix="__old", coalesce=True)
    known = pl.col("_delivery_id__old").is_not_null()
    rest = [c for c in content if c not in key]
    differs = _differs(rest, "__old") if rest else pl.lit(False)
    later, tie = _later(ORDER[:3])
    wins = later | tie  # a full tie can only be a correction sent in the same moment
    met = met.with_columns(
        pl.when(~known)
        .then(pl.lit("inserted"))
        .when(~differs)
        .then(pl.lit("unchanged"))
        .when(wins)
        .then(pl.lit("updated"))
        .otherwise(pl.lit("superseded"))
        .alias("__class")
    )
    sizes = dict(met.group_by("__class").len().iter_rows())
    changed = met.filter(pl.col("__class") == "updated")
    confirmed = met.filter((pl.col("__class") == "unchanged") & _later(ORDER[:2])[0]).with_columns(
        pl.col(name + "__old").alias(name) for name in PROVENANCE
    )
    updates = pl.concat([changed, confirmed])
    return Change(
        inserts=met.filter(pl.col("__class") == "inserted").select(newest.columns),
        updates=updates.select(newest.columns),
        counts=Counts(
            inserted=sizes.get("inserted", 0),
            updated=sizes.get("updated", 0),
            unchanged=sizes.get("unchanged", 0) + same,
            superseded=sizes.get("superseded", 0) + older,
        ),
        old_months=tuple(updates[f"{MONTH}__old"].unique().to_list()) if updates.height else (),
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
    return Change(fresh.select(rows.columns), rows.clear(), counts)


def add(a: Change, b: Change) -> Change:
    """Two changes of one delivery as one."""
    total = Counts(
        *(getattr(a.counts, f) + getattr(b.counts, f) for f in Counts.__dataclass_fields__)
    )
    return Change(
        pl.concat([a.inserts, b.inserts]),
        pl.concat([a.updates, b.updates]),
        total,
        a.old_months + b.old_months,
    )
