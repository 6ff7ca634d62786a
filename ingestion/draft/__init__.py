"""Contracts proposed from what agencies send: a first draft, and patches when a feed drifts."""

from ingestion.draft.compose import draft

__all__ = ["draft"]
