"""丽水 runs from the wheel and its own directory: begun, filled, delivered, counted, published."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.second_city import lishui
from tests.second_city.conftest import CHECKOUT, Installed

PAGES = """
import ingestion.contract.rules, json
from dashboards.compiler.specification import load_pages
from dashboards.compiler.palette import SERIES_OF
from dashboards.server.roles import roles
print(json.dumps({
    "file": ingestion.contract.rules.__file__,
    "titles": {p.id: p.title for p in load_pages()},
    "heads": [b.options["page_title"] for p in load_pages() for b in p.blocks
              if "page_title" in b.options],
    "shown": [[p.id, b.options["table"], list(b.options["columns"])] for p in load_pages()
              for b in p.blocks if b.kind == "table"],
    "matrix": [b.options["columns"] for p in load_pages() for b in p.blocks if b.id == "matrix"],
    "labels": [b.options["text"] for p in load_pages() for b in p.blocks if b.id == "banner"],
    "roles": [r.name for r in roles()],
    "colours": list(SERIES_OF),
}))
"""


@pytest.fixture(scope="module")
def city(installed: Installed) -> Installed:
    """丽水's directory, filled as its offices would, with one delivery of tickets, and run once."""
    installed.run("init", "lishui", "--prefecture", "331100")
    assert not (installed.folder / "data").exists(), "no home beside the directory"
    here = installed.inside("lishui")
    seeds = here.folder / "seeds"
    towns = lishui.fill_divisions(seeds / "seed_division.csv")
    lishui.add_office(seeds / "seed_organisation.csv")
    # Its hotline names a column in another way, and it knows the office: a contract of its own.
    contract = here.run("feed", "contract", "feed:P44").stdout
    changed = contract.replace('physicalName: "工单编号"', 'physicalName: "工单号"').replace(
        "11330600XN00000391", lishui.HOTLINE
    )
    changed = changed.replace('region_code, value: "330600"', 'region_code, value: "331100"')
    assert "工单号" in changed and "3306" not in changed
    (here.folder / "contracts" / "p44_hotline_ticket.odcs.yaml").write_text(changed, "utf-8")
    file = here.folder / "P44_20261030.csv"
    lishui.write_tickets(file, lishui.tickets(towns))
    checked = json.loads(here.run("feed", "check", "feed:P44", file.name, "--json").stdout)
    assert checked[0]["would insert"] == lishui.TICKETS_N
    inbox = here.folder / "data" / "inbox" / "P44"
    inbox.mkdir(parents=True, exist_ok=True)
    file.rename(inbox / file.name)
    here.run("run")
    return here


def tickets_of(city: Installed) -> tuple[list[lishui.Ticket], dict[str, str]]:
    with (city.folder / "seeds" / "seed_division.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    towns = [r["town_code"] for r in rows if r["unit_level"] == "3"]
    names = {r["region_code"]: r["name_zh"] for r in rows if r["unit_level"] == "2"}
    return lishui.tickets(towns), names


def test_every_unit_of_the_city_is_counted_as_counted_by_hand(city: Installed) -> None:
    given, names = tickets_of(city)
    expected: dict[tuple[str, str], Counter[str]] = {}
    for ticket in given:
        for unit in (
            ("city", "331100"),
            ("district", ticket.town[:6]),
            ("town", ticket.town),
            ("department", lishui.HOTLINE),
        ):
            counted = expected.setdefault(unit, Counter())
            counted["all"] += 1
            counted["in time"] += ticket.in_time
    with duckdb.connect(str(city.folder / "data/build/fengqiao.duckdb"), read_only=True) as con:
        found = con.execute(
            "select unit_level, unit_code, numerator, denominator from judged.fct_indicator"
            " where indicator_code = 'D07' and window_kind = 'month' and period_label = '2026-10'"
        ).fetchall()
    assert {(level, code): (n, d) for level, code, n, d in found} == {
        unit: (counted["in time"], counted["all"]) for unit, counted in expected.items()
    }
    assert len(names) == 9 and len([u for u in expected if u[0] == "town"]) > 100


def test_divisions_land_whole_and_the_pages_name_this_city(city: Installed) -> None:
    told = json.loads(city.run("status", "--json").stdout)
    status = {r["feed"]: r for r in told["feeds"]}
    assert status["feed:R01"]["quarantined"] == 0 and status["feed:R01"]["rows in"] > 100
    assert set(status) == {f"feed:{code}" for code in ("P44", "R01", "R04", "R05", "R06")}
    _, names = tickets_of(city)
    with duckdb.connect(str(city.folder / "data/serving/pages.duckdb"), read_only=True) as con:
        choices = [r[0] for r in con.execute("select district from scope").fetchall()]
        tables = [r[0] for r in con.execute("select table_name from duckdb_tables()").fetchall()]
        texts = {t: str(con.execute(f'select * from "{t}"').fetchall()) for t in tables}
    assert sorted(choices) == sorted(["全市", *names.values(), "九区县中位数"])
    foreign = {t: s for t, s in texts.items() if "绍兴" in s or "3306" in s}
    # What an indicator was first read in: the register names a rule of 绍兴 as a basis.
    assert set(foreign) == {"definition"} and "3306" not in texts["definition"]
    # Its data are its own: no page of it says that they are made up.
    assert "部门报送数据" in texts["page_status"]
    assert not [table for table, text in texts.items() if "演示数据" in text]


def test_the_pages_are_those_of_this_city_and_its_feeds(city: Installed) -> None:
    python = str(city.python)
    said = json.loads(city.call([python, "-c", PAGES]).stdout)
    assert Path(said["file"]).is_relative_to(city.python.parents[1])
    assert said["heads"] == ["丽水市综合指挥驾驶舱", "丽水市综合指挥大屏"] * (
        len(said["heads"]) // 2
    )
    assert len(said["labels"]) > 20
    assert not [text for text in said["labels"] if "演示数据" in text or "部门报送数据" not in text]
    assert said["titles"]["districts"] == "九个区（市、县）"
    assert "west-yorkshire" not in said["titles"], "a page of a feed that this city has not"
    assert said["matrix"][0]["c331102"] == "莲都区" and "c330602" not in said["matrix"][0]
    assert "leader_331102" in said["roles"] and "leader_330602" not in said["roles"]
    assert "莲都区" in said["colours"] and "越城区" not in said["colours"]


def test_every_column_that_a_page_names_is_there(city: Installed) -> None:
    """Also of indicators that no feed of this city supports: the wall names ours."""
    shown = json.loads(city.call([str(city.python), "-c", PAGES]).stdout)["shown"]
    with duckdb.connect(str(city.folder / "data/serving/pages.duckdb"), read_only=True) as con:
        found = con.execute("select table_name, column_name from duckdb_columns()").fetchall()
    have = {table: {column for t, column in found if t == table} for table, _ in found}
    lacking = {
        f"{page} {table}.{column}"
        for page, table, columns in shown
        for column in set(columns) - have.get(table, set())
    }
    assert len(shown) > 50
    assert lacking == set()


def test_a_brief_is_made_without_boundaries_of_districts(city: Installed) -> None:
    made = json.loads(city.run("brief", "monthly", "--json").stdout)
    assert made
    for unit in ("331100", "331102"):
        city.run("brief", "monthly", "--unit", unit)
    assert len(list((city.folder / "data").rglob("*.pdf"))) >= 2


def test_up_simulates_nothing_in_the_directory_of_a_city(installed: Installed) -> None:
    installed.run("init", "empty", "--prefecture", "331100")
    here = installed.inside("empty")
    assert "`fengqiao run` first" in here.run("up", code=3).stderr
    assert not list(here.folder.rglob("build.json"))


def test_the_commands_answer_from_this_directory(city: Installed) -> None:
    told = city.run("explain", "indicator:D07", "--unit", "莲都区", "--period", "2026-10").stdout
    assert "莲都区(331102)" in told and "P44_20261030.csv" in told
    assert "丽水市(331100)" in city.run("explain", "indicator:D07", "--period", "2026-10").stdout
    doctor = json.loads(city.run("doctor", "--json", code=None).stdout)
    assert {d["check"]: d["ok"] for d in doctor}["contracts"]
    assert city.run("generate", "--check", code=1).stdout.strip(), "the new contract is not in docs"
    city.run("generate")
    city.run("generate", "--check")
    assert "330600" not in (city.folder / "docs" / "purpose-register.md").read_text("utf-8")
    assert "nothing new" in city.run("run").stdout
    sample = city.folder / "sample.csv"
    sample.write_text("站点编号,数量\nA1,3\nA2,4\n", "utf-8")
    city.run("feed", "new", "sample.csv", "--code", "X01", "--out", "contracts/x01.odcs.yaml")
    assert "id: feed:X01" in (city.folder / "contracts" / "x01.odcs.yaml").read_text("utf-8")
    (city.folder / "contracts" / "x01.odcs.yaml").unlink()


def test_what_is_wrong_with_a_directory_is_said(installed: Installed) -> None:
    installed.run("init", "twice", "--prefecture", "331100")
    refused = installed.run("init", "twice", "--prefecture", "331100", code=2)
    assert "is not empty" in refused.stderr
    assert "--name" in installed.run("init", "far", "--prefecture", "440300", code=2).stderr
    broken = installed.folder / "broken"
    broken.mkdir()
    (broken / "city.yaml").write_text('code: "3311"\nname: 丽水市\n', "utf-8")
    assert "six digits" in installed.inside("broken").run("status", code=3).stderr
    (broken / "city.yaml").write_text('code: "331100"\nname: 丽水市\nfeeds: [P99]\n', "utf-8")
    assert "no contract for P99" in installed.inside("broken").run("feed", "list", code=3).stderr


def test_nothing_of_the_checkout_was_opened(
    city: Installed, installed: Installed, opened: Callable[[], list[str]]
) -> None:
    assert opened() == []
    # The watch sees what it is there for.
    seen = f"open({str(CHECKOUT / 'pyproject.toml')!r}).close()"
    installed.call([str(installed.python), "-c", seen])
    assert opened() == [f"open {CHECKOUT / 'pyproject.toml'}"]
