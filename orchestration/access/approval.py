"""Minors' data: no access without an approval (未成年人网络保护条例 第36条, DP-13).

The regulation wants every access of staff approved by the person responsible, or a manager named
by them, and recorded. So whoever opens a door to such rows gives the approval's number. The
register of approvals, `approvals.csv` beside the secrets
(`approval,approver,login,feed,valid_from,valid_to`), is kept by the data owner; where it lies, the
number must stand in it, and in production it must lie there.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

from ingestion import clock, keys, places
from ingestion.access import Access, note, somebody_here
from ingestion.contract import Contract

ZONE = "minors"
_NUMBER = re.compile(r"[A-Za-z0-9\u4e00-\u9fff〔〕\[\]()（）._/-]{3,40}")


class NotApproved(RuntimeError):
    """A door to minors' rows stays shut; the text says why."""


def register() -> Path:
    """The register of approvals."""
    return places.secrets() / "approvals.csv"


def required(contract: Contract) -> bool:
    """Whether rows of a feed are minors' data."""
    return contract.zone == ZONE


def require(contract: Contract, approval: str | None, action: str, what: str = "") -> None:
    """Let somebody at a feed's rows, and log it; or log the refusal and raise `NotApproved`.

    Feeds without minors pass without an approval. Raises `NotLogged` if nothing can be written:
    an access that nobody could know of is none.
    """
    number = (approval or "").strip()
    why = _why_not(contract, number) if required(contract) else None
    details: dict[str, object] = {}
    if why:
        details = {"reason": why}
    elif required(contract):
        details = {"in_register": register().exists()}
    outcome = "refused" if why else "allowed"
    about = Access(action, (contract.code,), filter=what, approval=number[:40], outcome=outcome,
                   details=details)  # fmt: skip
    note(about)
    if why:
        raise NotApproved(f"feed:{contract.code} {contract.name}: {why}")


def _why_not(contract: Contract, approval: str) -> str | None:
    if not approval:
        return "minors' data: give the number of the approval with --approval (DP-13)"
    if not _NUMBER.fullmatch(approval):
        return "that is no approval's number: 3 to 40 letters, digits and -_/.()"
    if not register().exists():
        if keys.in_production():
            return f"no register of approvals: {register()} is missing"
        return None
    with register().open(encoding="utf-8-sig", newline="") as file:
        found = [row for row in csv.DictReader(file) if row.get("approval") == approval]
    if not found:
        return f"approval {approval} is not in {register().name}"
    today, login = clock.instant().date(), somebody_here().login.split(" as ")[0]
    if not any(_covers(row, contract.code, login, today) for row in found):
        return f"approval {approval} is not for {login}, this feed and this day"
    return None


def _covers(row: dict[str, str], feed: str, login: str, today: date) -> bool:
    try:
        valid = (
            date.fromisoformat(row["valid_from"]) <= today <= date.fromisoformat(row["valid_to"])
        )
    except (KeyError, ValueError):
        return False
    named = bool(row.get("approver", "").strip())
    return (
        valid and named and row.get("login") == login and row.get("feed") in (feed, f"feed:{feed}")
    )
