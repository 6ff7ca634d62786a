"""The simulation wrote down every defect it planted; the lakehouse must find those and no other."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ingestion import places
from ingestion.contract import load
from ingestion.lake.logs import read_log
from tests.ingestion.handover import stored

FILES, APIS = ("P44", "P40", "F24"), ("P32", "F20")


def planted() -> pl.DataFrame:
    """The table of truth, with the file's bare name and the spoilt column's header."""
    path = places.agencies() / "truth" / "planted_defects.csv"
    rows = pl.read_csv(path, infer_schema=False).with_columns(
        pl.col("source_row").cast(pl.Int64), file_name=pl.col("file").str.split("/").list.last()
    )
    headers = pl.DataFrame(
        [(c, f.name, f.source) for c in FILES for f in load(c).fields],
        schema=["feed_code", "column_name", "header"],
        orient="row",
    )
    return rows.join(headers, on=["feed_code", "column_name"], how="left")


def caught(severity: str) -> pl.DataFrame:
    return read_log("quarantine", severity=severity)


def test_every_planted_defect_is_caught_under_its_rule_and_nothing_else(city_home: Path) -> None:
    truth = planted().filter(pl.col("file") != "")
    for severity, fate in (("error", "quarantined"), ("warning", "warned")):
        wanted = truth.filter(pl.col("expected_fate") == fate)
        found = caught(severity).filter(pl.col("feed_code").is_in(FILES))
        assert wanted.height > 10
        rules = set(found.select("file_name", "source_row", "rule").iter_rows())
        assert set(wanted.select("file_name", "source_row", "expected_rule").iter_rows()) <= rules
        # A spoilt row may break a second rule; no other row breaks any.
        rows = set(found.select("file_name", "source_row").iter_rows())
        assert rows == set(wanted.select("file_name", "source_row").iter_rows()), fate


def test_the_column_that_was_spoilt_is_the_one_that_is_named(city_home: Path) -> None:
    wanted = planted().filter(
        (pl.col("file") != "")
        & pl.col("expected_rule").is_in(["code", "type", "required", "pattern"])
    )
    found = caught("error").select("file_name", "source_row", "column_name")
    assert set(wanted.select("file_name", "source_row", "header").iter_rows()) <= set(
        found.iter_rows()
    )


def test_defects_behind_the_api_are_caught_by_kind_and_number(city_home: Path) -> None:
    truth = planted().filter(
        pl.col("feed_code").is_in(APIS) & (pl.col("expected_fate") == "quarantined")
    )
    by = ("feed_code", "rule")
    wanted = truth.rename({"expected_rule": "rule"}).group_by(by).len().sort(by)
    found = caught("error").filter(pl.col("feed_code").is_in(APIS))
    assert wanted.height > 2
    assert wanted.rows() == found.group_by(by).len().sort(by).rows()


def test_rows_sent_again_are_counted_as_what_they_are(city_home: Path) -> None:
    # The day that came two days late holds older versions of its own.
    late = "P44_20261014.csv"
    truth = planted().filter((pl.col("feed_code") == "P44") & (pl.col("file_name") != late))
    log = read_log("o01_delivery_log", feed_code="P44").filter(pl.col("file_name") != late)
    for fate in ("unchanged", "superseded"):
        wanted = truth.filter(pl.col("expected_fate") == fate).group_by("file_name").len()
        found = log.select("file_name", n=f"{fate}_n").filter(pl.col("n") > 0)
        assert dict(wanted.iter_rows()) == dict(found.iter_rows()), fate


def test_a_corrected_row_is_in_the_lake_in_the_end(city_home: Path) -> None:
    truth = planted().filter(
        (pl.col("feed_code") == "P44")
        & (pl.col("expected_fate") == "quarantined")
        & ~pl.col("file").str.contains("20261021")
    )
    ids = stored("P44")["ticket_id"].implode()
    lost = truth.filter(~pl.col("key").is_in(ids))
    assert lost.height == 0


def test_every_delivery_adds_up_and_none_is_missing(city_home: Path) -> None:
    log = read_log("o01_delivery_log")
    parts = ("inserted", "updated", "deleted", "unchanged", "superseded", "quarantined")
    assert log.filter(pl.sum_horizontal(f"{p}_n" for p in parts) != pl.col("rows_n")).height == 0
    assert log.filter(pl.col("status") == "4").height == 0
    manifest = pl.read_csv(places.agencies() / "manifest.csv", infer_schema=False)
    came = set(log.select("feed_code", pl.col("period_end").cast(pl.String)).iter_rows())
    assert set(manifest.select("feed_code", "period_end").iter_rows()) <= came
    for code in ("P44", "P40", "P32", "F20", "F24", "UK01"):
        mine = log.filter(pl.col("feed_code") == code)
        assert stored(code).height == mine["inserted_n"].sum(), code
