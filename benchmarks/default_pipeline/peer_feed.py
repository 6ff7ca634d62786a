"""One feed with pandas, dlt and GX, as the quick start of each does it.

    python -m benchmarks.default_pipeline.peer_feed HISTORY

Called like this it loads every feed's past (Parquet files in the folder HISTORY) through dlt; that
is not measured.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found,unused-ignore]
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
import pyarrow as pa
import pyarrow.parquet

LOCAL = "Asia/Shanghai"
TYPES = {
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}
YES = {"1": True, "true": True, "是": True, "Y": True, "0": False, "false": False, "否": False, "N": False}  # fmt: skip  # noqa: E501


def schema(feed: dict[str, Any]) -> pa.Schema:
    """The columns of a feed's table."""
    return pa.schema([(c["name"], TYPES.get(c["type"], pa.string())) for c in feed["columns"]])


def _raw(path: Path, feed: dict[str, Any]) -> pd.DataFrame:
    if path.suffix == ".csv":
        for encoding in feed["encodings"]:
            try:
                return pd.read_csv(path, dtype=str, encoding=encoding)
            except UnicodeDecodeError:
                continue
        raise ValueError(f"{path.name}: none of {feed['encodings']}")
    if path.suffix == ".xlsx":
        frame = pd.read_excel(path, dtype=str, sheet_name=0, header=feed["header_row"] - 1)
        first = frame.iloc[:, 0].fillna("")
        return frame[~first.str.match(feed["footer"])] if feed["footer"] else frame
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    if feed["stream"]:
        records = [json.loads(r["value"]) for r in records if r["value"] is not None]
    return pd.DataFrame(records)


def _typed(cells: pd.Series, kind: str) -> pd.Series:
    match kind:
        case "timestamp":
            moments = pd.to_datetime(cells, format="mixed", errors="coerce")
            return moments.dt.tz_localize(LOCAL) if moments.dt.tz is None else moments
        case "date":
            return pd.to_datetime(cells, format="mixed", errors="coerce").dt.date
        case "integer":
            return pd.to_numeric(cells, errors="coerce").astype("Int64")
        case "number":
            return pd.to_numeric(cells, errors="coerce").astype("float64")
        case "boolean":
            return cells.astype("string").map(YES).astype("boolean")
    return cells.astype("string")


def read(folder: Path, feed: dict[str, Any]) -> pd.DataFrame:
    """Everything that arrived for a feed, under the table's names and with its types."""
    frames = [_named(_raw(path, feed), feed) for path in sorted(folder.iterdir())]
    return pd.concat(frames, ignore_index=True)


def _named(raw: pd.DataFrame, feed: dict[str, Any]) -> pd.DataFrame:
    """One file's columns under the table's names; a sender may use another header."""
    columns = {}
    for column in feed["columns"]:
        source = next((s for s in column["sources"] if s in raw), None)
        cells = raw[source] if source else pd.Series([None] * len(raw), dtype="object")
        columns[column["name"]] = _typed(cells, column["type"])
    return pd.DataFrame(columns)


def pipeline(code: str, home: Path) -> Any:
    """A pipeline of its own for each feed, with a DuckDB file of its own: one file would let only
    one of Dagster's processes write."""
    return dlt.pipeline(
        pipeline_name=code.lower(),
        destination=dlt.destinations.duckdb(str(home / "tables" / f"{code.lower()}.duckdb")),
        dataset_name="lake",
    )


def merge(frame: pd.DataFrame, code: str, feed: dict[str, Any], home: Path) -> int:
    """Merge by key, dlt's default strategy; gives the rows of the table. dlt refuses a whole load
    for one row without its key, so such rows are left out."""
    frame = frame.dropna(subset=feed["key"])
    table = pa.Table.from_pandas(frame, schema=schema(feed), preserve_index=False)
    work = pipeline(code, home)
    work.run(
        table, table_name=feed["table"], write_disposition="merge", primary_key=feed["key"]
    ).raise_on_failed_jobs()
    with work.sql_client() as client:
        return int(client.execute_sql(f"select count(*) from {feed['table']}")[0][0])


def check(frame: pd.DataFrame, feed: dict[str, Any]) -> tuple[list[str], int]:
    """What GX finds wrong with the day's rows, and how many expectations it ran."""
    import great_expectations as gx

    e: Any = gx.expectations
    context: Any = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("day").add_dataframe_asset(feed["table"])
    batch = asset.add_batch_definition_whole_dataframe("rows")
    wanted: list[Any] = [e.ExpectTableRowCountToBeBetween(min_value=1)]
    for column in feed["columns"]:
        if column["required"]:
            wanted.append(e.ExpectColumnValuesToNotBeNull(column=column["name"]))
        if column["values"]:
            known = {"column": column["name"], "value_set": column["values"], "mostly": 0.99}
            wanted.append(e.ExpectColumnValuesToBeInSet(**known))
    if len(feed["key"]) == 1:
        wanted.append(e.ExpectColumnValuesToBeUnique(column=feed["key"][0]))
    elif feed["key"]:
        wanted.append(e.ExpectCompoundColumnsToBeUnique(column_list=feed["key"]))
    suite = context.suites.add(gx.ExpectationSuite(name=feed["table"], expectations=wanted))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=feed["table"], data=batch, suite=suite)
    )
    outcome = definition.run(batch_parameters={"dataframe": frame})
    failed = [r.expectation_config.type for r in outcome.results if not r.success]
    broken = [r.expectation_config.type for r in outcome.results if _raised(r)]
    if broken:
        raise SystemExit(f"{feed['table']}: GX could not run {broken}")
    return failed, len(outcome.results)


def _raised(result: Any) -> bool:
    info = result.exception_info or {}
    return bool(info.get("raised_exception"))


def main(history: str) -> None:
    """Load the past of every feed."""
    home = Path(os.environ["FENGQIAO_HOME"])
    (home / "tables").mkdir(parents=True, exist_ok=True)
    feeds = json.loads((Path(os.environ["BENCH_DAY_FOLDER"]) / "feeds.json").read_text("utf-8"))
    for code, feed in feeds.items():
        past = pyarrow.parquet.read_table(Path(history) / f"{code}.parquet").cast(schema(feed))
        pipeline(code, home).run(
            past, table_name=feed["table"], write_disposition="append", primary_key=feed["key"]
        ).raise_on_failed_jobs()


if __name__ == "__main__":
    main(*sys.argv[1:])
