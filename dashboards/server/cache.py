"""A file cache whose keys carry the identity of the published page file."""

from __future__ import annotations

import os
from typing import Any

from cachelib.file import FileSystemCache
from flask import Flask

from dashboards.server import paths

# Which page file each worker saw first, by process: workers are forked after this was imported.
_first: dict[int, str] = {}


def release() -> str:
    """The identity of the page file that is in place now."""
    try:
        status = paths.pages_file().stat()
    except FileNotFoundError:
        return "none"
    return f"{status.st_ino}-{status.st_mtime_ns}"


def is_current() -> bool:
    """Whether this worker began with the page file that is in place now.

    DuckDB may hand out the old file to a worker that was reading it when the new one came; until
    such a worker has been replaced, its rows must not be kept under the new file's name.
    """
    now = release()
    return _first.setdefault(os.getpid(), now) == now


class PageFileCache(FileSystemCache):  # type: ignore[misc]
    """Every key is prefixed with the inode and change time of `pages.duckdb`.

    Publishing renames a new file into place, so old results are never found again; the
    threshold of the cache removes them from disk.
    """

    def _get_filename(self, key: str) -> str:
        # The number of files is that of all of them: one count, whatever page file they belong to.
        whole = key if key == self._fs_count_file else f"{release()}/{key}"
        return str(super()._get_filename(whole))

    def set(self, key: str, value: Any, *args: Any, **options: Any) -> bool | None:
        """Keep a value, unless this worker may have read it from the file before."""
        return super().set(key, value, *args, **options) if is_current() else False


def by_page_file(
    app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
) -> PageFileCache:
    """Factory in the form Flask-Caching calls."""
    return PageFileCache(
        config["CACHE_DIR"],
        threshold=config["CACHE_THRESHOLD"],
        default_timeout=config["CACHE_DEFAULT_TIMEOUT"],
    )
