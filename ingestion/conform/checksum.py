"""Check characters of the two national numbers, on whole columns.

GB 32100 (unified social credit code): 17 characters weighted by 3^i mod 31 over an alphabet
without I, O, S, V, Z. GB 11643 (resident identity number): MOD 11-2 over 17 digits. Both say
only whether a number can exist; distinct values are computed once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

_LENGTH = 18
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)], dtype=np.int64)
_IDENTITY_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_IDENTITY_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def _credit(cells: Bytes) -> Flags:
    value = np.zeros(256, dtype=np.int64)
    for number, character in enumerate(_CREDIT):
        value[ord(character)] = number
    digits = value[cells]
    check = (31 - (digits[:, :17] * _CREDIT_WEIGHTS).sum(axis=1) % 31) % 31
    return np.asarray(check == digits[:, 17])


def _identity(cells: Bytes) -> Flags:
    digits = cells[:, :17].astype(np.int64) - ord("0")
    check = _IDENTITY_CHECK[(digits * _IDENTITY_WEIGHTS).sum(axis=1) % 11]
    return np.asarray(check == cells[:, 17])


_KINDS: dict[str, tuple[str, Callable[[Bytes], Flags]]] = {
    "GB 32100": (f"^[{_CREDIT}]{{18}}$", _credit),
    "GB 11643": (r"^\d{17}[\dX]$", _identity),
}


def holds(values: pl.Series, kind: str) -> pl.Series:
    """Whether each value is well formed and bears its check character; null stays null."""
    pattern, check = _KINDS[kind]
    column, value = values.to_frame("value"), pl.col("value")
    shaped = column.lazy().unique().filter(value.str.contains(pattern)).collect().to_series()
    good = shaped
    if len(shaped):
        cells = np.frombuffer("".join(shaped.to_list()).encode("ascii"), np.uint8)
        good = shaped.filter(pl.Series(check(cells.reshape(-1, _LENGTH))))
    listed = value.is_in(pl.lit(good).implode())
    found = column.select(pl.when(value.is_not_null()).then(listed))
    return found.to_series().rename(values.name)
