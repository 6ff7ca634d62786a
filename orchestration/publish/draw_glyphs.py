"""Draw the outlines of the characters on the map into `glyphs.csv` (run by hand, once a city).

deck.gl's text layer drops every Chinese character (its font atlas holds Latin only), so map
labels are polygons. The outlines come from Noto Sans CJK SC (SIL Open Font License 1.1).
Needs fonttools, which is not in the product's environment:
`python -m orchestration.publish.draw_glyphs NotoSansCJK-Bold.ttc 越城区柯桥区…0123456789.-%`
"""

from __future__ import annotations

import csv
import itertools
import json
import sys
from pathlib import Path

GLYPHS_FILE = Path(__file__).parent / "glyphs.csv"
_CURVE_STEPS = 3
Ring = list[list[float]]


def outlines(font_file: Path, characters: str) -> list[tuple[str, float, list[list[Ring]]]]:
    """(character, advance, polygons): in em, GeoJSON coordinates, holes after their outer ring."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.ttLib import TTFont

    # Number 2 of the collection is the Simplified Chinese face.
    font = TTFont(font_file, fontNumber=2)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    em = font["head"].unitsPerEm
    drawn = []
    for character in sorted(set(characters)):
        name = names[ord(character)]
        pen = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(pen)
        rings = [[[round(x / em, 3), round(y / em, 3)] for x, y in ring] for ring in _rings(pen)]
        drawn.append((character, glyphs[name].width / em, _with_holes(rings)))
    return drawn


def _rings(pen: object) -> list[list[tuple[float, float]]]:
    rings: list[list[tuple[float, float]]] = []
    for operation, points in pen.value:  # type: ignore[attr-defined]
        if operation == "moveTo":
            rings.append([points[0]])
        elif operation == "lineTo":
            rings[-1].append(points[0])
        elif operation == "curveTo":
            rings[-1].extend(_cubic(rings[-1][-1], *points))
        elif operation == "closePath":
            rings[-1].append(rings[-1][0])
    return [ring for ring in rings if len(ring) > 3]


def _cubic(
    start: tuple[float, float],
    control_1: tuple[float, float],
    control_2: tuple[float, float],
    end: tuple[float, float],
) -> list[tuple[float, float]]:
    points = []
    for step in range(1, _CURVE_STEPS + 1):
        t = step / _CURVE_STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (start, control_1, control_2, end)
        points.append(
            (
                sum(w * c[0] for w, c in zip(weights, corners, strict=True)),
                sum(w * c[1] for w, c in zip(weights, corners, strict=True)),
            )
        )
    return points


def _with_holes(rings: list[Ring]) -> list[list[Ring]]:
    """Group rings to polygons: a ring inside an odd number of others is a hole of the smallest.

    Nesting decides, not the turning direction, which differs between font formats.
    """
    inside = [
        [other for other in rings if other is not r and _contains(other, r[0])] for r in rings
    ]
    polygons = [[ring] for ring, around in zip(rings, inside, strict=True) if len(around) % 2 == 0]
    for ring, around in zip(rings, inside, strict=True):
        if len(around) % 2 == 1:
            smallest = min(around, key=lambda other: abs(_area(other)))
            next(polygon for polygon in polygons if polygon[0] is smallest).append(ring)
    return polygons


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) / 2


def _contains(ring: Ring, point: list[float]) -> bool:
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def main(font_file: str, characters: str) -> None:
    """Write the outlines of `characters`."""
    with GLYPHS_FILE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["character", "advance_em", "polygons"])
        for character, advance, polygons in outlines(Path(font_file), characters):
            writer.writerow([character, advance, json.dumps(polygons, separators=(",", ":"))])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
