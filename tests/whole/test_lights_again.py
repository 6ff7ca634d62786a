"""Every light outside the zones raised again from the lake, from the list of rules.

Two readings of a rule are compared with `fct_warning`, as sets of (entity, occasion). *Ever*: the
condition held at some moment up to now. *Now*: the list's expression as it stands at as_of. Where
it speaks of what once happened (`coalesce(x, as_of) > …`, a sum, a repetition) there is the first
alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.lights import published
from tests.whole.lights_of_cases import CASES
from tests.whole.lights_of_matters import MATTERS

RULES = CASES | MATTERS


@pytest.mark.parametrize("rule", RULES)
def test_the_lights_of_a_rule(city_home: Path, rule: str) -> None:
    mine = RULES[rule]()
    assert mine.ever == published(city_home, rule, standing=False)
    if mine.now is not None:
        assert mine.now == published(city_home, rule, standing=True)


def test_many_rules_have_something_to_compare(city_home: Path) -> None:
    """A small city has few grave matters; what it lacks is counted by hand in the golden city."""
    lit = [rule for rule in RULES if published(city_home, rule, standing=False)]
    assert len(lit) >= 20, sorted(set(RULES) - set(lit))
