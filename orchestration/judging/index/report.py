"""The sensitivity of the version in force, for whoever signs it: gate, alternatives, variance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ingestion import places
from ingestion.lake import duck
from orchestration.judging.context import read_index
from orchestration.judging.index import sensitivity
from orchestration.judging.index.framework import read_versions
from orchestration.judging.index.score import scored_months


class NoVersion(LookupError):
    """No version of that card can be scored; the message says why."""


@dataclass(frozen=True)
class Report:
    """`compared` one row per alternative, `variance` one per choice (S_i, S_Ti)."""

    state: dict[str, Any]
    compared: list[dict[str, Any]]
    variance: list[dict[str, Any]]


def report(card: str) -> Report:
    """Compare the newest version of a card with its alternatives, on the counts of the build file.

    Raises NoVersion where there is none, FileNotFoundError before the first run.
    """
    file = places.build() / "fengqiao.duckdb"
    if not file.exists():
        raise FileNotFoundError(f"{file} is not there: run `fengqiao run` first")
    with duck.connect(file, read_only=True) as con:
        inputs = read_index(con)
        today: date = con.execute("select max(as_of)::date from judged.fct_indicator").fetchall()[
            0
        ][0]
    versions, refused = read_versions(inputs.versions, inputs.items)
    mine = [v for v in versions if v.card == card]
    if not mine:
        raise NoVersion("; ".join(refused) or f"no version of a card {card}; TOWN and DEPT exist")
    version = mine[-1]
    months = scored_months(version, inputs, today)
    if not len(months):
        raise NoVersion(f"version {version.name} has no month with data yet")
    gate = sensitivity.gate(version, inputs, months)
    parts = sensitivity.sobol(version, inputs, months) if gate.compared else []
    return Report(
        {
            "version": version.name,
            "card": card,
            "month": str(months[-1]),
            "consistency_ratio": version.consistency and round(version.consistency, 4),
            "stopped": gate.blocked_zh,
        },
        [
            {
                "choice": c.alternative,
                "kendall_tau": round(c.tau, 3),
                # Bands are cut on goalposts: on another scale they say nothing.
                "band_changed": None
                if c.alternative.startswith("normalisation")
                else f"{c.band_changed_share:.0%}",
            }
            for c in gate.compared
        ],
        [
            {"choice": name, "alone": round(alone, 3), "with_others": round(together, 3)}
            for name, alone, together in parts
        ],
    )
