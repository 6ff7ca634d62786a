"""Delete what is past its days, feed by feed, and prove it (DP-15)."""

from __future__ import annotations

import logging
from datetime import datetime

from ingestion.contract import load_known
from ingestion.lake.erase import Erased, erase

log = logging.getLogger("fengqiao.retention")


class NotErased(RuntimeError):
    """Rows past their days are still readable on the disk."""


def erase_all(as_of: datetime, codes: set[str] | None = None) -> list[Erased]:
    """Erase in every feed; raises `NotErased` where a file still holds what should be gone."""
    done: list[Erased] = []
    for contract in load_known().values():
        if codes is None or contract.code in codes:
            done += erase(contract, as_of)
    for entry in done:
        log.info("%s: %d rows past their days deleted", entry.table, entry.rows_n)
    left = [e for e in done if e.rows_left_n]
    if left:
        raise NotErased("; ".join(f"{e.table}: {e.rows_left_n} rows left" for e in left))
    return done
