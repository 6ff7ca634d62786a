"""Messages of a stream: one that cannot be read is lost alone, named, and the others go on."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import Contract
from ingestion.delivery import Receipt, deliver
from ingestion.delivery.received import Received
from ingestion.lake.logs import read_log
from tests.ingestion.handover import balance, make_contract, stored

START_MS = 1_790_000_000_000
COLUMNS = [
    {"name": "call_id", "pii": "none", "key": 1, "required": True},
    {"name": "minutes", "pii": "none", "type": "number", "physical": "decimal(8,2)"},
    {"name": "caller", "pii": "NAME"},
]


@pytest.fixture
def calls(home: Path, tmp_path: Path) -> Contract:
    return make_contract(
        tmp_path, COLUMNS, form="json", kind={"type": "kafka", "host": "none"}, topic="calls"
    )


def send(contract: Contract, first: int, *messages: tuple[str | None, str | None]) -> Receipt:
    """(key, value) messages from offset `first`, one second apart."""
    lines = [
        json.dumps({"offset": o, "timestamp": START_MS + o * 1000, "key": key, "value": value})
        for o, (key, value) in enumerate(messages, first)
    ]
    content = "".join(f"{line}\n" for line in lines).encode()
    last = first + len(messages) - 1
    receipt = deliver(
        Received(
            contract=contract,
            sender="broker",
            period_start=date(2026, 10, 1),
            period_end=date(2026, 10, 1),
            file_name=f"T01_calls_0_{first}-{last}.ndjson",
            open=lambda: io.BytesIO(content),
            sequence=f"calls/0/{first}-{last}",
        )
    )
    assert receipt.rows_n == balance(receipt) == len(messages)
    return receipt


def call(number: int, minutes: str = "1.50", **more: str) -> tuple[str, str]:
    body = ",".join(f', "{k}": "{v}"' for k, v in more.items())
    return f"c{number}", f'{{"call_id": "c{number}", "minutes": {minutes}{body}}}'


def live(contract: Contract) -> dict[str, str]:
    rows = stored(contract).filter(~pl.col("_deleted"))
    return {c: str(m) for c, m in rows.select("call_id", "minutes").iter_rows()}


def test_one_bad_message_does_not_cost_the_others(calls: Contract) -> None:
    receipt = send(
        calls,
        0,
        call(1),
        ("x", "not json"),
        ("x", '["a list"]'),
        ("x", '{"call_id": "c9", "minutes": {"nested": 1}}'),
        call(2, "2.25", 身份证号="330602199003070000"),
        call(3, "broken"),
        call(4),
    )
    assert receipt.quarantined_n == 5
    assert set(live(calls)) == {"c1", "c4"}
    found = read_log("quarantine").sort("source_row").select("source_row", "rule", "column_name")
    assert found.rows() == [
        (2, "structure", None),
        (3, "structure", None),
        (4, "structure", None),
        (5, "unknown_column", "身份证号"),
        (6, "structure", None),
    ]
    assert "330602199003070000" not in str(read_log("quarantine").to_dicts())


def test_a_name_as_a_key_of_a_message_is_told_by_its_shape(calls: Contract) -> None:
    send(calls, 0, call(1), call(2, "2.25", 赵龑垚="1"), call(3, "2.25", zhaoyanyao="1"))
    assert set(live(calls)) == {"c1"}
    assert read_log("quarantine").sort("source_row")["column_name"].to_list() == [
        "〔3 Chinese characters〕", "〔10 letters〕",
    ]  # fmt: skip


def test_numbers_keep_their_text_and_names_never_land(calls: Contract) -> None:
    send(calls, 0, call(1, "1200.50", caller="赵龑垚"))
    assert live(calls) == {"c1": "1200.50"}
    assert "caller" not in stored(calls).columns


def test_the_brokers_time_orders_versions_across_deliveries(calls: Contract) -> None:
    send(calls, 10, call(1, "2.00"))
    late = send(calls, 0, call(1, "1.00"))  # an older stretch, taken in again
    assert late.superseded_n == 1
    assert live(calls) == {"c1": "2.00"}


def test_a_null_message_deletes_its_key(calls: Contract) -> None:
    send(calls, 0, call(1), call(2))
    gone = send(calls, 2, ("c1", None), ("nobody", None))
    assert (gone.deleted_n, gone.unchanged_n) == (1, 1)
    assert set(live(calls)) == {"c2"}


def test_a_null_message_without_a_key_is_quarantined(calls: Contract) -> None:
    assert send(calls, 0, (None, None)).quarantined_n == 1


def test_two_stretches_of_one_day_with_equal_bytes_are_two_deliveries(calls: Contract) -> None:
    first = send(calls, 0, call(1))
    again = send(calls, 0, call(1))
    other = send(calls, 1, call(1))
    assert again.repeated
    assert first.delivery_id != other.delivery_id and other.unchanged_n == 1
