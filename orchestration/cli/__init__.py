"""The command line `fengqiao`. Commands say what they did; `--json` says it to programs."""

from orchestration.cli.main import main

__all__ = ["main"]
