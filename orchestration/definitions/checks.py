"""The contracts' table-level rules: run into the log O02, reported as Dagster asset checks.

O02 is an asset of its own between the feeds and dbt, so that the marts always see the checks of
their own run. A red check greys what depends on it; it does not stop the run.
"""

from collections.abc import Iterator

import dagster as dg
from dagster import AssetCheckExecutionContext

from ingestion import clock
from ingestion.contract import load_all
from ingestion.lake.logs import read_log
from orchestration.definitions.executor import alone
from orchestration.definitions.feeds import feed_key
from orchestration.run.day import register_lake
from quality.run import planned, record, run_checks

TEST_RUN = dg.AssetKey(["lake", "o02_test_run"])


@dg.asset(
    key=TEST_RUN,
    deps=[feed_key(c) for c in load_all().values()],
    group_name="logs",
    kinds={"deltalake"},
)
def test_run() -> dg.MaterializeResult[None]:
    """Run every feed's suite (great-expectations) and log counts, never values."""
    with alone() as as_of:
        register_lake(as_of)
        results = run_checks(list(load_all()), as_of)
        record(results, as_of)
    failed = sum(not r.passed for r in results)
    return dg.MaterializeResult(metadata={"checks": len(results), "failed": failed})


def _specs() -> list[dg.AssetCheckSpec]:
    as_of = clock.as_of()
    return [
        dg.AssetCheckSpec(
            name=rule.name,
            asset=feed_key(contract),
            description=rule.title_zh,
            additional_deps=[TEST_RUN],
            metadata={"severity": rule.severity},
        )
        for contract in load_all().values()
        for rule in planned(contract, as_of)
    ]


@dg.multi_asset_check(specs=_specs(), name="feed_checks", can_subset=True)
def feed_checks(context: AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Report the latest logged result of each selected check."""
    contracts = load_all()
    log = read_log("o02_test_run").sort("run_time")
    latest = {(r["feed_code"], r["test_name"]): r for r in log.to_dicts()}
    selected = {(k.asset_key, k.name) for k in context.selected_asset_check_keys}
    for (code, name), row in latest.items():
        if code in contracts and (feed_key(contracts[code]), name) in selected:
            severe = row["severity"] == "E"
            yield dg.AssetCheckResult(
                asset_key=feed_key(contracts[code]),
                check_name=name,
                passed=bool(row["passed"]),
                severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
                description=row["detail"],
                metadata={
                    "failed_rows": row["failed_rows_n"] or 0,
                    "checked_rows": row["checked_rows_n"] or 0,
                },
            )
