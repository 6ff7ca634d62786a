"""A plugin of dbt-duckdb: its connection can read the lake wherever that lies.

Named in `dbt_project/profiles.yml`. A secret written there would be one that dbt may print.
"""

from __future__ import annotations

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from ingestion import places


class Plugin(BasePlugin):  # type: ignore[misc]
    """Called by dbt-duckdb for each database it opens."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Before the first model."""
        places.lake().let_in(conn)
