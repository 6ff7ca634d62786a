"""The yardstick: DuckDB's bare COPY of the CSV to zstd Parquet, order kept, nothing checked.

python -m benchmarks.bare_copy FILE
"""

from __future__ import annotations

import sys

import duckdb

from benchmarks.measure import measure


def main(source: str) -> None:
    connection = duckdb.connect()

    def work() -> None:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"copy (from read_csv('{source}')) to 'copy.parquet' (format parquet, compression zstd)"
        )

    def rows() -> int:
        counted = connection.execute("select count(*) from 'copy.parquet'").fetchone()
        return int(counted[0]) if counted else 0

    measure(work, rows, ["duckdb"])


if __name__ == "__main__":
    main(sys.argv[1])
