"""A cause that somebody must act on, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Worst first. critical: the platform stands still; error: numbers are missing or wrong;
# warning: nothing is wrong yet, or what came came late.
SEVERITIES = ("critical", "error", "warning")
PLATFORM = "platform"  # the office of what no agency can mend


@dataclass(frozen=True)
class Alert:
    """One cause, however much follows from it.

    `facts` hold feed, file, rule and counts, never a value of a row or a person's name.
    """

    key: str  # names the cause: missing:P44
    severity: str
    office: str  # code of the office that answers for it, or `platform`
    title: str
    facts: tuple[str, ...]
    todo: str
    feed: str | None = None

    @property
    def kind(self) -> str:
        """What kind of cause it is: missing, refused, late, check …"""
        return self.key.partition(":")[0]

    def to_json(self) -> dict[str, Any]:
        """As plain values, for the state on disk and for programs."""
        return {**vars(self), "facts": list(self.facts)}


def from_json(values: dict[str, Any]) -> Alert:
    """The cause that `to_json` wrote."""
    return Alert(**{**values, "facts": tuple(values["facts"])})
