"""Where things lie: each place is a noun of the architecture, named once.

All places are read from the environment on every call, so a test or a second city can
move the whole data home without touching code.
"""

from __future__ import annotations

import os
from pathlib import Path

from ingestion.store import Location, OnDisk, in_bucket

CITY_FILE = "city.yaml"


def city() -> Path | None:
    """The directory of the city: `FENGQIAO_CITY`, else this folder if it holds `city.yaml`.

    None is the demonstration city, whose files are the product's own.
    """
    named = os.environ.get("FENGQIAO_CITY")
    folder = Path(named).expanduser().resolve() if named else Path.cwd()
    return folder if named or (folder / CITY_FILE).is_file() else None


def _from_environment(variable: str, default: str) -> Path:
    named = os.environ.get(variable)
    return (Path(named).expanduser() if named else (city() or Path()) / default).resolve()


def home() -> Path:
    """The data home of one city (`FENGQIAO_HOME`)."""
    return _from_environment("FENGQIAO_HOME", "data")


def agencies() -> Path:
    """Where the simulated agencies live, outside the data home (`FENGQIAO_AGENCIES`)."""
    return _from_environment("FENGQIAO_AGENCIES", "agencies")


def secrets() -> Path:
    """Generated keys and logins (`FENGQIAO_SECRETS`): never inside the data home or a back-up."""
    return _from_environment("FENGQIAO_SECRETS", ".secrets")


def inbox() -> Path:
    """Delivered files that wait for their receipt, one folder per feed."""
    return home() / "inbox"


def outbox() -> Path:
    """Receipts and workbooks of refused rows for the agencies (encrypted to them)."""
    return home() / "outbox"


def archive() -> Path:
    """What was received, encrypted: the only durable place of raw personal data."""
    return home() / "archive"


def lake() -> Location:
    """Delta tables, `lake/<layer>/<table>`: in the home, or where `FENGQIAO_LAKE` says."""
    named = os.environ.get("FENGQIAO_LAKE")
    return in_bucket(named) if named else OnDisk(home() / "lake")


def lake_l4(zone: str) -> Location:
    """The lake of one L4 zone (health, minors), apart from everything else (decision 7)."""
    return beside(lake()) / zone


def beside(one: Location) -> Location:
    """Where the L4 zones of a lake lie."""
    return one.with_name(f"{one.name}-l4")


def lakes_elsewhere() -> dict[str, Location]:
    """Lake and zones by their names in a home, if they lie outside it."""
    both = {"lake": lake(), "lake-l4": beside(lake())}
    return {name: place for name, place in both.items() if not isinstance(place, Path)}


def build() -> Path:
    """The private DuckDB file of the dbt run, and dbt's target folder."""
    return home() / "build"


def serving() -> Path:
    """The DuckDB files that Superset reads."""
    return home() / "serving"


def docs() -> Path:
    """Data Docs and the dictionary, generated."""
    return home() / "docs"


def ops() -> Path:
    """Dagster home, Superset home, logs, pid files."""
    return home() / "ops"


def environment() -> dict[str, str]:
    """The places as absolute paths, for a process of ours that works in another folder."""
    return {
        "FENGQIAO_HOME": str(home()),
        "FENGQIAO_AGENCIES": str(agencies()),
        "FENGQIAO_SECRETS": str(secrets()),
        **({"FENGQIAO_CITY": str(folder)} if (folder := city()) else {}),
    }
