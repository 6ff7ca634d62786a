"""The SSH server of the connectors' tests, for attacks through it."""

from __future__ import annotations

from tests.connectors.conftest import sshd

__all__ = ["sshd"]
