"""Apply each column's class (pii_masking): drop, presence only, or token.

Deny by default: the result has the contract's landed columns and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import polars as pl

from ingestion.conform.checksum import holds
from ingestion.conform.rows import DELETED
from ingestion.contract.model import PRESENCE_ONLY, TOKENISED, Contract
from ingestion.receive.text import SOURCE_ROW

# What a row carries beside its content, none of it from a cell.
CARRIED = (SOURCE_ROW, DELETED, "_valid_from", "_month")
KeyOf = Callable[[str], bytes]
TOKEN_HEX_CHARS = 64


def tokens(values: pl.Series, key: bytes) -> pl.Series:
    """HMAC-SHA256 of each value, hex; distinct values are computed once (DP-05)."""
    distinct = values.drop_nulls().unique()
    made = [hmac.digest(key, v.encode("utf-8"), "sha256").hex() for v in distinct]
    return values.replace_strict(distinct, pl.Series(made, dtype=pl.String), default=None)


def _party(values: pl.Series, key: bytes) -> pl.Series:
    """A token for every number but an enterprise's: what may be a person's never stays clear.

    An all-digit credit code can pass the identity check too; it is then tokenised.
    """
    upper = values.str.to_uppercase()
    person = holds(upper, "GB 11643").fill_null(False)
    enterprise = holds(upper, "GB 32100").fill_null(False) & ~person
    return pl.select(pl.when(enterprise).then(upper).otherwise(tokens(upper, key))).to_series()


def protect(contract: Contract, rows: pl.DataFrame, key_of: KeyOf) -> pl.DataFrame:
    """The landed columns of `rows` and what they carry beside them.

    `key_of(domain)` gives the token key of a domain; a zone is a domain of its own.
    """
    beside = [c for c in CARRIED if c in rows.columns]
    columns: list[pl.Expr | pl.Series] = [pl.col(c) for c in beside]
    domain = f"zone:{contract.zone}" if contract.zone else contract.domain
    for field in contract.landed:
        name = field.landed_name
        if name is None:
            continue
        if field.pii in PRESENCE_ONLY:
            columns.append(pl.col(field.name).is_not_null().alias(name))
        elif field.pii == "IDT":
            columns.append(_party(rows[field.name], key_of(domain)).alias(name))
        elif field.pii in TOKENISED or field.token:
            columns.append(tokens(rows[field.name], key_of(domain)).alias(name))
        else:
            columns.append(pl.col(field.name).alias(name))
    return rows.select(columns)
