"""The simulation wrote down every defect it planted; the lakehouse must find those and no other."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion import clock, places
from ingestion.contract import load, load_all
from ingestion.lake.logs import read_log
from ingestion.lake.tables import feed_path

# Asked for: whoever asks decides which row stands where, so the truth names the key only.
BY_KIND = sorted(c.code for c in load_all().values() if c.server.kind in ("api", "sql"))
# Delivered as files or stretches of a stream: the truth names the delivery and its row.
BY_ROW = sorted(
    c.code
    for c in load_all().values()
    if c.server.kind in ("inbox", "kafka") and c.code not in ("R02", "R03", "R08", "UK01")
)
# Too few rows at this size, or only one pull or month, for a defect to be planted for certain.
FEW = {"P04", "P05"}
ONCE = {"P04", "P10", "P18", "P25", "P43", "P48", "F06", "F15"}  # no second delivery corrects
# A defect may break a second rule of its row: no valid calls are still more than -1 calls.
ALSO = {("P40", "counts_not_negative"): "valid_not_above_calls"}


def planted() -> pl.DataFrame:
    """The table of truth, with the delivery's bare name."""
    path = places.agencies() / "truth" / "planted_defects.csv"
    return pl.read_csv(path, infer_schema=False).with_columns(
        pl.col("source_row").cast(pl.Int64), file_name=pl.col("file").str.split("/").list.last()
    )


def caught(severity: str) -> pl.DataFrame:
    """Findings about rows, with the field that a header stands for (a feed may rename one)."""
    fields = pl.DataFrame(
        [
            (code, header, f.name)
            for code, c in load_all().items()
            for f in c.fields
            for header in (f.source, *(a.source for a in f.aliases))
        ],
        schema=["feed_code", "column_name", "field"],
        orient="row",
    )
    found = read_log("quarantine", severity=severity)
    found = found.filter(pl.col("source_row").is_not_null())
    return found.join(fields, on=["feed_code", "column_name"], how="left", maintain_order="left")


def placed(rows: pl.DataFrame) -> pl.DataFrame:
    """`file_name` and `source_row`; of a stream, which is cut where it is read, the offset."""
    stretch = r"^(?<partition>.+)_(?<first>\d+)-\d+\.ndjson$"
    found = pl.col("file_name").str.extract_groups(stretch)
    first = found.struct.field("first").cast(pl.Int64)
    return rows.with_columns(
        file_name=pl.coalesce(found.struct.field("partition"), "file_name"),
        source_row=pl.col("source_row") + (first - 1).fill_null(0),
    )


def table(code: str) -> pl.DataFrame:
    """A feed's table with the markers of what was deleted, and each row's key as one text."""
    rows = pl.read_delta(str(feed_path(load(code))))
    key = pl.concat_str([pl.col(k).cast(pl.String) for k in load(code).key], separator="|")
    return rows.with_columns(pl.col("_deleted").fill_null(False), key=key)


def test_every_kind_of_way_in_has_defects_in_it(city_home: Path) -> None:
    clean = {*BY_ROW, *BY_KIND} - FEW - set(planted()["feed_code"])
    assert len(clean) <= 8, f"by chance a small feed has none, but not {sorted(clean)}"
    kinds = {load(code).server.kind for code in planted()["feed_code"].unique()}
    assert kinds >= {"inbox", "api", "sql", "kafka"}
    assert {load(code).zone for code in planted()["feed_code"].unique()} == {
        None,
        "health",
        "minors",
    }


@pytest.mark.parametrize(("severity", "fate"), [("error", "quarantined"), ("warning", "warned")])
def test_every_planted_defect_is_caught_under_its_rule_and_nothing_else(
    city_home: Path, severity: str, fate: str
) -> None:
    truth = placed(planted())
    wanted = truth.filter(pl.col("feed_code").is_in(BY_ROW) & (pl.col("expected_fate") == fate))
    place = ("feed_code", "file_name", "source_row")
    rules = set(wanted.select(*place, "expected_rule").iter_rows())
    for feed, file, row, rule in sorted(rules):
        if (feed, rule) in ALSO:
            rules.add((feed, file, row, ALSO[feed, rule]))
    found = placed(caught(severity)).filter(~pl.col("feed_code").is_in(BY_KIND))
    assert wanted.height > 10
    assert set(found.select(*place, "rule").iter_rows()) == rules


def test_the_column_that_was_spoilt_is_the_one_that_is_named(city_home: Path) -> None:
    wanted = placed(planted()).filter(
        pl.col("feed_code").is_in(BY_ROW)
        & (pl.col("expected_fate") == "quarantined")
        & pl.col("expected_rule").is_in(["code", "type", "required", "pattern"])
    )
    place = ("feed_code", "file_name", "source_row")
    found = set(placed(caught("error")).select(*place, "field").iter_rows())
    assert set(wanted.select(*place, "column_name").iter_rows()) <= found


def test_defects_behind_a_question_are_caught_by_kind_and_number(city_home: Path) -> None:
    by = ("feed_code", "rule")
    for severity, fate in (("error", "quarantined"), ("warning", "warned")):
        truth = planted().filter(
            pl.col("feed_code").is_in(BY_KIND) & (pl.col("expected_fate") == fate)
        )
        wanted = truth.group_by("feed_code", rule="expected_rule").len()
        found = caught(severity).filter(pl.col("feed_code").is_in(BY_KIND))
        assert wanted.sort(by).rows() == found.group_by(by).len().sort(by).rows(), severity
        if severity == "error":
            assert wanted.height > 40
            # of rules about one column, the column too
            cells = pl.col("rule").is_in(["code", "type", "required", "pattern", "checksum"])
            columns = truth.group_by("feed_code", rule="expected_rule", field="column_name").len()
            three = ("feed_code", "rule", "field")
            named = found.filter(cells).group_by(three).len()
            assert columns.filter(cells).sort(three).rows() == named.sort(three).rows()


def test_files_that_are_not_what_they_should_be_are_refused_whole(city_home: Path) -> None:
    truth = planted().filter(pl.col("expected_fate") == "refused")
    log = read_log("o01_delivery_log", status="4")
    place = ("feed_code", "file_name")
    rule = pl.col("refusal").str.split(":").list.first()
    log = log.with_columns(refusal=rule)
    refused = set(log.select(*place, "refusal").iter_rows())
    assert refused == set(truth.select(*place, "expected_rule").iter_rows())
    assert {r for *_, r in refused} == {"file_name", "control_figures"}
    assert log["inserted_n"].sum() == 0
    # the right file came later
    whole = read_log("o01_delivery_log").filter(pl.col("status") != "4")
    periods = log.select("feed_code", "period_end").filter(pl.col("feed_code") != "")
    cut = log.filter(pl.col("refusal") == "control_figures").select("feed_code", "period_end")
    assert cut.join(whole, on=["feed_code", "period_end"], how="anti").height == 0
    assert periods.height == log.height


def test_rows_sent_again_are_counted_as_what_they_are(city_home: Path) -> None:
    # The day that came two days late holds older versions of its own.
    late = "P44_20261014.csv"
    inboxes = pl.col("feed_code").is_in([c for c in BY_ROW if load(c).server.kind == "inbox"])
    truth = planted().filter(inboxes & (pl.col("file_name") != late))
    log = read_log("o01_delivery_log").filter(inboxes & (pl.col("file_name") != late))
    for fate in ("unchanged", "superseded"):
        wanted = truth.filter(pl.col("expected_fate") == fate).group_by("file_name").len()
        found = log.select("file_name", n=f"{fate}_n").filter(pl.col("n") > 0)
        assert dict(wanted.iter_rows()).items() <= dict(found.iter_rows()).items(), fate
    # and what nobody sent twice is not there twice, but for offices that were weeks late
    hotline = log.filter(pl.col("feed_code") == "P44")
    told = truth.filter(pl.col("feed_code") == "P44")
    for fate in ("unchanged", "superseded"):
        wanted = told.filter(pl.col("expected_fate") == fate)
        assert hotline[f"{fate}_n"].sum() == wanted.height, fate


def test_what_was_deleted_is_gone_and_nothing_else_is(city_home: Path) -> None:
    truth = planted().filter(pl.col("expected_fate") == "deleted")
    assert set(truth["feed_code"]) >= {"F01", "F08", "P01", "P35"}
    for code, contract in load_all().items():
        if not contract.key:
            continue
        rows = table(code)
        wanted = set(truth.filter(pl.col("feed_code") == code)["key"])
        marked = rows.filter("_deleted")
        assert set(marked["key"]) == wanted, code
        content = [
            f.landed_name for f in contract.landed if f.landed_name and f.key_position is None
        ]
        left = marked.select(content).filter(pl.any_horizontal(pl.all().is_not_null()))
        assert left.height == 0, code


# Keys of a zone and of a court case are tokens in the lake.
CORRECTED = [
    c
    for c in (*BY_ROW, *BY_KIND)
    if load(c).zone is None
    and c not in ONCE
    and not any(f.personal for f in load(c).fields if f.key_position is not None)
]


@pytest.mark.parametrize("code", CORRECTED)
def test_a_corrected_row_is_in_the_lake_in_the_end(city_home: Path, code: str) -> None:
    truth = planted().filter(
        (pl.col("feed_code") == code)
        & (pl.col("expected_fate") == "quarantined")
        & ~pl.col("file").str.contains("20261016")  # corrected on a day that is yet to come
    )
    rows = table(code)
    # F24 names the application only
    known = {*rows["key"], *(rows["app_id"] if code == "F24" else ())}
    lost = truth.filter(~pl.col("key").is_in(list(known)))
    assert lost.rows() == []


def test_accepted_oddities_are_in_the_lake(city_home: Path) -> None:
    truth = planted().filter(
        (pl.col("expected_fate") == "accepted") & (pl.col("feed_code") == "F20")
    )
    assert truth.height > 0
    assert truth["key"].is_in(table("F20")["key"].implode()).all()


def test_every_delivery_adds_up_and_none_is_missing(city_home: Path) -> None:
    log = read_log("o01_delivery_log")
    parts = ("inserted", "updated", "deleted", "unchanged", "superseded", "quarantined")
    assert log.filter(pl.sum_horizontal(f"{p}_n" for p in parts) != pl.col("rows_n")).height == 0
    # a stream is cut where it is read: its stretches are compared by their rows below
    manifest = pl.read_csv(places.agencies() / "manifest.csv", infer_schema=False).filter(
        (pl.col("kind") != "stream")
        & (pl.col("arrives_at") <= clock.as_of().replace(tzinfo=None).isoformat())
    )
    came = set(log.select("feed_code", pl.col("period_end").cast(pl.String)).iter_rows())
    assert set(manifest.select("feed_code", "period_end").iter_rows()) <= came
    files = manifest.filter(pl.col("file") != "")["file"].str.split("/").list.last()
    assert set(files) <= set(log["file_name"])


def test_every_message_that_was_sent_is_in_one_delivery(city_home: Path) -> None:
    for code in (c.code for c in load_all().values() if c.is_stream):
        topic = str(load(code).server.options["topic"])
        sent = [
            line
            for path in (places.agencies() / "streams" / topic).rglob("*.ndjson")
            for line in path.read_text("utf-8").splitlines()
        ]
        log = read_log("o01_delivery_log", feed_code=code)
        assert log["rows_n"].sum() == len(sent) > 0, code


@pytest.mark.parametrize("code", sorted(load_all()))
def test_what_was_inserted_and_not_taken_away_is_there(city_home: Path, code: str) -> None:
    log = read_log("o01_delivery_log", feed_code=code)
    assert log.height > 0
    gained = sum(log["inserted_n"]) - sum(log["deleted_n"]) - sum(log["vanished_n"].drop_nulls())
    rows = pl.read_delta(str(feed_path(load(code))))
    assert rows.filter(~pl.col("_deleted").fill_null(False)).height == gained
