"""dlt into a Delta table on disk, in the two ways that its documentation teaches.

python -m benchmarks.peer_dlt rows|arrow FILE

`rows`: dictionaries, in pages of a thousand (its page on performance). `arrow`: record batches of
pyarrow's CSV reader (its page on Arrow tables). Both append, with a primary key; settings are
dlt's defaults. Runs in the environment `bench`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found,unused-ignore]
import pyarrow as pa
import pyarrow.csv
from deltalake import DeltaTable

from benchmarks.measure import measure

PAGE_ROWS = 1_000
# Larger than pyarrow's own 1 MiB: of 1, 16 and 64 MiB this was the quickest for dlt.
BLOCK_BYTES = 16 << 20
# What pyarrow would guess wrongly: codes that look like numbers, and money.
TYPES = {
    "town_code": pa.string(),
    "kind_code": pa.string(),
    "level_code": pa.string(),
    "amount": pa.decimal128(18, 2),
}


def pages(source: str) -> Iterator[list[dict[str, Any]]]:
    with Path(source).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        while page := list(islice(rows, PAGE_ROWS)):
            yield page


def batches(source: str) -> Iterator[pa.RecordBatch]:
    yield from pyarrow.csv.open_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES),
        convert_options=pyarrow.csv.ConvertOptions(column_types=TYPES),
    )


def main(way: str, source: str) -> None:
    lake = Path("dlt").resolve()
    given = {"rows": pages, "arrow": batches}[way]
    resource = dlt.resource(
        given(source),
        name="event",
        primary_key="record_id",
        write_disposition="append",
        table_format="delta",
    )
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=str(lake / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=lake.as_uri()),
        dataset_name="lake",
    )

    def work() -> None:
        pipeline.run(resource).raise_on_failed_jobs()

    def rows() -> int:
        actions = pa.table(DeltaTable(str(lake / "lake" / "event")).get_add_actions(flatten=True))
        return sum(actions["num_records"].to_pylist())

    measure(work, rows, ["dlt", "pyarrow", "deltalake"])


if __name__ == "__main__":
    main(*sys.argv[1:])
