"""What both sides need before anybody measures: a city, its lake of the day before, and the day.

    python -m benchmarks.default_pipeline.prepare PART    (city takes START END SCALE)

Each part is a process of its own and leaves something in the folder of `layout.py`. `city`: the
agencies' deliveries. `load`: a home with everything up to the day before; `yesterday`: the same,
and published. `waiting`: the day's files in its inbox. `today`, run in a copy of it: what arrived
for each feed as plain files, which is what the peer is given, and the home into which they have
been delivered, which is what the peer's dbt reads. `counts` prints the rows of every feed's table.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from benchmarks.default_pipeline.layout import Layout
from ingestion import clock
from ingestion.city import seed
from ingestion.connectors import pending
from ingestion.contract import Contract, load_all
from ingestion.contract.model import TOKENISED, ZONES, Field
from ingestion.delivery import deliver, unwrap
from ingestion.lake.logs import tidy
from ingestion.lake.views import register
from ingestion.lock import run_lock
from orchestration.run.day import register_lake, run_day
from orchestration.run.replay import lay_down, open_arrivals, replay_apart
from orchestration.transform import run_zones

WORKERS = 2


@dataclass
class Facts:
    """One feed's day: what was in its table, what came, and what ours made of it."""

    table: str
    files: int = 0
    before: int = 0
    after: int = 0
    rows: int = 0
    inserted: int = 0
    quarantined: int = 0
    tokenised_key: bool = False


def city(start: str, end: str, scale: float) -> None:
    """The agencies' deliveries, with the dirt of the demonstration."""
    from simulation.city import build

    build(scale=scale, start=start, end=end, quiet=True)


def load() -> None:
    """Everything up to the moment arrives, each delivery at its own."""
    with run_lock():
        if failed := replay_apart(clock.as_of(), WORKERS):
            raise SystemExit(f"not everything could be loaded: {failed}")


def yesterday() -> None:
    """Everything up to the day before, loaded and published."""
    load()
    if failed := run_day().intake.failures:
        raise SystemExit(f"the day before could not be run: {failed}")


def lay_down_the_day() -> None:
    """Put into the inbox what arrives as a file between yesterday and now."""
    contracts = load_all()
    for arrival in open_arrivals(clock.as_of()):
        if arrival.kind == "file":
            lay_down(arrival, contracts[arrival.feed_code])


def counts() -> dict[str, int]:
    """Rows of every feed's table, by its code; L4 zones included."""
    with duckdb.connect() as con:
        register(con, None, None, *ZONES)
        found = {}
        for contract in load_all().values():
            row = con.execute(f'select count(*) from lake."{contract.table}"').fetchone()
            found[contract.code] = int(row[0]) if row else 0
    return found


def _outside_zones() -> list[Contract]:
    """F12 and F14 need a zone of their own, which the peer has not."""
    return [c for c in load_all().values() if c.zone is None]


def _take(contract: Contract, facts: Facts, layout: Layout) -> None:
    folder = layout.delivered / contract.code
    for received in pending(contract, clock.as_of()):
        with unwrap.clear(received)() as opened:
            content = opened.read()
        form = "ndjson" if contract.server.format == "json" else contract.server.format
        receipt = deliver(received)
        if receipt.refusal:
            raise SystemExit(f"{receipt.words()}: nobody can compare a refused delivery")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{facts.files:03}.{form}").write_bytes(content)
        facts.files += 1
        facts.rows += receipt.rows_n or 0
        facts.inserted += receipt.inserted_n
        facts.quarantined += receipt.quarantined_n


def _values(contract: Contract) -> dict[str, list[str]]:
    """The codes that a column may hold, by the column's name, where a seed lists them."""
    codes = pl.read_csv(seed("seed_code"), infer_schema=False)
    found = {}
    for field in contract.landed:
        listed = (pl.col("code_table") == field.code_table) & (pl.col("code") != "*")
        known = codes.filter(listed)["code"].to_list()
        if not known and (field.references or "").startswith("seed_"):
            table, column = str(field.references).split(".")
            known = pl.read_csv(seed(table), infer_schema=False)[column].drop_nulls().to_list()
        found[field.name] = known
    return found


def _kind(field: Field) -> str:
    return "number" if field.physical.startswith(("decimal", "double")) else field.logical


def written_down(contract: Contract) -> dict[str, Any]:
    """What a team writes down of a feed: the columns that ours lands under their own names."""
    options, values = contract.server.options, _values(contract)
    encodings = options.get("encoding", "utf-8")
    return {
        "table": contract.table,
        "key": list(contract.key),
        "encodings": encodings if isinstance(encodings, list) else [encodings],
        "header_row": options.get("header_row", 1),
        "footer": options.get("footer_pattern"),
        "stream": contract.is_stream,
        "columns": [
            {
                "name": f.name,
                "sources": [f.source, *(a.source for a in f.aliases)],
                "type": _kind(f),
                "required": f.required,
                "values": values[f.name],
            }
            for f in contract.landed
            if f.landed_name == f.name
        ],
    }


def _history(feeds: dict[str, Any], folder: Path) -> None:
    """Yesterday's tables as Parquet files, for the peer to load."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        register(con, None)
        for code, feed in feeds.items():
            columns = ", ".join(f'"{c["name"]}"' for c in feed["columns"])
            query = f'select {columns} from lake."{feed["table"]}"'
            con.execute(f"copy ({query}) to '{folder / code}.parquet'")


def today(layout: Layout) -> None:
    """Deliver the day, keeping what arrived; note what each feed's table had and has."""
    before = counts()
    _history({c.code: written_down(c) for c in _outside_zones()}, layout.history)
    known = {}
    with run_lock():
        tidy()
        for contract in load_all().values():
            tokens = any(f.pii in TOKENISED for f in contract.fields if f.key_position is not None)
            facts = Facts(contract.table, tokenised_key=tokens)
            _take(contract, facts, layout)
            known[contract.code] = facts
        # The peer has no L4 zones; what leaves them is made for it.
        run_zones(clock.as_of())
        register_lake(clock.as_of())
    after = counts()
    for code, facts in known.items():
        facts.before, facts.after = before[code], after[code]
    told = {c.code: asdict(known[c.code]) for c in _outside_zones() if known[c.code].files}
    feeds = {code: written_down(load_all()[code]) for code in told}
    layout.feeds.write_text(json.dumps(feeds, ensure_ascii=False, indent=1), "utf-8")
    layout.facts.write_text(json.dumps(told, indent=1), "utf-8")


def main(part: str, *arguments: str) -> None:
    match part:
        case "city":
            city(arguments[0], arguments[1], float(arguments[2]))
        case "load":
            load()
        case "yesterday":
            yesterday()
        case "waiting":
            lay_down_the_day()
        case "today":
            today(Layout.of_environment())
        case "counts":
            print(json.dumps(counts()))
        case _:
            raise SystemExit(f"no part {part!r}: city, load, yesterday, waiting, today or counts")


if __name__ == "__main__":
    main(*sys.argv[1:])
