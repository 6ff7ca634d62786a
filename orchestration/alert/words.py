"""Messages in Chinese: one cause, or the list of an office; in markdown or as plain text.

What a robot's markdown could take for markup is replaced before it gets here, so that a file's name
cannot become a link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from orchestration.alert.cause import Alert
from orchestration.alert.offices import office_name

SEVERITY_WORDS = {"critical": "紧急", "error": "严重", "warning": "提醒"}
OPEN, REPEAT, CLOSE = "open", "repeat", "close"
_KIND_WORDS = {OPEN: "", REPEAT: "仍未解决：", CLOSE: "已恢复："}
# WeCom takes 4096 bytes of UTF-8, DingTalk 20 000; the shorter serves both.
MOST_BYTES = 4000
_MARKUP = re.compile(r"[^\w.\-+（）()]")
_PERSONAL_LOOKING = re.compile(r"\d{11,}")

# Rule of a refusal: what it means, and what the agency does (docs/operations.md).
REFUSALS = {
    "file_name": ("文件名不符约定或控制文件无法读取", "按约定的文件名重新报送"),
    "unknown_column": ("有合同未声明的列", "去掉该列重新报送；确需新增的，先改合同再回放"),
    "missing_column": ("缺少合同声明的列", "补上该列重新报送；列改了名的，先改合同再回放"),
    "no_header": ("没有表头", "带表头重新报送"),
    "unreadable": ("格式、压缩或加密无法读取", "核对格式与密钥后重新报送"),
    "control_figures": ("与控制文件的数字不符", "文件与控制文件一并重新报送"),
    "snapshot_shrank": ("全量文件比已存的少得过多", "核对是否被截断；截断的重新报送全量"),
    "period_received": ("该期已收到另一份内容", "确认以哪一份为准后告知平台"),
}  # fmt: skip


def harmless(text: str) -> str:
    """A name that came from outside, without markup; a long number in it may be a person's."""
    return _PERSONAL_LOOKING.sub("…", _MARKUP.sub("·", text))[:80]


def span(first: object, last: object) -> str:
    """A period, or several from the first to the last."""
    if not isinstance(first, date) or not isinstance(last, date):
        return "期间不详"
    return f"{first}" if first == last else f"{first} 至 {last}"


def title(alert: Alert, kind: str) -> str:
    """The line that stands in a list of messages."""
    return f"【{SEVERITY_WORDS[alert.severity]}】{_KIND_WORDS[kind]}{alert.title}"


def one(alert: Alert, kind: str, since: datetime, as_of: datetime, number: str, link: str) -> str:
    """One cause as markdown."""
    lines = [f"### {title(alert, kind)}", "", f"- 责任单位：{office_name(alert.office)}"]
    if kind == CLOSE:
        lines += [f"- 发生于 {since:%Y-%m-%d %H:%M}，{as_of:%Y-%m-%d %H:%M} 已不再存在"]
    else:
        lines += [f"- {fact}" for fact in alert.facts]
        lines += [f"- 该做什么：{alert.todo}", f"- 首次发现：{since:%Y-%m-%d %H:%M}"]
    tail = ["", f"[数据健康]({link}) · 编号 {number} · {as_of:%Y-%m-%d %H:%M}"]
    return cut(lines, tail)


def listed(
    alerts: Sequence[Alert], kind: str, office: str, as_of: datetime, number: str, link: str
) -> str:
    """Many causes of one office as one list in markdown: a line each."""
    head = [f"### {list_title(alerts, kind, office)}", ""]
    lines = [f"- {title(a, kind)}" + (f"；{a.facts[0]}" if kind != CLOSE else "") for a in alerts]
    tail = ["", f"[数据健康]({link}) · 编号 {number} · {as_of:%Y-%m-%d %H:%M}"]
    return cut([*head, *lines], tail)


def list_title(alerts: Sequence[Alert], kind: str, office: str) -> str:
    """The title of a list."""
    what = {OPEN: "新的告警", REPEAT: "告警仍未解决", CLOSE: "告警已恢复"}[kind]
    return f"{office_name(office)}：{len(alerts)}项{what}"


def cut(lines: list[str], tail: list[str]) -> str:
    """Lines and tail, within what every channel takes; what does not fit is counted."""
    kept: list[str] = []
    room = MOST_BYTES - _bytes(tail) - 60
    for number, line in enumerate(lines):
        if _bytes([*kept, line]) > room:
            kept.append(f"- 另有 {len(lines) - number} 行，见数据健康")
            break
        kept.append(line)
    return "\n".join([*kept, *tail])


def plain(markdown: str) -> str:
    """The same for a mail: no markup, the link written out."""
    text = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r"\1 \2", markdown)
    return re.sub(r"^#+ ", "", text, flags=re.M) + "\n"


def _bytes(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
