"""One store for the folder; every test has a prefix of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.object_store.weed import Weed


@pytest.fixture(scope="session")
def weed() -> Iterator[Weed]:
    """The store, up; a test that stops it starts it again."""
    # Sockets lie in it, whose paths may not be longer than about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="fq-"))
    store = Weed(folder)
    try:
        store.start()
        yield store
    finally:
        store.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def prefix() -> str:
    """Where this test's lake lies in the bucket."""
    return f"cities/{uuid4().hex[:8]}"


@pytest.fixture
def on_store(weed: Weed, prefix: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home whose lake lies on the store."""
    weed.point(monkeypatch, prefix)
    return home
