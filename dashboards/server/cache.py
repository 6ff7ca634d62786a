"""A file cache whose keys carry the identity of the published page file."""

from __future__ import annotations

from typing import Any

from cachelib.file import FileSystemCache
from flask import Flask

from dashboards.server import paths


class PageFileCache(FileSystemCache):  # type: ignore[misc]
    """Every key is prefixed with the inode and change time of `pages.duckdb`.

    Publishing renames a new file into place, so old results are never found again; the
    threshold of the cache removes them from disk.
    """

    def _get_filename(self, key: str) -> str:
        try:
            status = paths.pages_file().stat()
            release = f"{status.st_ino}-{status.st_mtime_ns}"
        except FileNotFoundError:
            release = "none"
        return str(super()._get_filename(f"{release}/{key}"))


def by_page_file(
    app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
) -> PageFileCache:
    """Factory in the form Flask-Caching calls."""
    return PageFileCache(
        config["CACHE_DIR"],
        threshold=config["CACHE_THRESHOLD"],
        default_timeout=config["CACHE_DEFAULT_TIMEOUT"],
    )
