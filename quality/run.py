"""Run the checks: `run_checks(feeds, as_of)`, `record(results, as_of)`, `build_data_docs(as_of)`.

The counts come from one DuckDB query per feed, the verdict from great-expectations.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ingestion import places, trace
from ingestion.contract import load_all
from ingestion.contract.model import Contract
from ingestion.lake import restate_log
from quality.declared import rules_of
from quality.measure import lake_connection, measure
from quality.rules import Rule

if TYPE_CHECKING:
    from quality.expectations import Judge


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one test. Counts only, never a value of a row."""

    name: str
    feed: str
    severity: str  # E error, W warning
    passed: bool
    failed_rows_n: int
    checked_rows_n: int
    title_zh: str
    detail: str


def planned(contract: Contract, as_of: datetime) -> list[Rule]:
    """The rules a feed will be tested by; needs neither the lake nor great-expectations."""
    return rules_of(contract, as_of)


def _detail(rule: Rule, failed: int, checked: int, broken: str | None) -> str:
    if broken:
        return f"检验未能运行({broken})"
    words = f"不合格 {failed} / 检查 {checked}"
    if rule.share is not None:
        share = 1.0 if checked == 0 else 1 - failed / checked
        words = f"符合 {share:.2%},要求不低于 {rule.share:.0%};{words}"
    return f"{words};豁免:{rule.exempt}" if rule.exempt else words


def _count(
    chosen: list[Contract], plans: dict[str, list[Rule]], file: Path
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, str]]]:
    """The counts of every feed, and the rules that could not run."""
    counts: dict[str, dict[str, int]] = {}
    broken: dict[str, dict[str, str]] = {}
    with lake_connection(file) as con:
        for contract in chosen:
            broken[contract.code] = measure(con, contract.table, plans[contract.code])
            row = con.execute(f'select * from counts.main."{contract.table}"').pl()
            counts[contract.code] = row.row(0, named=True)
    return counts, broken


def _result(
    rule: Rule, feed: str, passed: bool, counts: dict[str, int], broken: str | None
) -> CheckResult:
    failed = int(counts[rule.name] or 0)
    checked = int(counts[f"{rule.name}_checked"] or 0)
    return CheckResult(
        name=rule.name,
        feed=feed,
        severity=rule.severity,
        passed=passed,
        failed_rows_n=max(failed, 0),
        checked_rows_n=checked,
        title_zh=rule.title_zh,
        detail=_detail(rule, failed, checked, broken),
    )


def _run(feed_codes: list[str], as_of: datetime, docs: bool) -> list[CheckResult]:
    contracts = load_all()
    chosen = [contracts[code] for code in feed_codes]
    plans = {c.code: rules_of(c, as_of) for c in chosen}
    results: list[CheckResult] = []
    with tempfile.TemporaryDirectory(prefix="fengqiao-checks-") as folder:
        file = Path(folder) / "counts.duckdb"
        counts, broken = _count(chosen, plans, file)
        from quality.expectations import Judge  # three seconds: only when something is judged

        judge = Judge(file)
        for contract in chosen:
            with trace.span("check_suite", feed=contract.code):
                passed = judge.validate(contract.table, plans[contract.code], as_of)
                trace.note(checks=len(passed), failed=sum(not p for p in passed.values()))
            results += [
                _result(
                    r,
                    contract.code,
                    passed[r.name],
                    counts[contract.code],
                    broken[contract.code].get(r.name),
                )
                for r in plans[contract.code]
            ]
        if docs:
            _publish_docs(judge)
        judge.close()
    return results


def _publish_docs(judge: Judge) -> None:
    """Write Data Docs beside the old ones and put them in their place."""
    folder = places.docs() / "data-docs"
    fresh = folder.with_name("data-docs.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    judge.data_docs(fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


@trace.span("checks")
def run_checks(feed_codes: list[str], as_of: datetime) -> list[CheckResult]:
    """Test the named feeds' tables in the lake as they are now."""
    return _run(feed_codes, as_of, docs=False) if feed_codes else []


def build_data_docs(as_of: datetime) -> list[CheckResult]:
    """Test every feed and write Data Docs (counts, no values) to `docs/data-docs`."""
    return _run(list(load_all()), as_of, docs=True)


def record(results: list[CheckResult], as_of: datetime) -> None:
    """Write results to O02. A test run again at the same moment of the clock (a file came in
    between, and the clock stands still) replaces its result; the same one changes nothing."""
    if not results:
        return
    contracts = load_all()
    moment = as_of.astimezone(UTC)
    stamp = as_of.isoformat(timespec="seconds")
    rows = pl.DataFrame(
        {
            "run_id": [
                hashlib.sha256(f"{r.feed}|{r.name}|{stamp}".encode()).hexdigest()[:40]
                for r in results
            ],
            "feed_code": [r.feed for r in results],
            "owner_org_code": [contracts[r.feed].owner_org_code for r in results],
            "test_name": [r.name for r in results],
            "severity": [r.severity for r in results],
            "run_time": [moment] * len(results),
            "passed": [r.passed for r in results],
            "failed_rows_n": [r.failed_rows_n for r in results],
            "checked_rows_n": [r.checked_rows_n for r in results],
            "detail": [r.detail for r in results],
        },
        schema_overrides={"owner_org_code": pl.String},
    )
    restate_log("o02_test_run", rows, key="run_id", moment="run_time")
