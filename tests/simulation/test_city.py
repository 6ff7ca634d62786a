"""What the simulated agencies promise."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from ingestion.contract import load_all
from simulation.city import build
from simulation.disputes import Disputes
from simulation.identity import sentinel_names
from simulation.ledger import Ledger
from simulation.world import World
from tests.simulation.conftest import ARGUMENTS, SEALED, opened


def read(path: Path, encoding: str = "gb18030") -> pl.DataFrame:
    text = path.read_bytes().decode(encoding)
    return pl.read_csv(io.StringIO(text), infer_schema=False)


def defects(city: Path) -> pl.DataFrame:
    return pl.read_csv(city / "truth" / "planted_defects.csv", infer_schema=False).with_columns(
        pl.col("source_row").cast(pl.Int64)
    )


def test_the_same_seed_gives_the_same_bytes(city: Path, city_secrets: None, tmp_path: Path) -> None:
    again = build(out=tmp_path / "agencies", quiet=True, **ARGUMENTS)

    def sums(folder: Path) -> dict[str, str]:
        """Sealed drops by what is in them: no two encryptions are alike."""
        return {
            str(p.relative_to(folder)): hashlib.sha256(
                opened(p) if p.parent.name in SEALED else p.read_bytes()
            ).hexdigest()
            for p in folder.rglob("*")
            if p.is_file()
        }

    assert sums(again) == sums(city)


@pytest.mark.parametrize(("feed", "encoding"), [("P44", "gb18030"), ("P40", "utf-8-sig")])
def test_file_headers_are_those_of_the_contract(city: Path, feed: str, encoding: str) -> None:
    declared = [f.source for f in load_all()[feed].fields]
    for path in (city / feed).glob("*.csv"):
        with path.open(encoding=encoding, errors="replace") as lines:
            assert lines.readline().strip().split(",") == declared


def test_a_hotline_file_mixes_both_date_forms_and_carries_fake_callers(city: Path) -> None:
    rows = read(city / "P44" / "P44_20261009.csv")
    slash = rows["受理时间"].str.contains("/", literal=True)
    assert 0.15 < slash.mean() < 0.45
    assert rows["来电人"].drop_nulls().is_in(sentinel_names()).all()
    assert rows["来电号码"].drop_nulls().str.contains(r"^1[3-9]\d{9}$").all()


def test_planted_defects_stand_where_the_truth_says(city: Path) -> None:
    planted = defects(city).filter(pl.col("feed_code") == "P44")
    headers = {f.name: f.source for f in load_all()["P44"].fields}
    for (file,), group in planted.filter(
        pl.col("defect").is_in(["unknown code", "missing required"])
    ).group_by("file"):
        rows = pl.read_csv(
            io.BytesIO((city / str(file)).read_bytes().replace(b"\xff\xff", b"")),
            infer_schema=False,
            encoding="gb18030",
            truncate_ragged_lines=True,
        )
        for row in group.iter_rows(named=True):
            cell = rows[headers[row["column_name"]]][row["source_row"] - 1]
            assert cell is None if row["defect"] == "missing required" else cell in ("9", "770000")


def test_every_kind_of_defect_is_planted(city: Path) -> None:
    kinds = set(defects(city)["defect"])
    assert {
        "unknown code",
        "unparseable date",
        "missing required",
        "broken GB18030 line",
        "wrong number of cells",
        "row sent again",
        "older version sent again",
        "full-width digits",
        "lost leading zero",
        "finish before accept",
        "resident ID in free text",
        "unregistered dispute",
    } <= kinds


def test_a_broken_line_is_the_only_undecodable_one(city: Path) -> None:
    row = defects(city).filter(pl.col("defect") == "broken GB18030 line").row(0, named=True)
    broken = []
    for number, line in enumerate((city / row["file"]).read_bytes().split(b"\r\n")):
        try:
            line.decode("gb18030")
        except UnicodeDecodeError:
            broken.append(number)
    assert broken == [row["source_row"]]


def test_police_counts_are_complete_for_day_town_and_kind(city: Path) -> None:
    rows = read(city / "P40" / "P40_20261030.csv", "utf-8-sig")
    assert (
        rows.filter(pl.col("日期") == "2026-10-30").select("镇街代码", "警情大类").unique().height
        == 103 * 8
    )


def test_the_ledger_ends_with_the_published_figures(city: Path) -> None:
    sheet = (
        fastexcel.read_excel(city / "F24" / "F24_20261030.xlsx")
        .load_sheet(0, header_row=2, dtypes="string")
        .to_polars()
    )
    rows = sheet.filter(pl.col("应用编号").str.starts_with("S0-"))
    latest = (
        rows.with_columns(pl.col("审核轮次").cast(pl.Int64))
        .sort("审核轮次")
        .group_by("应用编号")
        .last()
    )
    assert latest["入库日"].drop_nulls().len() == 50
    assert latest["上线日"].drop_nulls().len() == 42
    assert latest.filter(pl.col("省级试点/推广").is_in(["P", "T"])).height == 39
    assert latest["所属一本账S1重大应用"].drop_nulls().len() == 19
    assert latest["配套改革举措数"].cast(pl.Int64).sum() == 38
    assert sheet.height - rows.height == 2  # the footnotes


def test_the_ledger_never_shows_what_was_not_yet_known() -> None:
    world = World(1, date(2025, 10, 1), date(2026, 10, 30), 1.0)
    for day in (date(2025, 10, 31), date(2026, 6, 30)):
        known = Ledger(world).known_at(day)
        for column in ("report_date", "review_date", "registered_date", "online_date"):
            assert (known[column].drop_nulls() <= day).all()


def test_disputes_live_lawful_lives() -> None:
    events = Disputes(World(1, date(2026, 1, 1), date(2026, 10, 30), 0.3)).events
    ordered = events.sort("dispute_code", "event_time").with_columns(
        previous=pl.col("to_state").shift().over("dispute_code")
    )
    assert ordered["from_state"].eq_missing(ordered["previous"]).all()
    closings = events.filter(pl.col("to_state") == "06")
    assert closings["close_check"].is_in(["1", "2"]).all()
    assert events.filter(pl.col("crime_kind").is_not_null())["to_state"].eq("09").all()
    assert (events["reopened"] == (events["to_state"] == "08")).all()


def test_most_tickets_are_on_time_and_bad_units_are_truly_bad(city: Path) -> None:
    rates = pl.read_csv(
        city / "truth" / "true_rates.csv", schema_overrides={"unit_code": pl.String}
    ).filter(pl.col("indicator_code") == "D07")
    whole = rates.filter(pl.col("unit_level") == "city")
    assert 98.3 < 100 * whole["numerator"].sum() / whole["denominator"].sum() < 99.3
    bad = rates.filter(pl.col("unit_code") == "330681102000")["true_rate"]
    assert bad.max() < 95


def test_one_hotline_day_arrives_two_days_late(city: Path) -> None:
    manifest = pl.read_csv(city / "manifest.csv", infer_schema=False)
    late = manifest.filter(pl.col("file") == "P44/P44_20261014.csv")["arrives_at"][0]
    assert late.startswith("2026-10-17")
    files = manifest.filter(pl.col("kind") == "file")["file"]
    assert all((city / f).is_file() for f in files)
