"""Delivers F12 and F14 as drops that only their zone can open."""

from __future__ import annotations

from functools import partial

import polars as pl

from ingestion.contract import Contract, load
from ingestion.delivery.unwrap import seal
from simulation import dirt
from simulation.care import patients, youth
from simulation.care.patients import Patients
from simulation.care.youth import Youth
from simulation.channels.drops import Drop
from simulation.deliveries import Ground, csv_bytes
from simulation.world import Period

F12_DEFECTS = [
    dirt.Defect("unknown code", "stability", "code", "quarantined", dirt.constant("X")),
    dirt.Defect("missing required", "next_due", "required", "quarantined", dirt.constant(None)),
    dirt.Defect("unparseable date", "register_date", "type", "quarantined", dirt.constant("不详")),
]
F14_DEFECTS = [
    # below fourteen nobody may be in this feed: refused at the door
    dirt.Defect("under fourteen", "age_band", "code", "quarantined", dirt.constant("9")),
    dirt.Defect(
        "missing required", "first_contact_due", "required", "quarantined", dirt.constant(None)
    ),
]


def _sealed(contract: Contract, headers: dict[str, str], _: str, text: pl.DataFrame) -> bytes:
    return seal(contract, csv_bytes(text, headers, "utf-8"))


def _name(pattern: str, period: Period) -> str:
    return pattern.replace("{period}", period.label)


def deliver(ground: Ground, care: Patients, young: Youth) -> None:
    """Both feeds, each under its own key."""
    for feed, rows, headers, key, defects, stream in (
        (
            "F12",
            care.visits,
            patients.HEADERS,
            ["patient_token", "visit_date"],
            F12_DEFECTS,
            7122,
        ),
        ("F14", young.changes, youth.HEADERS, ["case_token"], F14_DEFECTS, 7141),
    ):
        contract = load(feed)
        pattern = f"{feed}/{contract.server.options['file_pattern']}"
        Drop(
            feed,
            key,
            rows.drop("updated"),
            defects,
            stream,
            partial(_name, pattern),
            partial(_sealed, contract, headers),
        ).deliver(ground)
