"""The workbook of refused rows for the agency: what was wrong, row by row, and what to do;
and the contract patch for our engineer, where a feed has drifted.

Made while the raw text is still in memory, encrypted to the agency's public key at once; the
clear workbook never touches the disk.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyrage

from ingestion import keys, places
from ingestion.conform.headers import vocabulary
from ingestion.contract.model import Contract
from ingestion.delivery.receipt import outbox_folder, refused_path, write_whole
from ingestion.draft.drift import Change
from ingestion.draft.patch import propose
from ingestion.receive.text import SOURCE_ROW

ADVICE = {
    "encoding": "请用约定编码重新导出该行",
    "structure": "请检查该行的分隔符与引号",
    "required": "请补填",
    "type": "请按约定的类型与格式填写",
    "range": "请核对数值或日期",
    "code": "请使用代码表内的代码",
    "pattern": "请按约定格式填写",
    "length": "请缩短到约定长度",
    "checksum": "请核对号码",
    "personal_content": "请删去证件号码、手机号码和银行卡号",
    "unknown_column": "请先书面通知新增的列，再报送",
}


def write(
    contract: Contract, delivery_id: str, text: pl.DataFrame, findings: pl.DataFrame
) -> Path | None:
    """`text`: refused rows by source column; `findings`: as conform/rows.py. None when clean."""
    if not findings.height:
        return None
    errors = findings.filter(pl.col("severity") == "error")
    if not errors.height:
        return None
    import xlsxwriter

    reasons = errors.group_by(SOURCE_ROW).agg(
        pl.format("{}：{}", pl.col("column_name").fill_null("整行"), pl.col("reason"))
        .str.join("；")
        .alias("问题"),
        pl.col("rule")
        .replace_strict(ADVICE, default="请核对该行各列之间的关系")
        .unique()
        .str.join("；")
        .alias("如何修改"),
    )
    sheet_rows = reasons.join(text, on=SOURCE_ROW, how="left").sort(SOURCE_ROW)
    sheet_rows = sheet_rows.rename({SOURCE_ROW: "原文件行号"})
    clear = io.BytesIO()
    # Text stays text: a cell that begins with = + - @ must never become a formula.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(clear, options) as book:
        sheet = book.add_worksheet("退回的行")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, sheet_rows.columns, bold)
        cells = sheet_rows.select(pl.all().cast(pl.String).fill_null(""))
        for column, values in enumerate(cells.iter_columns()):
            sheet.write_column(1, column, values.to_list())
        sheet.freeze_panes(1, 3)
        sheet.set_column(1, 2, 40)
    sealed = pyrage.encrypt(clear.getvalue(), [keys.agency_recipient(contract.code)])
    outbox_folder(contract.code)
    path = refused_path(contract.code, delivery_id)
    write_whole(path, sealed)
    return path


def patch_path(feed_code: str, delivery_id: str) -> Path:
    """Where the proposed contract patch of a delivery lies, if its feed has drifted."""
    return places.outbox() / feed_code / f"{delivery_id}.drift.patch"


def write_patch(contract: Contract, delivery_id: str, changes: Sequence[Change]) -> Path | None:
    """A proposal to mend the contract, for an engineer; None where there is nothing to propose.

    A header that may be data is in no file that lasts: `feed check` proposes those, too.
    """
    if not changes:  # most deliveries: the words of every contract are not read for them
        return None
    words = vocabulary()
    proposed = propose(contract, [c for c in changes if not words.may_be_data(c.header)])
    if not proposed:
        return None
    outbox_folder(contract.code)
    path = patch_path(contract.code, delivery_id)
    write_whole(path, proposed.encode("utf-8"))
    return path
