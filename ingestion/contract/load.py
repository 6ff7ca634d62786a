"""ODCS v3.1 YAML → `Contract`. Deny by default: what is not declared is an error, by name."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ingestion import city, places
from ingestion.contract.model import (
    CLASSES,
    TRANSPORT,
    Alias,
    Contract,
    Due,
    Field,
    RowRule,
    Server,
)
from ingestion.contract.rules import (
    ContractError,
    check_names,
    check_policy,
    check_size,
    check_ways,
    check_zone,
    day,
    erase_after,
    exemptions,
)

FOLDER = Path(__file__).resolve().parent.parent / "contracts"
DEFINITIONS = "definitions.yaml"
REQUIRED = ("legal_basis", "archive_days", "duplicate_policy", "level_raw", "level_landed")


def _read(path: Path) -> Any:
    try:
        document = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path.name}: not valid YAML: {error}") from error
    check_size(path.name, document)
    return document


def definitions_of(folder: Path) -> Path:
    """The definitions a contract of this folder refers to: a city's own, else ours."""
    own = folder / DEFINITIONS
    return own if own.is_file() else FOLDER / DEFINITIONS


@lru_cache(maxsize=16)
def _definitions(path: Path, stamp: int) -> dict[str, dict[str, Any]]:
    """What several feeds say of the same column, written once; see docs/contracts.md."""
    return {p["name"]: p for p in _read(path)["schema"][0]["properties"]}


def _defined(node: dict[str, Any], known: dict[str, dict[str, Any]], where: str) -> dict[str, Any]:
    """A column with what the definition it names says; what the column says itself goes first."""
    links = node.get("authoritativeDefinitions") or []
    urls = [link["url"] for link in links if str(link["url"]).startswith(f"{DEFINITIONS}#")]
    if not urls:
        return node
    name = urls[0].rpartition("/")[2]
    if name not in known:
        raise ContractError(f"{where}: no definition {name!r} in {DEFINITIONS}")
    shared = known[name]
    properties = {**_custom(shared), **_custom(node)}
    listed = [{"property": k, "value": v} for k, v in properties.items()]
    return {**shared, **node, "customProperties": listed}


def _custom(node: dict[str, Any]) -> dict[str, Any]:
    return {p["property"]: p["value"] for p in node.get("customProperties") or []}


def _field(node: dict[str, Any], where: str) -> Field:
    ours = _custom(node)
    # A column without a class is personal: nobody looked at it (DP-02, deny by default).
    pii = str(ours.get("pii", "PERSONAL"))
    if pii not in CLASSES:
        raise ContractError(f"{where}: unknown personal-information class {pii!r}")
    for key in ("businessName", "logicalType", "physicalType", "description", "classification"):
        if not node.get(key):
            raise ContractError(f"{where}: `{key}` is missing")
    links = node.get("relationships") or []
    transport = ours.get("transport")
    if transport is not None and transport not in TRANSPORT:
        raise ContractError(f"{where}: transport is {' or '.join(TRANSPORT)}, not {transport!r}")
    return Field(
        name=node["name"],
        label=node["businessName"],
        source=str(node.get("physicalName") or node["name"]),
        description=node["description"],
        logical=node["logicalType"],
        physical=node["physicalType"],
        required=bool(node.get("required", False)),
        key_position=node.get("primaryKeyPosition") if node.get("primaryKey") else None,
        level=node["classification"],
        pii=pii,
        unit=ours.get("unit"),
        code_table=ours.get("code_table"),
        date_forms=tuple(ours.get("date_forms", ("iso",))),
        null_values=tuple(str(v) for v in ours.get("null_values", ())),
        references=links[0]["to"] if links else None,
        partition=bool(node.get("partitioned", False)),
        source_unit=ours.get("source_unit"),
        aliases=tuple(Alias(a["name"], a.get("unit")) for a in ours.get("aliases", ())),
        checksum=ours.get("checksum"),
        token=bool(ours.get("token", False)),
        filled_later=bool(ours.get("filled_later", False)),
        transport=transport,
        delete_values=tuple(str(v) for v in ours.get("delete_values", ())),
        presence_as=ours.get("presence_as"),
    )


def _server(node: dict[str, Any]) -> Server:
    ours = _custom(node)
    return Server(
        type=node["type"],
        format=str(node.get("format") or ours.get("format")),
        location=str(node.get("location") or node.get("path") or node.get("host")),
        options=ours,
    )


def _calendar(entries: list[dict[str, Any]]) -> tuple[Due, ...]:
    return tuple(Due(day(e["from"]), e["period"], e["due"]) for e in entries)


@lru_cache(maxsize=512)
def _load(path: Path, stamp: int, shared: Path, shared_stamp: int) -> Contract:
    where = path.name
    doc = _read(path)
    if not str(doc.get("id", "")).startswith("feed:"):
        raise ContractError(f"{where}: `id` must be feed:<code>")
    ours = _custom(doc)
    missing = [name for name in REQUIRED if name not in ours]
    purpose = (doc.get("description") or {}).get("purpose")
    sla = {p["property"]: p["value"] for p in doc.get("slaProperties") or []}
    if missing or not purpose or "retention" not in sla:
        gaps = [*missing, *([] if purpose else ["description.purpose"])]
        gaps += [] if "retention" in sla else ["slaProperties.retention"]
        raise ContractError(f"{where}: no ingest without {', '.join(gaps)} (DP-01)")
    table = doc["schema"][0]
    known = _definitions(shared, shared_stamp)
    fields = tuple(
        _field(_defined(p, known, f"{where}: {p['name']}"), f"{where}: {p['name']}")
        for p in table["properties"]
    )
    names = [f.name for f in fields]
    landed = [f.landed_name for f in fields if f.landed_name]
    sources = [s for f in fields for s in (f.source, *(a.source for a in f.aliases))]
    for taken in (names, sources, landed):
        twice = sorted({n for n in taken if taken.count(n) > 1})
        if twice:
            raise ContractError(f"{where}: declared twice: {', '.join(twice)}")
    quality = table.get("quality") or []
    rules = [q for q in quality if q.get("engine") == "conformance"]
    check_names(where, doc["id"].removeprefix("feed:"), table["name"], fields)
    check_policy(where, ours, fields)
    check_zone(where, ours.get("zone"), fields)
    servers = [_server(node) for node in doc["servers"]]
    check_ways(where, servers, ours.get("senders") or [], ours.get("region_code"))
    return Contract(
        code=doc["id"].removeprefix("feed:"),
        version=str(doc["version"]),
        name=doc["name"],
        table=table["name"],
        grain=table.get("dataGranularityDescription", ""),
        purpose=purpose,
        usage=doc["description"].get("usage", ""),
        limitations=doc["description"].get("limitations", ""),
        domain=doc.get("domain", ""),
        owner=(doc.get("team") or {}).get("name", ""),
        tags=tuple(doc.get("tags") or ()),
        server=servers[0],
        also=tuple(servers[1:]),
        fields=fields,
        row_rules=tuple(
            RowRule(q["name"], q["implementation"], q.get("severity", "error"), q["description"])
            for q in rules
        ),
        table_rules=tuple(q for q in quality if q.get("engine") != "conformance"),
        calendar=_calendar(ours.get("calendar") or []),
        duplicate_policy=ours["duplicate_policy"],
        version_field=ours.get("version"),
        level_raw=ours["level_raw"],
        level_landed=ours["level_landed"],
        legal_basis=ours["legal_basis"],
        archive_days=int(ours["archive_days"]),
        retention_days=int(sla["retention"]),
        owner_org_code=ours.get("owner_org_code"),
        region_code=ours.get("region_code"),
        serve=bool(ours.get("serve", False)),
        path=path.name,
        zone=ours.get("zone"),
        history=bool(ours.get("history", False)),
        snapshot=ours.get("snapshot"),
        senders=tuple(str(s) for s in ours.get("senders", ())),
        erase_after=erase_after(where, ours.get("erase_after"), fields),
        exemptions=exemptions(where, ours.get("exemptions") or []),
        expected_rows_per_day=ours.get("expected_rows_per_day"),
    )


def load_file(path: Path) -> Contract:
    """One contract; read again when the file changes, so contracts need no restart."""
    shared = definitions_of(path.resolve().parent)
    return _load(path.resolve(), path.stat().st_mtime_ns, shared, shared.stat().st_mtime_ns)


def _files(folder: Path | None) -> list[Path]:
    """The contracts of a folder, or ours with the city's own in the place of those it redefines."""
    ours = sorted((folder or FOLDER).glob("*.odcs.yaml"))
    own = city.own("contracts") if folder is None else None
    return ours if own is None else [*ours, *sorted(own.glob("*.odcs.yaml"))]


def _here(contract: Contract) -> Contract:
    """A contract of ours as another city has it: its offices, and no district or town of ours."""
    here = city.city()
    if here.code == city.DEMONSTRATION.code:
        return contract
    return replace(
        contract,
        owner_org_code=here.office(contract.owner_org_code) if contract.owner_org_code else None,
        senders=tuple(here.office(code) for code in contract.senders),
        region_code=here.code if contract.region_code else None,
        also=(),
    )


def load_known(folder: Path | None = None) -> dict[str, Contract]:
    """Every contract there is by its code, chosen by the city or not: what tables may exist."""
    by_code: dict[str, Contract] = {}
    seen: set[tuple[Path, str]] = set()
    for path in _files(folder):
        contract = load_file(path)
        if (path.parent, contract.code) in seen:
            raise ContractError("two contract files declare the same feed")
        seen.add((path.parent, contract.code))
        ours = folder is None and path.parent == FOLDER
        by_code[contract.code] = _here(contract) if ours else contract
    return dict(sorted(by_code.items()))


def load_all(folder: Path | None = None) -> dict[str, Contract]:
    """Every contract of the city by its code, in the order of the codes."""
    contracts = load_known(folder)
    chosen = city.city().feeds if folder is None else None
    if chosen is None:
        return contracts
    if unknown := sorted(chosen - contracts.keys()):
        raise ContractError(f"{places.CITY_FILE}: no contract for {', '.join(unknown)}")
    return {code: contract for code, contract in contracts.items() if code in chosen}


def load_platform() -> dict[str, Contract]:
    """The logs the platform writes itself, declared like feeds but never taken in (O01, O02 …)."""
    contracts = [_here(load_file(p)) for p in sorted((FOLDER / "platform").glob("*.odcs.yaml"))]
    return {c.code: c for c in contracts}


def file_of(contract: Contract) -> Path:
    """Where a contract of `load_all` is written: in the city's directory or with the product."""
    own = city.own(f"contracts/{contract.path}")
    return own or FOLDER / contract.path


def load(code: str) -> Contract:
    """The contract of one feed; `feed:P44` and `P44` are both understood."""
    kind, _, bare = code.rpartition(":")
    if kind not in ("", "feed"):
        raise ContractError(f"{code} is not a feed; feeds are written feed:P44")
    contracts = load_all()
    if bare.upper() not in contracts:
        hint = " of this city" if bare.upper() in load_known() else ""
        raise ContractError(f"no contract for feed:{bare}{hint}; there are {', '.join(contracts)}")
    return contracts[bare.upper()]
