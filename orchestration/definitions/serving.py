"""Judged values, the file of the pages, and the pages themselves: the end of the lineage."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import yaml

from dashboards.compiler.specification import text_of
from orchestration.definitions.executor import alone
from orchestration.run.day import note_published, pages_say_if_it_fails, release_now

ROOT = Path(__file__).resolve().parents[2]
JUDGED = dg.AssetKey(["judged", "fct_indicator"])
PAGES = dg.AssetKey(["serving", "pages"])
# What judging and the page tables read of dbt's models.
_COUNTS = [
    dg.AssetKey(["marts", n]) for n in ("agg_indicator_counts", "agg_duration_days", "dim_unit")
]
_TABLES = [dg.AssetKey(["marts", n]) for n in ("fct_delivery", "fct_dispute", "fct_quality_test")]


@dg.asset(key=JUDGED, deps=_COUNTS, group_name="judged", kinds={"numpy"})
def judged() -> dg.MaterializeResult[None]:
    """Counts → shrunk values, intervals, lights, suppression; revisions kept."""
    from orchestration.judging import judge

    with alone() as as_of, pages_say_if_it_fails(as_of):
        report = judge(as_of, release_now(as_of).release_id)
    return dg.MaterializeResult(metadata={"report": str(report)})


@dg.asset(key=PAGES, deps=[JUDGED, *_TABLES], group_name="serving", kinds={"duckdb"})
def pages() -> dg.MaterializeResult[None]:
    """A fresh pages.duckdb renamed into place, then Superset's cache cleared."""
    from orchestration.publish import publish

    with alone() as as_of, pages_say_if_it_fails(as_of):
        release = release_now(as_of)
        done = publish(release.release_id, as_of)
        note_published(release, as_of)
    return dg.MaterializeResult(
        metadata={"release": release.release_id, "rows": sum(done.rows_n.values())}
    )


published = [judged, pages]


def page_specs() -> list[dg.AssetSpec]:
    """Each Superset page, so that lineage goes from a feed to a page."""
    specs = []
    for path in sorted((ROOT / "dashboards" / "pages").glob("*.yaml")):
        page = yaml.safe_load(text_of(path))
        specs.append(
            dg.AssetSpec(
                ["superset", path.stem.replace("-", "_")],
                deps=[PAGES],
                group_name="pages",
                description=str(page.get("title", path.stem)),
                kinds={"superset"},
            )
        )
    return specs


def reference_specs() -> list[dg.AssetSpec]:
    """The logs and tables beside the feeds that dbt reads as sources."""
    names = ("o01_delivery_log", "quarantine", "contract", "due_delivery")
    return [dg.AssetSpec(["lake", n], group_name="logs", kinds={"deltalake"}) for n in names]
