"""Delta Lake through delta-rs: tables, exactly-once commits, snapshots. See README.md."""

from ingestion.lake.logs import append_log, restate_log
from ingestion.lake.views import register

__all__ = ["append_log", "register", "restate_log"]
