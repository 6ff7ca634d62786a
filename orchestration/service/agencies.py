"""The simulated agencies' API, for the demonstration city only."""

from __future__ import annotations

import os
import sys

from orchestration.service import processes

NAME, MARK = "agencies", "simulation.agency_api"


def port() -> int:
    return int(os.environ.get("FENGQIAO_AGENCY_PORT", "8099"))


def address() -> str:
    return f"http://127.0.0.1:{port()}"


def start() -> bool:
    """Start the API on loopback; True when started here."""
    if processes.running(NAME, MARK) is None:
        processes.require_free(port(), "FENGQIAO_AGENCY_PORT")
    command = [sys.executable, "-m", MARK, "--port", str(port())]
    return processes.start(NAME, command, MARK, f"{address()}/oauth/token")


def stop() -> bool:
    return processes.stop(NAME, MARK)
