"""Names, units and limits of indicators, so that a page names an indicator by its code alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from dashboards.compiler.errors import SpecificationError
from ingestion.city import rows


@dataclass(frozen=True)
class Indicator:
    """What a block says of an indicator."""

    code: str
    name: str
    unit: str
    decimals: int

    @property
    def column(self) -> str:
        """Its column in a table with one column per indicator, e.g. `c02_2`."""
        return self.code.lower().replace("#", "_")


@lru_cache(maxsize=1)
def registry() -> dict[str, Indicator]:
    """Every indicator by its code."""
    return {
        row["indicator_code"]: Indicator(
            row["indicator_code"], row["name_zh"], row["unit"], int(row["decimals"])
        )
        for row in rows("seed_indicator_registry")
    }


def indicator(code: str) -> Indicator:
    """One indicator, or a clear word that there is none."""
    if code not in registry():
        raise SpecificationError(f"no indicator {code} in the registry")
    return registry()[code]
