"""Ours: a delivery from its arrival to its receipt, by the code that takes in every feed.

python -m benchmarks.product append|latest FILE DAY

Hash, encrypted archive, reading by contract, every rule of every row, protection, one Delta
commit, receipt. The data home and the secrets are where the environment says.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from benchmarks.measure import measure
from ingestion.contract.load import load_file
from ingestion.delivery import Receipt, deliver
from ingestion.delivery.received import from_file
from ingestion.lake.tables import open_feed

CONTRACT = Path(__file__).parent / "contracts" / "b01_event.odcs.yaml"


def main(policy: str, source: str, day: str) -> None:
    contract = replace(load_file(CONTRACT), duplicate_policy=policy)
    period = date.fromisoformat(day)
    received = from_file(contract, Path(source), period, period, None)
    kept: list[Receipt] = []

    def work() -> None:
        # The file is needed again for the next run: it does not leave its folder.
        kept.append(deliver(replace(received, inbox_file=None)))

    def rows() -> int:
        receipt = kept[0]
        if receipt.repeated or receipt.inserted_n + receipt.updated_n != receipt.rows_n:
            raise SystemExit(f"the delivery was not taken in whole: {receipt.words()}")
        actions = pa.table(open_feed(contract).get_add_actions(flatten=True))
        return sum(actions["num_records"].to_pylist())

    measure(work, rows, ["polars", "pyarrow", "deltalake", "pyrage", "zstandard"])


if __name__ == "__main__":
    main(*sys.argv[1:])
