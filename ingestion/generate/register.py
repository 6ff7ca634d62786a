"""Contracts → the purpose register (`docs/purpose-register.md`): why each feed may be held (DP-01).

What a data protection officer asks first: purpose, basis, owner, levels, what of a person comes,
what becomes of it at the door, and how long anything is kept.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ingestion.city import documents
from ingestion.contract.model import Contract

NAME = "purpose-register.md"
_HEAD = """# 目的登记 / Purpose register

Generated from the contracts by `fengqiao generate`; do not edit. No row, no ingest: a contract
without purpose, legal basis, owner and retention is refused (DP-01).
级别: 来源 → 落湖 (DB33/T 2351). 存档: 加密原件保留天数; 保存: 落湖数据保留天数.
"""
TREATMENT = {
    "NAME": "姓名 不落湖",
    "ID": "证件号 不落湖",
    "IDT": "证件号 令牌(企业代码保留)",
    "PHONE": "电话 只留有无",
    "ADDR": "地址 不落湖(只留镇街)",
    "FREE": "自由文本 不落湖",
    "HEALTH": "健康 只在卫健域",
    "MINOR": "未成年人 只在未成年人域",
    "BIRTH": "出生日期 只留年龄段",
    "BANK": "银行账号 不落湖",
    "PLATE": "车牌 不落湖",
    "STAFF": "工作人员 令牌",
    "CASE": "案号户号 令牌",
    "PERSONAL": "未定级 不落湖",
}


def treated(contract: Contract) -> str:
    """What of a person comes in a feed, and what becomes of it, in words."""
    counted = Counter(f.pii for f in contract.fields if f.personal)
    return "; ".join(f"{TREATMENT[c]}×{n}" for c, n in sorted(counted.items())) or "无"


def _row(contract: Contract) -> str:
    cells = (
        f"feed:{contract.code}",
        contract.name,
        contract.purpose,
        contract.legal_basis,
        contract.owner,
        f"{contract.level_raw} → {contract.level_landed}",
        treated(contract),
        str(contract.archive_days),
        str(contract.retention_days),
    )
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def files(contracts: dict[str, Contract]) -> dict[Path, str]:
    """The register's page."""
    lines = [
        _HEAD,
        "| feed | 名称 | 目的 | 依据 | 责任单位 | 级别 | 个人信息与处理 | 存档 d | 保存 d |",
        "|---|---|---|---|---|---|---|---|---|",
        *[_row(c) for c in contracts.values()],
        "",
    ]
    return {documents() / NAME: "\n".join(lines)}
