"""Publish: the page tables as one fresh DuckDB file, renamed into place."""

from orchestration.publish.publish import Published, PublishError, mark, publish

__all__ = ["PublishError", "Published", "mark", "publish"]
