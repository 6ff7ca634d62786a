"""The simulated agencies' API, database and streams, for the demonstration city only."""

from __future__ import annotations

import os
import sys

from ingestion import places
from orchestration.service import processes

NAME, MARK = "agencies", "simulation.agency_api"


def port() -> int:
    return int(os.environ.get("FENGQIAO_AGENCY_PORT", "8099"))


def address() -> str:
    return f"http://127.0.0.1:{port()}"


def database() -> str:
    """The agencies' database; the connector opens it read-only."""
    return f"sqlite:///{places.agencies().resolve() / 'db' / 'agency.sqlite'}"


def streams() -> str:
    """The recorded streams, which stand for the agencies' broker."""
    return (places.agencies().resolve() / "streams").as_uri()


def start() -> bool:
    """Start the API on loopback; True when started here."""
    if processes.running(NAME, MARK) is None:
        processes.require_free(port(), "FENGQIAO_AGENCY_PORT")
    command = [sys.executable, "-m", MARK, "--port", str(port())]
    return processes.start(NAME, command, MARK, f"{address()}/oauth/token")


def stop() -> bool:
    return processes.stop(NAME, MARK)
