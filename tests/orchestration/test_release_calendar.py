"""The release calendar says what registry, contracts and formulas say."""

from __future__ import annotations

from orchestration.generate import release_calendar
from orchestration.transform.seeds import SEEDS


def rows() -> dict[tuple[str, str], list[str]]:
    (text,) = release_calendar.files().values()
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines()
             if line.startswith("| ") and not line.startswith("| 指标")]  # fmt: skip
    return {(c[0], c[2]): c for c in cells}


def test_the_page_in_the_repository_is_the_generated_one() -> None:
    for path, text in release_calendar.files().items():
        assert path.read_text("utf-8") == text


def test_a_value_waits_for_the_days_that_make_it_final() -> None:
    found = rows()
    assert found["D09", "月"][4:] == ["60 d", "+61 d", "2026-09-30 → 2026-11-30"]
    assert found["D06", "季"][4:6] == ["180 d", "+181 d"]
    assert {k[0] for k, c in found.items() if c[4].endswith(" d")} == {
        "D06", "D09", "P06", "U03", "Z06",
    }  # fmt: skip


def test_a_value_waits_for_its_slowest_source() -> None:
    found = rows()
    # Monthly, due on the fifth day at 18:00: the run of the sixth morning has it.
    assert found["Y01", "月"][3:6] == ["F15 月报 +5d 18:00", "—", "+6 d"]
    # A week ends on Friday, 2 October; due on Saturday at noon.
    assert found["M01", "月"][3:] == ["P06 周报 +1d 12:00", "—", "+4 d", "2026-09-30 → 2026-10-04"]


def test_every_indicator_of_the_registry_has_its_windows() -> None:
    with (SEEDS / f"{release_calendar.REGISTRY}.csv").open(encoding="utf-8") as file:
        codes = {line.split(",")[0] for line in file} - {"indicator_code"}
    assert {k[0] for k in rows()} == codes
