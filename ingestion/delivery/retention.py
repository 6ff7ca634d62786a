"""The archive and the workbooks are kept `archive_days` after the receipt, then deleted.

The receipt in O01 says when a delivery landed; a file without a receipt belongs to a run that
was killed and is kept until its delivery ends (DP-04: no free text beyond the archive's days).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import polars as pl

from ingestion.contract.model import Contract
from ingestion.delivery.archive import path_of
from ingestion.delivery.receipt import refused_path
from ingestion.lake.logs import read_log

log = logging.getLogger("fengqiao.retention")


def expire(contract: Contract, as_of: datetime) -> int:
    """Delete what is past its days; gives the number of files deleted."""
    receipts = read_log("o01_delivery_log", feed_code=contract.code)
    limit = as_of.astimezone(UTC) - timedelta(days=contract.archive_days)
    old = receipts.filter(pl.col("landed_time") < limit).select("delivery_id", "sender")
    deleted = 0
    for delivery_id, sender in old.iter_rows():
        form = contract.sent_by(sender).server.format
        archived = path_of(contract.code, delivery_id, form)
        for path in (archived, refused_path(contract.code, delivery_id)):
            if path.exists():
                path.unlink()
                deleted += 1
    if deleted:
        log.info(
            "feed:%s: %d files past %d days deleted", contract.code, deleted, contract.archive_days
        )
    return deleted
