"""great-expectations over the counts: suites, validations, Data Docs. Imported lazily (3 s).

GX judges the one-row table of counts through DuckDB SQL. No cell of a feed passes through it,
so suites, results and Data Docs hold counts only.
"""

from __future__ import annotations

import logging
import warnings
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from quality.rules import Rule

warnings.filterwarnings("ignore", module="great_expectations")
warnings.filterwarnings("ignore", category=DeprecationWarning, module="duckdb_engine")
logging.getLogger("great_expectations").setLevel(logging.ERROR)


class _DuckDB(str):
    """A dialect name for GX 1.24, which does not know DuckDB yet."""

    __slots__ = ()

    @property
    def value(self) -> str:
        return str(self)


def _teach_duckdb() -> None:
    """Keep one connection per engine, or temporary tables vanish ("list index out of range")."""
    engine: Any = import_module("great_expectations.execution_engine.sqlalchemy_execution_engine")
    known = engine._PERSISTED_CONNECTION_DIALECTS
    if not any(str(getattr(d, "value", d)) == "duckdb" for d in known):
        engine._PERSISTED_CONNECTION_DIALECTS = (*known, _DuckDB("duckdb"))


class Judge:
    """One GX context over one DuckDB file of counts."""

    def __init__(self, database: Path) -> None:
        _teach_duckdb()
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        self.gx = gx
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self.source = self.context.data_sources.add_sql(
            "lake", connection_string=f"duckdb:///{database}"
        )
        self.definitions: list[Any] = []

    def suite(self, table: str, rules: list[Rule]) -> Any:
        """The suite of a feed: one expectation per rule."""
        expectations = self.gx.expectations
        suite = self.context.suites.add(self.gx.ExpectationSuite(name=table))
        for rule in rules:
            about = {"rule": rule.name, "severity": rule.severity}
            if rule.share is None:
                suite.add_expectation(
                    expectations.ExpectColumnMaxToBeBetween(
                        column=rule.name,
                        min_value=0,
                        max_value=0,
                        meta=about,
                        description=f"{rule.title_zh}:不合格数为 0",
                    )
                )
            else:
                suite.add_expectation(
                    expectations.ExpectColumnMinToBeBetween(
                        column=f"{rule.name}_share",
                        min_value=rule.share,
                        meta=about,
                        description=f"{rule.title_zh}:比例不低于 {rule.share:.0%}",
                    )
                )
        return suite

    def validate(self, table: str, rules: list[Rule], as_of: datetime) -> dict[str, bool]:
        """Judge one feed; rule name -> passed. A rule GX could not judge has not passed."""
        # a query, because GX drops the schema's name of a table on a dialect it does not know
        asset = self.source.add_query_asset(table, query=f'select * from main."{table}"')
        definition = self.context.validation_definitions.add(
            self.gx.ValidationDefinition(
                name=table,
                suite=self.suite(table, rules),
                data=asset.add_batch_definition_whole_table("counts"),
            )
        )
        self.definitions.append(definition)
        run = self.gx.RunIdentifier(run_name=as_of.strftime("%Y-%m-%d %H:%M"), run_time=as_of)
        outcome = definition.run(run_id=run)
        passed = {rule.name: False for rule in rules}
        for result in outcome.results:
            about = result.expectation_config.meta if result.expectation_config else None
            if about:
                passed[about["rule"]] = bool(result.success)
        return passed

    def data_docs(self, folder: Path) -> Path:
        """Write Data Docs of everything validated in this context; gives the first page."""
        site: Any = {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
        }
        self.context.add_data_docs_site("road", site)
        self.context.build_data_docs(site_names=["road"])
        return folder / "index.html"

    def close(self) -> None:
        """Let go of the DuckDB file, so that the next run may write it."""
        engine = self.source.get_execution_engine()
        engine.close()
        engine.engine.dispose()
