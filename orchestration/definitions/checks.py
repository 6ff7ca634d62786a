"""The contracts' table-level rules as Dagster asset checks; great-expectations decides them."""

from collections.abc import Iterator

import dagster as dg
from dagster import AssetCheckExecutionContext

from ingestion import clock
from ingestion.contract import load_all
from ingestion.lock import run_lock
from orchestration.definitions.feeds import feed_key
from orchestration.run.day import register_lake
from quality.run import planned, record, run_checks


def _specs() -> list[dg.AssetCheckSpec]:
    as_of = clock.as_of()
    return [
        dg.AssetCheckSpec(
            name=rule.name,
            asset=feed_key(contract),
            description=rule.title_zh,
            metadata={"severity": rule.severity},
        )
        for contract in load_all().values()
        for rule in planned(contract, as_of)
    ]


@dg.multi_asset_check(specs=_specs(), name="feed_checks", can_subset=True)
def feed_checks(context: AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Run the selected feeds' suites, log them in O02, report counts, never values."""
    selected = {(k.asset_key, k.name) for k in context.selected_asset_check_keys}
    contracts = load_all()
    wanted = [c for c in contracts.values() if any(k == feed_key(c) for k, _ in selected)]
    as_of = clock.as_of()
    with run_lock():
        register_lake(as_of)
        results = run_checks([c.code for c in wanted], as_of)
        record(results, as_of)
    for result in results:
        key = feed_key(contracts[result.feed])
        if (key, result.name) in selected:
            severe = result.severity == "E"
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=result.name,
                passed=result.passed,
                severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
                description=result.detail,
                metadata={
                    "failed_rows": result.failed_rows_n,
                    "checked_rows": result.checked_rows_n,
                },
            )
