"""Superset: its configuration, first initialisation, start and stop."""
