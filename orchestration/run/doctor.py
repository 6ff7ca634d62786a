"""`fengqiao doctor`: what this machine and this home lack, one line each."""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass

from ingestion import keys, places
from ingestion.city import CityError, documents
from ingestion.contract import ContractError, load_all
from ingestion.generate.write import drift
from ingestion.store import Misplaced
from orchestration.generate import release_calendar

LEAST_DISK_BYTES = 3 << 30


@dataclass(frozen=True)
class Finding:
    """One check of the machine or the home."""

    name: str
    ok: bool
    text: str


def _disk() -> Finding:
    places.home().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(places.home()).free
    return Finding(
        "disk", free > LEAST_DISK_BYTES, f"{free / 2**30:.1f} GiB free at {places.home()}"
    )


def _lake() -> Finding:
    try:
        return Finding("lake", True, places.lake().reach())
    except (OSError, Misplaced) as error:
        return Finding("lake", False, str(error))


def _commits() -> Finding:
    try:
        return Finding("lake commits", True, places.lake().keeps_commits())
    except (OSError, Misplaced) as error:
        return Finding("lake commits", False, str(error))


def _contracts() -> Finding:
    try:
        return Finding("contracts", True, f"{len(load_all())} contracts load")
    except (ContractError, CityError) as error:
        return Finding("contracts", False, str(error))


def _generated() -> Finding:
    if not documents().exists():
        return Finding("generated files", True, "come with the installed product")
    stale = drift(release_calendar.files())
    return Finding("generated files", not stale, ", ".join(stale) or "follow from the contracts")


def _secrets() -> Finding:
    folder = places.secrets()
    if places.home() in folder.parents or folder == places.home():
        return Finding("secrets", False, f"{folder} lies inside the data home")
    if not folder.exists():
        return Finding("secrets", True, f"{folder} will be made on first use")
    files = [p for p in folder.rglob("*") if p.is_file()]
    open_ones = [p.name for p in files if stat.S_IMODE(p.stat().st_mode) & 0o077]
    return Finding(
        "secrets",
        not open_ones,
        f"readable by others: {open_ones}" if open_ones else f"{len(files)} files, 0600",
    )


def _keys() -> Finding:
    lost = keys.lost_keys()
    return Finding("keys", not lost, "; ".join(lost) or "those this home was made with")


def _archive_key() -> Finding:
    here = keys.archive_key_path().exists()
    if not here:
        return Finding("archive key", True, "the private key is not on this machine")
    if (places.agencies() / "build.json").exists():
        return Finding("archive key", True, "on this machine: the demonstration is exempt")
    refused = keys.in_production()
    return Finding(
        "archive key",
        not refused,
        "the archive's private key is readable here; keep it elsewhere in production",
    )


def _agency_keys() -> Finding:
    if not keys.in_production():
        return Finding("agency keys", True, "made on first use outside production")
    try:
        lacking = [c for c in load_all() if not keys.agency_key_path(c).exists()]
    except (ContractError, CityError):
        return Finding("agency keys", True, "not known while the contracts do not load")
    return Finding(
        "agency keys",
        not lacking,
        f"agency-<feed>.pub is missing for {', '.join(lacking)}: refused rows cannot be sealed"
        if lacking
        else "every agency's public key is here",
    )


def _alerts() -> Finding:
    from orchestration.alert.declared import BadDeclaration, routes, settings, silences

    try:
        known, kept_back = routes(), silences()
        settings()
    except BadDeclaration as error:
        return Finding("alerts", False, f"nobody is told anything: {error}")
    return Finding("alerts", True, f"{len(known)} routes, {len(kept_back)} silences")


def _superset() -> Finding:
    from dashboards.server import paths

    python = paths.superset_python()
    return Finding("Superset", python.exists(), str(python))


def _browser() -> Finding:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    return Finding(
        "browser",
        path is not None,
        path or "chromium is missing: `dashboards verify` and `shoot` need it",
    )


def examine() -> list[Finding]:
    """All findings, in the order in which they stop work."""
    return [
        _disk(),
        _lake(),
        _commits(),
        _contracts(),
        _generated(),
        _secrets(),
        _keys(),
        _archive_key(),
        _agency_keys(),
        _alerts(),
        _superset(),
        _browser(),
    ]
