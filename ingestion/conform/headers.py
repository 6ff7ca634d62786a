"""Headers that no contract declares, as they may be shown.

An undeclared header may be anything, a person's name too: an agency once put the applicant's name
above his column. What a receipt, the log or the agency's letter says of it lasts, so of such a
header only words are kept that the contracts themselves use (`调解日期`, `caller_level`);
everything else is told by its shape. Whoever holds the file finds the column by its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import is_not

from ingestion.conform.shape import shape
from ingestion.contract import Contract, load_all

# Words that headers everywhere use, whether a contract of ours does or not.
_COMMON = """
    id no code name title type kind status state level class category date time day month year
    begin start end create created update updated modified modify source target row column index
    count total sum number amount value unit text note remark comment memo description reason
    result flag is has by at of in on to from for and or the new old first last key ref url
    序号 编号 编码 代码 名称 标题 类型 类别 种类 级别 等级 状态 日期 时间 年份 月份 年度 季度
    开始 结束 截止 创建 更新 修改 数量 总数 合计 小计 金额 数值 单位 内容 说明 描述 备注 原因 结果
    是否 来源 姓名 性别 年龄 民族 职业 电话 手机 身份 证件 号码 身份证号 住址 地址 户籍 邮箱 邮编
    新增 原始 列名 字段 经办 办理 受理 登记 提交 审核 审批 负责 责任 部门 机构 企业 项目 案件 事项
    人员 人数 金额 地区 区县 乡镇 街道 社区 网格
"""
_LATIN, _HAN, _DIGITS = r"[A-Za-z]+", r"[\u3400-\u9fff]+", r"[0-9０-９]+"
_PIECE = re.compile(rf"{_LATIN}|{_HAN}|{_DIGITS}|[^A-Za-z0-9０-９\u3400-\u9fff]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PLAIN = re.compile(r"[-_/:.,;()（）\[\]#*+% 　、：]+")
_CONNECTING = frozenset("的之及与和或新旧原现本该各总列数额率名号日月年时")
_MOST_DIGITS = 4  # a year, never a number of a person
_MOST_CHARS = 120


@dataclass(frozen=True)
class Vocabulary:
    """The words of the contracts: Latin ones, and pairs of neighbouring Chinese characters."""

    words: frozenset[str]
    pairs: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """The words of some texts."""
        words, pairs = set[str](), set[str]()
        for text in texts:
            words |= {w.lower() for run in re.findall(_LATIN, text) for w in _CAMEL.findall(run)}
            for run in re.findall(_HAN, text):
                pairs |= {run[i : i + 2] for i in range(len(run) - 1)}
        return cls(frozenset(words), frozenset(pairs))

    def may_be_data(self, header: str) -> bool:
        """Whether a header holds anything but words of the contracts."""
        return _many_digits(header) or not all(shows for _, shows in self._pieces(header))

    def shown(self, header: str) -> str:
        """A header as it may be shown: what is no word of the contracts, by its shape."""
        if _many_digits(header):
            return shape(header)
        pieces = self._pieces(header)
        text = "".join(piece if shows else f"〔{shape(piece)}〕" for piece, shows in pieces)
        return text if len(text) <= _MOST_CHARS else shape(header)

    def shown_at(self, header: str, columns: list[str], contract: Contract) -> str:
        """`shown`, with the column's place (from 1) where the name is not shown whole and the
        feed's files keep their columns in one order."""
        in_order = contract.server.format != "json" and header in columns
        if in_order and self.may_be_data(header):
            return f"第{columns.index(header) + 1}列 {self.shown(header)}"
        return self.shown(header)

    def _pieces(self, header: str) -> Iterator[tuple[str, bool]]:
        """The header cut into runs, each with whether it may be shown."""
        for run in _PIECE.findall(header):
            if re.fullmatch(_LATIN, run):
                yield run, all(len(w) == 1 or w.lower() in self.words for w in _CAMEL.findall(run))
            elif re.fullmatch(_HAN, run):
                yield from self._han(run)
            elif re.fullmatch(_DIGITS, run):
                yield run, True  # few of them: see `_many_digits`
            else:
                yield run, _PLAIN.fullmatch(run) is not None

    def _han(self, run: str) -> Iterator[tuple[str, bool]]:
        of_pair = [run[i : i + 2] in self.pairs for i in range(len(run) - 1)]
        known = [a or b for a, b in zip([False, *of_pair], [*of_pair, False], strict=True)]
        start = 0
        for i in range(1, len(run) + 1):
            if i == len(run) or known[i] != known[start]:
                piece = run[start:i]
                joins = piece in _CONNECTING and any(known)
                yield piece, known[start] or joins
                start = i


def _many_digits(header: str) -> bool:
    return sum(c.isdigit() for c in header) > _MOST_DIGITS


def vocabulary() -> Vocabulary:
    """The words of the city's contracts as they are now."""
    contracts = tuple(load_all().values())
    known, made = _made[-1] if _made else ((), None)
    if made is None or len(known) != len(contracts) or any(map(is_not, known, contracts)):
        made = _of(contracts)
        _made[:] = [(contracts, made)]
    return made


# The last made, of the very contracts it was made of: they are loaded anew when a file changes.
_made: list[tuple[tuple[Contract, ...], Vocabulary]] = []


def _of(contracts: tuple[Contract, ...]) -> Vocabulary:
    declared = (
        text
        for contract in contracts
        for f in contract.fields
        for text in (f.name, f.source, f.label, *(a.source for a in f.aliases))
    )
    return Vocabulary.of([*declared, *_COMMON.split()])
