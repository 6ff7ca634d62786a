"""Readers of the pages try for rows that are not theirs, and analysts for what is not in their
file. What `test_roles.py` and `test_guard.py` try already is not here again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dashboards.compiler.errors import SupersetRefused
from dashboards.compiler.session import Session, password
from dashboards.server import control, paths
from dashboards.server.roles import bench_name
from tests.dashboards.test_access_log import newest

OWN, OTHER = "330681", "330602"
GUARD = "不允许|只能|没有表|一次|无法解析"
MINE = {"city", "peer", OWN, f"only:{OWN}"}


@pytest.fixture(scope="module")
def thief(superset: control.Running) -> Iterator[Session]:
    """The leader of one district."""
    with Session(f"leader_{OWN}") as session:
        yield session


@pytest.fixture(scope="module")
def analyst(superset: control.Running) -> Iterator[Session]:
    with Session("analyst_police") as session:
        yield session


@pytest.fixture(scope="module")
def board(superset: control.Running) -> int:
    """The id of the dataset that every page reads."""
    with Session() as session:
        found = session.all("dataset", ["id", "table_name"])
    return next(int(d["id"]) for d in found if d["table_name"] == "indicator_board")


def test_a_filter_by_a_named_column_still_works(thief: Session, board: int) -> None:
    """Else the refusals below would prove nothing."""
    axis = {**sql_column("scope_code"), "columnType": "BASE_AXIS"}
    for column in ("scope_code", axis):
        chosen = {"filters": [{"col": column, "op": "==", "val": OWN}]}
        rows = thief.post("/api/v1/chart/data", ask(board, **chosen))["result"][0]["data"]
        assert {r["scope_code"] for r in rows} == {OWN}


def ask(board: int, **query: Any) -> dict[str, Any]:
    body = {"result_format": "json", "result_type": "full", "force": True}
    wanted = {"columns": ["scope_code"], "metrics": ["rows_n"], "row_limit": 1000, **query}
    return {**body, "datasource": {"id": board, "type": "table"}, "queries": [wanted]}


def sql_column(expression: str) -> dict[str, str]:
    return {"expressionType": "SQL", "label": "x", "sqlExpression": expression}


STEAL = f"(select string_agg(scope_code, ',') from indicator_board where scope_code = '{OTHER}')"
FORGED: dict[str, dict[str, Any]] = {
    "a quote in a chosen value": {
        "filters": [{"col": "scope_code", "op": "IN", "val": [f"x') OR scope_code IN ('{OTHER}"]}]
    },
    "a comment in a chosen value": {
        "filters": [{"col": "scope_code", "op": "==", "val": "x' OR 1=1 --"}]
    },
    "a pattern over all": {"filters": [{"col": "scope_code", "op": "LIKE", "val": "%"}]},
    "SQL in the place of a filter's column": {
        "filters": [{"col": sql_column("1 = 1 OR scope_code"), "op": "==", "val": OTHER}]
    },
    "SQL that ends in a bracket": {
        "filters": [{"col": sql_column("1 = 1) OR (scope_code"), "op": "==", "val": OTHER}]
    },
    "SQL in the place of a time's column": {
        "filters": [
            {"col": sql_column("1 = 1 OR scope_code"), "op": "TEMPORAL_RANGE", "val": "Last year"}
        ]
    },
    "SQL in the place of a series": {
        "columns": ["scope_code", sql_column("1 = 1 OR scope_code")], "series_limit": 5,
        "series_columns": [sql_column("1 = 1 OR scope_code")], "is_timeseries": True,
    },
    "SQL that makes another condition of itself": {
        "columns": ["scope_code", sql_column("scope_code = 'x' OR 1 = 1")]
    },
    "a column that is a query": {"columns": ["scope_code", sql_column(STEAL)]},
    "an order that is a query": {"orderby": [[sql_column(STEAL), True]]},
    "a comment behind a condition": {"extras": {"where": "1 = 1) --"}},
    "a union behind a condition": {
        "extras": {"where": f"1=1 union all select '{OTHER}', 1 --"}
    },
    "a template": {"extras": {"where": "{{ 1 }} = 1 OR scope_code = '{{ current_user_id() }}'"}},
    "a condition on groups": {"extras": {"having": f"1=1 or max(scope_code) = '{OTHER}'"}},
    "no row rule wanted": {"extras": {"rls": [], "disable_rls": True}, "applied_time_extras": {}},
    "a file in a column": {
        "columns": [sql_column("(select max(content) from read_text('/etc/passwd'))")]
    },
    "the environment": {"columns": [sql_column("getenv('HOME')")]},
    "a time that is SQL": {
        "time_range": f"1 : 2') OR scope_code='{OTHER}' --", "granularity": "scope_code"
    },
    "a step afterwards": {
        "post_processing": [{"operation": "eval", "options": {"x": "__import__('os')"}}]
    },
    "a table beside": {"columns": [sql_column("(select count(*) from duckdb_tables())")]},
}  # fmt: skip


@pytest.mark.parametrize("result", ["full", "query", "samples", "drill_detail"])
@pytest.mark.parametrize("name", FORGED)
def test_forged_chart_data_gives_no_row_of_another(
    thief: Session, board: int, name: str, result: str
) -> None:
    try:
        answer = thief.post(
            "/api/v1/chart/data", {**ask(board, **FORGED[name]), "result_type": result}
        )
    except SupersetRefused as refusal:
        # What is said of the refusal shows no row either.
        assert "root:" not in str(refusal)
        assert f"only:{OTHER}" not in str(refusal)
        return
    for part in answer["result"]:
        rows = part.get("data") or []
        assert {str(r["scope_code"]) for r in rows if "scope_code" in r} <= MINE
        assert not [r["x"] for r in rows if r.get("x") and OTHER in str(r["x"])]
        assert "root:" not in json.dumps(rows)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_of_a_chart_holds_the_own_rows(thief: Session, board: int, form: str) -> None:
    forged = {"filters": [{"col": "scope_code", "op": "IN", "val": [OTHER, OWN]}]}
    answer = thief._http.post(
        "/api/v1/chart/data", json={**ask(board, **forged), "result_format": form}
    )
    assert answer.status_code == 200
    content = answer.content
    if form == "xlsx":
        import io

        import polars as pl

        content = pl.read_excel(io.BytesIO(content)).write_csv().encode()
    assert OWN.encode() in content
    assert OTHER.encode() not in content


def test_a_cached_chart_of_all_is_not_handed_to_a_district(thief: Session, board: int) -> None:
    body = {**ask(board), "force": False}
    with Session("leader") as leader:
        everything = leader.post("/api/v1/chart/data", body)["result"][0]
        assert leader.post("/api/v1/chart/data", body)["result"][0] == everything
        assert newest("page", "leader")["details"]["kept"]
        # With a word more, so that no answer is kept; Superset's own cache takes it for the same.
        turned = {**body, "queries": [{**q, "url_params": {"x": "1"}} for q in body["queries"]]}
        assert leader.post("/api/v1/chart/data", turned)["result"][0]["is_cached"]
    assert OTHER in {str(r["scope_code"]) for r in everything["data"]}
    for same in (body, turned):
        mine = thief.post("/api/v1/chart/data", same)["result"][0]
        assert {str(r["scope_code"]) for r in mine["data"]} <= MINE
    # Nor by the name of the other's result.
    key = everything["cache_key"]
    assert thief._http.get(f"/api/v1/chart/data/{key}").status_code in (401, 403, 404, 422)


def test_the_values_of_a_column_are_the_own(thief: Session, board: int) -> None:
    path = f"/api/v1/datasource/table/{board}/column/scope_code/values/"
    plain = thief._http.get(path)  # Superset closes it to readers; with a rule it would be theirs
    assert plain.status_code == 403 or {str(v) for v in plain.json()["result"]} <= MINE
    forged = thief._http.get(path, params={"row_limit": "-1", "q": f"' or scope_code = '{OTHER}"})
    assert OTHER not in forged.text
    body = {"filters": [{"col": "scope_code", "op": "==", "val": OTHER}]}
    samples = thief._http.post(
        "/datasource/samples",
        params={"datasource_type": "table", "datasource_id": board, "per_page": 1000},
        json=body,
    )
    assert samples.status_code >= 400 or not samples.json()["result"]["data"]


def test_a_link_that_a_leader_made_shows_a_district_its_own(thief: Session, board: int) -> None:
    form = {"datasource": f"{board}__table", "viz_type": "table", "all_columns": ["scope_code"]}
    with Session("leader") as leader:
        key = leader.post(
            "/api/v1/explore/form_data",
            {"datasource_id": board, "datasource_type": "table", "form_data": json.dumps(form)},
        )["key"]
    # The link carries a question and no rows; whoever opens it asks anew, by the own rule.
    shared = thief._http.get(f"/api/v1/explore/form_data/{key}")
    assert shared.status_code in (200, 403, 404)
    assert OTHER not in shared.text
    opened = thief._http.get("/api/v1/explore/", params={"form_data_key": key})
    assert OTHER not in opened.text


CHANGES = [
    ("POST", "/api/v1/dataset/", {"database": 1, "table_name": "x", "sql": "select 1"}),
    ("POST", "/api/v1/database/", {"database_name": "x", "sqlalchemy_uri": "sqlite:////etc/passwd"}),
    ("POST", "/api/v1/database/test_connection/", {"sqlalchemy_uri": "duckdb:////tmp/x"}),
    ("PUT", "/api/v1/dataset/{board}", {"sql": "select * from indicator_board"}),
    ("POST", "/api/v1/rowlevelsecurity/", {"name": "x", "clause": "1=1", "tables": [1]}),
    ("POST", "/api/v1/security/users/", {"username": "x", "roles": [1], "password": "x"}),
    ("POST", "/api/v1/css_template/", {"template_name": "x", "css": "x"}),
    ("POST", "/api/v1/assets/import/", {}),
]  # fmt: skip
SECRETS = [
    "/api/v1/security/users/", "/api/v1/security/roles/", "/api/v1/rowlevelsecurity/",
    "/api/v1/database/1/connection", "/api/v1/assets/export/", "/api/v1/log/",
    "/api/v1/saved_query/", "/api/v1/query/", "/api/v1/database/1/tables/?q=(schema_name:main)",
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_reader_changes_nothing(
    thief: Session, board: int, method: str, path: str, body: dict[str, Any]
) -> None:
    answer = thief._http.request(method, path.replace("{board}", str(board)), json=body)
    assert answer.status_code in (401, 403, 404), answer.text[:300]


@pytest.mark.parametrize("path", SECRETS)
def test_a_reader_sees_no_administration(thief: Session, path: str) -> None:
    answer = thief._http.get(path)
    if answer.status_code == 200:
        assert answer.json()["count"] == 0, answer.text[:300]
    else:
        assert answer.status_code in (401, 403, 404), answer.text[:300]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_blob('/etc/passwd')",
        "select * from read_json_auto('/etc/passwd')",
        "select * from read_ndjson_objects('/proc/self/environ')",
        "select * from parquet_scan('/tmp/x')",
        "select * from sqlite_scan('{metadata}', 'ab_user')",
        "from '{metadata}'",
        "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "select * from which_secret('s3://x', 's3')",
        "select * from \"/etc/passwd\"",
        "with x as (from read_text('/etc/hosts')) select * from x",
        "select (from read_text('/etc/hosts') limit 1)",
        "select * from unit order by (select max(content) from read_text('/etc/hosts'))",
        "select list_transform([1], x -> (select count(*) from glob('/*')))",
        "select * from main.duckdb_secrets()",
        "select * from system.information_schema.tables",
        "select * from sqlite_master",
        "select * from pg_catalog.pg_tables",
        "load '/tmp/evil.duckdb_extension'",
        "install evil from 'http://127.0.0.1/x'",
        "/* select */ attach '{metadata}' as m",
        "select 1 -- \n; attach '{metadata}' as m",
        "use system",
        "export database '/tmp/x'",
        "vacuum", "checkpoint",
        "select * from positional_reference",
    ],
)  # fmt: skip
def test_an_analyst_reads_no_file_of_the_host(
    analyst: Session, superset: control.Running, sql: str
) -> None:
    with Session() as session:
        found = session.all("database", ["id", "database_name"])
    own = next(d["id"] for d in found if d["database_name"] == bench_name("police"))
    text = sql.format(metadata=paths.metadata_file())
    with pytest.raises(SupersetRefused, match=f"{GUARD}|INVALID_SQL_ERROR") as refusal:
        analyst.post(
            "/api/v1/sqllab/execute/",
            {"database_id": own, "sql": text, "runAsync": False, "queryLimit": 10},
        )
    assert "root:" not in str(refusal.value) and "localhost" not in str(refusal.value)


def test_a_form_of_another_site_is_refused(superset: control.Running) -> None:
    """A cookie alone changes nothing: the token of the page must be there."""
    with httpx.Client(base_url=paths.address(), follow_redirects=True, timeout=60) as browser:
        page = browser.get("/login/")
        token = (
            page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        )
        if not token:
            token = page.text.partition("csrf_token&#34;: &#34;")[2].partition("&#34;")[0]
        form = {"username": "leader", "password": password("leader"), "csrf_token": token}
        entered = browser.post("/login/", data=form)
        assert entered.status_code == 200
        assert browser.get("/api/v1/me/").status_code == 200, "the cookie is one of a login"
        forged = browser.put("/api/v1/me/", json={"first_name": "x"})
        assert forged.status_code == 400 and "CSRF" in forged.text
        cookie = next(c for c in browser.cookies.jar if c.name == "session")
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "Lax"


@pytest.mark.parametrize("login", ["leader", "nobody"])
def test_a_wrong_password_tells_nothing_of_the_login(superset: control.Running, login: str) -> None:
    answer = httpx.post(
        f"{paths.address()}/api/v1/security/login",
        json={"username": login, "password": "wrong", "provider": "db"},
    )
    assert (answer.status_code, answer.json()) == (401, {"message": "Not authorized"})
