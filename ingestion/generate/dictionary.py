"""Contracts → the data dictionary page (`docs/dictionary.md`), in both languages."""

from __future__ import annotations

from pathlib import Path

from ingestion.city import documents
from ingestion.contract.model import BANDED, Contract, Field

NAME = "dictionary.md"
_HEAD = """# 数据字典 / Data dictionary

Generated from the contracts by `fengqiao generate`; do not edit.
Level: L1 (open) to L4 (most sensitive), DB33/T 2351. Landed as: what the lake keeps.
"""


def _landed(field: Field) -> str:
    if field.transport:
        return "— (传输用 / transport)"
    if field.landed_name is None:
        return "— (不落湖 / dropped)"
    if field.presence_only:
        return f"`{field.landed_name}` (是否留有 / presence)"
    if field.pii in BANDED:
        return f"`{field.landed_name}` (年龄段 / age band)"
    return f"`{field.landed_name}`"


def _row(field: Field) -> str:
    kind = field.physical + (f" [{field.unit}]" if field.unit else "")
    if field.source_unit:
        kind = f"{field.physical} [{field.source_unit} → {field.unit}]"
    cells = (
        " / ".join([field.source, *(a.source for a in field.aliases)]).replace("|", "\\|"),
        field.label.replace("|", "\\|"),
        field.description.replace("|", "\\|"),
        kind,
        field.code_table or "",
        "是" if field.required else "",
        field.pii if field.personal else "",
        field.level,
        _landed(field),
    )
    return "| " + " | ".join(cells) + " |"


def _section(contract: Contract) -> str:
    rules = [
        f"- `{r.name}` ({r.severity}): {r.reason} — `{r.expression}`" for r in contract.row_rules
    ]
    lines = [
        f"## feed:{contract.code} {contract.name}",
        "",
        f"{contract.usage}",
        "",
        f"- 表 / table: `{contract.table}`; 粒度 / grain: {contract.grain}",
        f"- 主键 / key: {', '.join(contract.key) or '—'}; "
        f"重复策略 / duplicates: {contract.duplicate_policy}",
        f"- 责任单位 / owner: {contract.owner}; 目的 / purpose: {contract.purpose}",
        f"- 依据 / legal basis: {contract.legal_basis}",
        f"- 级别 / level: {contract.level_raw} → {contract.level_landed}; "
        f"存档 / archive: {contract.archive_days} d; 保存 / retention: {contract.retention_days} d",
        f"- 频率 / frequency: {contract.frequency}; "
        f"来源格式 / format: {', '.join(contract.formats)}",
        f"- 已知情况 / quirks: {contract.limitations}",
        *rules,
        "",
        "| 源列 / source | 名称 | meaning | 类型 / type | 代码表 | 必填 | pii | 级别 "
        "| 落湖列 / landed as |",
        "|---|---|---|---|---|---|---|---|---|",
        *[_row(f) for f in contract.fields],
        "",
    ]
    return "\n".join(lines)


def files(contracts: dict[str, Contract]) -> dict[Path, str]:
    """The dictionary page."""
    return {documents() / NAME: "\n".join([_HEAD, *[_section(c) for c in contracts.values()]])}
