"""Control files: what a sender declares of a file, laid down beside it.

`<name>.chk` is JSON: {"size_bytes", "sha256", "rows", "sums": {column: "1.00"}}; each may be
left out. A file whose contract declares them is not taken before its control file is there, and
not while it is still smaller than declared.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

from ingestion.contract.model import Contract
from ingestion.delivery.received import Control

MAX_BYTES = 1 << 20


class BadControl(ValueError):
    """A control file that says nothing we can check against; the reason is for the sender."""


def suffix_of(contract: Contract) -> str | None:
    """What a control file's name adds to the name of its file; None without control files."""
    declared = contract.server.options.get("control")
    return str(declared["suffix"]) if declared else None


def _whole_number(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdigit():
        raise ValueError("not a count")
    return int(str(value))


def parse(content: bytes) -> Control:
    """The declared figures; raises `BadControl`."""
    try:
        said = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
        digest = said.get("sha256")
        if digest is not None and (len(digest) != 64 or not int(digest, 16) >= 0):
            raise ValueError("not a digest")
        sums = {str(k): Decimal(str(v)) for k, v in (said.get("sums") or {}).items()}
        # NaN equals nothing, and a signalling one may not even be compared.
        if not all(name.isprintable() and total.is_finite() for name, total in sums.items()):
            raise ValueError("not a total")
        return Control(
            size_bytes=_whole_number(said.get("size_bytes")),
            sha256=digest.lower() if digest else None,
            rows_n=_whole_number(said.get("rows")),
            sums=sums,
        )
    except (ValueError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise BadControl("控制文件无法读取") from error


def still_waits(control: Control | None, size: int) -> str | None:
    """Why a file must wait; None when it may be taken. `control` None: none is there yet."""
    if control is None:
        return "waits for its control file"
    if control.size_bytes is not None and size < control.size_bytes:
        return f"still uploading: {size:,} of {control.size_bytes:,} bytes"
    return None
