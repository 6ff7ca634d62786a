"""Superset's places and secrets, readable from both environments (standard library only)."""

from __future__ import annotations

import os
import secrets as random_secrets
from pathlib import Path

from ingestion import places

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES_FILE_NAME = "pages.duckdb"


def superset_python() -> Path:
    """The interpreter of Superset's own environment (`FENGQIAO_SUPERSET_PYTHON`)."""
    default = REPOSITORY / ".venv" / "superset" / "bin" / "python"
    # No resolve(): following the link would leave the virtual environment.
    return Path(os.environ.get("FENGQIAO_SUPERSET_PYTHON", default)).absolute()


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
