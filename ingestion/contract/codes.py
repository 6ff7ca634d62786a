"""Code tables (R06): the seed `seed_code.csv` is the one list; this reads it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from ingestion import city, places

SEED = city.SEEDS / f"{city.CODES}.csv"  # the product's; a city's is `city.seed("seed_code")`


@dataclass(frozen=True)
class CodeTable:
    """Either the codes of a list we hold, or the pattern of a standard held elsewhere."""

    name: str
    codes: tuple[str, ...] = ()
    pattern: str | None = None


def tables() -> dict[str, CodeTable]:
    """All code tables by name."""
    return _tables(places.city())


@lru_cache(maxsize=4)
def _tables(_: Path | None) -> dict[str, CodeTable]:
    rows = pl.read_csv(city.seed(city.CODES), infer_schema=False)
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


def districts() -> tuple[str, ...]:
    """Codes of the city's districts (R01 rows of level 2)."""
    return tuple(sorted(city.districts()))
