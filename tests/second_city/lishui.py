"""What the offices of 丽水 would fill in and deliver: synthetic, and the same at every call."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

AS_OF = datetime.fromisoformat("2026-10-31T09:00:00")
HOTLINE = "11331100XN0000011A"  # an office that nobody bears
TICKETS_N = 600


@dataclass(frozen=True)
class Ticket:
    """One hotline ticket: where, when it was due, and whether it was finished in time."""

    number: int
    town: str
    due: datetime
    finished: datetime

    @property
    def in_time(self) -> bool:
        return self.finished <= self.due


def fill_divisions(file: Path) -> list[str]:
    """Residents and police stations for every division; gives the codes of the towns."""
    with file.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    towns = [r for r in rows if r["unit_level"] == "3"]
    for row in rows:
        beneath = [t for t in towns if t["region_code"] == row["region_code"]]
        n = {"1": len(towns), "2": len(beneath), "3": 1}[row["unit_level"]]
        row |= {"pop_resident": str(n * 15_000), "pop_year": "2020", "pop_origin": "D"}
        if row["unit_level"] == "3":
            row["station_code"] = f"{row['region_code']}{500_000 + int(row['town_code'][6:9]):06d}"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return [t["town_code"] for t in towns]


def add_office(file: Path) -> None:
    """The one organisation that handles tickets."""
    cells = {
        "code_scheme": "1", "org_code": HOTLINE, "name_zh": "丽水市演示热线中心", "org_kind": "01",
        "org_level": "4", "dept_org_code": HOTLINE, "region_code": "331100", "on_dept_card": "true",
        "valid_from": "2023-01-01", "is_synthetic": "true",
    }  # fmt: skip
    columns = file.read_text("utf-8").strip().split(",")
    with file.open("a", encoding="utf-8") as opened:
        opened.write(",".join(cells.get(c, "") for c in columns) + "\n")


def tickets(towns: list[str]) -> list[Ticket]:
    """Due in the second half of October 2026; every seventh is late."""
    made = []
    for n in range(TICKETS_N):
        due = datetime.fromisoformat(f"2026-10-{16 + n % 14}T18:00:00")
        late = timedelta(hours=20) if n % 7 == 0 else timedelta(hours=-20)
        made.append(Ticket(n, towns[n * 7 % len(towns)], due, due + late))
    return made


def write_tickets(file: Path, given: list[Ticket]) -> None:
    """The delivery of P44, with the header this city's own contract names."""
    head = (
        "工单号,受理时间,咨询/求助/投诉/建议/举报,事项分类,投资项目统一代码,来电人,来电号码,"
        "事发地址,诉求内容,承办单位,办理时限,办结时间,镇街代码(统计用区划12位),源系统更新时间"
    )
    lines = [head]
    for t in given:
        accepted, updated = t.due - timedelta(days=5), t.finished + timedelta(minutes=5)
        cells = [f"LS{t.number:06d}", accepted, "2", "010000", "", "", "", "", "", HOTLINE]
        lines.append(",".join(str(c) for c in [*cells, t.due, t.finished, t.town, updated]))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", "gb18030")
