"""Weekly care of the lake: small files become large ones, the log gets a checkpoint.

Compaction changes no row; files that no version of the last seven days needs are deleted, so
that what was removed is provably gone (CONFIGURATION in tables.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.lake import files
from ingestion.lake.commit import WRITER
from ingestion.lake.tables import exists, opened
from ingestion.lake.views import everything

KEEP_HOURS = 7 * 24


@dataclass(frozen=True)
class Care:
    """What was done to one table."""

    table: str
    files_before: int
    files_after: int
    files_deleted: int


def maintain() -> list[Care]:
    """Compact, checkpoint and clean every table that exists."""
    done = []
    for name, stored in everything().items():
        if not exists(stored.path):
            continue
        table = opened(stored.path)
        before, version = len(table.file_uris()), table.version()
        table.optimize.compact(writer_properties=WRITER)
        files.settle_commits(table, version, data=True)
        deleted = table.vacuum(retention_hours=KEEP_HOURS, dry_run=False)
        table.create_checkpoint()
        table.cleanup_metadata()
        done.append(Care(name, before, len(table.file_uris()), len(deleted)))
    return done
