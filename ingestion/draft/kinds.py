"""What the values of a column are: type, date form, unit, and whether they are somebody's.

A type is proposed only where conformance itself reads the values as that type. A class of
personal information is proposed from the content; a header alone only makes us leave it open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from ingestion.conform import personal, units
from ingestion.conform.checksum import holds
from ingestion.conform.convert import DAYS, FALSE, MOMENTS, TRUE, conversion, text_column
from ingestion.contract.model import Field
from ingestion.draft import surnames

MOST = 0.95  # a type or a pattern holds where it holds for so many of the values
HALF = 0.5
FEW = 0.001
LOOKED_AT = 50_000
_NUMERIC = r"^[+-]?\d+(\.\d+)?$"
_UNIT = re.compile(r"[（(\[]\s*([^（()）\]]+?)\s*[）)\]]\s*$")
_PLATE = (
    r"^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• -]?"
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]$"
)
_LANDLINE = r"^(\(?0\d{2,3}\)?[- ]?)[2-9]\d{6,7}(-\d{1,5})?$"
_MOBILE = r"^(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}$"
_EMAIL = r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$"
_ADDRESS = (
    r"(省|市|区|县|镇|乡|街道|路|街|巷|弄|村|社区|小区|大道).*(\d+\s*(号|室|幢|栋|单元|弄)|村|组)"
)
_NAMES_A_PERSON = re.compile(
    r"姓名|联系人|来电人|申请人|当事人|经办人|负责人|法人代表|身份证|证件|手机|电话|联系方式|住址|地址"
    r"|户籍|车牌|银行卡|卡号|账号|帐号|邮箱|出生|年龄|性别|民族|宗教|婚姻|学历|病|诊断|微信"
    # A word of an English header ends at an underscore, too: first_name, phoneNo, birth_year.
    r"|(?<![a-z])(name|surname|phone|mobile|tel|fax|e-?mail|address|birth|birthday|dob|age|gender|sex"
    r"|race|ethnicity|nationality|religion|passport|ssn|id_?card|id_?number|wechat|disease|diagnosis"
    r"|disability|patient)s?(?![a-z])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FREE_CHARS = 20
# What people and programs write into a column of numbers or days where there is none.
_NOTHING = (
    "NULL", "Null", "null", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "none", "\\N",
    "-", "--", "—", "——", "/", "无", "暂无", "空", "不详", "未知",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A column's ODCS type, how it is written, and why its class is what it is.

    `pii` is None where a person must decide: left out of the contract, the column is dropped.
    """

    logical: str
    physical: str
    pii: str | None
    why: str
    extra: dict[str, object] = field(default_factory=dict)  # date_forms, null_values, unit, …


def candidate(logical: str, physical: str, **more: object) -> Field:
    """A field as conformance would read it, for asking how many values hold."""
    plain: dict[str, object] = {
        "name": "v",
        "label": "v",
        "source": "c",
        "description": "v",
        "logical": logical,
        "physical": physical,
        "required": False,
        "key_position": None,
        "level": "L2",
        "pii": "none",
    }
    return Field(**{**plain, **more})  # type: ignore[arg-type]


def share_read(cells: pl.Series, wanted: Field) -> float:
    """Which share of the values (none empty) keeps every rule of the field's type."""
    plan = conversion(wanted)
    frame = cells.alias("c").to_frame().select(plan.clean.alias(text_column(wanted)))
    frame = frame.with_columns(plan.value.alias("v"))
    broken = [mask.fill_null(False).alias(f"r{i}") for i, (_, mask) in enumerate(plan.rules)]
    if not broken:
        return 1.0
    return 1.0 - float(frame.select(pl.any_horizontal(broken)).to_series().mean() or 0.0)  # type: ignore[arg-type]


def _share(cells: pl.Series, pattern: str) -> float:
    return float(cells.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def names_a_person(header: str) -> bool:
    """Whether a header speaks of a person or of what the law protects of one."""
    return _NAMES_A_PERSON.search(_CAMEL.sub("_", header)) is not None


def unit_of(header: str) -> tuple[str, str] | None:
    """The unit a header names in brackets and the unit the lake keeps; None without one."""
    found = _UNIT.search(header)
    base = units.base_of(found[1]) if found else None
    return (found[1], base) if found and base else None


def personal_class(cells: pl.Series, header: str = "") -> tuple[str, str] | None:
    """The class that the content proves and what was recognised; values must not be empty.

    Few names of many rows are names where the header says so.
    """
    bare = cells.str.replace_all(r"[\s-]", "")
    if float(personal.identities(bare).mean() or 0) >= HALF:  # type: ignore[arg-type]
        return "ID", "resident identity numbers (GB 11643)"
    if _share(cells, _MOBILE) + _share(cells, _LANDLINE) >= HALF:
        return "PHONE", "telephone numbers"
    if float((personal.cards(bare) & bare.str.contains(personal.ISSUER)).mean() or 0) >= HALF:  # type: ignore[arg-type]
        return "BANK", "bank card numbers (Luhn)"
    if _share(cells, _PLATE) >= HALF:
        return "PLATE", "number plates"
    distinct = cells.n_unique() / len(cells)
    named = names_a_person(header)
    if _share(cells, surnames.PERSON) >= 0.8 and (distinct >= 0.3 or named):
        return "NAME", "personal names"
    if _share(cells, _ADDRESS) >= HALF and distinct >= 0.3:
        return "ADDR", "addresses"
    return None


def _is_long(cells: pl.Series) -> bool:
    """Whether the values are sentences: long, of words, hardly two alike."""
    mean = float(cells.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    words = _share(cells, r"\p{Han}|\S\s+\S") >= HALF
    return mean >= _FREE_CHARS and words and cells.n_unique() > len(cells) * HALF


def _width(cells: pl.Series) -> int:
    longest = int(cells.str.len_chars().max() or 0)  # type: ignore[call-overload,arg-type]
    return next(
        (n for n in (8, 16, 32, 64, 100, 200, 500, 1000, 2000) if n >= longest * 1.25), 4000
    )


def _dated(cells: pl.Series) -> tuple[str, list[str]] | None:
    """date or timestamp, and the smallest set of forms that reads the values."""
    for logical, known in (("date", [*DAYS, "month"]), ("timestamp", [*MOMENTS])):
        shares = {
            form: share_read(cells, candidate(logical, logical, date_forms=(form,)))
            for form in known
        }
        used = [f for f in sorted(known, key=lambda f: -shares[f]) if shares[f] > 0.01]
        chosen: list[str] = []
        for form in used:
            chosen.append(form)
            whole = candidate(logical, logical, date_forms=tuple(chosen))
            if share_read(cells, whole) >= MOST:
                if logical == "date" and "iso" in chosen and _share(cells, r"[ T]\d") > 0.01:
                    break  # moments: the day would lose their time
                return logical, chosen
    return None


def _number(cells: pl.Series, unit: tuple[str, str] | None) -> Kind | None:
    extra: dict[str, object] = {}
    exact = True
    if unit:
        sent, kept = unit
        extra["unit"] = kept
        if sent != kept:
            extra["source_unit"] = sent
        exact = units.decimal_places(units.factor(sent, kept)) is not None
    plain = unit is None or unit[0] == unit[1]
    numbers = share_read(cells, candidate("number", "double"))
    for physical in ("int32", "int64"):
        share = share_read(cells, candidate("integer", physical)) if plain else 0.0
        # One fraction in a thousand is no slip: the column has fractions.
        if share >= MOST and numbers - share < FEW:
            return Kind("integer", physical, "none", "whole numbers", extra)
    places = cells.str.extract(r"\.(\d+)$").str.len_bytes().max()
    scale = max(2, int(places or 0))  # type: ignore[call-overload,arg-type]
    decimal = f"decimal(18,{scale})"
    more = {k: v for k, v in extra.items() if exact}
    if exact and scale <= 4 and share_read(cells, candidate("number", decimal, **more)) >= MOST:
        return Kind("number", decimal, "none", "decimal numbers", extra)
    if numbers >= MOST:
        return Kind("number", "double", "none", "numbers", extra)
    return None


def kind_of(header: str, column: pl.Series) -> Kind:
    """What a column of text is; `header` is its name in the file."""
    cells = column.str.strip_chars().drop_nulls()
    cells = cells.filter(cells.str.len_bytes() > 0).head(LOOKED_AT)
    if not len(cells):
        return Kind("string", "string(100)", None, "no value was seen")
    physical = f"string({_width(cells)})"
    found = personal_class(cells, header)
    if found:
        return Kind("string", physical, found[0], found[1])
    half = cells.str.normalize("NFKC")
    open_class = "the header may name a person" if names_a_person(header) else ""
    absent = half.is_in(_NOTHING)
    given, nothing = half.filter(~absent), half.filter(absent).unique().sort().to_list()
    typed = _typed(given, unit_of(header), header) if len(given) else None
    if typed:
        pii = None if open_class else "none"
        extra = {**typed.extra, "null_values": nothing} if nothing else typed.extra
        return Kind(typed.logical, typed.physical, pii, open_class or typed.why, extra)
    holding = personal.cut(cells)
    if holding is not None:
        share = len(holding.places) / len(cells)
        why = f"{share:.1%} of the values hold a number of a person"
        return Kind("string", physical, "FREE" if _is_long(cells) else None, why)
    if _share(cells, _EMAIL) >= HALF:
        return Kind("string", physical, None, "e-mail addresses")
    if _is_long(cells):
        return Kind("string", physical, "FREE", "long free text")
    return Kind("string", physical, None, open_class or "text")


def _typed(cells: pl.Series, unit: tuple[str, str] | None, header: str) -> Kind | None:
    """The type of values that are more than text; None where they are text."""
    distinct = set(cells.unique().to_list())
    words = distinct - {"0", "1"}
    flag = header.startswith(("是否", "有无", "is_", "has_")) or header.endswith("标志")
    if distinct <= {*TRUE, *FALSE} and (words or flag):
        return Kind("boolean", "boolean", "none", "yes or no")
    if _share(cells, r"^0\d") <= 0.01 and not re.search(
        r"编号|代码|编码|号$|code|(^|_)(id|no)$", header, re.I
    ):
        dated = _dated(cells) if _share(cells, r"^\d{8}$|^\d{14}$|[-/年]") >= MOST else None
        if dated:
            logical, forms = dated
            return Kind(logical, logical, "none", "dates", {"date_forms": forms})
        if _share(cells, _NUMERIC) >= HALF:
            return _number(cells, unit)
    elif dated := (_dated(cells) if _share(cells, r"^\d{4}[-/年]") >= MOST else None):
        return Kind(dated[0], dated[0], "none", "dates", {"date_forms": dated[1]})
    return None


def is_credit_code(cells: pl.Series) -> float:
    """Which share of the values are credit codes of organisations (GB 32100)."""
    return float(holds(cells.str.to_uppercase(), "GB 32100").mean() or 0.0)  # type: ignore[arg-type]
