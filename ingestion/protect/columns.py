"""Apply each column's class (pii_masking): drop, presence only, or token.

Deny by default: the result has the contract's landed columns and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import polars as pl

from ingestion.contract.model import PRESENCE_ONLY, TOKENISED, Contract
from ingestion.receive.text import SOURCE_ROW

KeyOf = Callable[[str], bytes]
TOKEN_HEX_CHARS = 64


def tokens(values: pl.Series, key: bytes) -> pl.Series:
    """HMAC-SHA256 of each value, hex; distinct values are computed once (DP-05)."""
    distinct = values.drop_nulls().unique()
    made = [hmac.digest(key, v.encode("utf-8"), "sha256").hex() for v in distinct]
    return values.replace_strict(distinct, pl.Series(made, dtype=pl.String), default=None)


def protect(contract: Contract, rows: pl.DataFrame, key_of: KeyOf) -> pl.DataFrame:
    """The landed columns of `rows`; `key_of(domain)` gives the token key of a domain."""
    columns: list[pl.Expr | pl.Series] = [pl.col(SOURCE_ROW)]
    for field in contract.landed:
        name = field.landed_name
        if name is None:
            continue
        if field.pii in PRESENCE_ONLY:
            columns.append(pl.col(field.name).is_not_null().alias(name))
        elif field.pii in TOKENISED:
            columns.append(tokens(rows[field.name], key_of(contract.domain)).alias(name))
        else:
            columns.append(pl.col(field.name).alias(name))
    return rows.select(columns)
