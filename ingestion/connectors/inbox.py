"""Files that wait in the inbox, in the order of their declared periods."""

from __future__ import annotations

import calendar
import logging
import re
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from ingestion import clock, places
from ingestion.connectors import control, names
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received, from_file
from ingestion.lake.logs import read_log

log = logging.getLogger("fengqiao.inbox")
_PERIOD = r"(?P<y>\d{4})(?:-?(?:Q(?P<q>[1-4])|(?P<m>\d{2})(?:-?(?P<d>\d{2}))?))?"
_SENDER = r"(?P<sender>[0-9A-Za-z-]+)"
# The sender says the file is whole by giving it its name; these are names of drafts.
_DRAFT = re.compile(r"^\.|\.(part|tmp|filepart)$")


def is_draft(name: str) -> bool:
    """Whether a sender still writes under this name."""
    return bool(_DRAFT.search(name))


def name_pattern(contract: Contract) -> re.Pattern[str]:
    """The contract's `file_pattern` as a regular expression with the period and the sender."""
    declared = str(contract.server.options["file_pattern"])
    parts = {"{period}": _PERIOD, "{sender}": _SENDER, "*": ".*"}
    pieces = re.split(r"(\{period\}|\{sender\}|\*)", declared)
    return re.compile("^" + "".join(parts.get(p, re.escape(p)) for p in pieces) + "$")


def period_of(contract: Contract, name: str) -> tuple[date, date] | None:
    """First and last day of the period a file name declares; None when it does not fit."""
    match = name_pattern(contract).match(name)
    if match is None:
        return None
    year = int(match["y"])
    if match["q"]:
        last = int(match["q"]) * 3
        return date(year, last - 2, 1), date(year, last, calendar.monthrange(year, last)[1])
    if not match["m"]:
        return date(year, 1, 1), date(year, 12, 31)
    month = int(match["m"])
    try:
        if match["d"]:
            day = date(year, month, int(match["d"]))
            return day, day
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return None


def described(contract: Contract, received: Received) -> Received:
    """The delivery with what its name says; one that does not fit is refused, with a receipt."""
    name, misfit = received.file_name, received.misfit
    plain = names.shown(name)
    if plain != name:
        received = replace(received, file_name=plain)
        misfit = "文件名过长或含有不能显示的字符（须为 UTF-8）"
    period = period_of(contract, name)
    if period is None:
        today = clock.as_of().date()
        wanted = contract.server.options["file_pattern"]
        misfit = misfit if plain != name else f"文件名不符合约定（{wanted}）"
        return replace(received, period_start=today, period_end=today, misfit=misfit)
    match = name_pattern(contract).match(name)
    named = match.groupdict().get("sender") if match else None
    if named and named not in contract.senders:
        misfit = f"报送单位 {named} 不在合同声明之内"
    sender = named or received.sender
    return replace(
        received, period_start=period[0], period_end=period[1], sender=sender, misfit=misfit
    )


def _beside(contract: Contract, path: Path) -> Path | None:
    """The control file of a file, if its contract has them and it is there."""
    suffix = control.suffix_of(contract)
    beside = path.with_name(path.name + suffix) if suffix else None
    return beside if beside is not None and names.regular(beside) else None


def _declared(path: Path) -> bytes:
    """What a control file says; `BadControl` if it is too long to be one."""
    with names.opened(path) as file:
        content = file.read(control.MAX_BYTES + 1)
    if len(content) > control.MAX_BYTES:
        raise control.BadControl("控制文件过大")
    return content


def way_of(contract: Contract, name: str) -> Contract:
    """The feed as the way in sees it by which a file of this name comes."""
    inboxes = [way for way in contract.ways if way.server.kind == "inbox"]
    fitting = [way for way in inboxes if name_pattern(way).match(name)]
    return (fitting or inboxes or [contract])[0]


def receive(contract: Contract, path: Path) -> Received:
    """One file as a delivery, with its control figures if there are any."""
    contract = way_of(contract, path.name)
    today = clock.as_of().date()
    received = from_file(contract, path, today, today, misfit=None)
    received = replace(received, open=lambda: names.opened(path))
    beside = _beside(contract, path)
    if beside is not None:
        received = replace(received, acknowledge=lambda: beside.unlink(missing_ok=True))
        try:
            received = replace(received, control=control.parse(_declared(beside)))
        except control.BadControl as error:
            received = replace(received, misfit=str(error))
    return described(contract, received)


def _files(contract: Contract) -> list[Path]:
    folder = places.inbox() / contract.code
    if not folder.is_dir():
        return []
    suffix = control.suffix_of(contract)
    found = [p for p in folder.iterdir() if names.regular(p) and not is_draft(p.name)]
    return sorted(p for p in found if suffix is None or not p.name.endswith(suffix))


def _tell_strangers(contract: Contract) -> None:
    """Say what lies in the inbox and is no file: nobody sends a link or a pipe by mistake."""
    folder = places.inbox() / contract.code
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink() or not (path.is_dir() or names.regular(path)):
            shown = names.shown(path.name)
            log.warning("feed:%s %s is a link, a pipe or a device: not taken", contract.code, shown)


def waiting(contract: Contract) -> dict[str, str]:
    """Files that may not be taken yet, and why."""
    if control.suffix_of(contract) is None:
        return {}
    reasons: dict[str, str] = {}
    for path in _files(contract):
        received = receive(contract, path)
        reason = control.still_waits(received.control, path.stat().st_size)
        if reason and not received.misfit:
            reasons[path.name] = reason
    return reasons


def _sweep(contract: Contract) -> None:
    """Remove control files that a killed run left after their file's receipt.

    One would be taken for the control file of the next file of that name.
    """
    suffix = control.suffix_of(contract)
    folder = places.inbox() / contract.code
    if suffix is None or not folder.is_dir():
        return
    alone = [p for p in folder.glob(f"*{suffix}") if not p.with_name(_without(p, suffix)).exists()]
    for path in alone:
        if not names.regular(path):
            continue
        try:
            declared = control.parse(_declared(path)).sha256
        except control.BadControl:
            continue
        known = read_log("o01_delivery_log", feed_code=contract.code, content_sha256=declared)
        if declared and _without(path, suffix) in known["file_name"].to_list():
            path.unlink(missing_ok=True)


def _without(path: Path, suffix: str) -> str:
    return path.name.removesuffix(suffix)


def pending(contract: Contract, in_hand: Container[str] = ()) -> Iterator[Received]:
    """Every whole file in the feed's inbox folder, oldest period first, but those `in_hand`: they
    lie there until their receipt."""
    _sweep(contract)
    _tell_strangers(contract)
    waits = waiting(contract)
    for name, reason in waits.items():
        log.info("feed:%s %s %s", contract.code, names.shown(name), reason)
    ready = [receive(contract, p) for p in _files(contract) if p.name not in waits]
    ready = [received for received in ready if received.file_name not in in_hand]
    yield from sorted(ready, key=lambda r: (r.period_end, r.period_start, r.file_name))
