"""A small feed, T01, over any kind of server, and what the lake holds of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ingestion import clock, connectors, places
from ingestion.contract import Contract
from ingestion.contract.load import load_file
from ingestion.delivery import Receipt, deliver
from ingestion.lake.logs import read_log
from tests.ingestion.handover import balance, stored

AS_OF = datetime(2026, 1, 3, 9, tzinfo=clock.LOCAL)
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("id", "string", "string(32)"),
    ("n", "integer", "int32"),
    ("amount", "number", "decimal(12,2)"),
    ("ok", "boolean", "boolean"),
    ("words", "string", "string(200)"),
    ("at", "timestamp", "timestamp"),
)


def _property(name: str, logical: str, physical: str) -> dict[str, Any]:
    key = {"primaryKey": True, "primaryKeyPosition": 1, "required": True} if name == "id" else {}
    return {
        "name": name,
        "businessName": name,
        "description": name,
        "logicalType": logical,
        "physicalType": physical,
        "classification": "L1",
        "customProperties": [{"property": "pii", "value": "none"}],
        **key,
    }


def server(kind: str, location: str, form: str, options: dict[str, Any]) -> dict[str, Any]:
    """One way in, as a contract writes it."""
    return {
        "server": "agency",
        "type": kind,
        "location": location,
        "format": form,
        "customProperties": [{"property": k, "value": v} for k, v in options.items()],
    }


def feed(folder: Path, kind: str, location: str, **options: Any) -> Contract:
    """The contract as a file in `folder`; days from 2026-01-01. `also`: more servers."""
    form = options.pop("format", "json")
    senders = options.pop("senders", None)
    also = options.pop("also", [])
    ours = {
        "duplicate_policy": "latest",
        "version": "at",
        "level_raw": "L2",
        "level_landed": "L1",
        "legal_basis": "test",
        "archive_days": 30,
        "owner_org_code": "11330600XN00000391",
        "region_code": "330600",
        "calendar": [{"from": "2026-01-01", "period": "day", "due": "+1d 08:00"}],
        **({"senders": senders} if senders else {}),
    }
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "feed:T01",
        "name": "测试",
        "version": "1.0.0",
        "status": "active",
        "domain": "测试",
        "description": {"purpose": "test"},
        "servers": [server(kind, location, form, options), *also],
        "schema": [{"name": "t01_test", "properties": [_property(*c) for c in COLUMNS]}],
        "slaProperties": [{"property": "retention", "value": 365, "unit": "d"}],
        "customProperties": [{"property": k, "value": v} for k, v in ours.items()],
    }
    path = folder / "t01_test.odcs.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return load_file(path)


def row(number: int, **change: Any) -> dict[str, Any]:
    """A record of the feed; `at` lies on 2026-01-01."""
    minute, second = divmod(number, 60)
    made = {
        "id": f"r{number:05d}",
        "n": number,
        "amount": f"{number}.50",
        "ok": number % 2 == 0,
        "words": f"第{number}号",
        "at": f"2026-01-01 {8 + minute // 60:02d}:{minute % 60:02d}:{second:02d}",
    }
    return {**made, **change}


def secret(name: str, content: dict[str, str]) -> None:
    places.secrets().mkdir(parents=True, exist_ok=True)
    (places.secrets() / f"{name}.json").write_text(json.dumps(content))


def take(contract: Contract, as_of: datetime = AS_OF) -> list[Receipt]:
    """One run: everything that waits, each delivery ended before the next."""
    with clock.at(as_of):
        receipts = [deliver(received) for received in connectors.pending(contract, as_of)]
    assert all(balance(r) == r.rows_n for r in receipts if r.rows_n is not None)
    assert spooled(contract) == []
    return receipts


def spooled(contract: Contract) -> list[Path]:
    return [p for p in (places.ops() / "spool" / contract.code).glob("*") if p.is_file()]


def content(contract: Contract) -> pl.DataFrame:
    """The business columns of the lake's table, by key."""
    return stored(contract).select([c[0] for c in COLUMNS]).sort("id")


def numbers(contract: Contract) -> list[int]:
    return content(contract)["n"].to_list()


def receipts_n(contract: Contract) -> int:
    return read_log("o01_delivery_log", feed_code=contract.code).height
