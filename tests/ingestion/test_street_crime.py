"""West Yorkshire: real rows, nobody here invented them; rows without a Crime ID have no key."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import load
from ingestion.delivery import Receipt
from tests.ingestion.handover import balance, csv_text, put, receipt_json, stored

SAMPLES = Path(__file__).resolve().parents[2] / "simulation" / "samples"
FILES = sorted(SAMPLES.glob("*.csv"))
HEADER = [f.source for f in load("UK01").fields]


def deliver_samples(change: str = "") -> list[Receipt]:
    receipts = []
    for path in FILES:
        lines = path.read_bytes().splitlines(keepends=True)
        if change == "order":
            body = lines[1:]
            random.Random(4).shuffle(body)
            lines = [lines[0], *body]
        content = b"".join(lines)
        if change == "line ends":
            content = content.replace(b"\r\n", b"\n")
        receipts.append(put("UK01", path.name, content))
    return receipts


def total(receipts: list[Receipt], name: str) -> int:
    return sum(getattr(r, name) for r in receipts)


def test_every_row_of_the_samples_is_accepted_and_counted(home: Path) -> None:
    first = deliver_samples()
    assert total(first, "rows_n") == 11_212
    assert total(first, "valid_rows_n") == 11_212
    assert total(first, "inserted_n") == 11_212
    assert total(first, "indistinguishable_n") == 656
    rows = stored("UK01")
    assert rows.height == 11_212
    assert rows.filter(pl.col("longitude").is_null()).height == 1_541

    again = deliver_samples()
    assert all(r.repeated for r in again)
    assert total(again, "unchanged_n") == 11_212
    for change in ("order", "line ends"):
        changed = deliver_samples(change)
        assert [r.repeated for r in changed] == [False, False], change
        assert total(changed, "unchanged_n") == 11_212, change
    assert stored("UK01").height == 11_212


class Month:
    """Another month, drawn at random, and an independent count of its text."""

    def __init__(self, seed: int, rows: int) -> None:
        chance = random.Random(seed)
        ids = [f"{chance.getrandbits(256):064x}" for _ in range(rows // 2)]
        body: list[list[str]] = []
        for _ in range(rows):
            if body and chance.random() < 0.05:
                body.append(list(chance.choice(body)))  # published twice, all alike
                continue
            keyed = chance.random() < 0.7
            placed = chance.random() < 0.85
            place = chance.choice(
                ["On or near Kirkgate", 'On or near "The Old Pub", Otley', "On or near\nMill Lane"]
            )
            body.append(
                [
                    chance.choice(ids) if keyed else "",
                    "2017-09",
                    "West Yorkshire Police",
                    "West Yorkshire Police",
                    f"{chance.uniform(-2, -1):.6f}" if placed else "",
                    f"{chance.uniform(53, 54):.6f}" if placed else "",
                    place if placed else "No Location",
                    f"E0101{chance.randrange(10):04d}" if placed else "",
                    "Leeds 001A" if placed else "",
                    chance.choice(["Burglary", "Robbery"]) if keyed else "Anti-social behaviour",
                    chance.choice(["", "Under investigation", "No suspect, complete"]),
                    "",
                ]
            )
        self.text = csv_text(HEADER, body, chance.choice(["\n", "\r\n"]))

    def count(self) -> dict[str, int]:
        rows = [tuple(r) for r in csv.reader(io.StringIO(self.text, newline=""))][1:]
        keyless = Counter(r for r in rows if not r[0])
        last = {r[0]: r for r in rows if r[0]}
        return {
            "rows_n": len(rows),
            "inserted_n": len(last) + keyless.total(),
            "unchanged_n": sum(r == last[r[0]] for r in rows if r[0]) - len(last),
            "superseded_n": sum(r != last[r[0]] for r in rows if r[0]),
            "indistinguishable_n": keyless.total() - len(keyless),
            "updated_n": 0,
            "quarantined_n": 0,
        }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_month_agrees_with_an_independent_count(home: Path, seed: int) -> None:
    month = Month(seed, 3_000)
    expected = month.count()
    receipt = put("UK01", "2017-09-west-yorkshire-street.csv", month.text.encode())
    assert {k: getattr(receipt, k) for k in expected} == expected
    assert balance(receipt) == receipt.rows_n
    assert receipt_json(receipt)["indistinguishable_n"] == expected["indistinguishable_n"]
    table = stored("UK01")
    assert table.height == expected["inserted_n"]
    parsed = list(csv.reader(io.StringIO(month.text, newline="")))[1:]
    without_place = sum(1 for r in parsed if not r[4] and not r[0])
    keyless = table.filter(pl.col("crime_id").is_null())
    assert keyless["longitude"].null_count() == without_place
    again = put("UK01", "2017-09-west-yorkshire-street.csv", month.text.encode() + b"\n")
    assert again.inserted_n == again.updated_n == 0
    assert again.unchanged_n + again.superseded_n == again.rows_n
