"""A data home with West Yorkshire delivered and computed once, by the command line itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "simulation" / "samples"
AS_OF = "2026-10-31T09:00:00"
Command = Callable[..., subprocess.CompletedProcess[str]]


def environment(folder: Path) -> dict[str, str]:
    """A process environment that points every place under `folder`."""
    return {
        **os.environ,
        "FENGQIAO_HOME": str(folder / "data"),
        "FENGQIAO_SECRETS": str(folder / "secrets"),
        "FENGQIAO_AGENCIES": str(folder / "agencies"),
        "FENGQIAO_AS_OF": AS_OF,
    }


def command_in(folder: Path) -> Command:
    """`fengqiao` as a user runs it, in a process of its own."""
    executable = Path(sys.executable).with_name("fengqiao")

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(executable), *words],
            env={**environment(folder), **more},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def lay_down(folder: Path, *names: str) -> None:
    """Put sample files into West Yorkshire's inbox."""
    inbox = folder / "data" / "inbox" / "UK01"
    inbox.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(SAMPLES / name, inbox / name)


_computed: list[Path] = []


@pytest.fixture(scope="session")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a home after one whole run, once for all folders that import it. Tests only
    read it, or run again what changes nothing."""
    if not _computed:
        _computed.append(compute(tmp_path_factory))
    return _computed[0]


def compute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deliver West Yorkshire's samples to a new home and compute it."""
    folder = tmp_path_factory.mktemp("computed")
    names = [p.name for p in SAMPLES.glob("*.csv")]
    lay_down(folder, *names)
    done = command_in(folder)("run")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
