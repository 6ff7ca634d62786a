"""R02: the directory of organisations, sent whole when something in it has changed.

The second edition renames a department, puts a station under the city's bureau and ends an
organisation.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from simulation.channels import workbook
from simulation.deliveries import Ground
from simulation.world import World

FIRST, SECOND = date(2025, 10, 1), date(2026, 6, 15)
RENAMED, NEW_NAME = ("330602", "enforcement"), "越城区综合行政执法局(城市管理局)"
MOVED_STATION_TOWN = "330602001000"
ENDED, ENDED_ON = ("330624", "culture"), "2026-05-31"
GROUP: workbook.Group = (
    "",
    [
        ("code_scheme", "代码体系"),
        ("org_code", "机构代码"),
        ("name_zh", "名称"),
        ("org_kind", "机构类别"),
        ("org_level", "层级"),
        ("parent_org_code", "上级机构"),
        ("dept_org_code", "归口部门"),
        ("region_code", "县(市、区)代码"),
        ("town_code", "镇街代码"),
        ("enf_domain", "执法领域"),
        ("on_dept_card", "是否列入部门评分卡"),
        ("valid_from", "生效日"),
        ("valid_to", "失效日"),
    ],
)


def edition(world: World, second: bool) -> pl.DataFrame:
    """The directory's rows as text; the foreign sender of the tutorial is not in it."""
    card = pl.when(pl.col("on_dept_card") == "true").then(pl.lit("是")).otherwise(pl.lit("否"))
    rows = world.organisations.filter(pl.col("org_kind") != "09").with_columns(on_dept_card=card)
    if second:
        bureau = world.organisation("330600", "police")
        station = (pl.col("role") == "station") & (pl.col("town_code") == MOVED_STATION_TOWN)
        renamed = pl.col("org_code") == world.organisation(*RENAMED)
        changed = renamed | station
        rows = rows.with_columns(
            name_zh=pl.when(renamed).then(pl.lit(NEW_NAME)).otherwise("name_zh"),
            parent_org_code=pl.when(station).then(pl.lit(bureau)).otherwise("parent_org_code"),
            dept_org_code=pl.when(station).then(pl.lit(bureau)).otherwise("dept_org_code"),
            valid_from=pl.when(changed).then(pl.lit(SECOND.isoformat())).otherwise("valid_from"),
            valid_to=pl.when(pl.col("org_code") == world.organisation(*ENDED))
            .then(pl.lit(ENDED_ON))
            .otherwise("valid_to"),
        )
    return rows.select([name for name, _ in GROUP[1]])


def with_department(world: World, rows: pl.DataFrame, org: str) -> pl.DataFrame:
    """With `department`: what the last directory of the world rolls the organisation up to."""
    known = edition(world, second=world.end >= SECOND)
    known = known.select(pl.col("org_code").alias(org), department="dept_org_code")
    return rows.join(known, on=org, how="left", maintain_order="left").with_columns(
        department=pl.coalesce("department", org)
    )


def deliver(ground: Ground) -> None:
    """Both editions, as far as the world has them."""
    ground.folder("R02")
    world = ground.world
    for day in sorted({max(FIRST, world.start), max(SECOND, world.start)}):
        if day > world.end:
            continue
        name = f"R02/R02_{day:%Y%m%d}.xlsx"
        workbook.write(
            ground.manifest.out / name,
            edition(world, day >= SECOND),
            [GROUP],
            f"机构与部门名录(演示数据,{day:%Y年%m月%d日})",
            ("注:派出所代码为12位公安机构代码。", "说明:本表由市政务服务(大数据)局维护,演示数据。"),
            day,
        )
        ground.manifest.add_at("R02", "file", day, day, f"{day}T10:00:00", name)
