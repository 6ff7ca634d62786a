"""Messages of a stream → text batches: one archived envelope a line, one message in each.

An envelope is `{"offset", "timestamp" (ms), "key", "value"}`; `value` is the message's text, a
JSON object, or null for a tombstone of `key`. Unlike a file, a stream cannot be sent back whole:
a message that is no object, nests a value or has an undeclared key is lost alone, with its
reason; the others go on.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import polars as pl

from ingestion.conform.headers import vocabulary
from ingestion.receive import ndjson
from ingestion.receive.text import SENT, SOURCE_ROW, TOMBSTONE, BrokenRecord, TextStream, Unreadable

ENVELOPE = {"offset": pl.Int64, "timestamp": pl.Int64, "key": pl.String, "value": pl.String}
BLOCK_MESSAGES = 50_000


def _envelopes(content: bytes) -> pl.DataFrame:
    if not content.strip():
        return pl.DataFrame(schema=ENVELOPE)
    try:
        frame = pl.read_ndjson(io.BytesIO(content), schema=ENVELOPE)
    except pl.exceptions.PolarsError as error:
        raise Unreadable("not the envelopes of a stream") from error
    if frame["offset"].has_nulls() or frame["timestamp"].has_nulls():
        raise Unreadable("an envelope without offset or timestamp")
    return frame


def _nests(record: dict[str, Any]) -> bool:
    return any(isinstance(v, dict | list) for v in record.values())


def _cells(messages: pl.DataFrame, declared: list[str], broken: list[BrokenRecord]) -> pl.DataFrame:
    """The cells of messages with a value; those that have none go to `broken`."""
    values = messages["value"]
    lines = values.to_list()
    if values.str.contains(r"\\u[dD]").any():
        lines = [ndjson.whole_characters(line) for line in lines]
    may_nest = values.str.contains(r"(?s)\[|.\{").to_list()
    ordinals = messages[SOURCE_ROW].to_list()
    known, words = set(declared), None
    records, places = [], []
    for place, record in enumerate(ndjson.objects(lines)):
        if record is None:
            broken.append(BrokenRecord(ordinals[place], "structure", "not one JSON object"))
        elif not known.issuperset(record):
            strange = next(key for key in record if key not in known)
            words = words or vocabulary()
            named = words.shown(strange)
            broken.append(
                BrokenRecord(ordinals[place], "unknown_column", "an undeclared key", named)
            )
        elif may_nest[place] and _nests(record):
            broken.append(BrokenRecord(ordinals[place], "structure", "a nested value"))
        else:
            records.append(record)
            places.append(place)
    frame = pl.from_dicts(records, schema=dict.fromkeys(declared, pl.String), strict=False)
    beside = messages[places].select(SOURCE_ROW, SENT)
    return pl.concat([frame, beside], how="horizontal").with_columns(pl.lit(False).alias(TOMBSTONE))


def _tombstones(messages: pl.DataFrame, declared: list[str], key: str | None) -> pl.DataFrame:
    columns = [
        (pl.col("key") if name == key else pl.lit(None, pl.String)).alias(name) for name in declared
    ]
    return messages.select(*columns, SOURCE_ROW, SENT, pl.lit(True).alias(TOMBSTONE))


def read(content: bytes, declared: list[str], key: str | None) -> TextStream:
    """The messages of `content`; `key` is the column that a tombstone's key fills."""
    frame = _envelopes(content).with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(SOURCE_ROW),
        pl.from_epoch("timestamp", "ms")
        .dt.replace_time_zone("UTC")
        .cast(pl.Datetime("us", "UTC"))
        .alias(SENT),
    )
    broken: list[BrokenRecord] = []

    def batches() -> Iterator[pl.DataFrame]:
        for block in frame.iter_slices(BLOCK_MESSAGES):
            said = block.filter(pl.col("value").is_not_null())
            gone = block.filter(pl.col("value").is_null())
            parts = [_cells(said, declared, broken), _tombstones(gone, declared, key)]
            yield pl.concat(parts).sort(SOURCE_ROW)

    return TextStream([*declared], batches(), broken)
