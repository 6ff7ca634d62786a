"""What must hold between the parts of one contract; `load.py` reads, this refuses."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from ingestion.contract.model import BANDED, ZONED, ZONES, Exemption, Field, Server

MAX_NODES = 100_000  # the largest contract of ours has some three thousand
_CODE = re.compile(r"[A-Z]{1,4}\d{1,4}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class ContractError(ValueError):
    """A contract that cannot be used; the message names the file and the place in it."""


def check_size(where: str, document: Any) -> None:
    """Refuse a document that means more than it holds: YAML's anchors, nested, unfold to billions
    of values where somebody writes one of them down."""
    open_, seen = [document], 0
    while open_:
        node = open_.pop()
        seen += 1
        if seen > MAX_NODES:
            raise ContractError(
                f"{where}: more than {MAX_NODES} values, anchors counted as written"
            )
        if isinstance(node, dict):
            open_ += [*node.keys(), *node.values()]
        elif isinstance(node, list):
            open_ += node


def check_names(where: str, code: str, table: str, fields: tuple[Field, ...]) -> None:
    """Codes and tables become folders, columns become SQL: they are words and nothing else."""
    if not _CODE.fullmatch(code):
        raise ContractError(f"{where}: a code is letters and a number, like X01, not {code!r}")
    columns = [n for f in fields for n in (f.name, f.presence_as) if n is not None]
    for name in (table, *columns):
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ContractError(f"{where}: {name!r} is no name of a table or column (a-z, 0-9, _)")


def day(value: Any) -> date:
    """A day as YAML gives it, a date or text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def check_policy(where: str, ours: dict[str, Any], fields: tuple[Field, ...]) -> None:
    """The rules that hold between a contract's keys, versions and kind of delivery."""
    policy, names = ours["duplicate_policy"], [f.name for f in fields]
    keys = [f for f in fields if f.key_position is not None]
    if policy not in ("latest", "none", "append"):
        raise ContractError(f"{where}: duplicate_policy is latest, none or append, not {policy!r}")
    optional = [f.name for f in keys if not f.required]
    if policy == "latest" and (optional or not keys):
        lacking = ", ".join(optional) or "a primary key"
        raise ContractError(f"{where}: duplicate_policy latest needs {lacking} in every row")
    version = ours.get("version")
    if version is not None and version not in names:
        raise ContractError(f"{where}: version column {version!r} is not declared")
    snapshot = ours.get("snapshot")
    if snapshot not in (None, "all", "period"):
        raise ContractError(f"{where}: snapshot is all or period, not {snapshot!r}")
    if version is None and any(f.pii in BANDED for f in fields):
        raise ContractError(f"{where}: an age band is of a moment: class BIRTH needs a version")
    operations = [f for f in fields if f.transport == "operation"]
    if len(operations) > 1 or any(not f.delete_values for f in operations):
        raise ContractError(f"{where}: one operation column, with its delete_values")
    if policy != "latest" and (snapshot or operations or ours.get("history")):
        raise ContractError(f"{where}: snapshots, tombstones and history need policy latest")


def check_ways(where: str, servers: list[Server], owing: list[str], region: str | None) -> None:
    """A second way in is an inbox, of named senders who owe nothing: a file says who sent it."""
    for server in servers[1:]:
        theirs = server.options.get("region_code")
        named = [str(s) for s in server.options.get("senders") or []]
        pattern = str(server.options.get("file_pattern", ""))
        if server.kind != "inbox" or "{sender}" not in pattern or not named:
            raise ContractError(
                f"{where}: a second server is an inbox with `senders` and a file_pattern with "
                "{sender} (docs/contracts.md)"
            )
        if theirs in (None, region):
            raise ContractError(f"{where}: what comes another way is of another region_code")
        if twice := sorted(set(named) & {str(s) for s in owing}):
            raise ContractError(f"{where}: {', '.join(twice)} cannot owe what it sends another way")
    if len(servers) > 2 or [s.kind for s in servers].count("inbox") > 1:
        raise ContractError(f"{where}: at most one inbox, and one way in beside it")


def check_zone(where: str, zone: str | None, fields: tuple[Field, ...]) -> None:
    """Health and minors' data lives in its zone, and nothing else does (decision 7)."""
    zoned = sorted({f.pii for f in fields if f.pii in ZONED})
    if zone is None and zoned:
        raise ContractError(f"{where}: class {', '.join(zoned)} needs an L4 zone, none is declared")
    if zone is not None and zone not in ZONES:
        raise ContractError(f"{where}: zone is {' or '.join(ZONES)}, not {zone!r}")


def exemptions(where: str, entries: list[dict[str, Any]]) -> tuple[Exemption, ...]:
    """The checks a feed is excused from; each needs an owner, a reason and an end."""
    for entry in entries:
        missing = [k for k in ("check", "owner", "reason", "until") if not entry.get(k)]
        if missing:
            raise ContractError(f"{where}: an exemption needs {', '.join(missing)}")
    return tuple(Exemption(e["check"], e["owner"], e["reason"], day(e["until"])) for e in entries)


def erase_after(where: str, node: Any, fields: tuple[Field, ...]) -> tuple[str, int] | None:
    """The column and the days of an erasure that the contract asks for."""
    if node is None:
        return None
    moments = [f.name for f in fields if f.logical in ("date", "timestamp") and f.landed_name]
    if node["column"] not in moments:
        raise ContractError(f"{where}: erase_after needs a landed day or moment")
    return str(node["column"]), int(node["days"])
