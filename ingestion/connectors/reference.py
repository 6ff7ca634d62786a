"""Reference data that the platform itself publishes: a file of this project, taken when it changed.

It is an ordinary delivery with a receipt, so that the lake, the dictionary and a statistician see
the same rows as the models, and Q02 counts it; the file stays where it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ingestion import city
from ingestion.contract.model import Contract
from ingestion.delivery.received import Received
from ingestion.lake.logs import read_log

ROOT = city.PRODUCT


def _is_known(contract: Contract, sha256: str) -> bool:
    """Whether the last delivery was this very file and need not be taken anew."""
    log = read_log("o01_delivery_log", feed_code=contract.code)
    if not log.height:
        return False
    last = log.sort("landed_time").row(-1, named=True)
    mended = last["status"] == "4" and last["contract_version"] != contract.version
    return bool(last["content_sha256"] == sha256) and not mended


def _file(contract: Contract) -> Path:
    """A seed is the city's where it has its own; what the city does not keep is ours."""
    path = ROOT / contract.server.location
    return city.seed(path.stem) if path.parent == city.SEEDS else path


def pending(contract: Contract, as_of: datetime) -> Iterator[Received]:
    """The file, if its content is not what was delivered last."""
    path = _file(contract)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if _is_known(contract, sha256):
        return
    yield Received(
        contract=contract,
        sender=contract.owner_org_code or contract.owner,
        period_start=as_of.date(),
        period_end=as_of.date(),
        file_name=path.name,
        open=lambda: path.open("rb"),
    )
