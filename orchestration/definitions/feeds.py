"""One asset per contract: what materialises it is a delivery."""

from __future__ import annotations

import dagster as dg

from ingestion.contract import Contract, load_all
from ingestion.lock import run_lock
from orchestration.run.intake import Intake, take_feed

LAKE = "lake"


def feed_key(contract: Contract) -> dg.AssetKey:
    """The key under which dbt's source knows the feed, too."""
    return dg.AssetKey([LAKE, contract.table])


def _materialise(code: str) -> dg.MaterializeResult[None]:
    # Read again by code: a contract changed on disk counts without a restart.
    contract = load_all()[code]
    intake = Intake()
    with run_lock():
        take_feed(contract, intake)
    if code in intake.failures:
        raise dg.Failure(description=intake.failures[code], allow_retries=True)
    new = [r for r in intake.receipts if not r.repeated]
    return dg.MaterializeResult(
        metadata={
            "deliveries": len(new),
            "rows_in": sum(r.rows_n or 0 for r in new),
            "inserted": sum(r.inserted_n for r in new),
            "updated": sum(r.updated_n for r in new),
            "quarantined": sum(r.quarantined_n for r in new),
            "refused_whole": sum(r.refusal is not None for r in new),
            "receipts": dg.MetadataValue.md(
                "\n".join(f"- {r.words()}" for r in new) or "nothing new"
            ),
        }
    )


def _asset(contract: Contract) -> dg.AssetsDefinition:
    @dg.asset(
        key=feed_key(contract),
        group_name="feeds",
        description=f"{contract.name}\n\n{contract.usage}",
        kinds={"deltalake", contract.server.format},
        owners=[],
        tags={"level": contract.level_landed, "frequency": contract.frequency.replace(" ", "_")},
        metadata={
            "feed": f"feed:{contract.code}",
            "owner": contract.owner,
            "legal_basis": contract.legal_basis,
            "purpose": contract.purpose,
            "retention_days": contract.retention_days,
            "grain": contract.grain,
        },
        # An agency's outage is retried; the run goes on with the other feeds meanwhile.
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5, jitter=dg.Jitter.PLUS_MINUS),
    )
    def deliver() -> dg.MaterializeResult[None]:
        return _materialise(contract.code)

    return deliver


def feed_assets() -> list[dg.AssetsDefinition]:
    """An asset for every contract of the city."""
    return [_asset(c) for c in load_all().values()]
