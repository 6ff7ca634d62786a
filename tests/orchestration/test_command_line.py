"""What a user types, and what comes back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.orchestration.conftest import SAMPLES, command_in, lay_down

LEEDS = "2017-07-west-yorkshire-street-leeds.csv"


def test_a_second_run_finds_nothing_to_do(computed: Path) -> None:
    done = command_in(computed)("run")
    assert done.returncode == 0
    assert done.stdout.startswith("nothing new: ")


def test_the_same_file_again_changes_nothing_and_says_so(computed: Path) -> None:
    lay_down(computed, LEEDS)
    done = command_in(computed)("run")
    assert "already received; 9,671 in = 0 inserted" in done.stdout
    assert "9,671 unchanged" in done.stdout
    assert "nothing new" in done.stdout


def test_status_answers_in_words_and_in_json(computed: Path) -> None:
    run = command_in(computed)
    assert "feed:UK01" in run("status").stdout
    listed = run("feed", "list", "--json")
    feeds = {row["feed"]: row for row in json.loads(listed.stdout)}
    assert feeds["feed:UK01"]["rows"] in (9671, 1541)
    assert feeds["feed:P44"]["rows"] is None


def test_a_wrong_kind_of_code_gets_a_hint(computed: Path) -> None:
    run = command_in(computed)
    wrong = run("feed", "show", "indicator:P01")
    assert wrong.returncode == 2
    assert "`fengqiao explain` takes indicators" in wrong.stderr
    other = run("explain", "feed:P44")
    assert other.returncode == 2
    assert "`fengqiao feed show` takes feeds" in other.stderr


def test_check_says_what_a_file_would_do_and_writes_nothing(computed: Path, tmp_path: Path) -> None:
    run = command_in(computed)
    text = (SAMPLES / LEEDS).read_text("utf-8").splitlines()
    extra = tmp_path / "2017-07-west-yorkshire-street-extra.csv"
    extra.write_text("\n".join([text[0] + ",身份证号", text[1] + ",x"]) + "\n", "utf-8")
    before = sorted(p for p in (computed / "data").rglob("*") if p.is_file())
    known = run("feed", "check", "feed:UK01", str(SAMPLES / LEEDS), "--json")
    assert json.loads(known.stdout)[0]["unchanged"] == 9671
    refused = run("feed", "check", "feed:UK01", str(extra), "--json")
    assert refused.returncode == 1
    assert "身份证号" in json.loads(refused.stdout)[0]["refused"]
    assert sorted(p for p in (computed / "data").rglob("*") if p.is_file()) == before


def test_a_feed_is_added_by_a_draft_and_checked_before_it_is_decided(
    computed: Path, tmp_path: Path
) -> None:
    run = command_in(computed)
    contract = tmp_path / "x07_crime.odcs.yaml"
    made = run("feed", "new", str(SAMPLES / LEEDS), "--code", "X07", "--out", str(contract))
    assert made.returncode == 0, made.stderr
    assert (
        contract.read_text("utf-8")
        == run("feed", "new", str(SAMPLES / LEEDS), "--code", "X07").stdout
    )
    again = run("feed", "new", str(SAMPLES / LEEDS), "--out", str(contract))
    assert again.returncode == 2
    done = run("feed", "check", str(contract), str(SAMPLES / LEEDS), "--json")
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)[0]
    assert (found["records"], found["would insert"]) == (9671, 9671)
    assert "legal_basis says TODO: nothing is taken in" in found["notes"]
    wrong = run("feed", "new", str(SAMPLES / LEEDS), "--code", "../x")
    assert wrong.returncode == 2


def test_check_proposes_a_patch_for_a_column_nobody_declared(
    computed: Path, tmp_path: Path
) -> None:
    text = (SAMPLES / LEEDS).read_text("utf-8").splitlines()[:50]
    extra = tmp_path / "2017-07-west-yorkshire-street-extra.csv"
    extra.write_text("\n".join([text[0] + ",Ward", *[t + ",E05" for t in text[1:]]]), "utf-8")
    done = command_in(computed)("feed", "check", "UK01", str(extra))
    assert done.returncode == 1
    assert "added" in done.stdout
    assert "+++ b/ingestion/contracts/uk01_street_crime.odcs.yaml" in done.stdout
    assert '+        physicalName: "Ward"' in done.stdout
    assert "property: pii" not in "".join(
        line for line in done.stdout.splitlines() if line.startswith("+")
    )


def test_show_tells_a_feeds_last_refusal_its_source_and_its_volume(
    computed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(computed, folder)
    run = command_in(folder)
    first = run("feed", "show", "UK01").stdout
    assert "source: inbox inbox/UK01/" in first
    assert "last refusal: none" in first
    text = (SAMPLES / LEEDS).read_text("utf-8").splitlines()[:50]
    name = "2017-08-west-yorkshire-street-extra.csv"
    spoiled = "\n".join([text[0] + ",Outcome note", *[t + ",E05" for t in text[1:]]])
    (folder / "data" / "inbox" / "UK01" / name).write_text(spoiled, "utf-8")
    run("run", "feed:UK01")
    shown = json.loads(run("feed", "show", "UK01", "--json").stdout)[0]
    refusal = shown["last refusal"]
    assert (refusal["rule"], refusal["file"]) == ("unknown_column", name)
    assert "新增列 Outcome note" in refusal["reason"]
    assert "Outcome note" in Path(refusal["patch"]).read_text("utf-8")
    refused = next(d for d in shown["deliveries"] if d["status"] == "4")
    assert refused["refused by rule"] == "unknown_column 1"
    assert "${FENGQIAO_STREAMS}" in run("feed", "show", "F01").stdout


def test_a_replay_needs_the_key_and_changes_nothing(computed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(computed, folder)
    run = command_in(folder)
    archived = sorted((folder / "data" / "archive" / "UK01").glob("*.age"))[0]
    delivery = archived.name.removesuffix(".csv.zst.age")
    key = folder / "secrets" / "archive.key"
    moved = tmp_path / "elsewhere.key"
    key.rename(moved)
    without = run("feed", "replay", delivery)
    assert without.returncode == 2
    assert "private key" in without.stderr
    done = run("feed", "replay", delivery, "--key", str(moved))
    assert done.returncode == 0, done.stderr
    assert "0 inserted + 0 updated" in done.stdout


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/var/tmp/out.csv'",
        "attach '/var/tmp/x.duckdb' as x",
        "set enable_external_access = true",
        "create table marts.mine as select 1",
        "install httpfs",
    ],
)
def test_sql_reads_tables_and_nothing_else(computed: Path, query: str) -> None:
    done = command_in(computed)("sql", query)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("query", ["copy (select 1) to '{}'", "copy (select 1) to '{}'; select 1"])
def test_sql_writes_no_file_of_the_lake_either(computed: Path, query: str) -> None:
    """It may read there, and what DuckDB may read it would write."""
    target = computed / "data" / "lake" / "written.parquet"
    done = command_in(computed)("sql", query.format(target))
    assert done.returncode == 2
    assert not target.exists()


def test_sql_answers_over_staging_as_csv(computed: Path) -> None:
    query = (
        "select count(*) as n, count(*) filter (longitude is null) as w from stg_uk01_street_crime"
    )
    done = command_in(computed)("sql", "--csv", query)
    assert done.stdout == "n,w\n11212,1541\n"


def test_doctor_says_when_a_declared_alert_file_would_keep_everybody_from_being_told(
    computed: Path, tmp_path: Path
) -> None:
    (tmp_path / "silences.csv").write_text("what,from,until,reason,by\nfeed:P44,soon,later,x,y\n")
    run = command_in(computed)
    told = {row["check"]: row for row in json.loads(run("doctor", "--json").stdout)}
    assert told["alerts"]["ok"]
    done = run("doctor", "--json", FENGQIAO_ALERTS=str(tmp_path))
    found = {row["check"]: row for row in json.loads(done.stdout)}["alerts"]
    assert done.returncode == 3
    assert not found["ok"]
    assert "silences.csv" in found["what"]


def test_doctor_is_content_and_names_an_open_secret(computed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(computed, folder)
    run = command_in(folder)
    rows = {row["check"]: row for row in json.loads(run("doctor", "--json").stdout)}
    assert rows["contracts"]["ok"] and rows["generated files"]["ok"]
    (folder / "secrets" / "archive.key").chmod(0o644)
    done = run("doctor", "--json")
    assert done.returncode == 3
    rows = {row["check"]: row for row in json.loads(done.stdout)}
    assert "archive.key" in rows["secrets"]["what"]


def test_production_refuses_the_archives_private_key(computed: Path) -> None:
    done = command_in(computed)("doctor", "--json", FENGQIAO_ENVIRONMENT="production")
    assert done.returncode == 3


def test_dashboards_without_a_server_is_one_clear_line(computed: Path) -> None:
    done = command_in(computed)("dashboards", "plan", FENGQIAO_SUPERSET_PORT="9")
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert "fengqiao up" in done.stderr


def test_generated_files_follow_from_the_contracts(computed: Path) -> None:
    done = command_in(computed)("generate", "--check")
    assert done.returncode == 0, done.stdout
