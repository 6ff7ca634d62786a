"""Names of offices and indicators, from the seeds and the contracts."""

from __future__ import annotations

from functools import lru_cache

from ingestion.contract import Contract
from orchestration.alert.cause import PLATFORM
from orchestration.transform.seeds import seed_rows


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {line["org_code"]: line["name_zh"] for line in seed_rows("seed_organisation")}


def office_name(code: str, contract: Contract | None = None) -> str:
    """What people call an office."""
    if code == PLATFORM:
        return "数据平台运维"
    return _names().get(code) or (contract.owner if contract else code)


def office_of(contract: Contract) -> str:
    """The office that answers for a feed."""
    return contract.owner_org_code or PLATFORM


@lru_cache(maxsize=1)
def _readers() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in seed_rows("seed_indicator_registry"):
        for feed in line["sources"].replace(" ", "").split(";"):
            # C02#2 is C02 in its other reading: one name is enough.
            code = line["indicator_code"]
            if feed and "#" not in code:
                found.setdefault(feed, []).append(f"{code} {line['name_zh']}")
    return {feed: tuple(names) for feed, names in found.items()}


def indicators_of(feed: str) -> tuple[str, ...]:
    """The indicators that read a feed, as `D07 12345按期办结率`."""
    return _readers().get(feed, ())
