"""Units that agencies send, as factors to the unit the lake keeps. One home for each factor.

Areas: 1 亩 = 10,000/15 m² (State Council order on legal units, 1984: 15 亩 to the hectare).
"""

from __future__ import annotations

from fractions import Fraction

_TO_BASE: dict[str, tuple[str, Fraction]] = {
    "元": ("元", Fraction(1)),
    "千元": ("元", Fraction(1_000)),
    "万元": ("元", Fraction(10_000)),
    "亿元": ("元", Fraction(100_000_000)),
    "平方米": ("平方米", Fraction(1)),
    "亩": ("平方米", Fraction(10_000, 15)),
    "公顷": ("平方米", Fraction(10_000)),
    "平方公里": ("平方米", Fraction(1_000_000)),
    "吨": ("吨", Fraction(1)),
    "千克": ("吨", Fraction(1, 1_000)),
    "分钟": ("分钟", Fraction(1)),
    "小时": ("分钟", Fraction(60)),
    "日": ("日", Fraction(1)),
}


def factor(source: str, target: str) -> Fraction:
    """By what a number in `source` is multiplied to be in `target`; ValueError if unrelated."""
    if source == target:
        return Fraction(1)
    if source not in _TO_BASE or target not in _TO_BASE:
        unknown = source if source not in _TO_BASE else target
        raise ValueError(f"unit {unknown!r} is not known (ingestion/conform/units.py)")
    (base, up), (other, down) = _TO_BASE[source], _TO_BASE[target]
    if base != other:
        raise ValueError(f"{source} cannot be converted to {target}")
    return up / down


def base_of(unit: str) -> str | None:
    """The unit the lake keeps for one that is sent; None where it is not known."""
    return _TO_BASE[unit][0] if unit in _TO_BASE else None


def decimal_places(ratio: Fraction) -> int | None:
    """n where the factor is 10^n (n >= 0); None where a decimal would not stay exact."""
    n, rest = 0, ratio
    while rest > 1 and rest.denominator == 1 and rest.numerator % 10 == 0:
        n, rest = n + 1, rest / 10
    return n if rest == 1 else None
