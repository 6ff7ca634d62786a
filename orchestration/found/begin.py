"""Write a city's directory: `city.yaml`, its divisions, and places for what is its own."""

from __future__ import annotations

import csv
from pathlib import Path

from ingestion import city, places

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "template"
PROVINCES = {"33": "浙江省"}
# By the kind of town: its peers, and minutes until the police should be there (design).
_KINDS = {"街道": ("1", "5"), "镇": ("2", "10"), "乡": ("3", "15")}
_SINCE = "2023-01-01"  # the code set of the Bureau of Statistics


class CannotBegin(ValueError):
    """No directory can be written as asked; the text says why."""


def begin(folder: Path, prefecture: str, name: str | None = None) -> list[Path]:
    """Write the directory of a prefecture (`3308` or `330800`); gives the files, in order.

    Divisions are known for Zhejiang; elsewhere a `name` is needed, and the list of divisions holds
    the city alone. Nothing that is there already is touched: raises `CannotBegin`.
    """
    code = prefecture.ljust(6, "0")
    if not (code.isdigit() and len(code) == 6 and code.endswith("00")) or code.endswith("0000"):
        raise CannotBegin(f"{prefecture} is no prefecture: four digits, or six with 00 at the end")
    known = _divisions()
    name = name or known.get(code[:4])
    if not name:
        raise CannotBegin(f"the name of {code} is not known here: give --name")
    if folder.exists() and any(folder.iterdir()):
        raise CannotBegin(f"{folder} is not empty")
    words = {"code": code, "name": name, "province": PROVINCES.get(code[:2], "")}
    texts = {
        places.CITY_FILE: "city.yaml",
        "README.md": "guide.md",
        ".gitignore": "gitignore",
        "alerts/routes.csv": "routes.csv",
        "recipients.csv": "recipients.csv",
    }
    made = {target: _filled(source, words) for target, source in texts.items()}
    for seed in city.LOCAL_SEEDS:
        head = (city.SEEDS / f"{seed}.csv").read_text("utf-8").partition("\n")[0]
        made[f"seeds/{seed}.csv"] = f"{head}\n"
    made["seeds/seed_division.csv"] += _division_lines(code, name, known)
    for target, text in made.items():
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for own in ("contracts", "pages", "docs"):
        (folder / own).mkdir()
    return [folder / target for target in made]


def _filled(source: str, words: dict[str, str]) -> str:
    text = (_TEMPLATE / source).read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text


def _divisions() -> dict[str, str]:
    with (_HERE / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def _division_lines(code: str, name: str, known: dict[str, str]) -> str:
    """The lines of the city, its districts and their towns, in the form of R01."""
    inside = {c: n for c, n in sorted(known.items()) if c.startswith(code[:4])}
    lines = [_line(f"{code}000000", "1", code, name)]
    lines += [
        _line(f"{c}000000", "2", c, n, parent=f"{code}000000")
        for c, n in inside.items()
        if len(c) == 6
    ]
    for c, n in inside.items():
        if len(c) == 9:
            kind = next((k for k in _KINDS if n.endswith(k)), "")
            lines.append(
                _line(f"{c}000", "3", c[:6], n, f"{c[:6]}000000", *_KINDS.get(kind, ("", "")))
            )
    return "".join(f"{line}\n" for line in lines)


def _line(
    unit: str,
    level: str,
    region: str,
    name: str,
    parent: str = "",
    kind: str = "",
    minutes: str = "",
) -> str:
    town = unit if level == "3" else ""
    cells = [unit, level, region, town, parent, name, kind, "", "", "S", "", minutes, "", _SINCE]
    return ",".join([*cells, "", "", "", "missing"])
