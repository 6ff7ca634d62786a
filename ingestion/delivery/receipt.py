"""The receipt: what became of a delivery, as a row of O01, as JSON for the agency, in words.

The law it keeps: rows in = inserted + updated + deleted + unchanged + superseded + quarantined.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ingestion import places
from ingestion.clock import LOCAL
from ingestion.lake.tables import DELIVERY_LOG


class ConservationError(AssertionError):
    """Rows would be lost or doubled; nothing of ours goes on after this."""


@dataclass(frozen=True)
class Receipt:
    """One row of O01 (field meanings in lake/tables.py); `repeated` is not stored."""

    delivery_id: str
    feed_code: str
    feed_table: str
    owner_org_code: str | None
    region_code: str | None
    sender: str
    file_name: str
    period_start: date
    period_end: date
    due_time: datetime | None
    landed_time: datetime
    rows_n: int | None
    inserted_n: int
    updated_n: int
    deleted_n: int
    vanished_n: int
    unchanged_n: int
    superseded_n: int
    quarantined_n: int
    indistinguishable_n: int
    warned_n: int
    valid_rows_n: int
    content_sha256: str
    schema_hash: str | None
    contract_version: str
    status: str
    refusal: str | None
    is_backfill: bool
    repeated: bool = False

    def check(self) -> None:
        """Raise unless the conservation law holds."""
        if self.rows_n is None:
            return
        parts = (
            self.inserted_n
            + self.updated_n
            + self.deleted_n
            + self.unchanged_n
            + self.superseded_n
            + self.quarantined_n
        )
        if parts != self.rows_n:
            raise ConservationError(
                f"feed:{self.feed_code} {self.file_name}: {self.rows_n} rows in, "
                f"{parts} accounted for"
            )

    def row(self) -> dict[str, Any]:
        """The receipt as a row of O01."""
        return {k: v for k, v in vars(self).items() if k in DELIVERY_LOG}

    def words(self) -> str:
        """One line for people."""
        head = f"{self.feed_code} {self.file_name} [{self.delivery_id}]"
        if self.refusal:
            rows = "rows unknown" if self.rows_n is None else f"{self.rows_n:,} rows"
            return f"{head}: refused whole ({rows}): {self.refusal}"
        again = "already received; " if self.repeated else ""
        also = f"; {self.vanished_n:,} stored rows vanished" if self.vanished_n else ""
        return (
            f"{head}: {again}{self.rows_n:,} in = {self.inserted_n:,} inserted + "
            f"{self.updated_n:,} updated + {self.deleted_n:,} deleted + {self.unchanged_n:,} "
            f"unchanged + {self.superseded_n:,} superseded + {self.quarantined_n:,} quarantined"
            f"{also}"
        )


def from_row(row: dict[str, Any]) -> Receipt:
    """A receipt read back from O01."""
    values = {k: row[k] for k in DELIVERY_LOG}
    return Receipt(**{**values, "vanished_n": values["vanished_n"] or 0})


def repeated(first: Receipt) -> Receipt:
    """What the same delivery, delivered again, means: nothing changed."""
    values = asdict(first)
    if first.rows_n is not None and not first.refusal:
        values |= {
            "inserted_n": 0,
            "updated_n": 0,
            "deleted_n": 0,
            "vanished_n": 0,
            "superseded_n": 0,
            "unchanged_n": first.rows_n - first.quarantined_n,
        }
    return Receipt(**{**values, "repeated": True})


def outbox_folder(feed_code: str) -> Path:
    folder = places.outbox() / feed_code
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def refused_path(feed_code: str, delivery_id: str) -> Path:
    """Where the encrypted workbook of a delivery's refused rows lies."""
    return places.outbox() / feed_code / f"{delivery_id}.refused.xlsx.age"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def publish(receipt: Receipt, reasons: list[dict[str, Any]]) -> Path:
    """The receipt as JSON in the outbox; `reasons` counts the findings by rule and column."""
    body = {k: v for k, v in asdict(receipt).items() if k in DELIVERY_LOG}
    # Local time, whether the receipt was just made or read back from O01.
    body = {
        k: v.astimezone(LOCAL).isoformat() if isinstance(v, datetime) else v
        for k, v in body.items()
    }
    body = {k: v.isoformat() if isinstance(v, date) else v for k, v in body.items()}
    body["conservation"] = (
        "rows_unknown"
        if receipt.rows_n is None
        else "rows in = inserted + updated + deleted + unchanged + superseded + quarantined"
    )
    body["findings"] = reasons
    path = outbox_folder(receipt.feed_code) / f"{receipt.delivery_id}.receipt.json"
    write_whole(path, json.dumps(body, ensure_ascii=False, indent=2).encode("utf-8"))
    return path
