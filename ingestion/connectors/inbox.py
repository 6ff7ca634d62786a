"""Files that wait in the inbox, in the order of their declared periods."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingestion import clock, places
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received, from_file

_PERIOD = r"(?P<y>\d{4})-?(?P<m>\d{2})(?:-?(?P<d>\d{2}))?"
# The sender says the file is whole by giving it its name; these are names of drafts.
_DRAFT = re.compile(r"^\.|\.(part|tmp|filepart)$")


def name_pattern(contract: Contract) -> re.Pattern[str]:
    """The contract's `file_pattern` as a regular expression with the period's parts."""
    declared = str(contract.server.options["file_pattern"])
    pieces = [re.escape(p).replace(r"\*", ".*") for p in declared.split("{period}")]
    return re.compile("^" + _PERIOD.join(pieces) + "$")


def period_of(contract: Contract, name: str) -> tuple[date, date] | None:
    """First and last day of the period a file name declares; None when it does not fit."""
    match = name_pattern(contract).match(name)
    if match is None:
        return None
    year, month = int(match["y"]), int(match["m"])
    try:
        if match["d"]:
            day = date(year, month, int(match["d"]))
            return day, day
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return None


def receive(contract: Contract, path: Path) -> Received:
    """One file as a delivery; a name that does not fit is refused later, with a receipt."""
    period = period_of(contract, path.name)
    if period is None:
        today = clock.as_of().date()
        wanted = contract.server.options["file_pattern"]
        misfit = f"文件名不符合约定（{wanted}）"
        return from_file(contract, path, today, today, misfit)
    return from_file(contract, path, *period, misfit=None)


def pending(contract: Contract) -> Iterator[Received]:
    """Every whole file in the feed's inbox folder, oldest period first."""
    folder = places.inbox() / contract.code
    if not folder.is_dir():
        return
    files = [p for p in folder.iterdir() if p.is_file() and not _DRAFT.search(p.name)]
    ready = [receive(contract, p) for p in files]
    yield from sorted(ready, key=lambda r: (r.period_end, r.period_start, r.file_name))
