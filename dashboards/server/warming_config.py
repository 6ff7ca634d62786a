"""Superset's configuration for the program that makes answers ready (warming.py).

Beside the server, with its configuration, but nobody works in it: no line in the action log, no
results kept a second time beside the answers, and what the server keeps goes on being kept.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from superset.utils.log import AbstractEventLogger

from dashboards.server.application import install
from dashboards.server.superset_config import *  # noqa: F403


class _Silent(AbstractEventLogger):  # type: ignore[misc]
    """No person did anything."""

    def log(self, *args: Any, **details: Any) -> None:
        """Nothing to write."""


EVENT_LOGGER = _Silent()
# Superset warns at every step that nobody is no user of the metadata; errors are still said.
LOG_LEVEL = "ERROR"
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
FLASK_APP_MUTATOR = partial(install, serves=False)
