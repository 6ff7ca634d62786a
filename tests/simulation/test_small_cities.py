"""The smallest city there is, and what comes another way than the rest of its feed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion.connectors import inbox
from ingestion.contract import load
from ingestion.delivery import reading
from simulation.city import build


@pytest.fixture(autouse=True)
def _keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The senders' keys of the encrypted drops are made there."""
    monkeypatch.setenv("FENGQIAO_SECRETS", str(tmp_path / "secrets"))


def city(out: Path, start: str, scale: float) -> Path:
    return build(out=out, start=start, end="2026-10-30", scale=scale, dirt_share=0.01, quiet=True)


def test_a_month_is_a_city_and_less_is_none(tmp_path: Path) -> None:
    told = pl.read_csv(city(tmp_path / "month", "2026-09-30", 0.05) / "manifest.csv")
    assert told["feed_code"].n_unique() > 70
    with pytest.raises(ValueError, match="30 days: a city has at least 31"):
        city(tmp_path / "less", "2026-10-01", 0.05)


def test_towns_without_a_terminal_send_workbooks(tmp_path: Path) -> None:
    """F19: their tasks come in these files and no other way."""
    out = city(tmp_path / "agencies", "2026-09-20", 0.2)
    towns = load("F19").ways[1].senders
    asked = pl.read_parquet(out / "api" / "f19.parquet")["row"]
    assert asked.len() > 1000
    assert not asked.str.contains_any([f'"{town}"' for town in towns]).any()
    files = sorted((out / "F19").iterdir())
    assert {f.name.split("_")[1] for f in files} == set(towns)
    rows = 0
    for file in files:
        read = reading.read(inbox.receive(load("F19"), file))
        assert read.quarantined == 0, file
        assert read.rows["town_code"].is_in(towns).all()
        assert "巡查编号" in read.columns
        rows += read.records
    assert rows > 10
