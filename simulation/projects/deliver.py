"""Delivers P01 and P03 by the agencies' interface and P04 as monthly workbooks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl

from simulation import dirt
from simulation.api_data import JsonDefects, json_rows, publish
from simulation.channels import workbook
from simulation.deliveries import Ground, months_only
from simulation.projects.entities import entities
from simulation.projects.milestones import FOOTNOTES, GROUPS, Milestones
from simulation.projects.projects import Projects

P01_DEFECTS: JsonDefects = [
    ("unknown code", "project_type", r'"project_type":"[^"]*"', '"project_type":"77"', "code"),
    (
        "missing required",
        "project_name",
        r'"project_name":"[^"]*"',
        '"project_name":null',
        "required",
    ),
    (
        "not a number",
        "total_investment",
        r'"total_investment":[^,]*',
        '"total_investment":"约3亿"',
        "type",
    ),
]
P03_DEFECTS: JsonDefects = [
    # two characters change places: well formed, but the check character no longer fits
    (
        "bad check character",
        "uscc",
        r'"uscc":"91(\d{6})XQ(\d{6})(..)"',
        r'"uscc":"92${1}XQ${2}${3}"',
        "checksum",
    ),
    ("unknown code", "entity_role", r'"entity_role":"[^"]*"', '"entity_role":"88"', "code"),
]
P04_DEFECTS = [
    dirt.Defect("not a number", "progress_pct", "type", "quarantined", dirt.constant("约六成")),
    dirt.Defect("unknown code", "milestone_code", "code", "quarantined", dirt.constant("77")),
    dirt.Defect(
        "more than the whole",
        "progress_pct",
        "progress_in_range",
        "quarantined",
        dirt.constant("180"),
    ),
]
RESENT_MONTH, RESENT_ON = date(2026, 7, 1), date(2026, 9, 12)
DUE_DAY, DUE_TIME = 5, time(15, 30)  # on the fifth of the next month


def deliver(ground: Ground, projects: Projects) -> None:
    """All three feeds."""
    world = ground.world
    publish(ground, "P01", projects.changes, "project_code", P01_DEFECTS, date.min)
    publish(ground, "P03", entities(world, projects), "entity_id", P03_DEFECTS, date.min)
    _note_removals(ground, projects)
    _workbooks(ground, Milestones(world, projects))


def _note_removals(ground: Ground, projects: Projects) -> None:
    gone = json_rows(projects.changes.filter(pl.col("op") == "delete"), "project_code")
    ground.truth.add(
        "P01", "", [0] * gone.height, gone["key"], "op", "project withdrawn", "", "deleted"
    )


def _workbooks(ground: Ground, milestones: Milestones) -> None:
    rng = ground.world.chance(6040)
    months = months_only(ground.world.periods)
    for period in months:
        name = f"P04/P04_{period.label}.xlsx"
        rows = milestones.month(period.start, period.end)
        resent = period.start == RESENT_MONTH and ground.world.end > RESENT_ON
        # the month that is sent again arrives clean the first time: its correction is the point
        share = 0.0 if resent else ground.share
        rows, _ = dirt.spoil(
            rows, P04_DEFECTS, share, rng, ground.truth, "P04", name, pl.col("milestone_id")
        )
        arrives = datetime.combine(period.end + timedelta(days=DUE_DAY), DUE_TIME)
        _write(ground, name, rows, period.start, period.end, arrives)
        if resent:
            name = f"P04/P04_{period.label}(更正).xlsx"
            again = milestones.corrected(period.start, period.end, RESENT_ON)
            _write(
                ground, name, again, period.start, period.end, datetime.combine(RESENT_ON, DUE_TIME)
            )
            ground.truth.add(
                "P04",
                name,
                [0],
                rows["milestone_id"].slice(1, 1),
                "",
                "row gone from the month sent again",
                "",
                "deleted",
            )


def _write(
    ground: Ground, name: str, rows: pl.DataFrame, start: date, end: date, arrives: datetime
) -> None:
    ground.folder("P04")
    title = f"绍兴市重大项目建设进度月报(演示数据,{start:%Y年%m月})"
    workbook.write(
        ground.manifest.out / name,
        rows,
        GROUPS,
        title,
        FOOTNOTES,
        arrives.date(),
        numbers=("progress_pct", "invest_done"),
    )
    ground.manifest.add_at("P04", "file", start, end, arrives.isoformat(), name)
