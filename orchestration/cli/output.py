"""Tables for people, JSON for programs, exit codes that mean something."""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

# 0 done; 1 done, and something failed or was refused; 2 asked wrongly; 3 cannot run now.
FAILED, MISUSED, UNABLE = 1, 2, 3
_UNREADABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, direction marks, half characters, breaks
_MARK = "\N{REPLACEMENT CHARACTER}"


class OneLine(logging.Formatter):
    """A record is one line whatever a name in it holds; a traceback follows as it is."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line without characters that would end it or command a terminal."""
        return readable(super().formatMessage(record)).replace("\n", _MARK)


def readable(text: str) -> str:
    """The text with a mark for control characters, which forge lines and command terminals."""
    if text.isprintable():
        return text
    kept = (c if c == "\n" or unicodedata.category(c) not in _UNREADABLE else _MARK for c in text)
    return "".join(kept)


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def rows(found: Sequence[dict[str, Any]], as_json: bool, title: str = "") -> None:
    """Print rows; an empty list says so."""
    if as_json:
        json.dump(list(found), sys.stdout, ensure_ascii=False, indent=2, default=_json)
        sys.stdout.write("\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not found:
        Console().print(f"{title or 'rows'}: none")
        return
    table = Table(title=title or None, title_justify="left")
    for name in found[0]:
        number = isinstance(found[0][name], int | float) and not isinstance(found[0][name], bool)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in found:
        # Text: what an agency wrote is no markup, and commands no terminal.
        table.add_row(*[Text(readable(_plain(v))) for v in row.values()])
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def tables(found: dict[str, Sequence[dict[str, Any]]], as_json: bool) -> None:
    """Print several lists of rows; as JSON one document, an object by title."""
    if as_json:
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2, default=_json)
        sys.stdout.write("\n")
        return
    for title, listed in found.items():
        rows(listed, False, title)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(readable(text.rstrip()) + "\n")


def progress(text: str) -> None:
    """A step that has begun, on standard error, so that pipes stay clean."""
    sys.stderr.write(f"  … {text}\n")
    sys.stderr.flush()
