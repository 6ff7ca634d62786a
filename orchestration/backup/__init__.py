"""Back-up and restore of a data home: encrypted, each content once, whole or not there."""

from orchestration.backup.restore import restore
from orchestration.backup.snapshot import snapshot
from orchestration.backup.store import BackupError, Entry, Snapshot, snapshots

__all__ = ["BackupError", "Entry", "Snapshot", "restore", "snapshot", "snapshots"]
