"""Data of the drawings: control charts, small multiples, maps. The template draws vectors."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from ingestion.city import peers
from orchestration.brief.periods import Period
from orchestration.brief.readings import GREY, RED, YELLOW
from orchestration.brief.rows import WHOLE, Pages

Drawing = dict[str, Any]
VALUE = "◆ 值"
LINES = {"中线": "mean", "控制上限": "high", "控制下限": "low"}
# A chart of fewer months says nothing about what is usual.
LEAST_MONTHS = 6
MONTHS = 13
# Points a side that are tried for a label; how much wider than high it is.
GRID, LABEL_SHAPE = 40, 1.6


def control_charts(pages: Pages, period: Period, rows: pl.DataFrame, most: int) -> list[Drawing]:
    """Single values with mean and limits (XmR), of the worst lights first.

    Each: title, unit, light, months, values, mean, low, high, outside (points beyond a limit).
    """
    charts: list[Drawing] = []
    chart = pages.read("control_chart", "district = $place and month <= $ends", "month, line",
                       place=pages.reader.place, ends=period.end)  # fmt: skip
    for row in rows.iter_rows(named=True):
        own = chart.filter(pl.col("indicator_code") == row["indicator_code"])
        points = own.filter(pl.col("line") == VALUE).tail(MONTHS)
        if points.height < LEAST_MONTHS or len(charts) == most:
            continue
        lines = {
            name: own.filter(pl.col("line") == line)["value"].last() for line, name in LINES.items()
        }
        outside = points.filter(
            (pl.col("value") > lines["high"]) | (pl.col("value") < lines["low"])
        )
        charts.append(
            {
                "title": row["indicator"], "unit": row["unit"], "light": row["light_text"],
                "months": _months(points), "values": points["value"].to_list(),
                "outside_n": outside.height, **lines, **_scale([*points["value"], *lines.values()]),
            }
        )  # fmt: skip
    return charts


def multiples(pages: Pages, period: Period, codes: list[str]) -> list[Drawing]:
    """One row of small panels an indicator, all on one scale.

    The city's brief has a panel a district with the city's line behind it; a district's brief one
    panel with the own line, the city's and the districts' median.
    """
    chart = pages.read("control_chart", "line = $line and month <= $ends", "month",
                       line=VALUE, ends=period.end)  # fmt: skip
    names = pages.read("brief_value", "part = 'light' and unit_level = 'city'", "indicator_code")
    word = dict(
        zip(
            names["indicator_code"],
            zip(names["indicator"], names["unit"], strict=True),
            strict=True,
        )
    )
    made = []
    for code in codes:
        own = chart.filter(pl.col("indicator_code") == code)
        months = own["month"].unique().sort().tail(MONTHS)
        own = own.filter(pl.col("month").is_in(months.implode()))
        places = [p for p in _places(pages) if p in set(own["district"])]
        if len(months) < LEAST_MONTHS or not places:
            continue
        behind = [WHOLE] if pages.reader.is_city else [WHOLE, peers()]
        made.append(
            {
                "title": word[code][0], "unit": word[code][1],
                "months": [f"{m:%Y-%m}" for m in months],
                "panels": [
                    {"name": place, "values": _line(own, place, months),
                     "behind": [_line(own, other, months) for other in behind]}
                    for place in places
                ],
                **_scale(own["value"].to_list()),
            }
        )  # fmt: skip
    return made


def _places(pages: Pages) -> list[str]:
    rows = pages.read("scope", "unit_level = 'district'", "district_order")
    return [str(p) for p in rows["district"]]


def _line(rows: pl.DataFrame, place: str, months: pl.Series) -> list[float | None]:
    """A place's values by month; None where there is none."""
    told = rows.filter(pl.col("district") == place)
    joined = pl.DataFrame({"month": months}).join(
        told.select("month", "value"), on="month", how="left", maintain_order="left"
    )
    return joined["value"].to_list()


def _months(points: pl.DataFrame) -> list[str]:
    return [f"{m:%Y-%m}" for m in points["month"].to_list() if isinstance(m, date)]


def _scale(values: list[Any]) -> dict[str, float]:
    """Bottom and top of an axis with a little room; never a flat one."""
    known = [float(v) for v in values if v is not None and math.isfinite(float(v))]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = (high - low) * 0.12 or max(abs(high) * 0.05, 0.5)
    return {"bottom": low - room if low < 0 or low - room > 0 else 0.0, "top": high + room}


def told_of_districts(pages: Pages, period: Period, most: int) -> list[str]:
    """Codes of the indicators in which most districts are red or yellow."""
    rows = pages.read(
        "brief_value",
        "part = 'light' and kind = $kind and period_end = $ends and unit_level = 'district'",
        "indicator_code", kind=period.kind, ends=period.end,
    )  # fmt: skip
    weight = (pl.col("light_text") == RED).sum() * 2 + (pl.col("light_text") == YELLOW).sum()
    told = rows.group_by("indicator_code").agg(weight=weight, n=pl.col("value").count())
    return (
        told.filter(pl.col("n") > 0)
        .sort("weight", "indicator_code", descending=[True, False])
        .head(most)["indicator_code"]
        .to_list()
    )


def maps(pages: Pages, period: Period, codes: list[str]) -> list[Drawing]:
    """A map an indicator: districts filled by their light, each with its value.

    Each: title, unit, aspect, shapes (light, ring of [x, y] in 0..1), labels (name, text, x, y).
    """
    shapes = outlines(pages)
    if not shapes["parts"]:
        return []
    names = pages.read("scope", "unit_level = 'district'", "district_order")
    name_of = dict(zip(names["unit_code"], names["district"], strict=True))
    made = []
    for code in codes:
        rows = pages.read(
            "brief_value",
            "part = 'light' and kind = $kind and period_end = $ends and indicator_code = $code"
            " and unit_level = 'district'",
            kind=period.kind, ends=period.end, code=code,
        ).to_dicts()  # fmt: skip
        told = {row["scope_code"]: row for row in rows}
        if not told:
            continue
        made.append(
            {
                "title": rows[0]["indicator"], "unit": rows[0]["unit"], "aspect": shapes["aspect"],
                "period": rows[0]["period_text"],
                "shapes": [
                    {"light": told[s["unit"]]["light_text"] if s["unit"] in told else "",
                     "ring": s["ring"]}
                    for s in shapes["parts"]
                ],
                "labels": [
                    {"name": name_of[unit], "x": x, "y": y,
                     "text": told[unit]["value_text"] if unit in told else "—",
                     "light": told[unit]["light_text"] if unit in told else GREY}
                    for unit, (x, y) in shapes["middles"].items() if unit in name_of
                ],
            }
        )  # fmt: skip
    return made


def outlines(pages: Pages) -> Drawing:
    """Outlines of all districts on a unit square: parts (unit, ring), middles, aspect (h/w).

    Without parts where the city has not brought the boundaries of its districts.
    """
    rows = pages.read("brief_shape", order="unit_code, part_no").to_dicts()
    if not rows:
        return {"parts": [], "middles": {}, "aspect": 1.0}
    rings = [(r["unit_code"], json.loads(r["ring"])) for r in rows]
    points = [p for _, ring in rings for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    # At one city's size a degree of longitude is the cosine of its latitude of one of latitude.
    narrow = math.cos(math.radians((south + north) / 2))
    aspect = (north - south) / ((east - west) * narrow)

    def place(point: list[float]) -> list[float]:
        return [
            round((point[0] - west) / (east - west), 4),
            round((north - point[1]) / (north - south), 4),
        ]

    parts = [{"unit": unit, "ring": [place(p) for p in ring]} for unit, ring in rings]
    # Of a district in several parts the one with the longest outline bears the label.
    middles = {
        str(part["unit"]): _label_point(part["ring"], aspect)
        for part in sorted(parts, key=lambda p: len(p["ring"]))
    }
    return {"parts": parts, "middles": dict(sorted(middles.items())), "aspect": round(aspect, 4)}


def _label_point(ring: list[list[float]], aspect: float) -> list[float]:
    """The inner point that is farthest from the outline (Garcia-Castellanos & Lombardo 2007).

    A centroid would not do: a district that lies around another one has it next door.
    """
    outline = np.array(ring) * [1.0, aspect]
    low, high = outline.min(axis=0), outline.max(axis=0)
    x, y = (a.ravel() for a in np.meshgrid(*np.linspace(low, high, GRID).T, indexing="ij"))
    x0, y0 = outline.T
    x1, y1 = np.roll(outline, -1, axis=0).T
    crosses = (y0[:, None] > y) != (y1[:, None] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (x1 - x0)[:, None] * (y - y0[:, None]) / (y1 - y0)[:, None] + x0[:, None]
    inside = (crosses & (x < at)).sum(axis=0) % 2 == 1
    # Labels are wider than high, so room to the sides counts less far.
    far = np.hypot((x - x0[:, None]) / LABEL_SHAPE, y - y0[:, None]).min(axis=0)
    best = int(np.where(inside, far, -1).argmax())
    return [round(float(x[best]), 4), round(float(y[best] / aspect), 4)]
