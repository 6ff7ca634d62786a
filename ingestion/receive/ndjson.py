"""JSON lines → text batches: what an API, a database or a stream delivered, one record a line.

Numbers and booleans become their JSON text, so that one conversion serves every source.
A nested value is not a cell: the delivery is refused and names the key.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.json as pajson

from ingestion.receive.text import SOURCE_ROW, TextStream, Unreadable

BLOCK_BYTES = 1 << 25


def read(content: bytes, declared: list[str]) -> TextStream:
    """The records of `content`; `declared` keys are read as text even where all are null."""
    if not content.strip():
        return TextStream(list(declared), iter(()))
    schema = pa.schema([])
    try:
        table = pajson.read_json(
            io.BytesIO(content),
            read_options=pajson.ReadOptions(block_size=max(BLOCK_BYTES, len(content))),
            parse_options=pajson.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="infer"
            ),
        )
    except pa.ArrowInvalid as error:
        raise Unreadable(f"not JSON lines: {str(error).splitlines()[0][:160]}") from error
    nested = [f.name for f in table.schema if pa.types.is_nested(f.type)]
    if nested:
        raise Unreadable(f"nested values under {', '.join(nested)}")
    frame = pl.DataFrame(pl.from_arrow(table))
    # Dates that arrow recognised by itself go back to the text of ISO 8601.
    moments = [n for n, t in frame.schema.items() if t == pl.Datetime]
    frame = frame.with_columns(pl.col(moments).dt.strftime("%Y-%m-%dT%H:%M:%S%.3f"))
    frame = frame.with_columns(pl.all().cast(pl.String))
    frame = frame.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(SOURCE_ROW)
    )

    def batches() -> Iterator[pl.DataFrame]:
        yield frame

    columns = [c for c in frame.columns if c != SOURCE_ROW]
    return TextStream(columns, batches())
