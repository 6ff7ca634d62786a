"""Names of files that somebody else chose: what may be shown of one, and what may not be taken.

A name goes into receipts, the log and terminals. A line break in it would forge a line of the log,
an escape sequence would command a terminal, bytes in another encoding than UTF-8 would stop the
receipt from being written, and with it the feed, on every run.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import BinaryIO

MAX_NAME_BYTES = 240  # a suffix of ours must still fit a file system's 255
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


def _may_be_shown(char: str) -> bool:
    # The ideographic space is not printable for Python, and stands in honest names.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def shown(name: str) -> str:
    """The name with a mark for each character that is not for reading, and not too long."""
    plain = "".join(c if _may_be_shown(c) else _INSTEAD for c in name)
    return plain.encode("utf-8")[:MAX_NAME_BYTES].decode("utf-8", "ignore")


def regular(path: Path) -> bool:
    """Whether a file lies here itself: no link to another place, no pipe, no device.

    Whoever may lay files into a folder could else have us read what only we may read.
    """
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def opened(path: Path) -> BinaryIO:
    """The file to read; OSError if a link or a pipe took its place since it was looked at."""
    # Without O_NONBLOCK a pipe would be waited for here for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"{shown(path.name)} is no regular file")
    return os.fdopen(handle, "rb")
