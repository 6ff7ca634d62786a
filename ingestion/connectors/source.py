"""What every connector shares: the one failure, locations, credentials, and what is missing."""

from __future__ import annotations

import json
import os
import re
from datetime import date, datetime

import polars as pl

from ingestion import places
from ingestion.contract.calendar import ended_periods
from ingestion.contract.model import Contract, DuePeriod
from ingestion.lake.logs import read_log

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class SourceUnavailable(RuntimeError):
    """The source did not give a whole, consistent answer; the next run asks again."""


def unavailable(contract: Contract, why: str) -> SourceUnavailable:
    """The failure with the feed's name."""
    return SourceUnavailable(f"feed:{contract.code}: {why}")


def resolve(text: str) -> str | None:
    """`text` with its environment variables; None when one is not set."""
    if any(not os.environ.get(n) for n in _VARIABLE.findall(text)):
        return None
    return _VARIABLE.sub(lambda m: os.environ[m[1]].rstrip("/"), text)


def address(contract: Contract) -> str | None:
    """The declared location with its environment variables; None when one is not set."""
    return resolve(contract.server.location)


def credential(contract: Contract, name: str) -> dict[str, str]:
    """The secret `<name>.json`; a contract only names it."""
    path = places.secrets() / f"{name}.json"
    if not path.exists():
        raise unavailable(contract, f"credential {name!r} is not in the secrets")
    loaded: dict[str, str] = json.loads(path.read_text("utf-8"))
    return loaded


def missing_periods(contract: Contract, as_of: datetime) -> list[DuePeriod]:
    """Ended periods of the calendar without an accepted delivery, oldest first.

    A period refused whole is asked for again: the source or the contract may have been mended.
    What came another way, or without being due, answers for no period.
    """
    taken = (pl.col("status") != "4") & pl.col("due_time").is_not_null()
    log = read_log("o01_delivery_log", feed_code=contract.code).filter(taken)
    have: set[tuple[date, date]] = set(log.select("period_start", "period_end").iter_rows())
    return [p for p in ended_periods(contract, as_of) if (p.period_start, p.period_end) not in have]


def file_name(contract: Contract, period: DuePeriod) -> str:
    """The name under which a pulled period is known in receipts."""
    return f"{contract.code}_{period.period_start:%Y%m%d}-{period.period_end:%Y%m%d}.ndjson"
