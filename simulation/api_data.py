"""What the agencies' HTTP interface serves: ready JSON rows with the time of their change.

One Parquet file a feed, `api/<feed>.parquet`: key, changed (local), row (JSON).
Personal data is in them, as at a real agency: they lie outside the data home.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from simulation.deliveries import Ground, Manifest
from simulation.dirt import Truth
from simulation.disputes import Disputes
from simulation.world import Ints, World

# name, column, JSON pattern, replacement, rule
JsonDefects = list[tuple[str, str, str, str, str]]
P32_DEFECTS = [
    ("unknown code", "dispute_type", r'"dispute_type":"[^"]*"', '"dispute_type":"77"', "code"),
    (
        "missing required",
        "register_time",
        r'"register_time":"[^"]*"',
        '"register_time":null',
        "required",
    ),
    ("not a number", "amount", r'"amount":[^,]*', '"amount":"壹万元"', "type"),
    ("no party", "party_n", r'"party_n":[0-9]+', '"party_n":0', "party_n_positive"),
]
F20_DEFECTS = [
    ("unknown code", "to_state", r'"to_state":"[^"]*"', '"to_state":"66"', "code"),
    ("missing required", "handler_org", r'"handler_org":"[^"]*"', '"handler_org":null', "required"),
    ("unparseable date", "event_time", r'"event_time":"[^"]*"', '"event_time":"昨天下午"', "type"),
]


def json_rows(table: pl.DataFrame, key: str) -> pl.DataFrame:
    """(key, changed, row): each row as one JSON object, moments as ISO local text."""
    moments = [n for n, t in table.schema.items() if isinstance(t, pl.Datetime) and n != "updated"]
    text = table.with_columns(pl.col(n).dt.strftime("%Y-%m-%d %H:%M:%S") for n in moments)
    fields = [n for n in table.columns if n not in ("updated", "period")]
    return text.select(
        key=pl.col(key), changed=pl.col("updated"), row=pl.struct(fields).struct.json_encode()
    )


def spoil_json(
    rows: pl.DataFrame,
    kinds: JsonDefects,
    share: float,
    world: World,
    stream: int,
    truth: Truth,
    feed: str,
    bounds_s: Ints | None = None,
) -> pl.DataFrame:
    """Plant defects by editing the JSON text; the corrected row follows in the next pull.

    Only rows a pull will show are spoilt: the last change of a key inside its period.
    """
    rng = world.chance(stream)
    bounds = (world.period_bounds_s if bounds_s is None else bounds_s) * 1_000_000
    changed = rows["changed"].to_physical().to_numpy()
    period = np.searchsorted(bounds, changed, side="right") - 1
    shown = (
        rows.select("key", "row", period=pl.Series(period))
        .with_row_index("at")
        .unique(["key", "period"], keep="last", maintain_order=True)
        # a tombstone needs no more than its key: nothing in it can be wrong
        .filter(
            (pl.col("period") <= len(bounds) - 3)
            & ~pl.col("row").str.contains('"op":"delete"', literal=True)
        )["at"]
        .to_numpy()
    )
    total = min(int(rng.binomial(rows.height, share)), len(shown))
    at = np.sort(rng.choice(shown, total, replace=False)).astype(np.int64)
    kind_of = rng.integers(0, len(kinds), total)
    # corrected at six in the morning after the pull that showed the defect
    morning = pl.Series(bounds[period[at] + 1] + 6 * 3_600_000_000)
    fixed = rows[at.tolist()].with_columns(changed=morning.cast(pl.Datetime("us")))
    # a key that changes anyway in the next period needs no correction, and must not hide behind it
    again = rows.select("key", period=pl.Series(period - 1))
    fixed = (
        fixed.with_columns(period=pl.Series(period[at]))
        .join(again, on=["key", "period"], how="anti")
        .drop("period")
    )
    text: pl.Series = rows["row"]
    for number, (name, column, pattern, replacement, rule) in enumerate(kinds):
        chosen = at[kind_of == number]
        if len(chosen):
            spoilt = text.gather(chosen).str.replace(pattern, replacement)
            text = text.scatter(chosen, spoilt)
            truth.add(
                feed,
                "",
                [0] * len(chosen),
                rows["key"].gather(chosen),
                column,
                name,
                rule,
                "quarantined",
            )
    spoilt_rows: pl.DataFrame = pl.concat([rows.with_columns(row=text), fixed])
    return spoilt_rows.sort("changed", "key")


def _orphans(events: pl.DataFrame, truth: Truth) -> pl.DataFrame:
    """One event a month whose dispute was never registered: found between feeds, not in a row."""
    month = (
        events.filter(pl.col("to_state") == "02")
        .group_by(pl.col("updated").dt.month().alias("m"), maintain_order=True)
        .first()
        .drop("m")
    )
    lost = month.with_columns(
        event_id="EX" + pl.col("event_id").str.slice(2),
        dispute_code=pl.col("dispute_code") + "X",
    ).select(events.columns)
    truth.add(
        "F20",
        "",
        [0] * lost.height,
        lost["event_id"],
        "dispute_code",
        "unregistered dispute",
        "foreign_key",
        "accepted",
    )
    return pl.concat([events, lost])


def write_api(
    world: World, disputes: Disputes, share: float, manifest: Manifest, truth: Truth
) -> None:
    """Both endpoints' rows, and their pulls in the manifest."""
    registrations = json_rows(disputes.registrations, "dispute_code")
    events = json_rows(_orphans(disputes.events, truth), "event_id")
    registrations = spoil_json(registrations, P32_DEFECTS, share, world, 320, truth, "P32")
    events = spoil_json(events, F20_DEFECTS, share, world, 200, truth, "F20")
    registrations.write_parquet(manifest.out / "api" / "p32.parquet")
    events.write_parquet(manifest.out / "api" / "f20.parquet")
    for period in world.periods:
        for feed in ("P32", "F20"):
            manifest.add(feed, "api", period.start, period.end)


def publish(
    ground: Ground, feed: str, table: pl.DataFrame, key: str, kinds: JsonDefects, since: date
) -> None:
    """A feed's endpoint: its rows, a share of them spoilt, and its pulls from a day on."""
    stream = 10_000 + int(feed[1:]) + (100 if feed[0] == "F" else 0)
    rows = json_rows(table, key)
    if ground.share:
        rows = spoil_json(rows, kinds, ground.share, ground.world, stream, ground.truth, feed)
    rows.write_parquet(ground.manifest.out / "api" / f"{feed.lower()}.parquet")
    for period in ground.periods(since):
        ground.manifest.add(feed, "api", period.start, period.end)
