"""Whose city this is: its name, its code, its feeds, and the files it brings itself.

A city directory (`fengqiao init`) holds `city.yaml` and what goes before the product's own files:
`contracts/`, `seeds/`, `pages/`. Without one the city is the demonstration's. See ADR 43.
Both environments read this: the standard library only, YAML where there is a `city.yaml`.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion import places

PRODUCT = Path(__file__).resolve().parents[1]
SEEDS = PRODUCT / "dbt_project" / "seeds"
CODES = "seed_code"
# What a city must bring itself: ours are the demonstration city's, and another city has none yet.
LOCAL_SEEDS = (
    "seed_division",
    "seed_organisation",
    "seed_village",
    "seed_district_boundary",
    "seed_programme_register",
)
_KEYS = {"code", "name", "province", "feeds", "offices"}


class CityError(ValueError):
    """A city directory that cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True)
class City:
    """A prefecture. `feeds` None: every feed; `offices`: our code of an office to the city's."""

    code: str
    name: str
    province: str
    feeds: frozenset[str] | None = None
    offices: dict[str, str] = field(default_factory=dict)
    is_synthetic: bool = False

    @property
    def data_note(self) -> str:
        """What the head of every page says of the data."""
        return "演示数据" if self.is_synthetic else "部门报送数据"

    @property
    def short(self) -> str:
        """The name without 市, as in 其中绍兴."""
        return self.name.removesuffix("市")

    def office(self, code: str) -> str:
        """The city's own code of an office of ours; unless it is named, ours with this city's
        division in it (the XN says that no real office bears it)."""
        local = code[2:6] == DEMONSTRATION.code[:4] and len(code) == 18
        return self.offices.get(code, f"{code[:2]}{self.code}{code[8:]}" if local else code)


DEMONSTRATION = City("330600", "绍兴市", "浙江省", is_synthetic=True)


def city() -> City:
    """The city that this process works for; read again when its file changes."""
    folder = places.city()
    if folder is None:
        return DEMONSTRATION
    file = folder / places.CITY_FILE
    if not file.is_file():
        raise CityError(f"{file}: no such file (`fengqiao init` writes one)")
    return _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(file: Path, stamp: int) -> City:
    import yaml

    try:
        said: dict[str, Any] = yaml.safe_load(file.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise CityError(f"{file.name}: not valid YAML: {error}") from error
    if unknown := sorted(set(said) - _KEYS):
        raise CityError(f"{file.name}: unknown {', '.join(unknown)}")
    code, name = str(said.get("code", "")), str(said.get("name", ""))
    if not (len(code) == 6 and code.isdigit() and code.endswith("00")):
        raise CityError(f'{file.name}: code is six digits of a prefecture, as "330800"')
    if not name:
        raise CityError(f"{file.name}: name is missing")
    feeds = said.get("feeds")
    return City(
        code,
        name,
        str(said.get("province", "")),
        None if feeds is None else frozenset(str(f) for f in feeds),
        {str(ours): str(theirs) for ours, theirs in (said.get("offices") or {}).items()},
    )


def own(part: str) -> Path | None:
    """The city's own folder or file of this name, e.g. `contracts`; None where it has none."""
    folder = places.city()
    path = folder / part if folder else None
    return path if path is not None and path.exists() else None


def documents() -> Path:
    """Where what is generated for people is written: the city's `docs`, else ours."""
    return (places.city() or PRODUCT) / "docs"


def seed(name: str) -> Path:
    """The file of a seed: the city's own, else ours; of what is local, ours without its rows."""
    if places.city() is None:
        return SEEDS / f"{name}.csv"
    if name == CODES:
        return _settled(name, _codes())
    mine = own(f"seeds/{name}.csv")
    if mine is not None:
        return mine
    if name in LOCAL_SEEDS:
        with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
            return _settled(name, file.readline())
    return SEEDS / f"{name}.csv"


def _settled(name: str, text: str) -> Path:
    """A seed that follows from other files, written where it differs."""
    path = places.build() / "seeds" / f"{name}.csv"
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(text, "utf-8")
        fresh.replace(path)
    return path


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a seed as texts."""
    with seed(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def districts() -> dict[str, str]:
    """Code and name of the city's districts, in the order of its divisions."""
    return {r["region_code"]: r["name_zh"] for r in rows("seed_division") if r["unit_level"] == "2"}


def in_words(number: int) -> str:
    """A number of districts as a title says it: 六, 十一; beyond ninety-nine in digits."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    digits = " 一二三四五六七八九"
    return (f"{digits[tens]}十" if tens > 1 else "十" if tens else "") + digits[ones].strip()


def peers() -> str:
    """What pages call the median of the districts."""
    return f"{in_words(len(districts()))}区县中位数"


def _codes() -> str:
    """Our code tables, what is local in them said of this city; its own tables in their place."""
    with (SEEDS / f"{CODES}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, ours = list(reader.fieldnames or ()), list(reader)
    mine = own(f"seeds/{CODES}.csv")
    theirs: list[dict[str, str]] = []
    if mine is not None:
        with mine.open(encoding="utf-8-sig", newline="") as file:
            theirs = list(csv.DictReader(file))
    taken = {row["code_table"] for row in theirs}
    here = city()
    made, courts = [], False
    for row in ours:
        if row["code_table"] in taken:
            continue
        if row["code_table"] == "COURT_CODE":
            # A court bears the code of its place.
            if not courts:
                places_of = {here.code: "市中院", **districts()}
                made += [
                    {**row, "code": c, "label_zh": n, "label_en": ""} for c, n in places_of.items()
                ]
            courts = True
            continue
        stem = DEMONSTRATION.code[:4]
        made.append({**row, "pattern": row["pattern"].replace(f"^{stem}", f"^{here.code[:4]}")})
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows([*made, *theirs])
    return text.getvalue()
