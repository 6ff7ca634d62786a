"""Hands files over as an agency would, and reads back what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ingestion import clock, places
from ingestion.connectors import inbox
from ingestion.contract import Contract, load
from ingestion.contract.load import load_file
from ingestion.delivery import Receipt, deliver
from ingestion.lake.lookup import scan
from ingestion.lake.tables import RUN_METADATA, feed_schema, open_feed
from simulation.agencies import deliver as deliver_agencies
from simulation.business import deliver as deliver_business
from simulation.deliveries import Ground, Manifest
from simulation.dirt import Truth
from simulation.shared import Shared
from simulation.world import World

P44_HEADER = [f.source for f in load("P44").fields]
TICKET = {
    "工单编号": "SX2026100100000001",
    "受理时间": "2026-10-01 08:30:00",
    "咨询/求助/投诉/建议/举报": "1",
    "事项分类": "010000",
    "来电人": "赵匿名",
    "来电号码": "13900000000",
    "事发地址": "某街道1号",
    "诉求内容": "路灯不亮",
    "办理时限": "2026/10/8 17:30",
    "源系统更新时间": "2026-10-01 08:30:00",
}


def agencies_send(since: str) -> None:
    """What the agencies send from that day to the clock, defects and mishaps included: the feeds of
    the business systems and of the agencies, a fifth of a city, laid into `places.agencies()`."""
    out = places.agencies()
    (out / "api").mkdir(parents=True)
    world = World(91, clock.parse(since).date(), clock.as_of().date(), 0.2)
    ground = Ground(world, 0.03, Manifest(out), Truth())
    shared = Shared(world)
    deliver_business(ground, shared)
    deliver_agencies(ground, shared)
    ground.manifest.write()


def put(contract: Contract | str, name: str, content: bytes) -> Receipt:
    """Lay a file into the inbox and take it in."""
    contract = load(contract) if isinstance(contract, str) else contract
    folder = places.inbox() / contract.code
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    receipt = deliver(inbox.receive(contract, path))
    assert not path.exists(), "a file with a receipt leaves the inbox"
    return receipt


def csv_text(header: Sequence[str], rows: Sequence[Sequence[str | None]], end: str = "\r\n") -> str:
    """A CSV written by hand: cells quoted where they must be."""

    def cell(value: str | None) -> str:
        text = value or ""
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text

    return "".join(",".join(cell(v) for v in row) + end for row in [list(header), *rows])


def tickets(*changes: dict[str, str]) -> list[list[str]]:
    """Hotline rows: the model ticket with a number of its own, and what differs."""
    rows = []
    for number, change in enumerate(changes, 1):
        row = {**TICKET, "工单编号": f"SX20261001{number:08d}", **change}
        rows.append([row.get(name, "") for name in P44_HEADER])
    return rows


def stored(contract: Contract | str) -> pl.DataFrame:
    """The feed's table without run metadata."""
    contract = load(contract) if isinstance(contract, str) else contract
    table = open_feed(contract)
    root = table.table_uri.removeprefix("file://").rstrip("/")
    paths = [u.removeprefix("file://").removeprefix(root + "/") for u in table.file_uris()]
    kept = [c for c in feed_schema(contract) if c not in RUN_METADATA]
    return scan(table, contract, paths).select(kept).collect()


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt in the outbox."""
    path = places.outbox() / receipt.feed_code / f"{receipt.delivery_id}.receipt.json"
    body: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return body


def balance(receipt: Receipt) -> int:
    """Rows that the receipt accounts for."""
    return (
        receipt.inserted_n
        + receipt.updated_n
        + receipt.deleted_n
        + receipt.unchanged_n
        + receipt.superseded_n
        + receipt.quarantined_n
    )


def make_contract(
    folder: Path,
    columns: Sequence[dict[str, Any]],
    *,
    version: str | None = None,
    form: str = "csv",
    without: Sequence[str] = (),
    own: dict[str, Any] | None = None,
    kind: dict[str, Any] | None = None,
    **server: Any,
) -> Contract:
    """A contract T01 written as a file: `columns` give name, type, physical and the rest.

    `own` are further properties of the contract (zone, snapshot, ...), `kind` replaces the
    server's standard keys (type, location, host).
    """
    properties = []
    for column in columns:
        custom = [
            {"property": k, "value": column[k]}
            for k in (
                "pii",
                "code_table",
                "date_forms",
                "null_values",
                "unit",
                "source_unit",
                "aliases",
                "checksum",
                "token",
                "transport",
                "delete_values",
                "presence_as",
            )
            if k in column
        ]
        properties.append(
            {
                "name": column["name"],
                "businessName": column["name"],
                "physicalName": column.get("source", column["name"]),
                "description": column["name"],
                "logicalType": column.get("type", "string"),
                "physicalType": column.get("physical", "string(200)"),
                "required": column.get("required", False),
                "classification": "L1",
                "primaryKey": "key" in column,
                "primaryKeyPosition": column.get("key"),
                "partitioned": column.get("partition", False),
                "customProperties": custom,
            }
        )
    keys = [c for c in columns if "key" in c]
    whole = bool(keys) and all(c.get("required", False) for c in keys)
    ours = {
        "duplicate_policy": "latest" if whole else "none",
        "level_raw": "L2",
        "level_landed": "L1",
        "legal_basis": "test",
        "archive_days": 30,
        "owner_org_code": "11330600XN00000391",
        "region_code": "330600",
        "calendar": [{"from": "2026-01-01", "period": "day", "due": "+1d 08:00"}],
        **({"version": version} if version else {}),
        **(own or {}),
    }
    options = {"file_pattern": "T01_{period}.csv", "encoding": "utf-8", **server}
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "feed:T01",
        "name": "测试",
        "version": "1.0.0",
        "status": "active",
        "domain": "测试",
        "description": {} if "purpose" in without else {"purpose": "test"},
        "servers": [
            {
                "server": "agency",
                **(kind or {"type": "local", "path": "inbox/T01/"}),
                "format": form,
                "customProperties": [{"property": k, "value": v} for k, v in options.items()],
            }
        ],
        "schema": [{"name": "t01_test", "properties": properties}],
        "slaProperties": []
        if "retention" in without
        else [{"property": "retention", "value": 365, "unit": "d"}],
        "customProperties": [
            {"property": k, "value": v} for k, v in ours.items() if k not in without
        ],
    }
    path = folder / "t01_test.odcs.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return load_file(path)


def tricky_api(folder: Path) -> Contract:
    """A contract of counted pages at `${TRICK_API}/rows`, and the credential it asks for."""
    places.secrets().mkdir(parents=True)
    secret = {"client_id": "a", "client_secret": "b"}
    (places.secrets() / "trick.json").write_text(json.dumps(secret))
    contract = make_contract(
        folder,
        [{"name": "id", "pii": "none", "key": 1}, {"name": "n", "type": "integer", "pii": "none"}],
        form="json",
        paging={"page": "page", "size": "size", "page_size": 10, "rows": "data.rows",
                "total": "data.total"},
        window={"from": "from", "to": "to"},
        auth={"token": "/token", "credential": "trick"},
    )  # fmt: skip
    path = folder / contract.path
    text = path.read_text("utf-8").replace("type: local", "type: api")
    path.write_text(text.replace("inbox/T01/", "${TRICK_API}/rows"), "utf-8")
    return load_file(path)
