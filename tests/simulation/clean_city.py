"""A city without a defect, a year long, loaded and counted by the product itself.

Every feed comes in one delivery, as it stands at the end: what is tried here is what the product
counts, not how deliveries follow each other. Only the feeds behind `COUNTED` are loaded; the zones
cost two runs of dbt more, and are compared in the city of `tests/whole`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from ingestion import places
from ingestion.clock import LOCAL
from ingestion.connectors import reference
from ingestion.contract import Contract, load
from ingestion.delivery.deliver import deliver
from ingestion.delivery.received import Received, from_bytes, from_file
from ingestion.lake.views import register
from orchestration.judging.windows import label
from orchestration.transform import run_dbt
from simulation import directory
from simulation.api_data import json_rows
from simulation.business import Business
from simulation.care.youth_monthly import YouthMonthly
from simulation.channels.calendar import Span
from simulation.channels.dropped import Files
from simulation.deliveries import Ground, Manifest
from simulation.dirt import Truth
from simulation.justice import deliver as justice
from simulation.justice.cooperation import Cooperation
from simulation.justice.enforcement import Enforcement
from simulation.justice.filings import Filings
from simulation.ledger import Ledger, write_workbook
from simulation.management.places import Places
from simulation.neighbourhood.dangers import Dangers
from simulation.policing.fraud_cases import FraudCases
from simulation.policing.project_calls import ProjectCalls
from simulation.shared import Shared
from simulation.world import Period, World

# Large enough for a red light whose case was yellow before.
START, END, SEED, SCALE = date(2025, 9, 1), date(2026, 9, 30), 4712, 0.1
# Midnight: what the world knows at its end is what the product knows then.
AS_OF = datetime(2026, 10, 1, tzinfo=LOCAL)
COUNTED = [
    "M04",
    "M08",
    "D10",
    "D11",
    "D14",
    "D15",
    "D15#homicide",
    "K03",
    "K03#overdue",
    "C04",
    "C05",
    "C07",
    "C08",
    "P03",
    "P07",
    "E02",
    "E02#median",
    "E04",
    "E08",
    "L01",
    "L02",
    "L03",
    "L04",
    "L05",
    "L06",
    "L07",
    "L08",
    "Z01",
    "Z02",
    "Z03",
    "Y01",
    "Y02",
    "Y03",
    "Y04",
]


@dataclass(frozen=True)
class Whole(World):
    """A world that delivers once, at its end."""

    @cached_property
    def periods(self) -> list[Period]:
        return [Period(self.start, self.end, True)]


def _asked_for(contract: Contract, frame: pl.DataFrame, world: World) -> Received:
    """What an interface, a table or a stream shows: the last change of each key, as JSON lines."""
    key = list(contract.key)
    names = [f.name for f in contract.fields]
    last = frame.sort("updated", maintain_order=True).unique(key, keep="last", maintain_order=True)
    sent = json_rows(last.select(*names, "updated"), key[0])
    lines, name = sent["row"], f"{contract.code}.ndjson"
    if contract.is_stream:
        message = sent.with_row_index("offset").select(
            "offset", pl.col("changed").dt.epoch("ms").alias("timestamp"), "key", value="row"
        )
        lines = message.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    content = ("\n".join(lines) + "\n").encode()
    received = from_bytes(contract, content, world.start, world.end, name)
    sequence = f"{contract.code}/0/0-{sent.height - 1}" if contract.is_stream else None
    return replace(received, sequence=sequence)


def _frames(world: World, shared: Shared) -> dict[str, pl.DataFrame]:
    """The declared frames of the feeds that are asked for, and of plain files."""
    business, enforcement = Business(world, shared), Enforcement(world)
    return {
        "F20": shared.disputes.events,
        "F02": shared.feedback.changes,
        "F05": Cooperation(world, enforcement).rows(),
        "F04": enforcement.rows(),
        "F16": FraudCases(world).rows(),
        "F09": shared.warnings.changes,
        "F01": shared.calls.messages().with_columns(
            *(pl.lit(None, pl.String).alias(c) for c in ("caller_name", "caller_phone", "addr")),
            updated=(pl.col("at") * 1_000_000).cast(pl.Datetime("us")),
        ),
        "P07": business.reports.filed,
        "P26": business.petitions.matters,
        "P29": business.gatherings.weeks,
        "P37": Dangers(world, Places(world)).rows(),
        "P41": ProjectCalls(world, shared.projects).rows(),
        "F15": YouthMonthly(world).rows(),
        "F06": Filings(world).rows(),
    }


def _deliveries(ground: Ground, shared: Shared) -> Iterator[Received]:
    """Everything that is delivered, directory first."""
    world, out = ground.world, ground.manifest.out
    directory.deliver(ground)
    justice.deliver(ground, shared.cases, shared.warnings)
    ground.folder("F24")
    write_workbook(Ledger(world).known_at(world.end), world.end, out / "F24" / "F24.xlsx")
    span = Span(world.start, world.end, f"{world.end:%Y%m%d}", AS_OF)
    yield from reference.pending(load("R07"), AS_OF)
    for code, frame in _frames(world, shared).items():
        contract = load(code)
        if contract.server.kind == "inbox":
            Files(ground, contract, [span], 1).deliver(frame, [])
        else:
            yield _asked_for(contract, frame, world)
    for path in sorted((out / "R02").iterdir()):
        day = date.fromisoformat(path.stem.removeprefix("R02_"))
        yield from_file(load("R02"), path, day, day, None)
    for code in ("F24", "F08", "P29", "P37", "P41", "F15", "F06"):
        for path in sorted((out / code).iterdir()):
            if path.suffix != ".chk":
                yield from_file(load(code), path, world.start, world.end, None)


def raise_clean_city(folder: Path) -> tuple[Shared, pl.DataFrame]:
    """Load and count it in this process's data home; gives its lives and the product's counts."""
    world = Whole(SEED, START, END, SCALE)
    shared = Shared(world)
    ground = Ground(world, 0.0, Manifest(folder), Truth())
    for received in _deliveries(ground, shared):
        receipt = deliver(received)
        assert (receipt.refusal, receipt.quarantined_n) == (None, 0), receipt.words()
    return shared, _counts()


def _counts() -> pl.DataFrame:
    """What was counted, before anything is judged or hidden."""
    file = places.build() / "fengqiao.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as con:
        con.execute("set TimeZone = 'Asia/Shanghai'")
        register(con, AS_OF)
    models = ["ind_" + c.lower().replace("#", "_") for c in COUNTED]
    run_dbt(AS_OF, select=[f"+{m}" for m in models], command="run")
    found = [_read(file, f"marts.{m}") for m in models]
    every = pl.concat(found)
    windows = every["window_kind"].unique().to_list()
    named = [
        every.filter(pl.col("window_kind") == w).with_columns(period_label=label(w))
        for w in windows
    ]
    return pl.concat(named)


def _read(file: Path, table: str) -> pl.DataFrame:
    query = (
        "select indicator_code, unit_level, unit_code, window_kind, period_start, period_end,"
        f" numerator, denominator, stat_value, is_running from {table}"
    )
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(query).pl()
