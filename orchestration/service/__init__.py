"""Long-running parts on loopback: the agencies' API, Dagster, Superset. See README.md."""
