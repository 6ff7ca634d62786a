"""Promises of the command line, of Dagster and of the services."""
