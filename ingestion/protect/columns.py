"""Apply each column's class (pii_masking): drop, presence only, band or token.

Deny by default: the result has the contract's landed columns and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import polars as pl

from ingestion.conform.checksum import holds
from ingestion.conform.convert import LOCAL_ZONE
from ingestion.conform.rows import DELETED
from ingestion.contract.model import BANDED, TOKENISED, Contract
from ingestion.receive.text import SOURCE_ROW

# What a row carries beside its content, none of it from a cell.
CARRIED = (SOURCE_ROW, DELETED, "_valid_from", "_month")
# pii_masking: YEARBAND. The five-year bands beside them are cut where these begin and end.
YOUTH_BANDS = ((10, 13), (14, 15), (16, 17), (18, 21), (22, 25), (26, 29))
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
    told = pl.DataFrame(
        {
            "upper": upper,
            "person": holds(upper, "GB 11643"),
            "company": holds(upper, "GB 32100"),
            "token": tokens(upper, key),
        }
    )
    enterprise = pl.col("company").fill_null(False) & ~pl.col("person").fill_null(False)
    return told.select(pl.when(enterprise).then("upper").otherwise("token")).to_series()


def age_band(birth: pl.Expr, moment: pl.Expr) -> pl.Expr:
    """The band of an age at a moment: 14-15, 16-17, 18-21, 22-25, otherwise five years.

    Whole years as the civil law counts them: complete on the birthday. `birth` is a date,
    `moment` an instant, read in local time; a birth after the moment has no band.
    """
    at = moment.dt.convert_time_zone(LOCAL_ZONE)
    now, born = (d.dt.month().cast(pl.Int32) * 100 + d.dt.day() for d in (at, birth))
    early = now < born
    age = at.dt.year() - birth.dt.year() - early.cast(pl.Int32)
    five = age // 5 * 5
    band = pl.format("{}-{}", five, five + 4)
    for low, high in YOUTH_BANDS:
        band = pl.when(age.is_between(low, high)).then(pl.lit(f"{low}-{high}")).otherwise(band)
    return pl.when(age >= 0).then(band)


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
        if field.presence_only:
            columns.append(pl.col(field.name).is_not_null().alias(name))
        elif field.pii in BANDED:
            columns.append(age_band(pl.col(field.name), pl.col("_valid_from")).alias(name))
        elif field.pii == "IDT":
            columns.append(_party(rows[field.name], key_of(domain)).alias(name))
        elif field.pii in TOKENISED or field.token:
            columns.append(tokens(rows[field.name], key_of(domain)).alias(name))
        else:
            columns.append(pl.col(field.name).alias(name))
    return rows.select(columns)
