"""Personal numbers inside text that its contract calls free of them.

A name of a project or a remark may hold a resident identity number, a mobile number or a bank
card all the same. Where one stands among words it is cut out and the row is marked; in a key or
a code, where cutting would make another code of it, the row is refused. A column whose contract
names a code table or a check character holds only what that allows, and is not looked at.

One cheap pattern passes over the column; the costly questions are put only to what it finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from ingestion import clock
from ingestion.conform.checksum import holds
from ingestion.contract.model import Field
from ingestion.receive.text import Facts

RULE = "personal_content"
IDENTITY, CARD, MOBILE = "身份证号", "银行卡号", "手机号"
# Cut out in this order: eleven digits of an identity number may look like a mobile number.
KINDS = (IDENTITY, CARD, MOBILE)
_HALF_WIDTH = dict(zip("０１２３４５６７８９Ｘｘ", "0123456789Xx", strict=True))
# Words that people write against a number without a blank.
_WORD = r"(?i:tel|phone|mobile|mob|wechat|weixin|wx|vx|qq|sj|dh)?"
_BEFORE, _AFTER = r"(?:^|[^0-9A-Za-z])", r"(?:$|[^0-9A-Za-z])"
_BORN = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_ID_SHAPE = rf"[1-9][0-9]{{5}}{_BORN}[0-9]{{3}}[0-9Xx]"
_SPACED_ID = r"[0-9]{6}[ -][0-9]{8}[ -]?[0-9]{3}[0-9Xx]"
_PHONE_SHAPE = r"(?:(?:00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"
_CARD_SHAPE = r"[0-9]{4}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?"
# In a code, a number is a card only with an issuer's first digits (ISO/IEC 7812: 3 to 6 are
# banks; 62 is UnionPay, 9558 an old series): one serial number in ten would pass Luhn.
ISSUER = r"(?:62|4|5[0-8]|35|36|37|60|65|9558)"
_CODE_CARD = rf"{ISSUER}[0-9]{{12,17}}"
# The first question to a column of Chinese text; the shapes below cost three times as much there.
_DIGITS, _DIGITS_OF_ANY_WIDTH = r"(?:[0-9][ -]?){11}", r"(?:[0-9０-９][ -]?){11}"
_WIDE_DIGIT = r"[０-９]"
_LAST_OF_REGION = {1: 5, 2: 3, 3: 7, 4: 6, 5: 4, 6: 5, 7: 1, 8: 3}
_PROVINCES = {f"{r}{n}" for r, last in _LAST_OF_REGION.items() for n in range(1, last + 1)} | {"50"}
_EARLIEST_BIRTH = date(1900, 1, 1)
_CARD_DIGITS = 19


def _gate(card: str) -> str:
    return f"{_ID_SHAPE}|{_SPACED_ID}|{_BEFORE}(?:{_WORD}{_PHONE_SHAPE}|{card}){_AFTER}"


_TEXT_GATE, _CODE_GATE = _gate(_CARD_SHAPE), _gate(_CODE_CARD)


def identities(values: pl.Series) -> pl.Series:
    """Which are identity numbers: check character, a province of GB/T 2260, a past birthday."""
    upper = values.str.to_uppercase()
    born = values.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    lived = born.is_between(_EARLIEST_BIRTH, clock.as_of().date()).fill_null(False)
    placed = values.str.slice(0, 2).is_in(_PROVINCES)
    return holds(upper, "GB 11643").fill_null(False) & lived & placed


def cards(values: pl.Series) -> pl.Series:
    """Which are 16 to 19 digits that pass Luhn (ISO/IEC 7812-1)."""
    shaped = values.str.contains(r"^[0-9]{16,19}$").fill_null(False)
    good = np.zeros(len(values), dtype=np.bool_)
    digits = values.filter(shaped).str.zfill(_CARD_DIGITS)
    if len(digits):
        raw = np.frombuffer("".join(digits.to_list()).encode("ascii"), np.uint8)
        cells = raw.reshape(-1, _CARD_DIGITS).astype(np.int64) - ord("0")
        doubled = cells[:, -2::-2] * 2
        total = cells[:, ::-2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
        # 16 zeros pass too, and are nobody's card.
        good[shaped.to_numpy()] = (total % 10 == 0) & (cells.sum(axis=1) > 0)
    return pl.Series(good, dtype=pl.Boolean)


def _each(cells: pl.Series, pattern: str) -> pl.Series:
    """What the pattern finds in any of the cells, each once."""
    return cells.str.extract_all(pattern).explode(empty_as_null=False).drop_nulls().unique()


def _bare(values: pl.Series) -> pl.Series:
    return values.str.replace_all(r"[ -]", "")


def _identity_texts(cells: pl.Series) -> pl.Series:
    """Every identity number in the cells, also inside a longer run of digits."""
    runs = _each(cells, r"[0-9]{17,}[Xx]?").to_frame("run")
    runs = runs.filter(pl.col("run").str.len_bytes() > 17)
    ends = pl.col("run").str.len_bytes().cast(pl.Int64) - 17
    windows = runs.with_columns(pl.int_ranges(0, ends).alias("at")).explode("at")
    texts = windows.select(pl.col("run").str.slice(pl.col("at"), 18)).to_series().unique()
    texts = texts.filter(texts.str.contains(f"^{_ID_SHAPE}$"))
    spaced = _each(cells, _SPACED_ID)
    return pl.concat([texts.filter(identities(texts)), spaced.filter(identities(_bare(spaced)))])


def _card_texts(cells: pl.Series, code: bool) -> pl.Series:
    runs = _each(cells, r"[0-9A-Za-z]{16,}")
    texts = runs.filter(cards(runs))
    if code:
        return texts.filter(texts.str.contains(f"^{ISSUER}"))
    spaced = _each(cells, rf"(?-u:\b){_CARD_SHAPE}(?-u:\b)")
    spaced = spaced.filter(spaced.str.contains(r"[ -]"))
    return pl.concat([texts, spaced.filter(cards(_bare(spaced)))])


def _mobile_texts(cells: pl.Series) -> pl.Series:
    runs = _each(cells, r"[0-9A-Za-z]{11,}")
    texts = runs.str.extract(rf"^{_WORD}((?:(?:00)?86)?1[3-9][0-9]{{9}})$").drop_nulls()
    spaced = _each(cells, rf"(?-u:\b){_PHONE_SHAPE}(?-u:\b)")
    return pl.concat([texts, spaced.filter(spaced.str.contains(r"[ -]"))])


def _texts(kind: str, cells: pl.Series, code: bool) -> pl.Series:
    if kind == IDENTITY:
        return _identity_texts(cells)
    return _card_texts(cells, code) if kind == CARD else _mobile_texts(cells)


def suspected(fields: Iterable[Field], rows: pl.DataFrame, facts: Facts) -> list[Field]:
    """The watched fields in which a number may stand, by one cheap pass over all their columns."""
    asked = [field for field in fields if watched(field, facts)]
    if not asked or not rows.height:
        return []
    answers = rows.select(_first_question(field, facts).any() for field in asked).row(0)
    return [field for field, may_hold in zip(asked, answers, strict=True) if may_hold]


def _first_question(field: Field, facts: Facts) -> pl.Expr:
    cells = pl.col(field.name).str
    if field.source in facts.ascii:
        return cells.contains(_CODE_GATE if field.key_position is not None else _TEXT_GATE)
    return cells.contains(_DIGITS) | cells.contains(_WIDE_DIGIT)


@dataclass(frozen=True)
class Cut:
    """What was found in a column.

    `places` (u32) are the cells with a number in them, `texts` what is left of each without it,
    `kinds` the kinds found in the column.
    """

    places: pl.Series
    texts: pl.Series
    kinds: tuple[str, ...]


def cut(cells: pl.Series, *, code: bool = False, ascii_only: bool = False) -> Cut | None:
    """Find and cut out the personal numbers of a text column; None where there is none.

    `code`: the column holds codes, where a number needs an issuer's digits to be a card.
    """
    gate = _CODE_GATE if code else _TEXT_GATE
    if ascii_only or cells.str.len_bytes().sum() == cells.str.len_chars().sum():
        places = cells.str.contains(gate).fill_null(False).arg_true()
        before = cells.gather(places)
    else:
        wide = cells.str.contains(_WIDE_DIGIT).any()
        digits = _DIGITS_OF_ANY_WIDTH if wide else _DIGITS
        places = cells.str.contains(digits).fill_null(False).arg_true()
        before = cells.gather(places)
        if wide:
            before = before.str.replace_many(_HALF_WIDTH)
        suspect = before.str.contains(gate)
        places, before = places.filter(suspect), before.filter(suspect)
    if not len(places):
        return None
    kinds: dict[str, None] = {}
    left, rest = before, before.clear()
    while not left.equals(rest):  # what stood against a number that was cut out may be one itself
        rest = left
        for kind in KINDS:
            texts = _texts(kind, left, code).unique()
            if len(texts):
                # Longer texts first: with a country code a number is one text, not two.
                order = texts.to_frame("t").sort(pl.col("t").str.len_bytes(), descending=True)
                marks = dict.fromkeys(order["t"].to_list(), f"[{kind}已删]")
                left = left.str.replace_many(marks, leftmost=True)
                kinds[kind] = None
    changed = left != before
    if not changed.any():
        return None
    return Cut(places.filter(changed), left.filter(changed), tuple(kinds))


def watched(field: Field, facts: Facts) -> bool:
    """Whether a column lands as the text that came, and nothing proves it free of numbers."""
    lands = field.landed_name == field.name and field.pii == "none" and not field.token
    free = field.logical == "string" and not field.code_table and not field.checksum
    return lands and free and field.source not in facts.quiet


def is_code(field: Field, cells: pl.Series) -> bool:
    """Whether cutting would damage the column: a key, or a column without a Chinese character."""
    return field.key_position is not None or not cells.str.contains(r"\p{Han}").any()
