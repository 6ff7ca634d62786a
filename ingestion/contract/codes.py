"""Code tables (R06): the seed `seed_code.csv` is the one list; this reads it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "seed_code.csv"


@dataclass(frozen=True)
class CodeTable:
    """Either the codes of a list we hold, or the pattern of a standard held elsewhere."""

    name: str
    codes: tuple[str, ...] = ()
    pattern: str | None = None


@lru_cache(maxsize=1)
def tables() -> dict[str, CodeTable]:
    """All code tables by name."""
    rows = pl.read_csv(SEED, infer_schema=False)
    found: dict[str, CodeTable] = {}
    for name, group in rows.group_by("code_table", maintain_order=True):
        key = str(name[0])
        pattern = group["pattern"][0] if group["code"][0] == "*" else None
        codes = () if pattern else tuple(group["code"].to_list())
        found[key] = CodeTable(key, codes, pattern)
    return found


def table(name: str) -> CodeTable:
    """One code table; an unknown name is an error of the contract."""
    try:
        return tables()[name]
    except KeyError:
        raise ValueError(f"code table {name!r} is not in seed_code.csv") from None


@lru_cache(maxsize=1)
def districts() -> tuple[str, ...]:
    """Codes of the city's districts (R01 rows of level 2)."""
    rows = pl.read_csv(SEED.with_name("seed_division.csv"), infer_schema=False)
    return tuple(sorted(rows.filter(pl.col("unit_level") == "2")["region_code"].to_list()))
