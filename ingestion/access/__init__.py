"""The access log: what every room calls when data of ours is looked at, or leaves."""

from __future__ import annotations

from ingestion.access.book import ACCESS, PROVISION, Book, NotLogged, folder
from ingestion.access.record import Access, Entry, Line
from ingestion.access.redact import redacted
from ingestion.access.who import Who, somebody_here

__all__ = [
    "ACCESS",
    "PROVISION",
    "Access",
    "Book",
    "Entry",
    "Line",
    "NotLogged",
    "Who",
    "folder",
    "note",
    "provide",
    "redacted",
    "somebody_here",
]


def note(access: Access) -> Entry:
    """Write that data was looked at; raises `NotLogged`, and then nothing may be shown."""
    return ACCESS.append(access)


def provide(access: Access) -> Entry:
    """Write that data left (export, snapshot); kept three years (网络数据安全管理条例 第12条)."""
    return PROVISION.append(access)
