"""One declared type → two polars expressions: the value, and why there is none.

All input is text. Full-width digits and letters (ＡＢ１２) are legal everywhere but in free
text, and become half-width first (NFKC). Local time is UTC+8; moments are stored in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl

from ingestion.conform import units
from ingestion.conform.checksum import holds
from ingestion.contract.codes import table as code_table
from ingestion.contract.model import Field

LOCAL_ZONE = "Asia/Shanghai"
# Named date forms: what a contract may allow for a column, in chrono's notation.
MOMENTS = {
    "iso": (
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ),
    "slash": ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"),
    "compact": ("%Y%m%d%H%M%S",),
    "chinese": ("%Y年%m月%d日 %H时%M分%S秒", "%Y年%m月%d日%H时%M分"),
    "offset": ("%+",),  # ISO 8601 that says its zone: …Z, …+08:00
}
DAYS = {
    "iso": ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
    "slash": ("%Y/%m/%d",),
    "compact": ("%Y%m%d",),
    "chinese": ("%Y年%m月%d日",),
}
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)
_OFFSET = timedelta(hours=8)
_EARLIEST_MOMENT = datetime(1900, 1, 1, tzinfo=UTC) - _OFFSET
_AFTER_LATEST = datetime(2100, 1, 1, tzinfo=UTC) - _OFFSET
_FIXED_OFFSET_SINCE = datetime(1992, 1, 1)  # noqa: DTZ001 (local and naive, like what it is compared with)
FEW_CELLS = 2_000
TRUE = ("true", "1", "是", "y", "t", "TRUE", "True", "Y", "T")
FALSE = ("false", "0", "否", "n", "f", "FALSE", "False", "N", "F")
_INTEGER = r"^[+-]?\d{1,19}$"
_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$"


@dataclass(frozen=True)
class Conversion:
    """How one column is read, in three stages, each computed once.

    `clean` works on the source column and is stored as `text_column`; `value` works on that and
    is stored under the field's name; the masks of `rules` work on both. Only the first broken
    rule of a cell is reported.
    """

    field: Field
    clean: pl.Expr
    value: pl.Expr
    rules: tuple[tuple[str, pl.Expr], ...]


def text_column(field: Field) -> str:
    """The name of a field's cleaned text while it is being conformed."""
    return f"__text_{field.name}"


def _clean(field: Field, *, ascii_only: bool, plain: bool) -> pl.Expr:
    text = pl.col(field.source)
    free = field.logical == "string" and field.code_table is None
    if plain:  # nothing to strip or to normalise, and the reader made empty cells null
        return _without(text, field.null_values)
    if not free and not ascii_only:  # of plain ASCII it would be the dearest step of all
        text = text.str.normalize("NFKC")
    text = text.str.strip_chars()
    return _without(pl.when(text.str.len_bytes() > 0).then(text), field.null_values)


def _without(text: pl.Expr, words: Sequence[str]) -> pl.Expr:
    """Null where the agency wrote a word for nothing (NULL, N/A, 无)."""
    return pl.when(~text.is_in(words)).then(text) if words else text


def _first_that_reads(
    text: pl.Series, read: Callable[[pl.Expr, str], pl.Expr], forms: Sequence[str]
) -> pl.Series:
    """The first form that reads a cell. Of many cells the later forms see only those that are
    left; of few, every form sees all, for then a question costs more than the cells."""
    cells = text.to_frame("cell")
    every = [read(pl.col("cell"), form) for form in forms]
    if len(text) <= FEW_CELLS:
        return cells.select(pl.coalesce(every)).to_series()
    result = cells.select(every[0]).to_series()
    for form in every[1:]:
        left = (result.is_null() & text.is_not_null()).arg_true()
        if not len(left):
            break
        result = result.scatter(left, cells[left].select(form).to_series())
    return result


def _read_moment(text: pl.Expr, form: str) -> pl.Expr:
    if form == "%+":
        zoned = text.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        return zoned.dt.convert_time_zone(LOCAL_ZONE).dt.replace_time_zone(None)
    return text.str.to_datetime(form, strict=False, time_unit="us", exact=True)


def _read_day(text: pl.Expr, form: str) -> pl.Expr:
    if form == "month":  # a month stands for its first day
        whole = pl.when(text.str.contains(r"^\d{4}-\d{2}$")).then(text + "-01")
        return whole.str.to_date("%Y-%m-%d", strict=False)
    return text.str.to_date(form, strict=False, exact=True)


def _to_utc(local: pl.Series) -> pl.Series:
    """Local moments as instants. Since 1992 the offset is +08:00 without a break, which is fast;
    before, summer time and older offsets count."""
    first = local.min()
    if isinstance(first, datetime) and first >= _FIXED_OFFSET_SINCE:
        return (local - _OFFSET).dt.replace_time_zone("UTC")
    zoned = local.dt.replace_time_zone(LOCAL_ZONE, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC")


def _moment(text: pl.Expr, field: Field) -> pl.Expr:
    forms = [f for name in field.date_forms for f in MOMENTS[name]]
    return text.map_batches(
        lambda cells: _to_utc(_first_that_reads(cells, _read_moment, forms)),
        return_dtype=pl.Datetime("us", "UTC"),
    )


def _day(text: pl.Expr, field: Field) -> pl.Expr:
    forms = [f for n in field.date_forms for f in (("month",) if n == "month" else DAYS[n])]
    return text.map_batches(
        lambda cells: _first_that_reads(cells, _read_day, forms), return_dtype=pl.Date
    )


def _decimal(text: pl.Expr, field: Field) -> pl.Expr:
    """An exact decimal in the lake's unit: a unit that is 10^n larger may have n more places."""
    precision, scale = (int(n) for n in re.findall(r"\d+", field.physical))
    places: int | None = 0
    if field.source_unit and field.unit:
        places = units.decimal_places(units.factor(field.source_unit, field.unit))
    if places is None:
        raise ValueError(
            f"{field.name}: {field.source_unit} to {field.unit} is not exact, declare a double"
        )
    whole, fraction = precision - scale - places, scale + places
    exact = rf"^[+-]?\d{{1,{whole}}}(\.\d{{0,{fraction}}}0*)?$"
    given = pl.when(text.str.contains(exact)).then(text)
    if not places:
        return given.cast(pl.Decimal(precision, scale), strict=False)
    wide = given.cast(pl.Decimal(38, fraction), strict=False)
    return (wide * pl.lit(Decimal(10**places))).cast(pl.Decimal(precision, scale), strict=False)


def _double(text: pl.Expr, field: Field) -> pl.Expr:
    value = pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Float64, strict=False)
    if not field.source_unit or not field.unit:
        return value
    return value * float(units.factor(field.source_unit, field.unit))


def conversion(field: Field, *, ascii_only: bool = False, plain: bool = False) -> Conversion:
    """The conversion that a contract's field asks for, given what is known of its bytes."""
    text = pl.col(text_column(field))
    result = pl.col(field.name)
    given = text.is_not_null()
    rules: list[tuple[str, pl.Expr]] = []
    if not ascii_only:
        rules.append(("encoding", text.str.contains("\ufffd", literal=True).fill_null(False)))
    if field.required:
        rules.append(("required", ~given))
    value: pl.Expr
    in_range: pl.Expr | None = None
    match field.logical:
        case "timestamp":
            value = _moment(text, field)
            in_range = result.is_between(_EARLIEST_MOMENT, _AFTER_LATEST, closed="left")
        case "date":
            value = _day(text, field)
            in_range = result.is_between(EARLIEST, LATEST)
        case "integer":
            width = pl.Int64 if field.physical == "int64" else pl.Int32
            digits = pl.when(text.str.contains(_INTEGER)).then(text)
            # Excel writes 3 as 3.0; anything else after the point is not an integer.
            whole = pl.coalesce(digits, text.str.extract(r"^([+-]?\d{1,19})\.0+$"))
            value = whole.cast(width, strict=False)
        case "number" if field.physical.startswith("decimal"):
            value = _decimal(text, field)
        case "number":
            value = _double(text, field)
            in_range = result.is_finite()
        case "boolean":
            value = pl.when(text.is_in(TRUE)).then(True).when(text.is_in(FALSE)).then(False)
        case "string":
            value = text
        case _:
            raise ValueError(f"{field.name}: no conversion for logicalType {field.logical!r}")
    if field.logical != "string":
        rules.append(("type", given & result.is_null()))
    if in_range is not None:
        rules.append(("range", result.is_not_null() & ~in_range.fill_null(True)))
    if field.code_table:
        listed = code_table(field.code_table)
        if listed.pattern:
            rules.append(("pattern", given & ~text.str.contains(listed.pattern)))
        else:
            rules.append(("code", given & ~text.is_in(listed.codes)))
    elif field.logical == "string" and not field.personal:
        limit = re.search(r"\((\d+)\)", field.physical)
        if limit:
            rules.append(("length", given & (text.str.len_chars() > int(limit.group(1)))))
    if field.checksum:
        kind = field.checksum
        checked = text.map_batches(lambda cells: holds(cells, kind), return_dtype=pl.Boolean)
        rules.append(("checksum", given & ~checked))
    cleaned = _clean(field, ascii_only=ascii_only, plain=plain)
    return Conversion(field, cleaned, value, tuple(rules))
