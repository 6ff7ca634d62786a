"""One declared type → two polars expressions: the value, and why there is none.

All input is text. Full-width digits and letters (ＡＢ１２) are legal everywhere but in free
text, and become half-width first (NFKC). Local time is UTC+8; moments are stored in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

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
}
DAYS = {
    "iso": ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
    "slash": ("%Y/%m/%d",),
    "compact": ("%Y%m%d",),
    "chinese": ("%Y年%m月%d日",),
}
EARLIEST, LATEST = "1900-01-01", "2100-01-01"
TRUE, FALSE = ("true", "1", "是", "y", "t"), ("false", "0", "否", "n", "f")
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


def _halfwidth(text: pl.Series) -> pl.Series:
    # Most columns are plain ASCII, where normalising would be the dearest step of all.
    return text.str.normalize("NFKC") if text.str.contains(r"[^\x00-\x7f]").any() else text


def _clean(field: Field) -> pl.Expr:
    text = pl.col(field.source)
    free = field.logical == "string" and field.code_table is None
    if not free:
        text = text.map_batches(_halfwidth, return_dtype=pl.String)
    text = text.str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def _first_that_reads(
    text: pl.Series, read: Callable[[pl.Series, str], pl.Series], forms: Sequence[str]
) -> pl.Series:
    """Each form is tried only on the cells that no earlier form could read."""
    result = read(text, forms[0])
    for form in forms[1:]:
        left = (result.is_null() & text.is_not_null()).arg_true()
        if not len(left):
            break
        result = result.scatter(left, read(text.gather(left), form))
    return result


def _read_moment(text: pl.Series, form: str) -> pl.Series:
    return text.str.to_datetime(form, strict=False, time_unit="us", exact=True)


def _read_day(text: pl.Series, form: str) -> pl.Series:
    if form == "month":  # a month stands for its first day
        frame = text.to_frame("t")
        whole = pl.when(pl.col("t").str.contains(r"^\d{4}-\d{2}$")).then(pl.col("t") + "-01")
        return frame.select(whole.str.to_date("%Y-%m-%d", strict=False)).to_series()
    return text.str.to_date(form, strict=False, exact=True)


def _moment(text: pl.Expr, field: Field) -> pl.Expr:
    forms = [f for name in field.date_forms for f in MOMENTS[name]]
    parsed = text.map_batches(
        lambda cells: _first_that_reads(cells, _read_moment, forms),
        return_dtype=pl.Datetime("us"),
    )
    local = parsed.dt.replace_time_zone(LOCAL_ZONE, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _day(text: pl.Expr, field: Field) -> pl.Expr:
    forms = [f for n in field.date_forms for f in (("month",) if n == "month" else DAYS[n])]
    return text.map_batches(
        lambda cells: _first_that_reads(cells, _read_day, forms), return_dtype=pl.Date
    )


def conversion(field: Field) -> Conversion:
    """The conversion that a contract's field asks for."""
    text = pl.col(text_column(field))
    result = pl.col(field.name)
    given = text.is_not_null()
    rules: list[tuple[str, pl.Expr]] = [
        ("encoding", text.str.contains("\ufffd", literal=True).fill_null(False))
    ]
    if field.required:
        rules.append(("required", ~given))
    value: pl.Expr
    in_range: pl.Expr | None = None
    match field.logical:
        case "timestamp":
            value = _moment(text, field)
            in_range = (
                result.dt.convert_time_zone(LOCAL_ZONE)
                .dt.year()
                .is_between(int(EARLIEST[:4]), int(LATEST[:4]) - 1)
            )
        case "date":
            value = _day(text, field)
            in_range = result.dt.year().is_between(int(EARLIEST[:4]), int(LATEST[:4]) - 1)
        case "integer":
            width = pl.Int64 if field.physical == "int64" else pl.Int32
            plain = pl.when(text.str.contains(_INTEGER)).then(text)
            # Excel writes 3 as 3.0; anything else after the point is not an integer.
            whole = pl.coalesce(plain, text.str.extract(r"^([+-]?\d{1,19})\.0+$"))
            value = whole.cast(width, strict=False)
        case "number" if field.physical.startswith("decimal"):
            precision, scale = (int(n) for n in re.findall(r"\d+", field.physical))
            exact = rf"^[+-]?\d{{1,{precision - scale}}}(\.\d{{0,{scale}}}0*)?$"
            value = (
                pl.when(text.str.contains(exact))
                .then(text)
                .cast(pl.Decimal(precision, scale), strict=False)
            )
        case "number":
            value = pl.when(text.str.contains(_NUMBER)).then(text).cast(pl.Float64, strict=False)
            in_range = result.is_finite()
        case "boolean":
            lower = text.str.to_lowercase()
            value = pl.when(lower.is_in(TRUE)).then(True).when(lower.is_in(FALSE)).then(False)
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
    return Conversion(field, _clean(field), value, tuple(rules))
