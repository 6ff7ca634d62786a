"""One door to the readers: a format and a contract's server options → text columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from ingestion.receive import decode, delimited, ndjson, workbook
from ingestion.receive.text import TextStream

Opener = Callable[[], BinaryIO]
DELIMITERS = (",", ";", "\t", "|")


def read(opened: Opener, form: str, options: dict[str, Any], known: list[str]) -> TextStream:
    """The records of a stream in the format csv, xlsx or json.

    `known` are the names that an error may show of a header. Raises `Unreadable` for what is not
    of the format, ValueError for an unknown one.
    """
    match form:
        case "csv":
            encodings = options.get("encoding", "utf-8")
            listed = [encodings] if isinstance(encodings, str) else list(encodings)
            encoding = decode.choose(opened, listed)
            return delimited.read(opened, encoding, known, str(options.get("delimiter", ",")))
        case "xlsx":
            with opened() as source:
                content = source.read()
            return workbook.read(
                content,
                sheet=int(options.get("sheet", 1)),
                header_row=options.get("header_row", 1),
                footer_pattern=options.get("footer_pattern"),
                declared=known,
            )
        case "json":
            with opened() as source:
                content = source.read()
            return ndjson.read(content, options.get("rows"))
    raise ValueError(f"no reader for format {form!r}")
