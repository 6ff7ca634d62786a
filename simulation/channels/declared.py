"""Delivers a feed exactly as its contract declares: connector, form, calendar, headers, units.

An agency's module makes one frame: the contract's columns by field name, values in the unit in
which they are sent, plus `updated` (naive local): when the source changed the row. A key that
changes has one row for each change. Everything else (periods, what each delivery shows, dates in
the declared forms, headers, defects and their correction, the manifest, the truth) follows here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from ingestion.contract import Contract, load
from simulation import dirt
from simulation.api_data import JsonDefects, json_rows, spoil_json
from simulation.channels import automatic, database, streams
from simulation.channels.calendar import Span, arrival, bounds_s, on_demand, shown, spans
from simulation.channels.dropped import Files
from simulation.channels.streams import MessageDefect
from simulation.deliveries import Ground

CORRECTED_AFTER_S = 6 * 3600
STREAM_DIRT = 0.2  # what a producer sends is checked before it leaves


@dataclass(frozen=True)
class Extra:
    """Defects of a feed beside those its contract's columns can have by themselves.

    `cells` are for files (text) and databases (the column's own type), `json` for interfaces and
    streams; a rule of fate `warned` belongs here.
    """

    cells: list[dirt.Defect] = field(default_factory=list)
    json: JsonDefects = field(default_factory=list)


def stream_number(contract: Contract) -> int:
    """The feed's own stream of random numbers."""
    return 20_000 + int(contract.code[1:]) * 10 + ord(contract.code[0]) * 1000


def deliver(ground: Ground, code: str, rows: pl.DataFrame, extra: Extra | None = None) -> None:
    """All deliveries of one feed. Raises ValueError where the frame is not the contract's."""
    contract = load(code)
    periods = spans(contract, ground.world)
    if not contract.calendar and rows.height:
        periods = on_demand(rows["updated"].max().date())  # type: ignore[union-attr]
    if not periods:
        return
    names = [f.name for f in contract.fields]
    wrong = set(names) ^ (set(rows.columns) - {"updated"})
    if wrong:
        raise ValueError(f"{code}: columns {sorted(wrong)} differ from the contract")
    first = datetime.fromisoformat(f"{periods[0].start}T00:01:00")
    known = rows.select(*names, pl.max_horizontal("updated", pl.lit(first)).alias("updated"))
    more = extra or Extra()
    known = _other_ways(ground, contract, known, periods)
    match contract.server.kind:
        case "api":
            _api(ground, contract, known, periods, more)
        case "sql":
            _sql(ground, contract, known, periods, more)
        case "kafka":
            _stream(ground, contract, known, periods, more)
        case _:
            Files(ground, contract, periods, stream_number(contract)).deliver(known, more.cells)


def _other_ways(
    ground: Ground, contract: Contract, rows: pl.DataFrame, periods: list[Span]
) -> pl.DataFrame:
    """The towns that send files of their own do so; gives the rows of the others.

    What they send comes clean: its defects would be those of every other workbook.
    """
    for way in contract.ways[1:]:
        for number, sender in enumerate(way.senders):
            stream = stream_number(contract) + 1 + number
            files = Files(replace(ground, share=0.0), way, periods, stream, sender)
            files.deliver(rows.filter(pl.col("town_code") == sender), [])
        rows = rows.filter(~pl.col("town_code").is_in(way.senders))
    return rows


def _key(contract: Contract) -> pl.Expr:
    return pl.concat_str([pl.col(k).cast(pl.String) for k in contract.key], separator="|")


def _tell(ground: Ground, contract: Contract, kind: str, periods: list[Span]) -> None:
    for span in periods:
        at = arrival(contract, span).isoformat()
        ground.manifest.add_at(contract.code, kind, span.start, span.end, at)


def _api(
    ground: Ground, contract: Contract, rows: pl.DataFrame, periods: list[Span], extra: Extra
) -> None:
    text = json_rows(rows.with_columns(_key(contract).alias("__key")), "__key")
    own = pl.col("row").str.replace(r',"__key":"(?:[^"\\]|\\.)*"', "")
    text = text.with_columns(own.alias("row")).sort("changed", "key")
    share = dirt.share_of(ground.share, rows.height, len(periods))
    if share:
        text = spoil_json(
            text,
            [*automatic.json_defects(contract), *extra.json],
            share,
            ground.world,
            stream_number(contract),
            ground.truth,
            contract.code,
            bounds_s(periods),
        )
    ground.folder("api")
    text.write_parquet(ground.manifest.out / "api" / f"{contract.code.lower()}.parquet")
    _tell(ground, contract, "api", periods)


def _sql(
    ground: Ground, contract: Contract, rows: pl.DataFrame, periods: list[Span], extra: Extra
) -> None:
    """A table with one line per change; a wrong line is followed by the right one next morning."""
    watermark = str(contract.server.options["watermark"])
    lines = rows.drop("updated", strict=False).with_columns(rows["updated"].alias(watermark))
    share = dirt.share_of(ground.share, rows.height, len(periods))
    if share:
        rng = ground.world.chance(stream_number(contract))
        numbered = shown(lines.with_columns(updated=watermark), list(contract.key), periods)
        early = numbered.filter(pl.col("period") < len(periods) - 1)
        spoilt, bad = dirt.spoil(
            early.drop("period", "updated"),
            [*automatic.column_defects(contract), *extra.cells],
            share,
            rng,
            ground.truth,
            contract.code,
            "",
            _key(contract),
        )
        ends = pl.Series(bounds_s(periods)[1:]).gather(early["period"])
        morning = ((ends + CORRECTED_AFTER_S) * 1_000_000).cast(pl.Datetime("us"))
        again = early.with_columns(morning.alias(watermark))[sorted(bad.tolist())]
        # a key that changes anyway in the next span needs no correction, and must not hide it
        later = numbered.select(*contract.key, pl.col("period") - 1)
        again = again.join(later, on=[*contract.key, "period"], how="anti")
        rest = numbered.filter(pl.col("period") == len(periods) - 1)
        parts = (spoilt, again, rest)
        lines = pl.concat([p.select(lines.columns) for p in parts])
    lines = lines.sort(watermark, *contract.key)
    database.fill(ground, str(contract.server.options["table"]), lines, watermark)
    _tell(ground, contract, "sql", periods)


def _stream(
    ground: Ground, contract: Contract, rows: pl.DataFrame, periods: list[Span], extra: Extra
) -> None:
    low, high = (int(b) for b in bounds_s(periods)[[0, -1]])
    at = rows["updated"].dt.epoch("s")
    inside = rows.with_columns(key=rows.select(_key(contract)).to_series(), at=at).filter(
        pl.col("at").is_between(low, high, closed="left")
    )
    names = [f.name for f in contract.fields]
    messages = streams.encoded(inside.sort("at", "key"), names)
    kinds = [*automatic.message_defects(contract), *(MessageDefect(*d) for d in extra.json)]
    rng = ground.world.chance(stream_number(contract))
    share = dirt.share_of(ground.share, rows.height, len(periods)) * STREAM_DIRT
    # the last span may be read after the world's end, so that nothing wrong is in it
    early = pl.col("at") < int(bounds_s(periods)[-2])
    right = pl.lit(-1, pl.Int64).alias("defect")
    spoilt, rest = messages.filter(early), messages.filter(~early).with_columns(right)
    spoilt = (
        streams.spoil(spoilt, kinds, share, rng) if spoilt.height else spoilt.with_columns(right)
    )
    spoilt = streams.joined(spoilt, rest)
    # a correction after the last span would never be delivered
    spoilt = spoilt.filter(pl.col("at") < high)
    topic = str(contract.server.options["topic"])
    streams.write(ground, contract.code, topic, spoilt, kinds, periods)
