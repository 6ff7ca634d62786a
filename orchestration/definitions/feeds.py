"""One asset per contract: what materialises it is a delivery.

Dagster skips whatever comes after a step that failed, and checks, marts and pages come after all
feeds: one agency's outage would cost the city its day. So a feed that could not be taken in, when
the last retry is over, is a failed check (`taken_in`) of an asset whose step ends well; what
depends on it goes grey by the age of its data. The run bears the feed's code as a tag.

Dagster takes other feeds while one waits for its next try. dagster-celery begins no step after one
that was lost, so that a feed waiting there would keep the run from ever ending: on workers the step
itself waits.
"""

import time
from collections.abc import Mapping

import dagster as dg

from ingestion.contract import Contract, load_all
from orchestration.definitions.executor import noting, one_feed
from orchestration.run.intake import Intake, take_feed
from orchestration.service.broker import fanned_out

LAKE = "lake"
TAKEN_IN = "taken_in"
NOT_TAKEN_IN = "fengqiao/not_taken_in."  # tag of a run, with the feed's code
AGAIN = dg.RetryPolicy(
    max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)


def feed_key(contract: Contract) -> dg.AssetKey:
    """The key under which dbt's source knows the feed, too."""
    return dg.AssetKey([LAKE, contract.table])


def not_taken_in(tags: Mapping[str, str]) -> list[str]:
    """The feeds that a run could not take in, by its tags."""
    return sorted(t.removeprefix(NOT_TAKEN_IN) for t in tags if t.startswith(NOT_TAKEN_IN))


def _taken(context: dg.AssetExecutionContext, contract: Contract) -> Intake:
    """Ask the feed until it is taken in, or the last try is over."""
    intake = Intake()
    tried = context.op_execution_context.retry_number
    while True:
        intake.failures.clear()
        with one_feed(contract.code):
            take_feed(contract, intake)
        failure = intake.failures.get(contract.code)
        if failure is None or tried == AGAIN.max_retries:
            return intake
        tried += 1
        context.log.warning(f"feed:{contract.code} could not be taken in: {failure}")
        wait_s = AGAIN.calculate_delay(tried)
        if not fanned_out():
            raise dg.RetryRequested(max_retries=AGAIN.max_retries, seconds_to_wait=wait_s)
        time.sleep(wait_s)


def _materialise(
    context: dg.AssetExecutionContext, contract: Contract
) -> dg.MaterializeResult[None]:
    intake = _taken(context, contract)
    failure = intake.failures.get(contract.code)
    if failure is not None:
        context.log.error(f"feed:{contract.code} could not be taken in: {failure}")
        with noting():  # Dagster reads a run's tags, adds, and writes them back
            context.instance.add_run_tags(context.run.run_id, {NOT_TAKEN_IN + contract.code: "1"})
    new = [r for r in intake.receipts if not r.repeated]
    taken_in = dg.AssetCheckResult(
        check_name=TAKEN_IN,
        passed=failure is None,
        severity=dg.AssetCheckSeverity.ERROR,
        description=failure or "",
    )
    return dg.MaterializeResult(
        check_results=[taken_in],
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
        },
    )


def _asset(contract: Contract) -> dg.AssetsDefinition:
    @dg.asset(
        key=feed_key(contract),
        group_name="feeds",
        description=f"{contract.name}\n\n{contract.usage}",
        kinds={"deltalake", *contract.formats},
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
        check_specs=[
            dg.AssetCheckSpec(
                TAKEN_IN,
                asset=feed_key(contract),
                description="到期的报送均已接收或逐条退回（来源可达，无未预料的错误）",
            )
        ],
        # What `_materialise` does not expect is tried again as well.
        retry_policy=None if fanned_out() else AGAIN,
    )
    # Dagster takes MaterializeResult[None] for one output, and the check is another.
    def deliver(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        # Read again by code: a contract changed on disk counts without a restart.
        return _materialise(context, load_all()[contract.code])

    return deliver


def feed_assets() -> list[dg.AssetsDefinition]:
    """An asset for every contract of the city."""
    return [_asset(c) for c in load_all().values()]
