"""What a day's delivery costs in a lake of one month, of five years, and after 5,000 commits.

    python -m benchmarks.growth [--days 7] [--report docs/benchmarks.md]

The same days of P44 (new tickets, and old ones that changed) are taken in, from file to receipt,
by lakes that differ in nothing but their past: the tables of the feed and the log of deliveries.
A day should cost a day; the ratios say how far that holds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from deltalake import write_deltalake
from rich.console import Console
from rich.table import Table

FEED, SEED = "P44", 5
START, END = date(2026, 9, 1), date(2026, 10, 30)
PAST_MONTHS, MANY_COMMITS = 59, 5_000
WEEK = 672  # a delivery every quarter of an hour


def city(folder: Path) -> None:
    """The agencies' files of two months."""
    from simulation import dirt
    from simulation.city import deliver_hotline
    from simulation.deliveries import Manifest
    from simulation.hotline import Hotline
    from simulation.world import World

    (folder / FEED).mkdir(parents=True)
    world = World(SEED, START, END, 1.0)
    deliver_hotline(world, Hotline(world), 0.002, Manifest(folder), dirt.Truth(), lambda: None)


def take(path: Path) -> float:
    """Seconds from a file in the inbox to its receipt."""
    from ingestion import places
    from ingestion.connectors import inbox
    from ingestion.contract import load
    from ingestion.delivery import deliver

    contract = load(FEED)
    folder = places.inbox() / FEED
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    shutil.copyfile(path, target)
    began = time.perf_counter()
    receipt = deliver(inbox.receive(contract, target))
    seconds = time.perf_counter() - began
    if receipt.refusal or not receipt.inserted_n:
        raise SystemExit(f"{path.name} was not taken in: {receipt.words()}")
    return seconds


def lengthen(months: int) -> int:
    """Put copies of September before it, one month a commit; gives the rows of the table."""
    from ingestion.contract import load
    from ingestion.lake.commit import WRITER
    from ingestion.lake.tables import arrow, feed_path, feed_schema, open_feed

    contract = load(FEED)
    columns = list(feed_schema(contract))
    model = pl.read_delta(str(feed_path(contract))).filter(pl.col("_month") == "2026-09")
    moments = [c for c, t in model.schema.items() if isinstance(t, pl.Datetime)]
    table = open_feed(contract)
    for back in range(1, months + 1):
        day = date(2026, 9, 1)
        year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
        earlier = model.with_columns(
            pl.col(moments).dt.offset_by(f"-{back}mo"),
            ticket_id=pl.format(
                "SX{}{}", pl.lit(f"{year}{month + 1:02d}"), pl.col("ticket_id").str.slice(8)
            ),
            _month=pl.lit(f"{year}-{month + 1:02d}"),
        )
        write_deltalake(
            table, arrow(earlier.select(columns)), mode="append", writer_properties=WRITER
        )
    return int(pl.scan_delta(str(feed_path(contract))).select(pl.len()).collect().item())


def many_commits(n: int) -> None:
    """So many receipts of other feeds in the log, and as many commits in the feed's own table."""
    from ingestion.contract import load
    from ingestion.lake.commit import WRITER, properties
    from ingestion.lake.logs import append_log, read_log
    from ingestion.lake.maintain import maintain
    from ingestion.lake.tables import arrow, feed_path, feed_schema, open_feed

    contract = load(FEED)
    columns = list(feed_schema(contract))
    row = pl.read_delta(str(feed_path(contract))).head(1)
    receipt = read_log("o01_delivery_log").head(1)
    table = open_feed(contract)
    for number in range(n):
        tiny = row.with_columns(
            ticket_id=pl.lit(f"SX19990101{number:08d}"), _month=pl.lit("1999-01")
        )
        write_deltalake(
            table,
            arrow(tiny.select(columns)),
            mode="append",
            writer_properties=WRITER,
            commit_properties=properties(f"tiny-{number}"),
        )
        told = receipt.with_columns(delivery_id=pl.lit(f"X-{number}"), feed_code=pl.lit("X01"))
        append_log("o01_delivery_log", told, transaction=f"X-{number}")
        if number % WEEK == WEEK - 1:
            maintain()  # the weekly care


def measured(folder: Path, name: str, files: list[Path], prepare: object) -> tuple[float, str]:
    """The median day in a fresh lake after `prepare`."""
    home = folder / name
    os.environ["FENGQIAO_HOME"] = str(home)
    os.environ["FENGQIAO_SECRETS"] = str(folder / "secrets")
    take(files[0])
    words = prepare() if callable(prepare) else ""
    seconds = [take(path) for path in files[1:]]
    return statistics.median(seconds), str(words or "")


def main(
    days: Annotated[int, typer.Option(help="days taken in by each lake")] = 9,
    commits: Annotated[int, typer.Option(help="commits of the third lake")] = MANY_COMMITS,
    months: Annotated[int, typer.Option(help="months before, of the second lake")] = PAST_MONTHS,
) -> None:
    """Measure and print."""
    os.environ["FENGQIAO_AS_OF"] = datetime(2026, 10, 31, 1, tzinfo=UTC).isoformat()
    with tempfile.TemporaryDirectory(prefix="fengqiao-growth-") as made:
        folder = Path(made)
        city(folder / "agencies")
        files = sorted((folder / "agencies" / FEED).glob("*.csv"))[: days + 1]
        one, _ = measured(folder, "one-month", files, None)
        five, rows = measured(folder, "five-years", files, lambda: lengthen(months))
        many, _ = measured(folder, "many-commits", files, lambda: many_commits(commits))
    table = Table("lake", "median of a day, s", "against one month")
    table.add_row("one month", f"{one:.3f}", "1.00")
    table.add_row(f"{months + 1} months, {rows} rows", f"{five:.3f}", f"{five / one:.2f}")
    table.add_row(f"{commits} commits", f"{many:.3f}", f"{many / one:.2f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
