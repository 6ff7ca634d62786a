"""The day's job as plain functions; Dagster and the command line both call these."""
