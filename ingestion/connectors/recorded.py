"""A recorded stream: `<folder>/<topic>/<partition>/<first offset, 12 digits>.ndjson`.

Gives the same deliveries as the broker that it stands for: a message after the clock has not
been sent yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polars as pl

from ingestion.connectors.source import SourceUnavailable, unavailable
from ingestion.connectors.stream import (
    BATCH_MESSAGES,
    Batch,
    Failures,
    begin,
    delivery,
    positions,
    topic_of,
)
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received

_HEAD = pl.Struct({"offset": pl.Int64, "timestamp": pl.Int64})
_WRITTEN_FIRST = r'^\{"offset":(?<offset>\d{1,18}),"timestamp":(?<timestamp>\d{1,18}),'


def _messages(contract: Contract, path: Path) -> pl.DataFrame:
    """offset, timestamp and the line itself."""
    try:
        frame = pl.read_lines(path, name="line").filter(pl.col("line") != "")
    except pl.exceptions.ComputeError as error:
        raise unavailable(contract, f"{path.name} is not UTF-8") from error
    head = frame["line"].str.extract_groups(_WRITTEN_FIRST).struct.unnest()
    if not head["offset"].has_nulls():  # else a line is written in another way, or is none
        return frame.hstack(head.cast(pl.Int64))
    try:
        return frame.with_columns(pl.col("line").str.json_decode(_HEAD).alias("h")).unnest("h")
    except pl.exceptions.ComputeError as error:
        raise unavailable(contract, f"{path.name} is not a recording") from error


def _batch(partition: int, frame: pl.DataFrame) -> Batch:
    first, last = frame.row(0, named=True), frame.row(-1, named=True)
    content = frame["line"].str.join("\n").item() + "\n"
    return Batch(
        partition,
        first["offset"],
        last["offset"],
        first["timestamp"],
        last["timestamp"],
        content.encode("utf-8"),
    )


def _partition(
    contract: Contract, folder: Path, known: int | None, as_of: datetime
) -> Iterator[Batch]:
    partition = int(folder.name)
    files = sorted(folder.glob("*.ndjson"), key=lambda p: int(p.stem))
    if not files:
        return
    low = int(files[0].stem)
    start = begin(contract, partition, known, low, max(low, known or 0))
    now_ms = int(as_of.timestamp() * 1000)
    waiting: list[pl.DataFrame] = []
    for path, following in zip(files, [*files[1:], None], strict=True):
        if following is not None and int(following.stem) <= start:
            continue
        frame = _messages(contract, path).filter(pl.col("offset") >= start)
        sent = frame.filter((pl.col("timestamp") >= now_ms).cum_sum() == 0)
        waiting.append(sent)
        ready = pl.concat(waiting)
        while ready.height >= BATCH_MESSAGES:
            yield _batch(partition, ready.head(BATCH_MESSAGES))
            ready = ready.slice(BATCH_MESSAGES)
        waiting = [ready]
        if sent.height < frame.height:
            break
    rest = pl.concat(waiting)
    if rest.height:
        yield _batch(partition, rest)


def pending(contract: Contract, location: str, as_of: datetime) -> Iterator[Received]:
    """Every message before `as_of` that has no receipt, partition by partition."""
    home = Path(unquote(urlsplit(location).path)) / topic_of(contract)
    known, failures = positions(contract), Failures()
    for folder in sorted(
        (p for p in home.glob("*") if p.name.isdigit()), key=lambda p: int(p.name)
    ):
        try:
            for batch in _partition(contract, folder, known.get(int(folder.name)), as_of):
                yield delivery(contract, batch, as_of)
        except SourceUnavailable as error:
            failures.note(error)
    failures.tell()
