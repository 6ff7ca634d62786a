"""Streams as files: one line a message, in order, per topic and partition.

`streams/<topic>/<partition>/<first offset>.ndjson`, one file a period. A line is
`{"offset","timestamp" (ms),"key","value"}`; `value` is the message as sent, null for a deletion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from simulation.channels.calendar import Span
from simulation.deliveries import Ground
from simulation.world import DAY_S, day_number

PARTITIONS = 2
LOCAL_OFFSET_S = 8 * 3600
RESENT_AFTER_S = 3600


@dataclass(frozen=True)
class MessageDefect:
    """A defect of a message's text: what to replace by what, and the rule that must see it."""

    name: str
    column: str
    pattern: str
    replacement: str
    rule: str


MALFORMED = MessageDefect("malformed JSON", "", r"[^,]*\}$", "", "structure")


def encoded(messages: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """(key, at, value): each message as JSON, moments as local text, null fields left out."""
    moments = [n for n in fields if isinstance(messages.schema[n], pl.Datetime)]
    text = messages.with_columns(pl.col(n).dt.strftime("%Y-%m-%d %H:%M:%S") for n in moments)
    value = pl.struct(fields).struct.json_encode().str.replace_all(r',"[a-z_]+":null', "")
    return text.select("key", "at", value=value)


def spoil(
    messages: pl.DataFrame, kinds: list[MessageDefect], share: float, rng: np.random.Generator
) -> pl.DataFrame:
    """Spoil the last message of some keys; the right one is sent again an hour later.

    Adds the column `defect`: the number of the kind, null where nothing is wrong.
    """
    last = messages.with_row_index("row").unique("key", keep="last")
    last = last.filter(pl.col("at") < messages["at"].max() - 2 * RESENT_AFTER_S)  # type: ignore[operator]
    place = last.sort("row")["row"].to_numpy()
    total = min(int(rng.binomial(messages.height, share)), len(place))
    at = np.sort(rng.choice(place, total, replace=False)).astype(np.int64)
    kind = rng.integers(0, len(kinds), total)
    again = messages[at.tolist()].with_columns(pl.col("at") + RESENT_AFTER_S)
    value: pl.Series = messages["value"]
    for number, defect in enumerate(kinds):
        chosen = at[kind == number]
        if len(chosen):
            text = value.gather(chosen).str.replace(defect.pattern, defect.replacement)
            value = value.scatter(chosen, text)
    mark = np.full(messages.height, -1)
    mark[at] = kind
    marked = messages.with_columns(value=value, defect=pl.Series(mark))
    whole = pl.concat([marked, again.with_columns(defect=pl.lit(-1, pl.Int64))])
    ordered: pl.DataFrame = whole.sort("at", maintain_order=True)
    return ordered


def deleted(messages: pl.DataFrame, n: int, rng: np.random.Generator) -> pl.DataFrame:
    """Messages about things that never were, and the deletion of each on the next day."""
    low, high = int(messages.height * 0.8), int(messages.height * 0.95)
    at = np.sort(low + rng.choice(high - low, min(n, high - low), replace=False))
    ghost = messages[at.tolist()].unique("key", keep="first", maintain_order=True)
    # a message begins with its key, whose third character becomes an X here and there
    made = ghost.select(
        key=pl.col("key").str.slice(0, 2) + "X" + pl.col("key").str.slice(3),
        at="at",
        value=pl.col("value").str.replace(r'^(\{"[a-z_]+":"..).', "${1}X"),
    )
    gone = made.with_columns(pl.col("at") + DAY_S, value=pl.lit(None, pl.String))
    both: pl.DataFrame = pl.concat([made, gone])
    return both.with_columns(
        defect=pl.when(pl.col("value").is_null()).then(-2).otherwise(-1).cast(pl.Int64)
    )


def joined(messages: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Both in the order of sending."""
    return pl.concat([messages, more]).sort("at", maintain_order=True)


def write(
    ground: Ground,
    feed: str,
    topic: str,
    messages: pl.DataFrame,
    kinds: list[MessageDefect],
    since: date | list[Span],
) -> pl.DataFrame:
    """Write all files, the manifest's lines and the truth; gives the messages with their place.

    Added columns: `partition`, `offset`, `file` (the name of the delivery), `line` (from 1).
    """
    partition = pl.col("key").str.slice(-1).cast(pl.Int64) % PARTITIONS
    placed = messages.sort("at", maintain_order=True).with_columns(partition=partition)
    placed = placed.with_columns(offset=pl.int_range(pl.len()).over("partition"))
    stamp = (pl.col("at") - LOCAL_OFFSET_S) * 1000
    lines = placed.select(offset="offset", timestamp=stamp, key="key", value="value").select(
        line=pl.struct(pl.all()).struct.json_encode()
    )["line"]
    placed = placed.with_columns(text=lines, file=pl.lit(""), line=pl.lit(0, pl.Int64))
    parts: list[pl.DataFrame] = []
    periods = ground.periods(since) if isinstance(since, date) else since
    for number in range(PARTITIONS):
        folder = ground.folder(f"streams/{topic}/{number}")
        mine = placed.filter(pl.col("partition") == number)
        at = mine["at"].to_numpy()
        for period in periods:
            low, high = np.searchsorted(
                at, [day_number(period.start) * DAY_S, (day_number(period.end) + 1) * DAY_S]
            )
            part = mine.slice(int(low), int(high - low))
            if part.is_empty():
                continue
            first, last = int(part["offset"][0]), int(part["offset"][-1])
            blob = "\n".join(part["text"].to_list()) + "\n"
            (folder / f"{first:012d}.ndjson").write_text(blob, "utf-8")
            name = f"{feed}_{topic}_{number}_{first}-{last}.ndjson"
            parts.append(
                part.drop("text").with_columns(
                    file=pl.lit(name), line=pl.int_range(1, pl.len() + 1)
                )
            )
    for period in periods:
        midnight = datetime.combine(period.end + timedelta(days=1), time(0)).isoformat()
        ground.manifest.add_at(feed, "stream", period.start, period.end, midnight)
    sent = pl.concat(parts)
    _note(ground, feed, sent, kinds)
    return sent


def _note(ground: Ground, feed: str, sent: pl.DataFrame, kinds: list[MessageDefect]) -> None:
    fates = [(n, k.column, k.name, k.rule, "quarantined") for n, k in enumerate(kinds)]
    fates.append((-2, "", "message deleted", "", "deleted"))
    for number, column, name, rule, fate in fates:
        for (file,), rows in sent.filter(pl.col("defect") == number).group_by(
            "file", maintain_order=True
        ):
            ground.truth.add(
                feed, str(file), rows["line"].to_list(), rows["key"], column, name, rule, fate
            )
