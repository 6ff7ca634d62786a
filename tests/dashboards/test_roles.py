"""The doors between audiences, tried by every role: rows on pages, files in SQL Lab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from dashboards.compiler.access import datasets_without_deny
from dashboards.compiler.browser import browser, open_page
from dashboards.compiler.bundle import CONNECT_ARGS
from dashboards.compiler.errors import SupersetRefused
from dashboards.compiler.session import Session, password
from dashboards.server import control, paths
from dashboards.server.roles import (
    EVERY_INDICATOR,
    audiences,
    bench_name,
    departments,
    districts,
    roles,
)

OWN, OTHER = "330681", "330602"
# A refusal must be one for the right reason: a malformed request is refused, too.
NO_ACCESS = "403|404|找不到此查询中引用的数据库"
GUARD = "不允许|只能|没有表|一次"
READERS = [role.name for role in roles() if role.clause]
STATISTICIANS = [role.name for role in roles() if role.bench]
OF_AUDIENCE = {str(role.bench): role.name for role in roles() if role.bench}


@pytest.fixture(scope="module")
def datasets(superset: control.Running) -> dict[str, int]:
    """Dataset → its id, of every page table on the server."""
    with Session() as session:
        return {d["table_name"]: d["id"] for d in session.all("dataset", ["id", "table_name"])}


@pytest.fixture(scope="module")
def sessions(superset: control.Running) -> Iterator[Any]:
    """A session for any login, opened once."""
    opened: dict[str, Session] = {}

    def of(login: str) -> Session:
        if login not in opened:
            opened[login] = Session(login)
        return opened[login]

    yield of
    for session in opened.values():
        session.__exit__(None, None, None)


DEPARTMENT = {"expressionType": "SQL", "label": "owner", "sqlExpression": "department"}
Kind = tuple[str, str | None]  # scope code and department of a row


def kinds(session: Session, dataset: int) -> set[Kind]:
    """The kinds of rows that a login sees in a dataset; empty when it is refused."""
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "result_format": "json",
        "result_type": "full",
        "queries": [
            {"columns": ["scope_code", DEPARTMENT], "metrics": ["rows_n"], "row_limit": 1000}
        ],
    }
    try:
        answer = session.post("/api/v1/chart/data", body)
    except SupersetRefused:
        return set()
    return {(str(row["scope_code"]), row["owner"]) for row in answer["result"][0]["data"]}


def may_see(role: str, scope: str, department: str | None) -> bool:
    """What the design says, written apart from the clauses."""
    if role in ("leader", "engineer"):
        return not scope.startswith("only:")
    if role == "auditor":
        return scope in ("city", "operations")
    if role.startswith("leader_"):
        code = role.removeprefix("leader_")
        return scope in ("city", "peer", code, f"only:{code}")
    if role.startswith("department_"):
        own = department in (role.removeprefix("department_"), "every")
        own = own and not scope.startswith("only:")
        return own or scope in ("city", "peer")
    return False


@pytest.mark.parametrize("role", READERS + STATISTICIANS)
def test_every_role_sees_exactly_its_rows_of_every_dataset(
    sessions: Any, datasets: dict[str, int], role: str
) -> None:
    with duckdb.connect(str(paths.pages_file()), read_only=True) as con:
        for table, dataset in datasets.items():
            found = con.execute(f"select distinct scope_code, department from {table}").fetchall()
            seen = kinds(sessions(role), dataset)
            assert seen == {kind for kind in found if may_see(role, *kind)}, table


def test_every_department_owns_rows_of_every_district(datasets: dict[str, int]) -> None:
    """Else its leadership would see no more than anybody, and the rule above prove nothing."""
    with duckdb.connect(str(paths.pages_file()), read_only=True) as con:
        found = con.execute("""
            select department, list(distinct scope_code) from indicator_board
            where department is not null group by all
        """).fetchall()
    owned = {str(d): set(codes) for d, codes in found}
    assert owned.keys() == departments().keys()
    assert all(codes >= set(districts()) for codes in owned.values())


def test_a_departments_leadership_cannot_widen_the_rows(
    sessions: Any, datasets: dict[str, int]
) -> None:
    """Its clause has an `or`: a filter beside it must not open it."""
    tricks: list[dict[str, Any]] = [
        {"filters": [{"col": "scope_code", "op": "==", "val": OTHER}]},
        {"extras": {"where": f"1 = 1) OR (scope_code = '{OTHER}'"}},
        {"extras": {"where": f"scope_code = '{OTHER}' OR 1 = 1"}},
    ]
    seen: set[Kind] = set()
    for trick in tricks:
        query = {"columns": ["scope_code", DEPARTMENT], "metrics": ["rows_n"], **trick}
        body = {
            "datasource": {"id": datasets["indicator_board"], "type": "table"},
            "result_format": "json",
            "result_type": "full",
            "queries": [{**query, "row_limit": 1000}],
        }
        try:
            answer = sessions("department_police").post("/api/v1/chart/data", body)["result"][0]
        except SupersetRefused:
            continue
        seen |= {(str(row["scope_code"]), row["owner"]) for row in answer["data"]}
    assert (OTHER, "police") in seen
    assert all(may_see("department_police", *kind) for kind in seen)


def test_no_dataset_is_without_the_deny_rule(superset: control.Running) -> None:
    with Session() as session:
        assert datasets_without_deny(session) == []


def test_every_page_table_has_every_district_or_none(datasets: dict[str, int]) -> None:
    """A scope that is nobody's would be a row that no reader can ever see."""
    known = {"city", "peer", "operations", "restricted", *districts()}
    known |= {f"only:{code}" for code in districts()}
    with duckdb.connect(str(paths.pages_file()), read_only=True) as con:
        for table in datasets:
            found = con.execute(f"select distinct scope_code from {table}").fetchall()
            assert {str(code) for (code,) in found} <= known, table


@pytest.mark.parametrize(
    "trick",
    [
        {"filters": [{"col": "scope_code", "op": "==", "val": OTHER}]},
        {"extras": {"where": f"1 = 1) OR (scope_code = '{OTHER}'"}},
        {"extras": {"where": f"scope_code = '{OTHER}' OR 1 = 1"}},
        {"extras": {"having": "1 = 1"}},
        {"metrics": [{"expressionType": "SQL", "label": "m", "sqlExpression":
            f"(select count(*) from indicator_board where scope_code = '{OTHER}')"}]},
    ],
)  # fmt: skip
def test_a_district_leader_cannot_widen_the_rows(
    sessions: Any, datasets: dict[str, int], trick: dict[str, Any]
) -> None:
    query = {"columns": ["scope_code"], "metrics": ["rows_n"], "row_limit": 1000, **trick}
    body = {
        "datasource": {"id": datasets["indicator_board"], "type": "table"},
        "result_format": "json",
        "result_type": "full",
        "queries": [query],
    }
    try:
        answer = sessions(f"leader_{OWN}").post("/api/v1/chart/data", body)["result"][0]
    except SupersetRefused:
        return
    seen = {str(row["scope_code"]) for row in answer["data"]}
    assert seen <= {"city", "peer", OWN, f"only:{OWN}"}
    counted = [row["m"] for row in answer["data"] if "m" in row]
    assert all(not n for n in counted), "a subquery counted another district's rows"


def run_sql(session: Session, database: int, sql: str) -> dict[str, Any]:
    return session.post(
        "/api/v1/sqllab/execute/",
        {"database_id": database, "sql": sql, "runAsync": False, "queryLimit": 100},
    )


@pytest.fixture(scope="module")
def databases(superset: control.Running) -> dict[str, int]:
    with Session() as session:
        found = session.all("database", ["id", "database_name"])
        return {d["database_name"]: d["id"] for d in found}


@pytest.mark.parametrize("audience", list(audiences()))
def test_a_statistician_reads_the_own_bench_and_no_other(
    sessions: Any, databases: dict[str, int], audience: str
) -> None:
    session = sessions(OF_AUDIENCE[audience])
    own = databases[bench_name(audience)]
    answer = run_sql(session, own, "select count(*) as n from indicator_registry")
    assert answer["status"] == "success"
    for name, database in databases.items():
        if database != own:
            with pytest.raises(SupersetRefused, match=NO_ACCESS):
                run_sql(session, database, "select 1 as n")
            assert name == "pages" or name.startswith("bench-")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select content from read_text('/etc/passwd')",
        "attach '{pages}' as p",
        "select * from '{pages}'",
        "select unnest((select list(x) from pages.main.indicator_board x))",
        "summarize indicator",
        "select * from information_schema.tables",
        "pragma storage_info('indicator')",
        "copy (select 1) to '{out}'",
        "set enable_external_access = true",
        "select * from glob('{home}/*')",
        "select * from lake.f12_smd_patient_care",
    ],
)
def test_no_known_way_leads_out_of_the_bench(
    sessions: Any, databases: dict[str, int], sql: str
) -> None:
    places = {"pages": paths.pages_file(), "out": paths.pages_file().with_name("out.csv")}
    text = sql.format(**places, home=paths.pages_file().parents[1])
    with pytest.raises(SupersetRefused, match=GUARD):
        run_sql(sessions("analyst_police"), databases[bench_name("police")], text)
    assert not places["out"].exists()


@pytest.mark.parametrize("sql", ["from read_csv('/etc/passwd')", "attach '{pages}' as p"])
def test_the_file_holds_without_the_guard(superset: control.Running, sql: str) -> None:
    """The first lock alone: the connection as Superset opens it."""
    file = str(paths.bench_file(bench_name("police")))
    with duckdb.connect(file, **CONNECT_ARGS) as con:
        with pytest.raises(duckdb.Error, match=r"disabled|not allowed|Permission"):
            con.execute(sql.format(pages=paths.pages_file()))
        with pytest.raises(duckdb.Error, match="locked"):
            con.execute("set enable_external_access = true")


def test_a_bench_file_holds_its_audience_and_nothing_of_level_three_or_four(
    superset: control.Running,
) -> None:
    from ingestion.contract import load_all

    contracts = load_all()
    for audience, (_, feeds) in audiences().items():
        file = paths.bench_file(bench_name(audience))
        with duckdb.connect(str(file), read_only=True) as con:
            listed = con.execute("select table_name from duckdb_tables()").fetchall()
        common = {"data_dictionary", "indicator_registry", "indicator", "unit", "code", "calendar"}
        named = set(feeds) - {EVERY_INDICATOR}
        served = {contracts[f].table for f in named if contracts[f].serve}
        assert {str(t) for (t,) in listed} == common | served
        for feed in named:
            assert contracts[feed].level_landed in ("L1", "L2")


def test_only_the_statistician_has_indicators_under_disclosure_control_and_no_hidden_cell(
    superset: control.Running,
) -> None:
    controlled = {}
    for audience in audiences():
        file = paths.bench_file(bench_name(audience))
        with duckdb.connect(str(file), read_only=True) as con:
            (found,) = con.execute(
                "select count(*) from indicator_registry where disclosure <> 'none'"
            ).fetchone() or (0,)
            assert con.execute("select count(*) from indicator where suppressed").fetchone() == (0,)
        controlled[audience] = int(found)
    assert controlled.pop("city") > 0
    assert set(controlled.values()) == {0}


def test_the_statistician_has_every_feed_of_every_audience() -> None:
    everything = {f for _, feeds in audiences().values() for f in feeds}
    assert set(audiences()["city"][1]) == everything


def test_one_users_result_is_not_handed_to_another(
    sessions: Any, databases: dict[str, int]
) -> None:
    owner = sessions("analyst_police")
    answer = run_sql(owner, databases[bench_name("police")], "select * from unit")
    client_id = answer["query"]["id"]
    for thief in ("analyst_justice", f"leader_{OWN}", "analyst_police"):
        with pytest.raises(SupersetRefused, match=NO_ACCESS):
            sessions(thief).get(f"/api/v1/sqllab/export/{client_id}/")


@pytest.mark.parametrize("login", ["leader", "engineer", "auditor", f"leader_{OWN}"])
def test_who_has_no_bench_has_no_sql_lab(
    sessions: Any, databases: dict[str, int], login: str
) -> None:
    for database in databases.values():
        with pytest.raises(SupersetRefused, match=NO_ACCESS):
            run_sql(sessions(login), database, "select 1 as n")


def test_in_the_browser_a_district_leader_sees_own_city_and_median(
    superset: control.Running,
) -> None:
    names = districts()
    with browser(f"leader_{OWN}") as context:
        view = open_page(context, "cockpit", 1366)
        text = view.page.inner_text("body")
        assert "绍兴市综合指挥驾驶舱" in text
        view.page.close()
        for code, name in names.items():
            if code != OWN:
                assert name not in text, f"{name} is another district's"


def test_every_login_has_a_password_of_its_own(superset: control.Running) -> None:
    words = [password(role.name) for role in roles()]
    assert len(set(words)) == len(words) and all(len(w) >= 12 for w in words)
