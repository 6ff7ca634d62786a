"""All pages as one native import bundle: database, datasets, charts, dashboards."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from dashboards.compiler.blocks import compile_block
from dashboards.compiler.chart import Chart, Json
from dashboards.compiler.errors import SpecificationError
from dashboards.compiler.layout import dashboard
from dashboards.compiler.names import DATABASE, SCHEMA, identity
from dashboards.compiler.specification import Filter, Page
from dashboards.compiler.tables import Column, Tables
from dashboards.server.roles import audiences, bench_name

# A read-only file, no access to other files, and no way to change that (traps.md).
CONNECT_ARGS = {
    "read_only": True,
    "config": {"enable_external_access": False, "lock_configuration": True},
}
SCOPE = "scope_code"
_EPOCH = "2020-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Bundle:
    """Everything that is deployed, by path in the bundle, and the charts by page and block."""

    files: dict[str, Json]
    charts: dict[str, dict[str, Chart]]
    pages: list[Page]
    tables: Tables

    def archive(self) -> bytes:
        """The zip that Superset imports; equal content gives equal bytes."""
        metadata = {"version": "1.0.0", "type": "assets", "timestamp": _EPOCH}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in {"metadata.yaml": metadata, **self.files}.items():
                text = yaml.safe_dump(content, allow_unicode=True, sort_keys=True)
                info = zipfile.ZipInfo(f"assets/{path}", date_time=(2020, 1, 1, 0, 0, 0))
                archive.writestr(info, text)
        return out.getvalue()


def compile_bundle(pages: list[Page], tables: Tables, pages_file: Path) -> Bundle:
    """Compile every page; only tables that a page uses become datasets."""
    charts = {
        page.id: {
            block.id: chart
            for block in page.blocks
            if (chart := compile_block(page, block)) is not None
        }
        for page in pages
        if not page.of
    }
    # A twin shows the charts of its page.
    charts |= {page.id: charts[page.of] for page in pages if page.of}
    filters = [one for page in pages for one in page.filters]
    used = {chart.table for of_page in charts.values() for chart in of_page.values()}
    used |= {one.table for one in filters}
    missing = sorted(used - tables.keys())
    if missing:
        raise SpecificationError(f"no such table in {pages_file.name}: {', '.join(missing)}")
    _require_scope(used, tables)
    files: dict[str, Json] = {f"databases/{DATABASE}.yaml": _database(DATABASE, pages_file)}
    for audience in audiences():
        name = bench_name(audience)
        file = pages_file.with_name(f"{name}.duckdb")
        if file.exists():
            files[f"databases/{name}.yaml"] = _database(name, file, in_sqllab=True)
    for table in sorted(used):
        orders = [f for f in filters if f.table == table and f.sort]
        files[f"datasets/{DATABASE}/{table}.yaml"] = _dataset(table, tables[table], orders)
    for page in pages:
        for chart in charts[page.id].values() if not page.of else ():
            files[f"charts/{page.id}_{chart.id}.yaml"] = _chart(chart)
        files[f"dashboards/{page.id}.yaml"] = dashboard(page, charts[page.id], tables)
    return Bundle(files, charts, pages, tables)


def _require_scope(used: set[str], tables: Tables) -> None:
    """Every table of a page says for whom each row is; one that does not is open to nobody."""
    silent = sorted(t for t in used if SCOPE not in {c.name for c in tables[t]})
    if silent:
        raise SpecificationError(f"no column {SCOPE} in: {', '.join(silent)}")


def _database(name: str, file: Path, *, in_sqllab: bool = False) -> Json:
    return {
        "database_name": name,
        "sqlalchemy_uri": f"duckdb:///{file}",
        "configuration_method": "sqlalchemy_form",
        "cache_timeout": None,
        "expose_in_sqllab": in_sqllab,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "allows_virtual_table_explore": False,
            "metadata_params": {},
            "metadata_cache_timeout": {},
            "schemas_allowed_for_file_upload": [],
            "engine_params": {"connect_args": CONNECT_ARGS},
        },
        "uuid": identity("database", name),
        "version": "1.0.0",
    }


def _dataset(table: str, columns: list[Column], orders: list[Filter]) -> Json:
    metrics = [_saved_metric("rows_n", "COUNT(*)")]
    metrics += [
        _saved_metric(f"order_by_{sort}", f"MIN({sort})")
        for sort in sorted({one.sort for one in orders if one.sort})
    ]
    return {
        "table_name": table,
        "main_dttm_col": None,
        "description": None,
        "default_endpoint": None,
        "offset": 0,
        "cache_timeout": None,
        "schema": SCHEMA,
        "catalog": "pages",
        "sql": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": identity("dataset", table),
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": None,
                "is_dttm": column.is_temporal,
                "is_active": True,
                "type": column.type,
                "groupby": True,
                "filterable": True,
                "expression": None,
                "description": None,
                "python_date_format": None,
                "extra": None,
            }
            for column in columns
        ],
        "metrics": metrics,
        "version": "1.0.0",
        "database_uuid": identity("database", DATABASE),
    }


def _saved_metric(name: str, expression: str) -> Json:
    return {
        "metric_name": name,
        "verbose_name": None,
        "metric_type": None,
        "expression": expression,
        "description": None,
        "d3format": None,
        "extra": None,
        "warning_text": None,
    }


def _chart(chart: Chart) -> Json:
    return {
        "slice_name": chart.name,
        "description": None,
        "certified_by": None,
        "certification_details": None,
        "viz_type": chart.viz_type,
        # Through JSON: what the server stores has lists where Python has tuples.
        "params": json.loads(json.dumps(chart.params())),
        "query_context": chart.query_context(),
        "cache_timeout": None,
        "uuid": chart.uuid,
        "version": "1.0.0",
        "dataset_uuid": identity("dataset", chart.table),
    }
