"""What leaves, leaves for a purpose, on the record, and harmless; the rest stays."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from ingestion.access import NotLogged, folder
from orchestration.access import files
from orchestration.access.export import NoPurpose, export
from orchestration.access.leaving import MayNotLeave, tables_that_leave
from orchestration.access.listing import listed
from orchestration.access.snapshot import snapshot
from orchestration.cli.main import app

PURPOSE = "年度统计公报附表"
INDICATOR = "select * from fct_indicator where indicator_code = 'D09' limit 20"
SPELLS = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", '=HYPERLINK("x")']


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def process(*words: str) -> Done:
    """The command in a process of its own, as a user starts it."""
    command = [str(Path(sys.executable).with_name("fengqiao")), *words]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=60)
    return Done(done.returncode, done.stdout, done.stderr)


def fengqiao(top: Path, *words: str) -> Done:
    """The same here: a start costs a second."""
    done = CliRunner().invoke(app, list(words))
    return Done(done.exit_code, done.stdout, done.stderr)


def newest() -> dict[str, Any]:
    return listed(limit=1)[0]


def test_every_question_at_the_terminal_is_logged_with_its_rows(city: Path) -> None:
    asked = "select unit_code from fct_indicator where unit_code <> '13800138000' limit 7 -- 王小明"
    assert process("sql", asked).returncode == 0
    record = newest()
    assert (record["action"], record["rows"], record["datasets"]) == ("sql", 7, ["fct_indicator"])
    assert "13800138000" not in record["statement"]
    assert "王小明" not in record["statement"]


def test_a_question_that_failed_is_logged_too(city: Path) -> None:
    assert fengqiao(city, "sql", "select cast('x' as int) from fct_indicator").returncode == 2
    assert (newest()["action"], newest()["outcome"]) == ("sql", "failed")


def test_no_answer_without_a_record(
    city: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("no folder", "utf-8")
    monkeypatch.setenv("FENGQIAO_SECRETS", str(secrets))
    done = process("sql", INDICATOR, "--csv")
    assert (done.returncode, done.stdout) == (3, "")
    assert "the access log cannot be written" in done.stderr
    target = tmp_path / "out.csv"
    with pytest.raises(NotLogged):
        export(INDICATOR, target, PURPOSE)
    assert not target.exists()
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_an_export_is_on_record_with_purpose_rows_and_digest(
    city: Path, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / f"d09{suffix}"
    done = fengqiao(city, "sql", INDICATOR, "--export", str(target), "--purpose", PURPOSE, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)[0]
    record = newest()
    assert record["book"] == "provision"
    assert (record["action"], record["purpose"], record["rows"]) == ("export", PURPOSE, 20)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert record["details"]["sha256"] == said["sha256"] == digest
    assert sorted(tmp_path.iterdir()) == [target]


def test_without_a_purpose_nothing_leaves(city: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    for purpose in (None, "", "  ", "x"):
        with pytest.raises(NoPurpose):
            export(INDICATOR, target, purpose)
    done = fengqiao(city, "sql", INDICATOR, "--export", str(target))
    assert done.returncode == 2
    assert "--purpose" in done.stderr
    assert not target.exists()


def test_a_file_that_is_there_is_not_overwritten(city: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("mine", "utf-8")
    with pytest.raises(files.NotWritten, match="there is a file already"):
        export(INDICATOR, target, PURPOSE)
    assert target.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("select * from stg_p26_petition_matter", "level L3: never as rows"),
        ("select * from stg_p32_dispute_registration", "level L3: never as rows"),
        ("select * from fct_petition", "level L3: never as rows"),
        ("select * from stg_f01_police_call_110", "`serve`"),
        ("select * from fct_dispute", "may not leave"),
        ("select * from agg_indicator_counts", "may not leave"),
        ("select (select max(matter_id) from stg_p26_petition_matter)", "never as rows"),
        ("with unit as (from stg_p26_petition_matter) select * from unit", "never as rows"),
        (
            "with stg_p26_petition_matter as (select * from stg_p26_petition_matter) "
            "select * from stg_p26_petition_matter",
            "never as rows",
        ),
        ("select * from STG_P26_PETITION_MATTER", "never as rows"),
        ('select * from "stg_p26_petition_matter"', "never as rows"),
        ("select * from marts.fct_dispute", "may not leave"),
        ("select * from lake.p26_petition_matter", "only tables of"),
        ("select * from declassified.zone_counts", "only tables of"),
        ("select * from l4_minors_counts", "minors"),
        ("select * from stg_f14_youth_prevention_case", "minors"),
        ("select * from query('from stg_p26_petition_matter')", "name the table"),
        ("select * from query_table('stg_p26_petition_matter')", "name the table"),
        ("select * from read_parquet('x')", "name the table"),
        ("select * from '/etc/passwd'", "does not know it"),
        ("summarize stg_p26_petition_matter", "cannot leave"),
        ("pivot stg_p26_petition_matter on channel", "only one query"),
        ("select 1; select 2", "one query at a time"),
        ("copy fct_indicator to 'x.csv'", "only one query"),
        ("values ((select count(*) from stg_p26_petition_matter))", "never as rows"),
    ],
)
def test_what_may_not_leave_is_refused_by_name(city: Path, statement: str, why: str) -> None:
    with pytest.raises(MayNotLeave, match=why):
        tables_that_leave(statement)


def test_a_refused_export_is_on_record(city: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    done = fengqiao(
        city, "sql", "from fct_petition", "--export", str(target), "--purpose", PURPOSE
    )  # fmt: skip
    assert done.returncode == 1
    assert "fct_petition may not leave" in done.stderr
    assert (newest()["action"], newest()["outcome"]) == ("export", "refused")
    assert not target.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "select * from fct_indicator join dim_unit using (unit_level, unit_code)",
        "with x as (from stg_p40_police_call_aggregate) select * from x, range(3)",
        "select * from stg_uk01_street_crime",
        "select 1 as one",
    ],
)
def test_served_rows_and_published_values_leave(city: Path, statement: str) -> None:
    tables_that_leave(statement)


@pytest.mark.parametrize(
    "table",
    [
        "fct_indicator",  # holds petitions, health and minors
        "stg_p40_police_call_aggregate",  # L2
        "stg_p31_petition_satisfaction",
        "fct_petition",
        "stg_f15_youth_offence_monthly",
    ],
)
def test_open_data_are_l1_and_never_petitions_health_or_minors(city: Path, table: str) -> None:
    with pytest.raises(MayNotLeave):
        tables_that_leave(f"select * from {table}", open_data=True)
    tables_that_leave("select * from stg_uk01_street_crime", open_data=True)


def test_no_petition_health_or_minor_feed_is_open_whatever_its_level(city: Path) -> None:
    from orchestration.access.leaving import _lineage, why_not

    codes = ("p26", "p27", "p28", "p29", "p30", "p31", "f12", "f13", "f14", "f15")
    for table, feeds in _lineage().items():
        if any(feed.startswith(code) for feed in feeds for code in codes):
            assert why_not(table, open_data=True) is not None, table


def test_no_cell_of_a_file_is_computed(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"text": SPELLS, "=1+2": [-1.5] * len(SPELLS), "列表": [["=1"]] * len(SPELLS)}
    )
    files.write(frame, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    read = pl.read_csv(tmp_path / "x.csv")
    assert read["text"].to_list() == [f"'{s}" for s in SPELLS]
    assert read.columns == ["text", "'=1+2", "列表"]
    assert read["'=1+2"].to_list() == [-1.5] * len(SPELLS)  # numbers stay numbers
    files.write(frame, tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert not [
        c.value for c in cells if isinstance(c.value, str) and c.value.lstrip()[:1] in "=+-@＝"
    ]


def test_a_snapshot_is_the_published_file_and_a_provision(city: Path, tmp_path: Path) -> None:
    made = snapshot(tmp_path / "taken", "police", PURPOSE)
    record = newest()
    assert (record["action"], record["purpose"]) == ("snapshot", PURPOSE)
    assert record["details"]["sha256"] == hashlib.sha256(made.path.read_bytes()).hexdigest()
    assert record["rows"] == sum(made.tables.values()) > 0
    with duckdb.connect(str(made.path), read_only=True) as con:
        assert con.execute("select count(*) from indicator").fetchone()[0] > 0  # type: ignore[index]
    with pytest.raises(files.NotWritten):
        snapshot(tmp_path / "taken", "police", PURPOSE)


def test_a_snapshot_needs_audience_and_purpose(city: Path, tmp_path: Path) -> None:
    folder_given = str(tmp_path / "taken")
    assert fengqiao(city, "snapshot", folder_given, "--audience", "police").returncode == 2
    done = fengqiao(city, "snapshot", folder_given, "--audience", "../x", "--purpose", PURPOSE)
    assert done.returncode == 2
    assert "the audiences are" in done.stderr


def test_bench_files_say_what_their_columns_mean(city: Path) -> None:
    from dashboards.server import paths

    with duckdb.connect(str(paths.bench_file("bench-police")), read_only=True) as con:
        words = dict(con.execute("""
            select table_name || '.' || column_name, comment from duckdb_columns()
            where comment is not null
        """).fetchall())  # fmt: skip
        tables = con.execute(
            "select count(*) from duckdb_tables() where comment is null"
        ).fetchone()
    assert "警情" in words["p40_police_call_aggregate.call_n"]
    assert "收缩值" in words["indicator.value_shrunk"]
    assert tables == (0,)


def test_audit_speaks_by_its_exit_code(city: Path, tmp_path: Path) -> None:
    fengqiao(city, "sql", INDICATOR)
    whole = process("audit", "verify", "--json")
    assert whole.returncode == 0, whole.stdout
    heads = json.loads(whole.stdout)[0]["heads"]
    told = [word for head in heads for word in ("--head", head)]
    assert fengqiao(city, "audit", "verify", *told).returncode == 0
    forged = heads[0][:-1] + ("0" if heads[0][-1] != "0" else "1")
    assert fengqiao(city, "audit", "verify", "--head", forged).returncode == 1
    assert fengqiao(city, "audit", "verify", "--head", "nonsense").returncode == 2
    path = sorted(folder().glob("access-*.ndjson"))[0]
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"fct_indicator", b"fct_indicatoR", 1))
    broken = fengqiao(city, "audit", "verify")
    path.write_bytes(kept)
    assert broken.returncode == 1
    assert path.name in broken.stdout
    assert "NOT WHOLE" in broken.stdout


def test_audit_says_when_there_is_nothing(home: Path) -> None:
    assert fengqiao(home, "audit", "verify").returncode == 3


def test_audit_list_finds_by_who_dataset_and_action(city: Path) -> None:
    fengqiao(city, "sql", "select * from dim_unit limit 3")
    found = json.loads(
        fengqiao(city, "audit", "list", "--dataset", "dim_unit", "--action", "sql", "--json").stdout
    )
    assert found[0]["rows"] == 3
    assert json.loads(fengqiao(city, "audit", "list", "--who", "nobody", "--json").stdout) == []
    later = fengqiao(city, "audit", "list", "--since", "2999-01-01", "--json")
    assert json.loads(later.stdout) == []
    assert fengqiao(city, "audit", "list", "--since", "gestern").returncode == 2


def test_the_permission_statement_follows_from_what_is_enforced(city: Path) -> None:
    from dashboards.server.roles import audiences, roles

    lines = json.loads(fengqiao(city, "audit", "statement", "--json").stdout)
    assert {role.name for role in roles()} <= {line["角色"] for line in lines}
    police = [x for x in lines if x["角色"] == "analyst_police" and "SQL Lab" in x["途径"]]
    own = {x["数据集"] for x in police} & {"p40_police_call_aggregate", "f03_dispatch_order"}
    assert len(own) == 2
    for role in roles():
        for line in lines:
            if line["角色"] == role.name and line["途径"] == "页面":
                assert role.clause is None or role.clause in line["可见的行"]
                assert role.clause is not None or "默认拒绝" in line["可见的行"]
    nobody = [line for line in lines if line["角色"] == "无"]
    assert {"L4"} == {line["级别"] for line in nobody}
    assert any("f14_youth_prevention_case" in line["数据集"] for line in nobody)
    assert len(audiences()) == len(
        {x["角色"] for x in lines if x["角色"].startswith(("analyst_", "statistician"))}
    )
