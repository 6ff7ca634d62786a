"""Superset's places and secrets, readable from both environments (standard library only)."""

from __future__ import annotations

import os
import secrets as random_secrets
import sys
from pathlib import Path

from ingestion import places

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES_FILE_NAME = "pages.duckdb"


def superset_python() -> Path:
    """The interpreter of Superset's own environment (`FENGQIAO_SUPERSET_PYTHON`)."""
    # In the checkout, else beside the environment this runs in (`pipeline` and `superset`).
    ours = REPOSITORY / ".venv" / "superset"
    default = (ours if ours.exists() else Path(sys.prefix).with_name("superset")) / "bin" / "python"
    # No resolve(): following the link would leave the virtual environment.
    return Path(os.environ.get("FENGQIAO_SUPERSET_PYTHON", default)).absolute()


def code_folder() -> Path:
    """What Superset's Python finds our packages in: the checkout, else a folder of links.

    Beside an installed package lie the pipeline's libraries, which are not Superset's.
    """
    if (REPOSITORY / "pyproject.toml").exists():
        return REPOSITORY
    folder = _made(superset_home() / "code")
    for name in ("ingestion", "dashboards"):
        link = folder / name
        if not link.is_symlink() or link.readlink() != REPOSITORY / name:
            link.unlink(missing_ok=True)
            link.symlink_to(REPOSITORY / name)
    return folder


def port() -> int:
    """The loopback port of Superset (`FENGQIAO_SUPERSET_PORT`, default 8088)."""
    return int(os.environ.get("FENGQIAO_SUPERSET_PORT", "8088"))


def address() -> str:
    """The address of Superset for this machine's own programs and browser."""
    return f"http://127.0.0.1:{port()}"


def superset_home() -> Path:
    """Metadata, caches and logs of Superset."""
    return _made(places.ops() / "superset")


def metadata_file() -> Path:
    """Superset's SQLite metadata."""
    return superset_home() / "superset.db"


def cache_folder() -> Path:
    """File caches, shared between the workers."""
    return _made(superset_home() / "cache")


def pages_file() -> Path:
    """The one file all pages read."""
    return places.serving() / PAGES_FILE_NAME


def bench_file(name: str) -> Path:
    """The file of one SQL Lab audience, by the name of its database entry."""
    return places.serving() / f"{name}.duckdb"


def pid_file() -> Path:
    """The process id of gunicorn's master."""
    return _made(places.ops()) / "superset.pid"


def warming_pid_file() -> Path:
    """The process id of the program that makes answers ready."""
    return _made(places.ops()) / "superset-warm.pid"


def log_file() -> Path:
    """What gunicorn and Superset say."""
    return _made(places.ops() / "logs") / "superset.log"


def logins_file() -> Path:
    """The generated logins: `login,password,role`, one a line."""
    return _secret_folder() / "superset_logins.csv"


def secret_key() -> str:
    """Superset's SECRET_KEY, generated once (it signs sessions and seals stored passwords)."""
    return keep_secret(_secret_folder() / "superset_secret_key", random_secrets.token_urlsafe(48))


def keep_secret(path: Path, fresh: str) -> str:
    """The content of `path`; when it does not exist, `fresh` is written there first, 0600."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(fresh + "\n")
    return fresh


def _secret_folder() -> Path:
    folder = places.secrets()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
