"""The body of an answer, of which only what is asked for is read.

The rows of a page are cut out of it as they came, text and all, without an object for each: they
are archived so, and read once, by the reader of the delivery. Where a body is none by RFC 8259
(another encoding than UTF-8, a byte-order mark, half of a surrogate pair) the json module reads
what can be read, and rows are written anew.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

Body = Any  # msgspec.Raw, or what the json module made of it
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_record = msgspec.json.Decoder(float_hook=str)  # 64 bits would make two numbers one
_whole = msgspec.json.Decoder(msgspec.Raw)
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Between tokens only: inside a string JSON has no line break.
_BREAKS = bytes.maketrans(b"\r\n", b"  ")


class OtherShape(Exception):
    """The body has not what was asked for; the message says what."""


def parsed(content: bytes) -> Body:
    """The body; `ValueError` or `RecursionError` where it is not JSON."""
    try:
        return _whole.decode(content)
    except msgspec.DecodeError:
        return json.loads(content, parse_float=str)


def dig(body: Body, path: str) -> Body:
    """What lies under a dotted path."""
    for key in path.split("."):
        if isinstance(body, msgspec.Raw):
            try:
                body = _object.decode(body)
            except msgspec.DecodeError as error:
                raise OtherShape(f"the answer has no {path}") from error
        if not isinstance(body, dict) or key not in body:
            raise OtherShape(f"the answer has no {path}")
        body = body[key]
    return body


def value(body: Body) -> Any:
    """The Python value of what was found."""
    return json.loads(bytes(body)) if isinstance(body, msgspec.Raw) else body


def rows_under(body: Body, path: str) -> list[bytes]:
    """The elements of the list under a path, one line of JSON each.

    Half a surrogate pair is written as it came; its record is refused later.
    """
    found = dig(body, path)
    if isinstance(found, msgspec.Raw):
        try:
            return [bytes(row).translate(_BREAKS) for row in _list.decode(found)]
        except msgspec.DecodeError as error:
            raise OtherShape(f"{path} is not a list") from error
    if not isinstance(found, list):
        raise OtherShape(f"{path} is not a list")
    return [_written(row).encode("utf-8", "surrogatepass") for row in found]


def canonical(row: bytes) -> bytes:
    """Equal records, equal bytes, in whatever order they name their values."""
    try:
        return msgspec.json.encode(_record.decode(row), order="deterministic")
    except (ValueError, RecursionError):
        return row
