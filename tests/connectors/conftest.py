"""The counterparts, started once for the session when a test first asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors import servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Database]:
    with servers.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[servers.Database]:
    with servers.mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def seaweed() -> Iterator[str]:
    with servers.seaweed() as address:
        yield address


@pytest.fixture(scope="session")
def sshd() -> Iterator[servers.Sftp]:
    with servers.sshd() as server:
        yield server
