"""Personal data that belongs to nobody, so that its protection can be proven.

Names end in one of 144 character pairs that occur in no place or organisation name; mobile
numbers lie in segments no operator has been given (160, 161, 163, 164, 168, 169); resident
IDs bear the sequence number 000, which is never issued, and a valid check digit (GB 11643).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from simulation.world import Ints

SURNAMES = tuple(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
    "戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
)
GIVEN_FIRST = tuple("龑翃翀旻昉昶晟暐暠晔煜燊")
GIVEN_SECOND = tuple("垚堃喆赟禛祎祺骉骙彧瑀珺")
SEGMENTS = np.array([160, 161, 163, 164, 168, 169], dtype=np.int64)
# GB/T 2260 codes of the city's districts, abolished ones included (330621, 330682).
ID_PREFIX = np.array([330602, 330621, 330682, 330624, 330681, 330683], dtype=np.int64)
BORN = (-7305, 13_149)  # first day number of birth and the one after the last
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_CHECK = np.array(list("10X98765432"))


def sentinel_names() -> list[str]:
    """Every name the simulation may write: finding one in the data home is a leak."""
    return [s + a + b for s in SURNAMES for a in GIVEN_FIRST for b in GIVEN_SECOND]


def mobiles(rng: np.random.Generator, n: int) -> Ints:
    """Eleven-digit numbers of unassigned segments."""
    return rng.choice(SEGMENTS, n) * 100_000_000 + rng.integers(0, 100_000_000, n)


def check_digit(first17: Ints) -> npt.NDArray[np.str_]:
    """MOD 11-2 check character of 17-digit numbers (GB 11643)."""
    digits = first17[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    return np.asarray(_CHECK[(digits * _WEIGHTS).sum(1) % 11])


def resident_ids(rng: np.random.Generator, n: int) -> pl.Series:
    """Checksum-valid 18-character numbers with birth dates from 1950 to 2005."""
    days = rng.integers(*BORN, n)
    return _resident_ids(rng.choice(ID_PREFIX, n), days)


def distinct_resident_ids(rng: np.random.Generator, n: int) -> pl.Series:
    """The same, no number twice; at most 122,724 of them."""
    at = rng.permutation((BORN[1] - BORN[0]) * len(ID_PREFIX))[:n]
    return _resident_ids(ID_PREFIX[at % len(ID_PREFIX)], BORN[0] + at // len(ID_PREFIX))


def _resident_ids(prefix: Ints, days: Ints) -> pl.Series:
    birth = pl.Series("d", days).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y%m%d")
    first17 = prefix * 10**11 + birth.cast(pl.Int64).to_numpy() * 1000
    last = pl.Series("c", check_digit(first17).tolist())
    return pl.Series("id", first17).cast(pl.String) + last
