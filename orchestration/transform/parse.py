"""`python -m orchestration.transform.parse`: the dbt project parses; CI calls it."""

from __future__ import annotations

from ingestion import clock
from orchestration.transform.run import run_dbt


def main() -> None:
    """Parse for DuckDB; raises with dbt's message when the project is broken."""
    run_dbt(clock.as_of(), command="parse")


if __name__ == "__main__":
    main()
