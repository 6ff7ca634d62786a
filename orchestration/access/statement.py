"""The permission statement for auditors: who may see which rows, and do what with them (DP-10).

It follows from what is enforced: roles and their clauses (`dashboards/server/roles.py`), the
audiences of SQL Lab (`dashboards/audiences.csv`), and the contracts. Nothing here grants anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import duckdb

from dashboards.server import paths
from dashboards.server.roles import (
    EVERY_INDICATOR,
    Role,
    audiences,
    bench_name,
    departments,
    districts,
    roles,
)
from ingestion.contract import load_all
from ingestion.contract.model import ZONES
from orchestration.access.approval import required
from orchestration.publish.bench import servable

_NOTHING = "不可见任何行（默认拒绝）"
_LOGGED = "每次访问记入访问日志"
_MAY = {
    "Gamma": "查看页面、导出图表数据（CSV、Excel）",
    "Alpha": "查看页面、导出图表数据（CSV、Excel）、修改页面与图表",
}
_BENCH_MAY = "只读查询（SQL Lab：单条SELECT、60秒、10万行以内），不可从网页导出，不可写入"
_SCOPES = {
    "city": "全市行",
    "peer": "各区县中位数行",
    "operations": "送达与检查行",
}
_DEPARTMENT = re.compile(r"\bdepartment IN \('(\w+)'")
_ZONE_NAMES = {"health": "健康专区", "minors": "未成年人专区"}


@dataclass(frozen=True)
class Line:
    """One role and one group of datasets."""

    role: str
    label: str
    where: str
    dataset: str
    level: str
    rows: str
    may: str

    def shown(self) -> dict[str, str]:
        return {
            "角色": self.role,
            "名称": self.label,
            "途径": self.where,
            "数据集": self.dataset,
            "级别": self.level,
            "可见的行": self.rows,
            "可做": self.may,
        }


def statement() -> list[Line]:
    """Every role with every dataset it reaches, and what nobody reaches."""
    lines = [line for role in roles() for line in _of_role(role)]
    return [*lines, *_of_machine(), *_of_zones()]


def brief(lines: list[Line]) -> list[Line]:
    """For reading: the page tables of a role in one line where nothing else differs."""
    grouped: dict[tuple[str, ...], list[Line]] = {}
    for one in lines:
        same = (one.role, one.label, one.where, one.level, one.rows, one.may)
        grouped.setdefault(same, []).append(one)
    return [
        replace(g[0], dataset=f"全部{len(g)}张页面表")
        if len(g) > 1 and g[0].where == "页面"
        else replace(g[0], dataset="、".join(one.dataset for one in g))
        for g in grouped.values()
    ]


def _of_role(role: Role) -> list[Line]:
    if role.bench:
        return _of_bench(role, role.bench)
    may = "、".join(_MAY[base] for base in role.base if base in _MAY)
    if role.extra:
        may += "、查看 Superset 操作日志"
    rows = explained(role.clause)
    return [
        Line(role.name, role.label, "页面", table, "汇总", rows, f"{may}；{_LOGGED}")
        for table in _page_tables()
    ]


def explained(clause: str | None) -> str:
    """A row rule in words, with the rule itself."""
    if clause is None:
        return _NOTHING
    department = _DEPARTMENT.search(clause)
    if department:
        own = departments()[department[1]]
        return f"全市行、各区县中位数行；{own}主管指标的全部行〔{clause}〕"
    if "NOT LIKE 'only:%'" in clause:
        return f"全部行（各区县领导专用行除外）〔{clause}〕"
    codes = clause.split("'")[1::2]
    names = {**_SCOPES, **{c: f"{n}行" for c, n in districts().items()}}
    names |= {f"only:{c}": f"{n}领导专用行" for c, n in districts().items()}
    return f"{'、'.join(names.get(c, c) for c in codes)}〔{clause}〕"


def _page_tables() -> list[str]:
    """The page tables that are published; before the first publish one line stands for all."""
    file = paths.pages_file()
    if not file.exists():
        return ["全部页面表"]
    with duckdb.connect(str(file), read_only=True) as con:
        found = con.execute("select table_name from duckdb_tables() order by 1").fetchall()
    return [str(name) for (name,) in found]


def _of_bench(role: Role, audience: str) -> list[Line]:
    contracts = load_all()
    where = f"SQL Lab {bench_name(audience)}"
    may = f"{_BENCH_MAY}；{_LOGGED}"
    own = [contracts[f] for f in audiences()[audience][1] if f in contracts]
    lines = [
        Line(role.name, role.label, where, c.table, c.level_landed, "全部行", may)
        for c in own
        if servable(c)
    ]
    common = "indicator、indicator_registry、unit、code、calendar、data_dictionary"
    every = EVERY_INDICATOR in audiences()[audience][1]
    rows = "全部" if every else "仅由上述来源构成、"
    rows += "已发布且未隐藏的指标值及说明"
    return [
        *lines,
        Line(role.name, role.label, where, common, "汇总", rows, may),
        Line(role.name, role.label, "页面", "全部页面表", "汇总", _NOTHING, "无"),
    ]


def _of_machine() -> list[Line]:
    """What the command line and the administrator reach."""
    published = "fct_indicator 等已发布表，及由 L1、L2 且 serve 的来源构成的表"
    return [
        Line("admin", "管理员", "Superset", "页面表与各分析库", "汇总、L1、L2", "全部行",
             f"管理账号、角色与页面；{_LOGGED}"),
        Line("操作系统账号", "运行维护", "fengqiao sql", "marts、judged、staging、seeds",
             "L1-L3（已去标识）", "全部行", f"只读查询；{_LOGGED}（含语句、行数）"),
        Line("操作系统账号", "运行维护", "fengqiao sql --export、snapshot", published,
             "L1、L2、汇总", "白名单内",
             "须填用途，记录行数与SHA-256，保存三年；L3不出行，专区不出"),
        Line("操作系统账号", "运行维护", "feed replay、feed check", "归档中的送达", "原始",
             "一次送达", f"须持归档私钥；未成年人数据须 --approval 审批编号；{_LOGGED}"),
    ]  # fmt: skip


def _of_zones() -> list[Line]:
    """Zones have no reader: the line says so, so that nobody has to infer it from an absence."""
    lines = []
    for zone in ZONES:
        own = [c for c in load_all().values() if c.zone == zone]
        rows = "逐行数据不可查询；仅十人及以上的区县、全市汇总经 declassify 离开"
        extra = "（重读归档须审批编号）" if any(required(c) for c in own) else ""
        names = "、".join(c.table for c in own)
        label = _ZONE_NAMES.get(zone, zone)
        lines.append(Line("无", label, "无", names, "L4", rows, f"无人可查{extra}"))
    return lines
