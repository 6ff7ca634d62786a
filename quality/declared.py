"""Checks that a contract declares itself: a complete grid, counts against the events behind them.

And the exemptions: a check that is known to fail for a reason has an owner who answers for it and
a day on which the patience ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ingestion.contract import load_known
from ingestion.contract.calendar import due_periods
from ingestion.contract.model import Contract, Field
from quality.rules import Rule, derived_rules, field_of, local_day, quoted, table_of, text

GRID_DAYS = 35
SUM_DAYS = 35
SUM_SHARE = 0.98


def _declared(contract: Contract, check: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(entry, implementation) of the contract's quality entries of one kind of check."""
    found = []
    for node in contract.table_rules:
        plan = node.get("implementation")
        if isinstance(plan, dict) and plan.get("check") == check:
            found.append((node, plan))
    return found


def _rule(node: dict[str, Any], failed: str, checked: str, share: float | None = None) -> Rule:
    severity = "E" if node.get("severity", "error") == "error" else "W"
    return Rule(str(node["name"]), severity, str(node["description"]), failed, checked, share)


def complete_grid(contract: Contract, as_of: datetime) -> list[Rule]:
    """Every day has a row for every combination of the columns."""
    rules = []
    for node, plan in _declared(contract, "complete_grid"):
        day, by = local_day(field_of(contract, plan["day"])), plan["by"]
        last = newest_due_day(contract, as_of)
        if last is None:
            continue
        since = last - timedelta(days=GRID_DAYS - 1)
        per_day = " * ".join(_size(field_of(contract, c)) for c in by)
        first = f"(select greatest(min({day}), date '{since}') from {table_of(contract)})"
        expected = f"((date '{last}' - {first} + 1) * {per_day})"
        columns = ", ".join(quoted(c) for c in by)
        there = (
            f"(select count(*) from (select distinct {day}, {columns} from "
            f"{table_of(contract)} where {day} between date '{since}' and date '{last}'))"
        )
        expected_or_none = f"coalesce({expected}, 0)"
        rules.append(_rule(node, f"coalesce({expected} - {there}, 0)", expected_or_none))
    return rules


def newest_due_day(contract: Contract, as_of: datetime) -> date | None:
    """Last day that should be complete in the lake."""
    periods = due_periods(contract, as_of)
    return periods[-1].period_end if periods else None


def _size(field: Field) -> str:
    """How many values a column can take: those of its seed, else of its code table."""
    if field.references:
        table, column = field.references.split(".")
        return f"(select count(distinct {quoted(column)}) from seeds.{quoted(table)})"
    return (
        f"(select count(*) from seeds.seed_code where code_table = {text(field.code_table or '')})"
    )


def _events(table: str) -> Contract:
    return next(c for c in load_known().values() if c.table == table)


def sum_of_events(contract: Contract, as_of: datetime) -> list[Rule]:
    """A feed of counts agrees with the feed of the events it counts, day by day.

    The newest day is left out: what happened before midnight may be told after it. `share` of the
    counted must agree (0.98 if left out); differences of both signs add up.
    """
    rules = []
    for node, plan in _declared(contract, "sum_of_events"):
        events = _events(plan["events"])
        last = newest_due_day(contract, as_of)
        if last is None:
            continue
        last -= timedelta(days=1)
        since = last - timedelta(days=SUM_DAYS - 1)
        by: dict[str, str] = plan.get("by", {})
        mine = ", ".join(f"{quoted(c)}::varchar as k{i}" for i, c in enumerate(by))
        theirs = ", ".join(f"{quoted(c)}::varchar as k{i}" for i, c in enumerate(by.values()))
        keys = "".join(f", k{i}" for i in range(len(by)))
        event_day = local_day(field_of(events, plan["event_day"]))
        day = local_day(field_of(contract, plan["day"]))
        where = f" and ({plan['where']})" if plan.get("where") else ""
        told = (
            f"select {event_day} as d{', ' + theirs if by else ''}, count(*) as n "
            f"from {table_of(events)} where {event_day} between date '{since}' and date '{last}'"
            f"{where} group by all"
        )
        counted = (
            f"select {day} as d{', ' + mine if by else ''}, sum({quoted(plan['count'])}) as n "
            f"from {table_of(contract)} where {day} between date '{since}' and date '{last}' "
            "group by all"
        )
        # only days on which the events were there at all
        both = (
            f"(with e as ({told}), s as ({counted}), f as (select min(d) as d from e) "
            f"select {{}} from s full join e using (d{keys}) "
            "where d >= (select d from f))"
        )
        failed = both.format("coalesce(sum(abs(coalesce(s.n, 0) - coalesce(e.n, 0))), 0)")
        checked = both.format("coalesce(sum(coalesce(s.n, 0)), 0)")
        rules.append(_rule(node, failed, checked, float(plan.get("share", SUM_SHARE))))
    return rules


FAMILIES: tuple[Callable[[Contract, datetime], list[Rule]], ...] = (complete_grid, sum_of_events)


def rules_of(contract: Contract, as_of: datetime) -> list[Rule]:
    """Every table-level rule of a feed at a moment, exemptions considered."""
    rules = derived_rules(contract, as_of)
    rules += [rule for family in FAMILIES for rule in family(contract, as_of)]
    return _exempted(contract, rules, as_of.date())


def _exempted(contract: Contract, rules: list[Rule], today: date) -> list[Rule]:
    """A rule that is exempt becomes a warning and says why; one whose day has passed is a failure
    of its own."""
    known = {e.check: e for e in contract.exemptions}
    made = []
    for rule in rules:
        exemption = known.get(rule.name)
        if exemption is not None and today <= exemption.until:
            words = f"{exemption.reason};责任人 {exemption.owner};至 {exemption.until}"
            rule = replace(rule, severity="W", exempt=words)
        made.append(rule)
    for e in contract.exemptions:
        if e.until < today:
            title = f"豁免{e.check}已于{e.until}到期,责任人 {e.owner}"
            made.append(Rule(f"exemption_{e.check}", "W", title, "1", "1"))
    return made
