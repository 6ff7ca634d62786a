"""What is told: one entry per cause, what follows from it, and nothing of a row or a person."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from ingestion import clock, places
from ingestion.clock import parse
from ingestion.contract import load, load_all
from ingestion.contract.load import FOLDER, load_file
from ingestion.lake.logs import append_log, read_log
from ingestion.lake.tables import LOGS
from orchestration.alert import house
from orchestration.alert.cause import Alert
from orchestration.alert.declared import OURS, settings
from orchestration.alert.metrics import exposition
from orchestration.alert.rounds import hold_round
from orchestration.alert.standing import LastRun, note_run, standing
from orchestration.alert.words import MOST_BYTES
from orchestration.transform.seeds import SEEDS
from simulation.identity import sentinel_names
from tests.alert.conftest import GOVERNMENT_SERVICES, Declare, keep_robot
from tests.alert.robots import Group
from tests.alert.test_rounds import AT_ONCE
from tests.ingestion.handover import P44_HEADER, csv_text, put, tickets

NAME, RESIDENT = sentinel_names()[3], "11010519491231002X"


def causes(moment: str = "2026-10-31T09:00") -> dict[str, Alert]:
    return {a.key: a for a in standing(parse(moment))}


def refuse_p44(day: str, name: str = "") -> None:
    """A file with a column that the contract does not know, its header and its rows personal."""
    rows = [[*row, RESIDENT] for row in tickets({"来电人": NAME})]
    text = csv_text([*P44_HEADER, f"{NAME}的证件"], rows)
    receipt = put("P44", name or f"P44_{day}.csv", text.encode("gb18030"))
    assert receipt.status == "4"


def accept_p44(day: str) -> None:
    moment = f"{day[:4]}-{day[4:6]}-{day[6:]} 08:30:00"
    rows = tickets({"受理时间": moment, "源系统更新时间": moment})
    assert (
        put("P44", f"P44_{day}.csv", csv_text(P44_HEADER, rows).encode("gb18030")).refusal is None
    )


def test_a_refused_delivery_is_one_message_with_the_indicators_that_read_it(
    home: Path, receiver: Group, declare: Declare
) -> None:
    keep_robot(receiver, "dingtalk", "tickets-room")
    declare((GOVERNMENT_SERVICES, "dingtalk", "tickets-room"), list_from="100")
    refuse_p44("20261029")
    refuse_p44("20261030")
    hold_round(clock.as_of(), AT_ONCE)
    [text] = [t for t in receiver.texts if "整批拒收" in t.splitlines()[0]]
    assert "P44_20261029.csv、P44_20261030.csv" in text
    assert "unknown_column（有合同未声明的列）" in text
    for words in ("绍兴市政务服务(大数据)局", "D07 12345按期办结率", "涉及指标（3项）", "回放"):
        assert words in text
    kept = [p.read_text("utf-8") for p in (home / "ops" / "alerts").glob("*.json")]
    told = "".join([*receiver.texts, *kept])
    assert NAME not in told and RESIDENT not in told


def test_a_name_that_fits_no_pattern_is_not_repeated(home: Path) -> None:
    refuse_p44("", f"P44_{NAME}_{RESIDENT}.csv")
    alert = next(a for a in causes().values() if a.kind == "refused")
    assert alert.key == "refused:P44:file_name"
    assert NAME not in str(alert) and RESIDENT not in str(alert)


def test_the_refusal_is_over_when_the_period_is_accepted(home: Path) -> None:
    refuse_p44("20261030")
    assert "refused:P44:unknown_column" in causes()
    accept_p44("20261030")
    assert "refused:P44:unknown_column" not in causes()


def test_an_office_with_many_new_causes_gets_a_list(
    home: Path, receiver: Group, declare: Declare
) -> None:
    keep_robot(receiver, "wecom", "police-group")
    declare(("11330600XN0000047U", "wecom", "police-group"), list_from="5")
    owed = [c for c in load_all().values() if c.owner_org_code == "11330600XN0000047U"]
    hold_round(clock.as_of(), AT_ONCE)
    texts = [m["markdown"]["content"] for m in receiver.wecom]
    assert len(texts) == 2  # twelve lines a list
    assert all(len(t.encode()) <= MOST_BYTES for t in texts)
    told = re.findall(r"（([A-Z]\d\d)）应到未到", "".join(texts))
    assert sorted(told) == sorted(c.code for c in owed)


def test_late_stands_until_the_next_comes_in_time(home: Path) -> None:
    with clock.at(parse("2026-10-31T11:30")):
        accept_p44("20261030")
    late = causes("2026-10-31T12:00")["late:P44"]
    assert late.severity == "warning"
    assert any("最长 3小时30分" in fact for fact in late.facts)
    assert "late:P44" not in causes("2026-11-01T12:00")  # now the newest is missing
    with clock.at(parse("2026-11-01T07:00")):
        accept_p44("20261031")
    assert "late:P44" not in causes("2026-11-01T12:00")


def failing_check(feed: str, test: str, failed_n: int, checked_n: int) -> None:
    append_log(
        "o02_test_run",
        pl.DataFrame(
            {
                "run_id": [f"{feed}{test}"],
                "feed_code": [feed],
                "owner_org_code": [load(feed).owner_org_code],
                "test_name": [test],
                "severity": ["E"],
                "run_time": [clock.as_of()],
                "passed": [False],
                "failed_rows_n": [failed_n],
                "checked_rows_n": [checked_n],
                "detail": ["不合格"],
            }
        ).with_columns(pl.col("run_time").dt.convert_time_zone("UTC")),
    )


def test_a_failed_check_is_told_with_counts_and_its_indicators(home: Path) -> None:
    failing_check("P44", "key_unique", 3, 1200)
    check = causes()["check:P44:key_unique"]
    assert check.office == GOVERNMENT_SERVICES
    assert "结果：不合格 3 / 检查 1200" in check.facts
    assert any("D07" in fact for fact in check.facts)


def test_a_small_number_of_an_l4_zone_is_not_told(home: Path) -> None:
    failing_check("F12", "key_unique", 3, 1200)
    facts = causes()["check:F12:key_unique"].facts
    assert "结果：个数不对外" in facts


def test_what_follows_from_a_missing_delivery_is_not_told_again(home: Path) -> None:
    failing_check("P44", "fresh", 7, 7)
    note_run(LastRun("2026-10-31T08:20:00+08:00", {}, ["P44"], ""))
    mine = [key for key, alert in causes().items() if alert.feed == "P44"]
    assert mine == ["missing:P44"]


def test_a_feed_that_could_not_be_asked_is_told_without_the_reason(home: Path) -> None:
    """It may name an address or quote a library. UK01 owes nothing, so nothing is missing."""
    note_run(LastRun("2026-10-31T08:20:00+08:00", {}, ["UK01"], ""))
    assert causes()["intake:UK01"].severity == "error"


def test_pages_that_nobody_renews_are_told(home: Path) -> None:
    places.ops().mkdir(parents=True)
    (places.ops() / "day.json").write_text('{"as_of": "2026-10-31T09:00:00+08:00"}')
    assert "release" not in causes("2026-11-01T20:00")
    assert causes("2026-11-02T09:00")["release"].severity == "critical"


def test_a_disk_that_fills_is_told_and_one_that_is_full_is_critical(home: Path) -> None:
    home.mkdir()
    free_gib = shutil.disk_usage(home).free / 2**30
    assert list(house.of_disk(0.001)) == [] or free_gib < 3
    [alert] = house.of_disk(free_gib + 1000)
    assert (alert.key, alert.office) == ("disk:数据目录", "platform")
    assert alert.severity == ("error" if free_gib > 3 else "critical")


def test_an_exemption_is_announced_before_it_ends(tmp_path: Path) -> None:
    borne = "{check: key_unique, owner: 王某, reason: 搬迁, until: 2026-11-20}"
    text = next(FOLDER.glob("p44_*.yaml")).read_text("utf-8")
    at = text.index("  - {property: owner_org_code")
    file = tmp_path / "p44.odcs.yaml"
    entry = f"  - {{property: exemptions, value: [{borne}]}}\n"
    file.write_text(text[:at] + entry + text[at:], "utf-8")
    contracts = [load_file(file)]
    assert list(house.of_exemptions(contracts, date(2026, 10, 20), 30)) == []
    [alert] = house.of_exemptions(contracts, date(2026, 10, 31), 30)
    assert (alert.key, alert.office) == ("exemption:P44:key_unique", GOVERNMENT_SERVICES)
    assert "豁免至 2026-11-20，还有 20 天" in alert.facts
    assert "王某" not in str(alert)  # a person's name
    [over] = house.of_exemptions(contracts, date(2026, 11, 22), 30)
    assert "已到期" in over.title


def test_the_end_of_the_workday_calendar_is_told_as_dbt_warns_of_it(home: Path) -> None:
    rule = Path(SEEDS).parent / "tests" / "workdays_are_known_for_sixty_days.sql"
    [days] = re.findall(r"add_days\(as_of_date\(\), (\d+)\)", rule.read_text("utf-8"))
    assert settings().calendar_days == int(days)
    with (SEEDS / "seed_workday_calendar.csv").open(encoding="utf-8") as file:
        last = date.fromisoformat(max(line["cal_date"] for line in csv.DictReader(file)))
    assert "calendar" not in causes(f"{last - timedelta(days=int(days))}T09:00")
    alert = causes(f"{last - timedelta(days=int(days) - 1)}T09:00")["calendar"]
    assert alert.office == load("R05").owner_org_code


def test_every_office_of_a_feed_has_a_way_in_our_file() -> None:
    with (OURS / "routes.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    known = {line["office_code"] for line in lines}
    offices = {c.owner_org_code for c in load_all().values() if c.code != "UK01"}
    assert {"platform", "*"} <= known
    assert offices <= known
    assert all(line["address"].endswith("@example.invalid") for line in lines)


def test_rows_of_an_l4_zone_are_not_measured(home: Path) -> None:
    """Two looks at a total give a small count between them."""
    with clock.at(parse("2026-10-31T07:30")):
        accept_p44("20261030")
    [row] = read_log("o01_delivery_log").to_dicts()
    zoned = {**row, "delivery_id": "F12-x", "feed_code": "F12", "feed_table": load("F12").table}
    append_log("o01_delivery_log", pl.DataFrame([zoned], schema=LOGS["o01_delivery_log"]))
    told = exposition(clock.as_of()).decode()
    assert 'fengqiao_feed_rows_total{feed="P44",outcome="in"} 1.0' in told
    assert 'fengqiao_feed_newest_delivery_age_seconds{feed="F12"}' in told
    assert 'fengqiao_feed_rows_total{feed="F12"' not in told
