"""What the later feeds of the simulated city promise: forms, keys across feeds, planted defects."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from ingestion.conform.checksum import holds
from ingestion.contract import load, load_all
from simulation.answers import STATISTICS
from simulation.changes import PSEUDONYM
from simulation.identity import sentinel_names
from simulation.world import World
from tests.leakscan import ID, MOBILE, is_resident_id
from tests.simulation.conftest import opened
from tests.simulation.delivered import (
    STREAMS,
    api_rows,
    case_files,
    envelopes,
    messages,
    planted,
    table,
    world,
)

NAMES = sentinel_names()


@pytest.mark.parametrize("feed", sorted(STREAMS))
def test_offsets_of_a_partition_have_no_gap_and_times_never_go_back(city: Path, feed: str) -> None:
    for _, rows in envelopes(city, feed).sort("partition", "offset").group_by("partition"):
        assert rows["offset"].to_list() == list(range(rows.height))
        assert rows["timestamp"].is_sorted()
        firsts = rows.group_by("first").agg(pl.col("offset").min())
        assert (firsts["first"] == firsts["offset"]).all()


@pytest.mark.parametrize("feed", sorted(STREAMS))
def test_every_message_of_a_key_is_in_one_partition(city: Path, feed: str) -> None:
    parts = envelopes(city, feed).group_by("key").agg(pl.col("partition").n_unique())
    assert parts["partition"].max() == 1


@pytest.mark.parametrize("feed", sorted(STREAMS))
def test_planted_messages_stand_where_the_truth_says(city: Path, feed: str) -> None:
    sent = envelopes(city, feed).sort("partition", "offset")
    kinds = set()
    for row in planted(city, feed).iter_rows(named=True):
        _, _, partition, stretch = row["file"].removesuffix(".ndjson").rsplit("_", 3)
        offset = int(stretch.split("-")[0]) + int(row["source_row"]) - 1
        found = sent.filter((pl.col("partition") == int(partition)) & (pl.col("offset") == offset))
        key, value = found["key"][0], found["value"][0]
        assert key == row["key"]
        kinds.add(row["defect"])
        match row["defect"]:
            case "message deleted":
                assert value is None
            case "malformed JSON":
                with pytest.raises(json.JSONDecodeError):
                    json.loads(value)
            case "caller not stripped":
                assert json.loads(value)["caller_name"] in NAMES
            case "unknown key":
                declared = {f.source for f in load(feed).fields}
                assert set(json.loads(value)) - declared
    assert {"message deleted", "malformed JSON", "unknown key", "unknown code"} <= kinds


def test_one_call_in_a_hundred_still_carries_its_caller(city: Path) -> None:
    sent = messages(city, "F01")
    told = [m for m in sent if "caller_name" in m]
    assert 0.004 < len(told) / len(sent) < 0.02
    assert all({"caller_phone", "addr"} <= set(m) for m in told)


def test_a_call_is_sent_one_to_three_times_and_ends_with_its_finish(city: Path) -> None:
    calls = pl.DataFrame(
        [(m.get("call_id"), m.get("finish_time")) for m in messages(city, "F01")],
        schema=["call_id", "finish"],
        orient="row",
    )
    counted = calls.group_by("call_id", maintain_order=True).agg(pl.len(), pl.last("finish"))
    assert set(counted["len"]) >= {1, 2, 3}
    assert counted["finish"].null_count() < 0.02 * counted.height


def test_calls_name_the_station_of_their_town_and_disputes_that_exist(city: Path) -> None:
    stations = {
        r["town_code"]: r["station_code"]
        for r in pl.read_csv("dbt_project/seeds/seed_division.csv", infer_schema=False).iter_rows(
            named=True
        )
    }
    disputes = set(api_rows(city, "p32")["dispute_code"])
    linked = 0
    for m in messages(city, "F01"):
        if m.get("town_code") and m.get("station_code"):
            assert stations[m["town_code"]] == m["station_code"]
        if m.get("dispute_code"):
            linked += 1
            assert m["dispute_code"] in disputes
    assert linked > 3


def test_feedback_of_kind_01_names_a_call_of_the_stream(city: Path) -> None:
    feedback = api_rows(city, "f02")
    calls = {m.get("call_id") for m in messages(city, "F01")}
    named = feedback.filter(pl.col("opinion_kind") == "01")["source_ref"].drop_nulls()
    # a call whose only message was spoilt has no readable one
    assert named.is_in(calls).mean() > 0.98
    assert set(feedback["opinion_kind"]) >= {f"{k:02d}" for k in range(1, 12)}
    second = feedback.filter(pl.col("second_result").is_not_null())
    assert second.height > 0
    assert second["order_finish"].null_count() == 0


def test_mediations_belong_to_disputes_and_some_are_withdrawn(city: Path) -> None:
    rows = api_rows(city, "p33")
    assert rows["dispute_code"].is_in(set(api_rows(city, "p32")["dispute_code"])).all()
    assert 0 < rows.filter(pl.col("result") == "3").height < 0.05 * rows.height
    good = rows["mediator_token"].drop_nulls()
    assert good.str.starts_with(PSEUDONYM).all()


def test_milestones_and_events_name_projects_of_p01(city: Path) -> None:
    known = set(api_rows(city, "p01")["project_code"])
    sheet = fastexcel.read_excel(city / "P04" / "P04_202609.xlsx").load_sheet(
        0, header_row=2, dtypes="string"
    )
    rows = sheet.to_polars()
    assert rows.columns == [f.source for f in load("P04").fields]
    named = rows.filter(pl.col("统计月") == "202609")["投资项目统一代码"]
    assert named.is_in(known).all()
    assert rows.height - len(named) == 2  # the footnotes
    events = [m["project_code"] for m in messages(city, "P35") if m.get("project_code")]
    assert events
    assert set(events) <= known


def test_codes_of_companies_are_valid_and_belong_to_nobody(city: Path) -> None:
    bad = set(planted(city, "P03").filter(pl.col("column_name") == "uscc")["key"])
    codes = api_rows(city, "p03").filter(~pl.col("entity_id").is_in(bad))["uscc"]
    assert holds(codes, "GB 32100").all()
    assert (codes.str.slice(8, 2) == "XQ").all()
    parties = case_files(city).filter(pl.col("party_kind") != "1")["party_id"]
    assert holds(parties, "GB 32100").all()
    assert (parties.str.slice(8, 2) == "XQ").all()


def test_a_read_of_an_old_window_shows_what_stood_there(city: Path) -> None:
    orders = table(city, "dispatch_order")
    versions = orders.group_by("order_id", "unit_code").len()
    assert versions["len"].max() > 1
    assert orders["update_time"].is_sorted()
    assert orders["update_time"].str.contains(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000000$").all()
    declared = {f.source for f in load("F03").fields}
    assert set(orders.columns) == declared


def test_sealed_drops_open_with_their_key_only(city: Path, city_secrets: None) -> None:
    first = sorted((city / "F12").glob("*.enc"))[0]
    clear = opened(first)
    assert b"SIMTOKEN" in clear
    assert b"SIMTOKEN" not in first.read_bytes()
    header = clear.split(b"\r\n")[0].decode("utf-8").split(",")
    assert header == [f.source for f in load("F12").fields]
    youth = sorted((city / "F14").glob("*.age"))[-1]
    assert opened(youth).startswith("个案标识".encode())
    assert youth.read_bytes().startswith(b"age-encryption.org/v1")


def test_visits_follow_one_another_and_the_stock_has_four(city: Path, city_secrets: None) -> None:
    files = sorted((city / "F12").glob("*.enc"))
    first = pl.read_csv(io.BytesIO(opened(files[0])), infer_schema=False)
    stock = first.filter(pl.col("随访日期") < "2026-08-01")
    counted = stock.group_by("患者标识").len()["len"]
    assert counted.max() == 4
    assert (counted == 4).mean() > 0.95


def test_the_second_directory_renames_moves_and_ends() -> None:
    from simulation import directory

    old = directory.edition(world(), False)
    new = directory.edition(world(), True)
    assert old["org_code"].to_list() == new["org_code"].to_list()
    changed = [(a, b) for a, b in zip(old.iter_rows(), new.iter_rows(), strict=True) if a != b]
    assert len(changed) == 3
    assert sum(1 for _, b in changed if b[-1] is not None) == 1


def test_what_arrives_is_there_and_every_feed_arrives(city: Path) -> None:
    manifest = pl.read_csv(city / "manifest.csv", infer_schema=False)
    files = manifest.filter(pl.col("kind") == "file")["file"]
    assert all((city / f).is_file() for f in files)
    sent = {c.code for c in load_all().values() if c.server.kind != "reference"}
    assert set(manifest["feed_code"]) == sent
    assert set(manifest["kind"]) == {"file", "api", "sql", "stream"}
    once = manifest.filter(pl.col("kind") != "file")
    assert once.select("feed_code", "period_end").is_unique().all()


def personal_texts(city: Path) -> list[str]:
    """Everything that the later feeds send, as text."""
    texts = [
        "\n".join(pl.read_parquet(city / "api" / f"{f}.parquet")["row"].to_list())
        for f in ("p01", "p03", "p33", "f02")
    ]
    texts += ["\n".join(envelopes(city, f)["value"].drop_nulls().to_list()) for f in STREAMS]
    texts.append(case_files(city).write_csv())
    return texts


def test_every_personal_value_is_one_of_nobody(city: Path) -> None:
    segments = ("160", "161", "163", "164", "168", "169")
    found = 0
    for text in personal_texts(city):
        mobiles = MOBILE.findall(text)
        assert all(m.startswith(segments) for m in mobiles)
        ids = [m for m in ID.findall(text) if is_resident_id(m)]
        assert all(m[14:17] == "000" for m in ids)
        found += len(mobiles) + len(ids)
    assert found > 100
    persons = case_files(city).filter(pl.col("party_kind") == "1")
    assert persons["party_name"].is_in(NAMES).all()
    contacts = api_rows(city, "p03")["contact_name"].drop_nulls()
    assert contacts.is_in(NAMES).all()


def test_true_rates_have_the_bad_units_and_three_shapes(city: Path) -> None:
    from simulation.units import Truth

    year = World(20261031, date(2025, 10, 1), date(2026, 10, 30), 1.0)
    truth = Truth(year)
    arrives = pl.Series(truth.arrives_in_time)
    # two clusters with nobody between them
    assert arrives.is_between(0.935, 0.95).sum() < arrives.is_between(0.90, 0.935).sum()
    unhappy = pl.Series(truth.unsatisfied)
    assert unhappy.max() > 5 * unhappy.median()
    rates = pl.read_csv(
        city / "truth" / "true_rates.csv",
        schema_overrides={"unit_code": pl.String, "period_label": pl.String},
    )
    codes = {"P02", "P05", "P06", "P09", "U06", "L09", "H02", "H04", "L01", "L02", "L03", "Y05"}
    assert codes <= set(rates["indicator_code"])
    # days and percents over a number of rows, counts over residents, and shares no higher than 1
    more = rates.filter(pl.col("numerator") > pl.col("denominator"))["indicator_code"]
    other = {*STATISTICS, "L01", "P01", "Z01", "Z02", "H01", "D14", "D15"}
    assert set(more) <= other
