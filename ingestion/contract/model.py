"""What a contract says, as values. Nothing here reads a file or a clock.

Source of the form: Open Data Contract Standard v3.1; the keys under `customProperties` are
ours and are listed in docs/contracts.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

# What happens to a column of each class before the first durable write (pii_masking, DP-02).
DROPPED = frozenset({"NAME", "ID", "ADDR", "FREE", "BANK", "PLATE", "PERSONAL"})
TOKENISED = frozenset({"IDT", "STAFF", "CASE"})
PRESENCE_ONLY = frozenset({"PHONE"})
BANDED = frozenset({"BIRTH"})  # a date of birth becomes an age band
# Kept, but only in the L4 zone of their domain: the contract must name that zone (decision 7).
ZONED = frozenset({"HEALTH", "MINOR"})
CLASSES = DROPPED | TOKENISED | PRESENCE_ONLY | BANDED | ZONED | {"none"}
ZONES = ("health", "minors")
# What a column of the delivery says about the row instead of about the matter; never landed.
TRANSPORT = ("version", "operation")


@dataclass(frozen=True)
class Alias:
    """Another header under which a source sends the column, perhaps in another unit."""

    source: str
    unit: str | None = None


@dataclass(frozen=True)
class Field:
    """One column of a feed: as the agency sends it (`source`) and as the lake keeps it."""

    name: str
    label: str  # Chinese
    source: str  # header or JSON key in the delivery
    description: str
    logical: str  # ODCS logicalType
    physical: str  # e.g. string(32), decimal(18,2), int32, double
    required: bool
    key_position: int | None
    level: str  # L1..L4, DB33/T 2351
    pii: str
    unit: str | None = None
    code_table: str | None = None
    date_forms: tuple[str, ...] = ("iso",)
    null_values: tuple[str, ...] = ()  # words the agency writes where there is no value
    references: str | None = None
    partition: bool = False
    source_unit: str | None = None  # the unit it is sent in, where that is not `unit`
    aliases: tuple[Alias, ...] = ()
    checksum: str | None = None  # GB 32100 | GB 11643
    token: bool = False  # a zoned column whose value is tokenised once more
    filled_later: bool = False  # a state reached later: empty at first by nature
    transport: str | None = None
    delete_values: tuple[str, ...] = ()  # of an operation column: the row is a tombstone
    presence_as: str | None = None  # a dropped column that lands as whether it was filled

    @property
    def presence_only(self) -> bool:
        """Whether the lake keeps only that there was a value."""
        return self.pii in PRESENCE_ONLY or self.presence_as is not None

    @property
    def landed_name(self) -> str | None:
        """The column's name in the lake; None when the column is dropped at the door."""
        if self.transport:
            return None
        if self.presence_only:
            return self.presence_as or f"has_{self.name}"
        if self.pii in BANDED:
            return f"{self.name}_age_band"
        return None if self.pii in DROPPED else self.name

    @property
    def personal(self) -> bool:
        return self.pii != "none"


@dataclass(frozen=True)
class RowRule:
    """A rule over the columns of one row, in polars' SQL; true or null means kept."""

    name: str
    expression: str
    severity: str  # error: the row is quarantined; warning: it is marked
    reason: str


@dataclass(frozen=True)
class Exemption:
    """A table's check whose failure is borne until a day, by whom and why."""

    check: str
    owner: str
    reason: str
    until: date


@dataclass(frozen=True)
class Due:
    """A regime of the delivery calendar: from a day on, one delivery per period."""

    since: date
    period: str  # day | week | month | quarter | year
    due: str  # "+1d 08:00": days after the period's end, local time


@dataclass(frozen=True)
class Server:
    """Where the feed comes from, as the contract declares it."""

    type: str  # local | s3 | sftp | api | kafka | custom (with `connector: sql`)
    format: str  # csv | xlsx | json
    location: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Which connector reads it: inbox, reference, s3, sftp, api, kafka or sql."""
        if self.type == "custom":
            return str(self.options["connector"])
        if self.type == "local":
            return str(self.options.get("connector", "inbox"))
        return self.type


@dataclass(frozen=True)
class DuePeriod:
    """One delivery that the calendar expects: dates inclusive, `due` aware local time."""

    period_start: date
    period_end: date
    due: datetime


@dataclass(frozen=True, eq=False)  # one object per file version: identity is equality
class Contract:
    """A feed, declared once."""

    code: str  # P44; the id carries the kind: feed:P44
    version: str
    name: str  # Chinese
    table: str
    grain: str
    purpose: str
    usage: str
    limitations: str
    domain: str
    owner: str
    tags: tuple[str, ...]
    server: Server
    fields: tuple[Field, ...]
    row_rules: tuple[RowRule, ...]
    table_rules: tuple[dict[str, Any], ...]
    calendar: tuple[Due, ...]
    duplicate_policy: str  # latest | none | append
    version_field: str | None
    level_raw: str
    level_landed: str
    legal_basis: str
    archive_days: int
    retention_days: int
    owner_org_code: str | None
    region_code: str | None
    serve: bool
    path: str
    zone: str | None = None  # health | minors: an L4 zone with its own lake
    history: bool = False  # every version is kept beside the newest (slowly changing dimension)
    snapshot: str | None = None  # all | period: a delivery is the whole state of that scope
    # A closed matter is kept so many days after this column, however long the retention.
    erase_after: tuple[str, int] | None = None
    expected_rows_per_day: float | None = None
    exemptions: tuple[Exemption, ...] = ()
    senders: tuple[str, ...] = ()  # codes of the agencies that each send a delivery per period
    also: tuple[Server, ...] = ()  # other ways in, on which nothing is due

    @cached_property
    def ways(self) -> tuple[Contract, ...]:
        """The feed as each of its ways in sees it; the first is the one the calendar speaks of.

        What comes another way (the workbooks of towns that have no terminal) comes from senders of
        its own and counts for their region, so that it never stands for a delivery that is owed.
        """
        return (self, *(self._by(server) for server in self.also))

    def _by(self, server: Server) -> Contract:
        return replace(
            self,
            server=server,
            also=(),
            calendar=(),
            senders=tuple(str(s) for s in server.options.get("senders", ())),
            region_code=server.options["region_code"],
        )

    def sent_by(self, sender: str) -> Contract:
        """The feed as the way in sees it that this sender uses."""
        return next((way for way in self.ways[1:] if sender in way.senders), self)

    @property
    def formats(self) -> tuple[str, ...]:
        """What it comes as: csv, xlsx, json."""
        return tuple(dict.fromkeys(way.server.format for way in self.ways))

    @property
    def key(self) -> tuple[str, ...]:
        keyed = [f for f in self.fields if f.key_position is not None]
        return tuple(f.name for f in sorted(keyed, key=lambda f: f.key_position or 0))

    @property
    def partition_field(self) -> str | None:
        return next((f.name for f in self.fields if f.partition), None)

    @property
    def operation(self) -> Field | None:
        """The transport column that says whether a row is a tombstone."""
        return next((f for f in self.fields if f.transport == "operation"), None)

    @property
    def is_stream(self) -> bool:
        return self.server.type == "kafka"

    @property
    def landed(self) -> tuple[Field, ...]:
        """The fields that reach the lake."""
        return tuple(f for f in self.fields if f.landed_name is not None)

    @property
    def frequency(self) -> str:
        """daily, weekly, monthly by the calendar in force last; on demand without one."""
        names = {
            "day": "daily",
            "week": "weekly",
            "month": "monthly",
            "quarter": "quarterly",
            "year": "yearly",
        }
        return names[self.calendar[-1].period] if self.calendar else "on demand"

    @property
    def is_category(self) -> bool:
        """One of the 48 categories of the seven business systems (P01..P48)."""
        return self.code.startswith("P")
