"""The bench on a whole city: its examples run, its snapshot opens, its doors hold."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dashboards.server import paths
from dashboards.server.queries import FOLDER, SHARED, Query, queries
from dashboards.server.roles import audiences, bench_name
from ingestion import places
from ingestion.contract import load
from ingestion.delivery import archive
from ingestion.lake.logs import read_log
from orchestration.access.approval import NotApproved, register
from orchestration.access.listing import listed
from orchestration.run.rehearse import again
from tests.conftest import settle
from tests.whole.small_city import AS_OF

EXAMPLES = [(audience, query) for audience in audiences() for query in queries(audience)]
_GUARD = """
import json, sys
from dashboards.server.guard import Refused, check
for sql, tables in json.load(sys.stdin):
    check(sql, frozenset(tables))
"""


def tables_of(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()]


def opened(audience: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(paths.bench_file(bench_name(audience))), read_only=True)


@pytest.mark.parametrize(("audience", "query"), EXAMPLES, ids=[q.file for _, q in EXAMPLES])
def test_an_example_gives_rows_and_is_written_to_be_changed(
    city_home: Path, audience: str, query: Query
) -> None:
    lines = query.sql.splitlines()
    assert lines[0].startswith("-- ")
    assert lines[1].startswith("-- ")
    assert lines[2].startswith("with params as (")
    with opened(audience) as con:
        assert con.execute(query.sql).fetchall(), "no rows"


def test_every_audience_has_three_to_five_examples() -> None:
    counted = {a: len(queries(a)) for a in audiences()}
    assert all(3 <= n <= 5 for n in counted.values()), counted
    assert {f.parent.name for f in FOLDER.glob("*/*.sql")} - {SHARED} == set(audiences())


def test_the_guard_lets_every_example_run(city_home: Path) -> None:
    asked = []
    for audience, query in EXAMPLES:
        with opened(audience) as con:
            asked.append((query.sql, tables_of(con)))
    done = subprocess.run(
        [str(paths.superset_python()), "-c", _GUARD],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=paths.REPOSITORY,
    )
    assert done.returncode == 0, done.stderr


def test_a_zones_run_is_on_record(city_home: Path) -> None:
    found = listed(action="zone", limit=10)
    assert {r["filter"] for r in found} == {"declassify health", "declassify minors"}
    assert all(r["rows"] for r in found)


def delivery_of(feed: str) -> str:
    """A delivery that the archive still has."""
    contract = load(feed)
    ids = read_log("o01_delivery_log", feed_code=feed)["delivery_id"].to_list()
    kept = [i for i in ids if archive.path_of(feed, i, contract.server.format).exists()]
    return str(kept[0])


def test_minors_rows_are_not_opened_without_an_approval(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F14 can be read again from the archive with the private key: that is a door (DP-13)."""
    for part in ("secrets", "data/archive/F14", "data/lake-l4/minors", "data/lake/ops"):
        shutil.copytree(city / part, tmp_path / part)
    settle(monkeypatch, tmp_path, AS_OF)
    youth = delivery_of("F14")
    with pytest.raises(NotApproved, match=r"feed:F14.*--approval"):
        again(youth, None)
    refused = listed(action="replay", limit=1)[0]
    assert (refused["outcome"], refused["datasets"]) == ("refused", ["F14"])
    with pytest.raises(NotApproved, match="no approval's number"):
        again(youth, None, "*")

    assert again(youth, None, "审批-2026-017").inserted_n == 0
    passed = listed(action="replay", limit=1)[0]
    assert (passed["outcome"], passed["approval"]) == ("allowed", "审批-2026-017")

    # With a register, the number must stand in it: for this login, this feed, this day.
    login = passed["login"].split(" as ")[0]
    head = "approval,approver,login,feed,valid_from,valid_to\n"
    register().write_text(
        f"{head}A-1,李主任,{login},F14,2020-01-01,2099-12-31\n"
        f"A-2,李主任,{login},F12,2020-01-01,2099-12-31\n"
        f"A-3,李主任,{login},F14,2020-01-01,2020-12-31\n"
        f"A-4,李主任,somebody-else,F14,2020-01-01,2099-12-31\n"
        f"A-5,,{login},F14,2020-01-01,2099-12-31\n",
        "utf-8",
    )
    again(youth, None, "A-1")
    for number in ("A-2", "A-3", "A-4", "A-5", "审批-2026-017"):
        with pytest.raises(NotApproved):
            again(youth, None, number)
    register().unlink()
    monkeypatch.setenv("FENGQIAO_ENVIRONMENT", "production")
    with pytest.raises(NotApproved, match="no register of approvals"):
        again(youth, None, "A-1")


def test_the_command_line_asks_for_the_approval(city_home: Path) -> None:
    def fengqiao(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("fengqiao")), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    denied = fengqiao("feed", "replay", delivery_of("F14"))
    assert denied.returncode == 2
    assert "feed:F14" in denied.stderr
    assert "--approval" in denied.stderr
    drop = next((places.agencies() / "F14").glob("*.enc"), None) or next(
        p for p in places.agencies().rglob("F14*") if p.is_file()
    )
    assert fengqiao("feed", "check", "feed:F14", str(drop)).returncode == 2
    assert fengqiao("quarantine", "list", "--feed", "F14").returncode == 2
    assert "F14" not in fengqiao("quarantine", "list", "--limit", "5000", "--json").stdout
    allowed = fengqiao("quarantine", "list", "--feed", "F14", "--approval", "SP-1", "--json")
    assert allowed.returncode == 0


def test_the_documented_python_reads_a_snapshot(
    city_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snippet of docs/statistics-bench.md, as it stands there."""
    from orchestration.access.snapshot import snapshot

    snapshot(tmp_path, "police", "论文复核")
    page = (paths.REPOSITORY / "docs" / "statistics-bench.md").read_text("utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "警情数" in done.stdout
