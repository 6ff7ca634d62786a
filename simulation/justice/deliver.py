"""Delivers F08 as six agencies' files with control files, and F09 through their database."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import polars as pl

from simulation import dirt
from simulation.channels import database
from simulation.channels.drops import Drop
from simulation.deliveries import Ground
from simulation.justice import case_files
from simulation.justice.case_files import MANNERS, Manner
from simulation.justice.cases import CITY, Cases
from simulation.justice.warnings import Warnings
from simulation.world import Period

# A tombstone needs no more than its key: nothing in it can be wrong.
KEPT = pl.col("op") != "D"
DEFECTS = [
    dirt.Defect("unknown code", "case_domain", "code", "quarantined", dirt.constant("77"), KEPT),
    dirt.Defect(
        "missing required", "party_kind", "required", "quarantined", dirt.constant(None), KEPT
    ),
    dirt.Defect(
        "unparseable date", "file_date", "type", "quarantined", dirt.constant("上月底"), KEPT
    ),
    dirt.Defect(
        "unit in the number",
        "fine_amount",
        "type",
        "quarantined",
        dirt.constant("两千元"),
        KEPT & dirt.present("fine_amount"),
    ),
    dirt.Defect(
        "kind of the amount missing",
        "amount_kind",
        "amount_has_kind",
        "quarantined",
        dirt.constant(None),
        KEPT & dirt.present("amount_involved"),
    ),
]


def _finish(out: Path, manner: Manner, name: str, text: pl.DataFrame) -> bytes:
    blob = case_files.file_bytes(text, manner)
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.chk").write_bytes(case_files.control_bytes(blob, text, manner))
    return blob


def _name(sender: str, period: Period) -> str:
    return f"F08/F08_{sender}_{period.label}.csv"


def deliver(ground: Ground, cases: Cases, warnings: Warnings) -> None:
    """Both feeds."""
    rows = case_files.changes(ground.world, cases, warnings)
    for number, (role, manner) in enumerate(MANNERS.items()):
        mine = case_files.of_agency(rows, role)
        text = case_files.as_text(mine, manner).with_columns(mine["period"])
        sender = ground.world.organisation(CITY, role)
        Drop(
            "F08",
            "case_id",
            text,
            DEFECTS,
            7080 + number,
            partial(_name, sender),
            partial(_finish, ground.manifest.out, manner),
        ).deliver(ground)
    gone = rows.filter(pl.col("op") == "D")
    ground.truth.add(
        "F08", "", [0] * gone.height, gone["case_id"], "op", "case withdrawn", "", "deleted"
    )
    table = warnings.changes.drop("updated", "period")
    database.write_table(ground, "F09", "crime_transfer_warning", table, "update_time")
