"""Where the lake lies: a folder of this machine, or a prefix of an S3-compatible store.

Both know the same few things (`Location`), so that no other module asks which of them it has. What
is in the lake is read and written by delta-rs, polars and DuckDB, which take a location as text;
small questions to a store go through pyarrow.

No library of the lake is imported before it is needed: Superset's environment reads `places`, too.
"""

from __future__ import annotations

from ingestion.store.bucket import InBucket
from ingestion.store.bucket import location as in_bucket
from ingestion.store.disk import OnDisk
from ingestion.store.location import Location, Misplaced, Seen, Written, in_one_line

__all__ = [
    "InBucket",
    "Location",
    "Misplaced",
    "OnDisk",
    "Seen",
    "Written",
    "in_bucket",
    "in_one_line",
    "of",
]


def of(uri: str) -> Location:
    """The location of a table by what delta-rs calls it."""
    if uri.startswith(InBucket.scheme):
        return in_bucket(uri)
    return OnDisk(uri.removeprefix("file://"))
