"""Invented companies: valid unified social credit codes that nobody bears, and their names.

The body code of a code starts with `XQ` (虚企), as that of invented departments starts with `XN`;
real bodies are digits or start with M. Check characters by GB 11714-1997 and GB 32100-2015.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.reference.codes import GB32100
from simulation.world import Ints, World

TRADES = (
    "建设",
    "市政",
    "机电",
    "纺织",
    "商贸",
    "餐饮",
    "物业",
    "食品",
    "环保",
    "物流",
    "印染",
    "装饰",
)
WORDS = (
    "越隆",
    "鉴湖",
    "会稽",
    "兰渚",
    "稽山",
    "镜水",
    "若耶",
    "剡溪",
    "东浦",
    "安昌",
    "禹陵",
    "曹娥",
)
BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
CODE_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)], dtype=np.int64)
_BODY_X, _BODY_Q = 33, 26  # values of X and Q in GB 11714
_ALPHABET = np.array(list(GB32100))


def credit_codes(region: pl.Series, number: Ints, category: str = "1") -> pl.Series:
    """Codes of companies: `region` six digits, `number` below 1,000,000.

    `category` after the 9 of the register of companies: 1 an enterprise, 2 a household business.
    """
    digits = number[:, None] // 10 ** np.arange(5, -1, -1, dtype=np.int64) % 10
    letters = np.broadcast_to(np.array([_BODY_X, _BODY_Q]), (len(number), 2))
    rest = 11 - (np.hstack([letters, digits]) * BODY_WEIGHTS).sum(1) % 11
    body_check = np.where(rest == 10, GB32100.index("X"), rest % 11)
    place = region.cast(pl.Int64).to_numpy()[:, None] // 10 ** np.arange(5, -1, -1) % 10
    head = np.broadcast_to(np.array([9, int(category)]), (len(number), 2))
    names = np.broadcast_to(np.array([GB32100.index("X"), GB32100.index("Q")]), (len(number), 2))
    values = np.hstack([head, place, names, digits, body_check[:, None]])
    check = (31 - (values * CODE_WEIGHTS).sum(1) % 31) % 31
    cells = _ALPHABET[np.hstack([values, check[:, None]])]
    return pl.Series("code", np.ascontiguousarray(cells).view("<U18").ravel().tolist())


def company_names(world: World, town: Ints, number: Ints) -> pl.Series:
    """A name made of the town's, a word and a trade; the number keeps it the only one."""
    place = world.towns["name_zh"].str.replace("(街道|镇|乡)$", "").gather(pl.Series(town))
    word = pl.Series(list(WORDS)).gather(pl.Series(number % len(WORDS)))
    trade = pl.Series(list(TRADES)).gather(pl.Series(number // 7 % len(TRADES)))
    table = pl.DataFrame({"p": place, "w": word, "t": trade, "n": number})
    return table.select(pl.format("{}{}{}{}号有限公司", "p", "w", "t", "n")).to_series()
