"""plan, apply, prune, verify and shoot: what `fengqiao dashboards` calls."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dashboards.compiler.access import access_changes, apply_access
from dashboards.compiler.browser import browser, open_page
from dashboards.compiler.bundle import Bundle, compile_bundle
from dashboards.compiler.checks import chain_problems, page_problems, query_problems
from dashboards.compiler.drift import Change, compare
from dashboards.compiler.errors import DashboardError, SpecificationError
from dashboards.compiler.session import Session
from dashboards.compiler.specification import PAGES, load_pages
from dashboards.compiler.tables import read_tables
from dashboards.server import paths
from ingestion import places

__all__ = [
    "DashboardError",
    "apply",
    "compiled",
    "fingerprint",
    "plan",
    "prune",
    "shoot",
    "verify",
]

# Children before parents: a dataset in use cannot go.
_PRUNE_ORDER = {"dashboards": "dashboard", "charts": "chart", "datasets": "dataset"}


def compiled(folder: Path = PAGES) -> Bundle:
    """All pages as a bundle against the published page file."""
    pages_file = paths.pages_file()
    if not pages_file.exists():
        raise SpecificationError(f"nothing is published yet: {pages_file} is missing")
    return compile_bundle(load_pages(folder), read_tables(pages_file), pages_file)


def plan(folder: Path = PAGES) -> list[Change]:
    """Every difference between specifications and server; changes nothing."""
    bundle = compiled(folder)
    with Session() as session:
        return [*compare(bundle.files, session.export_bundle()), *access_changes(session)]


def apply(folder: Path = PAGES) -> list[Change]:
    """Make the server equal to the specifications, except for what only `prune` removes."""
    bundle = compiled(folder)
    with Session() as session:
        changes = compare(bundle.files, session.export_bundle())
        if any(change.action != "prune" for change in changes):
            session.import_bundle(bundle.archive())
        rules = access_changes(session)
        if rules:
            apply_access(session)
    return [*(change for change in changes if change.action != "prune"), *rules]


def prune(folder: Path = PAGES) -> list[Change]:
    """Delete dashboards, charts and datasets of the server that no specification names."""
    bundle = compiled(folder)
    with Session() as session:
        found = compare(bundle.files, session.export_bundle())
        doomed = [change for change in found if change.action == "prune"]
        for kind, resource in _PRUNE_ORDER.items():
            identities = {change.field for change in doomed if change.kind == kind}
            if not identities:
                continue
            for one in session.all(resource, ["id", "uuid"]):
                if str(one["uuid"]) in identities:
                    session.delete(f"/api/v1/{resource}/{one['id']}")
        if doomed:
            apply_access(session)
    return [change for change in doomed if change.kind in _PRUNE_ORDER]


def verify(folder: Path = PAGES, *, in_browser: bool = True) -> list[str]:
    """What is wrong with the chain page → chart → dataset → column, with any chart's query as a
    leader asks it, or with any page in a real browser; empty when all is well."""
    bundle = compiled(folder)
    problems = chain_problems(bundle, paths.pages_file())
    with Session("leader") as session:
        problems += query_problems(bundle, session)
    if in_browser:
        problems += page_problems(bundle)
    return problems


def fingerprint(folder: Path = PAGES) -> str:
    """Equal as long as apply would deploy the same: pages, compiler, styles and tables."""
    return hashlib.sha256(compiled(folder).archive()).hexdigest()


def shoot(target: Path | None = None, folder: Path = PAGES) -> list[Path]:
    """A picture of every page at every width, as a leader sees it (default: docs/pictures)."""
    target = target or places.docs() / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    files = []
    with browser("leader") as context:
        for page in load_pages(folder):
            for width in page.widths:
                view = open_page(context, page.id, width)
                # A twin has its width in its name.
                file = target / (f"{page.id}.png" if page.of else f"{page.id}-{width}.png")
                view.shoot(file)
                view.page.close()
                files.append(file)
    return files
