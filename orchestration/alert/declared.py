"""What people declare: who is told and how, when nothing is sent, and the few numbers.

Three CSV files. Ours lie beside this module; a file of the same name in the folder that
`FENGQIAO_ALERTS` names, else in the city's `alerts/`, goes before ours.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from ingestion import city
from ingestion.clock import parse
from ingestion.contract import load_all
from orchestration.alert.cause import PLATFORM, Alert
from orchestration.brief.recipients import ADDRESS

VARIABLE = "FENGQIAO_ALERTS"
OURS = Path(__file__).parent
ROUTES = ("office_code", "office", "channel", "address")
SILENCES = ("what", "from", "until", "reason", "by")
SETTINGS = ("name", "value", "meaning")
CHANNELS = ("mail", "dingtalk", "wecom")
ANYBODY = "*"  # the office of a route for those that have none
_SECRET_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


class BadDeclaration(ValueError):
    """A declared file cannot be used; the text names the line and what is wrong."""


@dataclass(frozen=True)
class Route:
    """An office and a way to it: an address of the office, or the name of a robot's secret."""

    office_code: str
    office: str
    channel: str
    address: str

    @property
    def name(self) -> str:
        """How the state on disk calls it."""
        return f"{self.channel}|{self.address}"


@dataclass(frozen=True)
class Silence:
    """From when until when nothing is sent of an office or a feed, why, and by whose decision."""

    what: str
    since: datetime
    until: datetime
    reason: str
    by: str

    def covers(self, alert: Alert, as_of: datetime) -> bool:
        """Whether it keeps the alert back at that moment."""
        meant = self.what in (alert.office, f"feed:{alert.feed}", ANYBODY)
        return meant and self.since <= as_of < self.until


@dataclass(frozen=True)
class Settings:
    """The numbers of `settings.csv`; what each means stands there."""

    repeat_hours: float
    list_from: int
    window_days: int
    exemption_days: int
    calendar_days: int
    release_hours: float
    disk_least_gib: float
    pages_address: str


def _read(name: str, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """(where it stands, the line) of a declared file. Raises `BadDeclaration`."""
    own = os.environ.get(VARIABLE) or str(city.own("alerts") or "")
    if own and not Path(own).is_dir():
        raise BadDeclaration(f"{own}: no such folder ({VARIABLE})")
    file = Path(own) / name if own and (Path(own) / name).exists() else OURS / name
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        if tuple(reader.fieldnames or ()) != columns:
            raise BadDeclaration(f"{file.name}: the columns must be {', '.join(columns)}")
        for number, line in enumerate(reader, start=2):
            where = f"{file.name} line {number}"
            if any(not (line[c] or "").strip() for c in columns):
                raise BadDeclaration(f"{where}: a cell is empty")
            yield where, {c: line[c].strip() for c in columns}


def routes() -> list[Route]:
    """The declared ways, in order."""
    found = []
    for where, line in _read("routes.csv", ROUTES):
        if line["channel"] not in CHANNELS:
            raise BadDeclaration(f"{where}: {line['channel']} is none of {', '.join(CHANNELS)}")
        form = ADDRESS if line["channel"] == "mail" else _SECRET_NAME
        # A robot's address is a secret in itself: only the name of its file stands here.
        if not form.fullmatch(line["address"]):
            raise BadDeclaration(f"{where}: {line['channel']} cannot have that address")
        found.append(Route(**line))
    if twice := [r for n, r in enumerate(found) if r in found[:n]]:
        raise BadDeclaration(f"routes.csv: {twice[0].name} stands twice")
    if not any(r.office_code == ANYBODY for r in found):
        raise BadDeclaration(f"routes.csv: no way for `{ANYBODY}`, whoever has none of its own")
    return found


def ways_to(office: str, known: list[Route]) -> list[Route]:
    """The ways to an office; those of `*` for an office that has none."""
    return [r for r in known if r.office_code == office] or [
        r for r in known if r.office_code == ANYBODY
    ]


def silences() -> list[Silence]:
    """The declared windows; a name that nothing bears is an error, or it would silence nothing."""
    contracts = load_all()
    known = {PLATFORM, ANYBODY, *(f"feed:{c}" for c in contracts)}
    known |= {c.owner_org_code for c in contracts.values() if c.owner_org_code}
    found = []
    for where, line in _read("silences.csv", SILENCES):
        if line["what"] not in known:
            raise BadDeclaration(f"{where}: {line['what']} is no office of a feed and no feed:CODE")
        try:
            since, until = parse(line["from"]), parse(line["until"])
        except ValueError as error:
            raise BadDeclaration(f"{where}: write moments as 2026-10-31T08:00") from error
        if until <= since:
            raise BadDeclaration(f"{where}: it ends before it begins")
        found.append(Silence(line["what"], since, until, line["reason"], line["by"]))
    return found


def settings() -> Settings:
    """The declared numbers; each must be there, none may be unknown."""
    given = {
        line["name"]: (where, line["value"]) for where, line in _read("settings.csv", SETTINGS)
    }
    wanted = {f.name: f.type for f in fields(Settings)}
    if wrong := wanted.keys() ^ given.keys():
        raise BadDeclaration(f"settings.csv: {', '.join(sorted(wrong))} is missing or unknown")
    made: dict[str, float | int | str] = {}
    for name, (where, value) in given.items():
        try:
            made[name] = {"int": int, "float": float, "str": str}[str(wanted[name])](value)
        except ValueError as error:
            raise BadDeclaration(f"{where}: {value} is no number") from error
    return Settings(**made)  # type: ignore[arg-type]
