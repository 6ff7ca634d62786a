"""Conform one batch: typed columns for the rows that hold, a finding for each rule broken.

Findings have one row per broken rule of a row, with columns
`_source_row` (i64), `column_name`, `rule`, `severity` (error | warning), `value_shape`,
`value` (null where the column is personal or the value looks personal), `reason`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from ingestion.conform import personal
from ingestion.conform.convert import LOCAL_ZONE, Conversion, conversion, text_column
from ingestion.conform.shape import shapes
from ingestion.contract.model import Contract, Field, RowRule
from ingestion.receive.text import SENT, SOURCE_ROW, TOMBSTONE, BrokenRecord, Facts

DELETED = "_deleted"
NO_FACTS = Facts()
AS_WRITTEN = pl.QueryOptFlags.none()

FINDING_SCHEMA = {
    SOURCE_ROW: pl.Int64,
    "column_name": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "value_shape": pl.String,
    "value": pl.String,
    "reason": pl.String,
}
# An identity or phone number in a column that promises none: its value is never kept.
LOOKS_PERSONAL = r"\d{15,}|\d{14,}[0-9Xx]|1[3-9]\d{9}|0\d{2,3}-\d{7,8}"
# In a feed with personal columns a shifted row may show one of them anywhere: of its values only
# plain numbers, dates and short codes are kept, everything else by its shape.
PLAIN = r"^[0-9 :./,+-]{1,40}$|^[A-Za-z]{1,3}$"
WHY = {
    "encoding": "无法解码的字节",
    "structure": "单元格数目与表头不符",
    "required": "必填项为空",
    "type": "无法按约定类型读取",
    "range": "超出合理范围",
    "code": "代码不在代码表内",
    "pattern": "不符合约定格式",
    "length": "超过约定长度",
    "checksum": "校验位不符",
    "unknown_column": "合同未声明的键",
    personal.RULE: "文本中含个人号码",
}


@dataclass(frozen=True)
class Conformed:
    """What one batch became.

    `rows` holds the contract's columns by name, `_source_row`, `_deleted` (a tombstone: only its
    key counts) and, for a stream, the broker's time of each message.
    """

    rows: pl.DataFrame
    findings: pl.DataFrame


def conversions(fields: tuple[Field, ...], facts: Facts) -> tuple[Conversion, ...]:
    """The conversions of a contract's fields for what is known of the bytes."""
    return tuple(_one(f, f.source in facts.ascii, f.source in facts.plain) for f in fields)


@lru_cache(maxsize=4096)
def _one(field: Field, ascii_only: bool, plain: bool) -> Conversion:
    # By field: what is known of the bytes of all columns differs from delivery to delivery.
    return conversion(field, ascii_only=ascii_only, plain=plain)


@lru_cache(maxsize=1024)
def _broken(expression: str) -> pl.Expr:
    return ~pl.sql_expr(expression).fill_null(True)


def _name(i: int, j: int) -> str:
    return f"__{i}_{j}"


def showable(contract: Contract) -> pl.Expr:
    """Whether the text in `value` may be kept beside a finding of this feed."""
    if contract.zone:  # of an L4 zone not even a code is told outside
        return pl.lit(False)
    value = pl.col("value").str.normalize("NFKC")
    joined = value.str.replace_all(r"[ -]", "")
    looks_free = ~value.str.contains(LOOKS_PERSONAL) & ~joined.str.contains(LOOKS_PERSONAL)
    if not any(f.personal for f in contract.fields):
        return looks_free
    return looks_free & pl.col("value").str.contains(PLAIN)


def _cell_findings(
    text: pl.DataFrame, marks: pl.DataFrame, plan: tuple[Conversion, ...], shown: pl.Expr
) -> list[pl.DataFrame]:
    found = []
    for i, step in enumerate(plan):
        earlier: pl.Series | None = None
        for j, (rule, _) in enumerate(step.rules):
            mask = marks[_name(i, j)]
            if earlier is not None:
                mask = mask & ~earlier
            if mask.any():
                value = pl.col(step.field.source).alias("value")
                cells = text.filter(mask).select(SOURCE_ROW, value)
                keep = pl.lit(False) if step.field.personal else shown
                found.append(_finding(cells, step.field.source, keep, rule, WHY[rule]))
            earlier = mask if earlier is None else earlier | mask
    return found


def _finding(
    cells: pl.DataFrame, column: str, keep: pl.Expr, rule: str, reason: str
) -> pl.DataFrame:
    return cells.select(
        SOURCE_ROW,
        pl.lit(column).alias("column_name"),
        pl.lit(rule).alias("rule"),
        pl.lit("error").alias("severity"),
        shapes(cells["value"]).alias("value_shape"),
        pl.when(keep).then(pl.col("value").str.head(200)).alias("value"),
        pl.lit(reason).alias("reason"),
    )


def _row_findings(
    rows: pl.DataFrame, rules: tuple[RowRule, ...], marks: pl.DataFrame
) -> list[pl.DataFrame]:
    found = []
    for k, rule in enumerate(rules):
        mask = marks[f"__rule_{k}"]
        if mask.any():
            cells = rows.filter(mask).select(SOURCE_ROW, pl.lit(None, pl.String).alias("value"))
            found.append(
                cells.select(
                    SOURCE_ROW,
                    pl.lit(None, pl.String).alias("column_name"),
                    pl.lit(rule.name).alias("rule"),
                    pl.lit(rule.severity).alias("severity"),
                    pl.lit(rule.expression).alias("value_shape"),
                    pl.lit(None, pl.String).alias("value"),
                    pl.lit(rule.reason).alias("reason"),
                )
            )
    return found


def _without_numbers(
    rows: pl.DataFrame, text: pl.DataFrame, plan: tuple[Conversion, ...], facts: Facts
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Rows without personal numbers in free text, and a finding for each cell that had one."""
    found = []
    for field in personal.suspected((step.field for step in plan), rows, facts):
        cells = rows[field.name]
        code = field.key_position is not None
        hit = personal.cut(cells, code=code, ascii_only=field.source in facts.ascii)
        if hit is None:
            continue
        severity = "error" if personal.is_code(field, cells) else "warning"
        came = text[hit.places].select(SOURCE_ROW, pl.col(field.source).alias("value"))
        why = f"{WHY[personal.RULE]}（{'、'.join(hit.kinds)}）"
        why += "，该行退回" if severity == "error" else "，已删除"
        found.append(
            _finding(came, field.source, pl.lit(False), personal.RULE, why).with_columns(
                pl.lit(severity).alias("severity")
            )
        )
        rows = rows.with_columns(cells.scatter(hit.places, hit.texts).alias(field.name))
    return rows, found


def _tombstones(contract: Contract, columns: list[str]) -> pl.Expr:
    """Which rows only say that their key is gone."""
    operation = contract.operation
    if operation is not None:
        said = pl.col(text_column(operation)).is_in(operation.delete_values)
        return said.fill_null(False)
    return pl.col(TOMBSTONE) if TOMBSTONE in columns else pl.lit(False)


def _in_local_time(rows: pl.DataFrame) -> pl.DataFrame:
    """Moments as an author of a contract reads them: local, without an offset."""
    moments = [c for c, t in rows.schema.items() if isinstance(t, pl.Datetime) and c != SENT]
    return rows.with_columns(
        pl.col(c).dt.convert_time_zone(LOCAL_ZONE).dt.replace_time_zone(None) for c in moments
    )


def conform(
    contract: Contract,
    text: pl.DataFrame,
    fields: tuple[Field, ...] | None = None,
    facts: Facts = NO_FACTS,
) -> Conformed:
    """Type `text` (columns by their source names) by contract and mark what breaks a rule.

    `fields` are the contract's fields as this delivery's header names them (aliases, units).
    """
    fields = fields or contract.fields
    plan = conversions(fields, facts)
    beside = [c for c in (SOURCE_ROW, SENT, TOMBSTONE) if c in text.columns]
    may_die = contract.operation is not None or TOMBSTONE in beside
    # Of a tombstone only the key must hold: the rest of the row is gone with the matter.
    alive = ~pl.col(DELETED) if may_die else None
    masks = [
        (mask if alive is None or c.field.key_position is not None else mask & alive)
        .fill_null(False)
        .alias(_name(i, j))
        for i, c in enumerate(plan)
        for j, (_, mask) in enumerate(c.rules)
    ]
    # One question to the engine: four of them cost a small delivery more than its rows do.
    wide = (
        text.lazy()
        .select(*beside, *[c.clean.alias(text_column(c.field)) for c in plan])
        .with_columns(
            *[c.value.alias(c.field.name) for c in plan],
            _tombstones(contract, beside).alias(DELETED),
        )
        .with_columns(masks)
        .collect(optimizations=AS_WRITTEN)
    )
    kept = [c for c in beside if c != TOMBSTONE]
    rows = wide[[*kept, DELETED, *[c.field.name for c in plan]]]
    findings = _cell_findings(text, wide, plan, showable(contract))
    rows, numbers = _without_numbers(rows, text, plan, facts)
    findings += numbers
    if contract.row_rules:
        ruled = _in_local_time(rows).select(
            (broken if alive is None else broken & alive).alias(f"__rule_{k}")
            for k, broken in enumerate(_broken(rule.expression) for rule in contract.row_rules)
        )
        findings += _row_findings(rows, contract.row_rules, ruled)
    if not findings:
        return Conformed(rows, pl.DataFrame(schema=FINDING_SCHEMA))
    table = pl.concat(findings).cast(FINDING_SCHEMA)  # type: ignore[arg-type]
    refused = table.filter(pl.col("severity") == "error")[SOURCE_ROW].unique()
    return Conformed(rows.filter(~pl.col(SOURCE_ROW).is_in(refused.implode())), table)


def broken_findings(broken: list[BrokenRecord]) -> pl.DataFrame:
    """Findings for records that never became cells."""
    return pl.DataFrame(
        {
            SOURCE_ROW: [b.source_row for b in broken],
            "column_name": [b.column for b in broken],
            "rule": [b.rule for b in broken],
            "severity": ["error"] * len(broken),
            "value_shape": [b.shape for b in broken],
            "value": [None] * len(broken),
            "reason": [WHY[b.rule] for b in broken],
        },
        schema=FINDING_SCHEMA,
    )
