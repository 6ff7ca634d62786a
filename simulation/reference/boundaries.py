"""District boundaries, simplified together: a border two districts share stays one line.

Rings are cut into arcs where the set of districts that use a vertex changes. Each arc is
simplified once (Douglas-Peucker), in one direction, and used by both neighbours.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

Point = tuple[float, float]
TOLERANCE_DEG = 0.0005  # about 50 m: invisible on a wall screen, 50 KB for six districts


def _rings(source: Path) -> list[tuple[str, int, list[Point]]]:
    """(district code, part number, closed ring without its last point) per polygon part."""
    features = json.loads((source / "shaoxing_districts_wgs84.geojson").read_text("utf-8"))
    out: list[tuple[str, int, list[Point]]] = []
    for feature in features["features"]:
        geometry = feature["geometry"]
        many = geometry["type"] == "MultiPolygon"
        parts = geometry["coordinates"] if many else [geometry["coordinates"]]
        for number, part in enumerate(parts, start=1):
            ring = [(float(x), float(y)) for x, y in part[0]]
            out.append((str(feature["properties"]["adcode"]), number, ring[:-1]))
    return out


def douglas_peucker(points: list[Point], tolerance: float) -> list[Point]:
    """The points of a line that stand further than `tolerance` from their chord."""
    line = np.asarray(points)
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    stack = [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        chord = line[last] - line[first]
        offset = line[first + 1 : last] - line[first]
        length = float(np.hypot(*chord))
        if length == 0.0:
            distance = np.hypot(offset[:, 0], offset[:, 1])
        else:
            distance = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / length
        far = int(np.argmax(distance))
        if distance[far] > tolerance:
            middle = first + 1 + far
            keep[middle] = True
            stack += [(first, middle), (middle, last)]
    return [points[i] for i in np.flatnonzero(keep)]


def _arcs(ring: list[Point], users: dict[Point, frozenset[str]]) -> list[list[Point]]:
    """Cut a ring at its junctions: vertices where the neighbours change."""
    n = len(ring)

    def is_junction(i: int) -> bool:
        here = users[ring[i]]
        beside = (users[ring[i - 1]], users[ring[(i + 1) % n]])
        return any(here != other and len(here) >= len(other) for other in beside)

    cuts = [i for i in range(n) if is_junction(i)]
    if not cuts:
        cuts = [0]
    bounds = [*cuts, cuts[0] + n]
    return [[ring[j % n] for j in range(start, stop + 1)] for start, stop in pairwise(bounds)]


def _simplify_once(
    arc: list[Point], tolerance: float, known: dict[frozenset[Point], list[Point]]
) -> list[Point]:
    """Simplify an arc, or hand back the neighbour's simplification of the same arc."""
    key = frozenset(arc)
    if key not in known:
        middle = len(arc) // 2
        closed = arc[0] == arc[-1] and len(arc) > 3
        known[key] = (
            douglas_peucker(arc[: middle + 1], tolerance)
            + douglas_peucker(arc[middle:], tolerance)[1:]
            if closed
            else douglas_peucker(arc, tolerance)
        )
    line = known[key]
    return line if line[0] == arc[0] else line[::-1]


def boundaries(source: Path, tolerance: float = TOLERANCE_DEG) -> pl.DataFrame:
    """region_code, part_no, ring: a JSON list of [lon, lat] (WGS84, 4 decimals), closed."""
    rings = _rings(source)
    seen: dict[Point, set[str]] = defaultdict(set)
    for code, _, ring in rings:
        for point in ring:
            seen[point].add(code)
    users = {point: frozenset(codes) for point, codes in seen.items()}
    known: dict[frozenset[Point], list[Point]] = {}
    rows = []
    for code, number, ring in rings:
        line: list[Point] = []
        for arc in _arcs(ring, users):
            line += _simplify_once(arc, tolerance, known)[:-1]
        line.append(line[0])
        text = json.dumps([[round(x, 4), round(y, 4)] for x, y in line], separators=(",", ":"))
        rows.append({"region_code": code, "part_no": number, "ring": text})
    return pl.DataFrame(rows).sort("region_code", "part_no")


def _distance_to_edge(x: float, y: float, ring: np.ndarray) -> float:
    """Distance from a point to a ring, negative outside (degrees)."""
    a, b = ring[:-1], ring[1:]
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) / (b[:, 1] - a[:, 1]) + a[:, 0]
    inside = bool(np.count_nonzero(crosses & (x < at)) % 2)
    d = b - a
    t = np.clip(((x - a[:, 0]) * d[:, 0] + (y - a[:, 1]) * d[:, 1]) / (d**2).sum(1), 0, 1)
    near = float(np.hypot(x - a[:, 0] - t * d[:, 0], y - a[:, 1] - t * d[:, 1]).min())
    return near if inside else -near


def label_points(boundary: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """For each district the grid point furthest from its edges: where a label fits best."""
    out: dict[str, tuple[float, float]] = {}
    first = boundary.filter(pl.col("part_no") == 1)
    for code, text in first.select("region_code", "ring").iter_rows():
        ring = np.asarray(json.loads(text))
        low, high = ring.min(0), ring.max(0)
        grid = [
            (float(x), float(y))
            for x in np.linspace(low[0], high[0], 40)
            for y in np.linspace(low[1], high[1], 40)
        ]
        x, y = max(grid, key=lambda p: _distance_to_edge(p[0], p[1], ring))
        out[code] = (round(x, 4), round(y, 4))
    centre = np.mean(list(out.values()), axis=0)
    out["330600"] = (round(float(centre[0]), 4), round(float(centre[1]), 4))
    return out
