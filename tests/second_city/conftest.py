"""The wheel, built here and installed beside the pipeline's libraries; nothing of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.second_city import lishui

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("ingestion", "quality", "dashboards", "orchestration", "simulation", "dbt_project")
FILES = ("pyproject.toml", "README.md", "LICENSE")
UV = str(Path(sys.prefix) / "bin" / "uv")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, the file of what it opened of the checkout, a folder."""

    python: Path
    log: Path
    folder: Path

    def run(self, *words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """`fengqiao WORDS` in the folder; fails unless it exits with `code` (None: anyhow)."""
        return self.call([str(self.python.with_name("fengqiao")), *words], code)

    def call(self, command: list[str], code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Any command in the folder, watched."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True
        )
        if code is not None:
            assert done.returncode == code, (command, done.stdout[-3000:], done.stderr[-3000:])
        return done

    def environment(self) -> dict[str, str]:
        """Nothing of this process's own, so that no variable leads back to the checkout."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.log.parent),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "FENGQIAO_AS_OF": lishui.AS_OF.isoformat(),
            "WATCHED_CHECKOUT": str(CHECKOUT),
            "WATCHED_LOG": str(self.log),
        }

    def inside(self, name: str) -> Installed:
        """The same, in a folder of the folder."""
        return Installed(self.python, self.log, self.folder / name)


def _leave_out(_: str, names: list[str]) -> list[str]:
    return [n for n in names if n in ("__pycache__", "target", "logs")]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build writes into its source."""
    source = tmp_path_factory.mktemp("source")
    for part in (*PARTS, "requirements"):
        shutil.copytree(CHECKOUT / part, source / part, ignore=_leave_out)
    for file in FILES:
        shutil.copy(CHECKOUT / file, source)
    subprocess.run(
        [UV, "build", "-q", "--offline", "--wheel", "--no-build-isolation", "--python",
         sys.executable, "-o", str(source / "dist"), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A throw-away environment with the wheel; the pinned libraries are lent by a path file.

    A folder named in a path file has its own path files left alone, so the checkout, which the
    pipeline's environment has installed as editable, is not found through it.
    """
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [UV, "pip", "install", "-q", "--offline", "--no-deps", "--python", python, wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    packages = next((environment / "lib").glob("python*")) / "site-packages"
    (packages / "libraries.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    shutil.copy(Path(__file__).with_name("watch.py"), packages / "sitecustomize.py")
    work = folder / "work"
    work.mkdir()
    return Installed(python, folder / "opened.txt", work)


@pytest.fixture(scope="session")
def opened(installed: Installed) -> Callable[[], list[str]]:
    """What of the checkout was opened so far."""
    return lambda: installed.log.read_text().splitlines() if installed.log.exists() else []
