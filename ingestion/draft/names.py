"""Headers as agencies write them → names of columns in the lake.

A header that a contract already knows keeps that contract's name; else it is put together from
common words, and what no word fits is numbered for a person to name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ingestion.contract import Contract, load_all

_WORDS = {
    "编号": "number", "代码": "code", "编码": "code", "名称": "name", "时间": "time",
    "日期": "date",
    "状态": "status", "类型": "type", "类别": "kind", "金额": "amount", "面积": "area",
    "数量": "count", "人数": "persons", "户数": "households", "地址": "address", "联系": "contact",
    "电话": "phone", "手机": "mobile", "姓名": "person_name", "备注": "remark", "来源": "source",
    "区县": "district", "镇街": "town", "乡镇": "town", "街道": "town", "村": "village",
    "社区": "community", "项目": "project", "工单": "ticket", "事件": "event", "受理": "accept",
    "办结": "finish", "登记": "register", "创建": "create", "更新": "update", "是否": "is",
    "单位": "org", "部门": "dept", "企业": "company", "投资": "investment", "开工": "start",
    "竣工": "finish", "计划": "planned", "实际": "actual", "总": "total", "年": "year",
    "月": "month", "结果": "result", "原因": "reason", "内容": "content", "标题": "title",
    "经度": "longitude", "纬度": "latitude", "等级": "level", "次数": "times", "发生": "occur",
    "报送": "report", "统计": "stat", "批准": "approve", "审批": "approval", "用地": "land",
    "身份证": "resident_id", "号": "number", "处罚": "penalty", "案件": "case", "长椅": "bench",
    "材质": "material", "公园": "park", "建成": "built", "责任": "responsible",
}  # fmt: skip
# Bare, these are no text in YAML.
_YAML_WORDS = frozenset({"no", "yes", "on", "off", "y", "n", "true", "false", "null"})
_LONGEST = max(map(len, _WORDS))


def _known_in(contracts: Iterable[Contract]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for contract in contracts:
        for field in contract.fields:
            for header in {field.source, field.label, *(a.source for a in field.aliases)}:
                found.setdefault(header, set()).add(field.name)
    return {header: min(names) for header, names in found.items() if len(names) == 1}


def _put_together(header: str) -> str | None:
    bare = re.sub(r"[（(\[].*?[）)\]]", "", header).strip()
    if bare.isascii():
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)
        name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
        return name if re.match(r"[a-z]", name) else None
    parts, at = [], 0
    while at < len(bare):
        for size in range(min(_LONGEST, len(bare) - at), 0, -1):
            word = _WORDS.get(bare[at : at + size])
            if word:
                parts.append(word)
                at += size
                break
        else:
            return None
    return "_".join(dict.fromkeys(parts))


@lru_cache(maxsize=8)
def _known(contracts: tuple[Contract, ...]) -> dict[str, str]:
    return _known_in(contracts)


def names(headers: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """A name for each header, all different and none of `taken`."""
    known = _known(tuple(load_all().values()))
    used, given = set(taken), []
    for number, header in enumerate(headers, 1):
        name = known.get(header) or _put_together(header) or f"column_{number}"
        name = f"{name}_value" if name in _YAML_WORDS else name
        base, n = name, 2
        while name in used:
            name, n = f"{base}_{n}", n + 1
        used.add(name)
        given.append(name)
    return given
