"""Write what is generated, or say how it differs from what lies in the repo."""

from __future__ import annotations

from pathlib import Path

from ingestion import places
from ingestion.contract import load_all, load_platform
from ingestion.generate import dictionary, register, staging


def wanted() -> dict[Path, str]:
    """Every generated file and its content."""
    contracts = load_all()
    everything = {**contracts, **load_platform()}
    # A city's pages are its own; the models of staging come with the product.
    models = staging.files(contracts) if places.city() is None else {}
    return {
        **models,
        **dictionary.files(everything),
        **register.files(everything),
    }


def _strays(made: dict[Path, str]) -> list[Path]:
    """Files in generated folders that no contract accounts for."""
    if places.city() is not None:
        return []
    return sorted(
        p
        for p in staging.FOLDER.glob("*")
        if p.is_file() and p not in made and p.name != "README.md"
    )


def drift(more: dict[Path, str] | None = None) -> list[str]:
    """Names of generated files that are missing, stale or left over.

    `more` are pages of rooms above, which know more than contracts.
    """
    made = wanted() | (more or {})
    stale = [p.name for p, text in made.items() if not p.exists() or p.read_text("utf-8") != text]
    return sorted(stale) + [p.name for p in _strays(made)]


def write(more: dict[Path, str] | None = None) -> list[str]:
    """Bring the generated files up to date; gives the names that changed."""
    changed = drift(more)
    made = wanted() | (more or {})
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in _strays(made):
        path.unlink()
    return changed
