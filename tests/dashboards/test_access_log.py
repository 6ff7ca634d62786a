"""Superset tells the access log who saw what, before it is taken away, and goes on or stops."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboards.compiler.session import Session
from dashboards.server import control, paths
from dashboards.server.roles import audiences, bench_name, roles
from ingestion.access import folder
from orchestration.access.listing import listed
from orchestration.access.verify import verify_all

EXAMPLES = Path(__file__).resolve().parents[2] / "dashboards" / "bench"
OF_AUDIENCE = {str(role.bench): role.name for role in roles() if role.bench}
LEADER, STATISTICIAN = "leader_330681", "analyst_police"


@pytest.fixture(scope="module")
def dataset(superset: control.Running) -> int:
    with Session() as session:
        found = session.all("dataset", ["id", "table_name"])
    return next(int(d["id"]) for d in found if d["table_name"] == "indicator_board")


@pytest.fixture(scope="module")
def leader_asks(superset: control.Running) -> Iterator[Session]:
    with Session(LEADER) as session:
        yield session


@pytest.fixture(scope="module")
def statistician(superset: control.Running) -> Iterator[Session]:
    with Session(STATISTICIAN) as session:
        yield session


def chart(dataset: int, form: str = "json") -> dict[str, Any]:
    return {
        "datasource": {"id": dataset, "type": "table"},
        "result_format": form,
        "result_type": "full",
        "queries": [
            {
                "columns": ["indicator"],
                "metrics": ["rows_n"],
                "filters": [{"col": "indicator", "op": "!=", "val": "13800138000"}],
            }
        ],
    }


def run(session: Session, sql: str) -> Any:
    with_id = {"client_id": secrets.token_hex(5), "sql": sql, "runAsync": False, "queryLimit": 100}
    database = next(
        d["id"]
        for d in session.all("database", ["id", "database_name"])
        if d["database_name"] == bench_name("police")
    )
    return session._http.post("/api/v1/sqllab/execute/", json={**with_id, "database_id": database})


def said(answer: Any) -> str:
    return json.dumps(answer.json(), ensure_ascii=False)


def newest(action: str, login: str) -> dict[str, Any]:
    return next(r for r in listed(who=login, action=action, limit=5))


def test_a_chart_is_logged_with_reader_dataset_filter_rule_and_rows(
    leader_asks: Session, dataset: int
) -> None:
    for _ in range(2):  # from the file, then from the cache
        answer = leader_asks.post("/api/v1/chart/data", chart(dataset))
        record = newest("page", LEADER)
        assert record["datasets"] == ["indicator_board"]
        assert record["rows"] == answer["result"][0]["rowcount"] > 0
        assert record["role"] == LEADER
        said = json.loads(record["filter"])
        assert said["asked"][0]["filters"][0][:2] == ["indicator", "!="]
        assert "13800138000" not in record["filter"]
        assert "'only:330681'" in said["row rule"][0]
    assert record["details"]["cached"] is True


def test_a_chart_as_a_file_is_a_provision(leader_asks: Session, dataset: int) -> None:
    answer = leader_asks._http.post("/api/v1/chart/data", json=chart(dataset, "csv"))
    assert answer.status_code == 200
    record = newest("export", LEADER)
    assert (record["book"], record["datasets"]) == ("provision", ["indicator_board"])
    assert record["rows"] == len(answer.text.strip().splitlines()) - 1
    assert record["details"]["format"] == "csv"


def test_an_export_of_a_page_is_logged(leader_asks: Session) -> None:
    listed_pages = leader_asks.all("dashboard", ["id"])
    answer = leader_asks._http.get(f"/api/v1/dashboard/export/?q=!({listed_pages[0]['id']})")
    assert answer.status_code == 200
    assert newest("export.page", LEADER)["datasets"] == ["/api/v1/dashboard/export/"]


def test_a_statement_is_logged_before_it_runs_and_then_with_its_rows(
    statistician: Session,
) -> None:
    assert run(statistician, "select unit_code from unit where '王小明' <> ''").status_code == 200
    result = newest("sqllab.result", STATISTICIAN)
    asked = next(
        r for r in listed(action="sqllab", limit=20) if r["sequence"] == result["details"]["of"]
    )
    assert (asked["outcome"], asked["datasets"]) == ("allowed", ["unit"])
    assert asked["details"]["database"] == "bench-police"
    assert "王小明" not in asked["statement"]
    assert result["rows"] > 0


def test_a_refused_statement_is_logged_with_the_reason(statistician: Session) -> None:
    assert run(statistician, "select * from read_csv('/etc/passwd')").status_code != 200
    record = newest("sqllab", STATISTICIAN)
    assert (record["outcome"], record["details"]["reason"]) == ("refused", "不允许使用表函数")


@pytest.mark.parametrize("login", [STATISTICIAN, "admin"])
def test_rows_of_sql_lab_do_not_leave_from_the_page(superset: control.Running, login: str) -> None:
    """Superset's streaming export asks for the permission to read only."""
    with Session(login) as session:
        for answer in (
            session._http.post("/api/v1/sqllab/export_streaming/", data={"client_id": "x"}),
            session._http.get("/api/v1/sqllab/export/x/"),
        ):
            assert answer.status_code == 403
            assert "fengqiao sql --export" in answer.json()["message"]
        assert newest("export", login)["outcome"] == "refused"


@pytest.mark.parametrize("audience", list(audiences()))
def test_a_statistician_finds_the_examples_as_its_own(
    superset: control.Running, audience: str
) -> None:
    files = sorted((EXAMPLES / audience).glob("*.sql"))
    titles = [f"示例 {f.read_text('utf-8').splitlines()[0].removeprefix('-- ')}" for f in files]
    for _ in range(2):  # both workers were asked, and nothing is doubled
        with Session(OF_AUDIENCE[audience]) as session:
            found = session.all("saved_query", ["id", "label"])
        assert sorted(one["label"] for one in found) == sorted(titles)
    assert 3 <= len(titles) <= 5


def test_nobody_else_has_examples(leader_asks: Session) -> None:
    answer = leader_asks._http.get("/api/v1/saved_query/")
    assert answer.status_code == 403 or answer.json()["count"] == 0


def test_column_meanings_are_shown_beside_the_columns(statistician: Session) -> None:
    database = statistician.all("database", ["id"])[0]["id"]
    answer = statistician._http.get(
        f"/api/v1/database/{database}/table_metadata/",
        params={"name": "indicator", "schema": "main"},
    )
    comments = {c["name"]: c.get("comment") for c in answer.json()["columns"]}
    assert "收缩值" in str(comments["value_shrunk"])


@contextmanager
def log_on_a_broken_disk() -> Iterator[None]:
    kept = folder().with_name("access.kept")
    folder().rename(kept)
    folder().write_text("no folder", "utf-8")
    try:
        yield
    finally:
        folder().unlink()
        kept.rename(folder())


def test_without_a_log_pages_go_on_and_nothing_leaves(
    leader_asks: Session, statistician: Session, dataset: int
) -> None:
    with log_on_a_broken_disk():
        for _ in range(4):
            answer = leader_asks._http.post("/api/v1/chart/data", json=chart(dataset))
            assert answer.status_code == 200
        assert "访问日志" in said(run(statistician, "select * from unit"))
        for refused in (
            leader_asks._http.post("/api/v1/chart/data", json=chart(dataset, "csv")),
            leader_asks._http.get("/api/v1/dashboard/export/?q=!(1)"),
        ):
            assert refused.status_code == 503, refused.text
            assert "访问日志" in said(refused)
    # The first records afterwards say how many looks are missing: four, and none twice.
    for _ in range(30):
        leader_asks.post("/api/v1/chart/data", chart(dataset))
    told = listed(action="log.missed", limit=10)
    assert sum(r["details"]["count"] for r in told) == 4
    assert "not logged" in paths.log_file().read_text("utf-8")


def test_the_log_that_superset_wrote_is_whole(superset: control.Running) -> None:
    found = verify_all()
    assert [book.wrong for book in found] == [[], []]
    assert all(book.records_n for book in found)
