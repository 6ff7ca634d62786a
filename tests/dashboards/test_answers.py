"""An answer given again: the same rows, to the same roles, written down, not longer than right."""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.compiler import warming
from dashboards.compiler.browser import browser, open_page
from dashboards.compiler.commands import compiled
from dashboards.compiler.opening import chart_questions, filter_questions
from dashboards.compiler.session import Session
from dashboards.server import control, paths
from dashboards.server.question import understood
from orchestration.access.listing import listed
from orchestration.cli.main import app
from tests.dashboards.test_roles import DEPARTMENT

OWN, OTHER, CITY = "leader_330681", "leader_330602", "leader"
# The same rows as the city's leaders, and none at all.
ALIKE, NONE = "engineer", "analyst_police"
PAGE = "supervision"
SEEN_AFTER_S = 5.0


@pytest.fixture(scope="module")
def sessions(superset: control.Running) -> Iterator[dict[str, Session]]:
    opened = {login: Session(login) for login in (OWN, OTHER, CITY, ALIKE, NONE, "admin")}
    yield opened
    for session in opened.values():
        session.__exit__(None, None, None)


@pytest.fixture(scope="module")
def dataset(sessions: dict[str, Session]) -> int:
    found = sessions["admin"].all("dataset", ["id", "table_name"])
    return next(int(d["id"]) for d in found if d["table_name"] == "indicator_board")


@pytest.fixture
def question(dataset: int) -> dict[str, Any]:
    """A question nobody asked before: the limit is drawn."""
    limit = 20_000 + secrets.randbelow(20_000)
    query = {"columns": ["scope_code", DEPARTMENT], "metrics": ["rows_n"], "row_limit": limit}
    return {
        "datasource": {"id": dataset, "type": "table"},
        "result_format": "json",
        "result_type": "full",
        "queries": [query],
    }


def ask(session: Session, body: dict[str, Any]) -> Any:
    return session._http.post("/api/v1/chart/data", json=body)


def scopes(answer: Any) -> set[str]:
    return {row["scope_code"] for row in answer.json()["result"][0]["data"]}


def record(login: str) -> dict[str, Any]:
    return {"details": {}, **next(iter(listed(who=login, action="page", limit=1)))}


def was_kept(login: str) -> bool:
    return bool(record(login)["details"].get("kept"))


def test_the_same_question_gets_the_same_answer_and_a_record_of_its_own(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    first = ask(sessions[OWN], question)
    before = record(OWN)
    assert first.status_code == 200 and not before["details"].get("kept")
    again = ask(sessions[OWN], question)
    after = record(OWN)
    assert again.content == first.content
    assert after["details"]["kept"] and after["sequence"] == before["sequence"] + 1
    assert {k: after[k] for k in ("login", "datasets", "filter", "rows")} == {
        k: before[k] for k in ("login", "datasets", "filter", "rows")
    }


def test_another_role_gets_its_own_rows(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    seen = {login: scopes(ask(sessions[login], question)) for login in (OWN, OTHER, CITY)}
    assert not any(was_kept(login) for login in seen)
    assert "330681" in seen[OWN] and "330602" in seen[OTHER]
    assert "330602" not in seen[OWN] and "330681" not in seen[OTHER]
    for login, rows in seen.items():
        assert scopes(ask(sessions[login], question)) == rows and was_kept(login)


def test_roles_with_the_same_rows_share_an_answer_and_each_look_is_written_down(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    first = ask(sessions[CITY], question)
    again = ask(sessions[ALIKE], question)
    assert not was_kept(CITY) and was_kept(ALIKE) and again.content == first.content
    seen = record(ALIKE)
    assert seen["role"] == ALIKE and seen["filter"] == record(CITY)["filter"]


def test_who_may_not_ask_gets_no_kept_answer(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    for login in (CITY, ALIKE):
        assert ask(sessions[login], question).status_code == 200
    assert was_kept(ALIKE)
    assert ask(sessions[NONE], question).status_code == 403


def test_a_question_is_one_whatever_a_browser_says_beside_it(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    narrow = [{"col": "scope_code", "op": "IN", "val": ["city"]}]
    narrow += [{"col": "scope_code", "op": "IS NOT NULL"}]
    (query,) = question["queries"]
    plain = {**question, "queries": [{**query, "filters": narrow}]}
    ask(sessions[OWN], plain)
    dressed = {**query, "filters": narrow[::-1], "extras": {"where": ""}, "orderby": []}
    looks = {"slice_id": 7, "dashboardId": 3, "color_scheme": "x", "url_params": {}}
    ask(sessions[OWN], {**plain, "queries": [dressed], "form_data": looks})
    details = record(OWN)["details"]
    assert details["kept"] and (details["chart"], details["dashboard"]) == (7, 3)
    other = [{"col": "scope_code", "op": "IN", "val": ["peer"]}]
    ask(sessions[OWN], {**plain, "queries": [{**query, "filters": other}]})
    assert not was_kept(OWN)


@pytest.mark.parametrize(
    "change",
    [
        {"time_range": "Last week"},
        {"granularity": "day"},
        {"filters": [{"col": "day", "op": "TEMPORAL_RANGE", "val": "Last week"}]},
        {"filters": [{"col": "scope_code", "op": "==", "val": "{{ current_username() }}"}]},
        {"annotation_layers": [{"annotationType": "EVENT", "sourceType": "table"}]},
        {"extras": {"time_grain_sqla": "P1D"}},
        {"extras": {"relative_end": "now"}},
        {"time_offsets": ["1 year ago"]},
        {"result_type": "query"},
        {"url_params": {"who": "me"}},
        {"a_field_of_a_later_version": 1},
    ],
)
def test_a_question_with_a_part_we_do_not_know_is_not_kept(change: dict[str, Any]) -> None:
    query = {"columns": ["scope_code"], "metrics": ["rows_n"]}
    body = {"datasource": {"id": 1, "type": "table"}, "queries": [query]}
    assert understood(body) and understood(body, ("form_data", "dashboard_id"))
    assert understood({**body, "queries": [{**query, **change}]}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"datasource": {"id": 1, "type": "query"}},
        {"datasource": {"id": "1; x", "type": "table"}},
        {"queries": []},
        {"queries": "all"},
        {"form_data": {"currency_format": {"symbol": "AUTO"}}},
        {"custom_cache_timeout": 5},
        {"result_format": "csv"},
    ],
)
def test_a_body_that_is_no_plain_question_is_not_kept(change: dict[str, Any]) -> None:
    body = {"datasource": {"id": 1, "type": "table"}, "queries": [{"columns": ["scope_code"]}]}
    assert understood({**body, **change}) is None
    assert understood(body, ("viewer",)) is None


@pytest.mark.parametrize("change", [{"force": True}, {"result_type": "query"}])
def test_what_is_not_an_answer_to_a_page_is_never_kept(
    sessions: dict[str, Session], question: dict[str, Any], change: dict[str, Any]
) -> None:
    for _ in range(2):
        assert ask(sessions[OWN], {**question, **change}).status_code == 200
        assert not was_kept(OWN)


def test_a_rule_changed_on_the_server_ends_every_answer(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    admin = sessions["admin"]
    ask(sessions[OWN], question)
    before = scopes(ask(sessions[OWN], question))
    assert was_kept(OWN) and len(before) > 1
    rules = admin.get("/api/v1/rowlevelsecurity/?q=(page_size:200)")["result"]
    mine = [r for r in rules if [role["name"] for role in r["roles"]] == [OWN]]
    wholes = [admin.get(f"/api/v1/rowlevelsecurity/{r['id']}")["result"] for r in mine]
    dataset = question["datasource"]["id"]
    (whole,) = [w for w in wholes if dataset in [t["id"] for t in w["tables"]]]
    path = f"/api/v1/rowlevelsecurity/{whole['id']}"
    body = {k: whole[k] for k in ("name", "filter_type", "clause", "group_key")}
    body |= {k: [one["id"] for one in whole[k]] for k in ("tables", "roles")}
    try:
        admin.put(path, {**body, "clause": "scope_code = 'peer'"})
        changed = ask(sessions[OWN], question)
        assert not was_kept(OWN) and scopes(changed) == {"peer"}
    finally:
        admin.put(path, body)
    assert scopes(ask(sessions[OWN], question)) == before


def test_a_rule_and_a_grant_changed_in_the_metadata_file_are_seen_in_five_seconds(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    before = {login: scopes(ask(sessions[login], question)) for login in (OWN, OTHER)}
    assert all(ask(sessions[login], question).status_code == 200 for login in before)
    assert all(was_kept(login) for login in before)
    with metadata() as rows:
        (rule, clause), *others = rows.execute(
            "select f.id, f.clause from row_level_security_filters f"
            " join rls_filter_roles l on l.rls_filter_id = f.id"
            " join ab_role r on r.id = l.role_id where r.name = ? and f.filter_type = 'Regular'",
            (OWN,),
        ).fetchall()
        grants = rows.execute(
            "select l.* from ab_permission_view_role l"
            " join ab_role r on r.id = l.role_id"
            " join ab_permission_view v on v.id = l.permission_view_id"
            " join ab_permission p on p.id = v.permission_id"
            " where r.name = ? and p.name = 'schema_access'",
            (OTHER,),
        ).fetchall()
    assert not others and grants
    change = "update row_level_security_filters set clause = ? where id = ?"
    try:
        with metadata() as rows:
            rows.execute(change, ("scope_code = 'peer'", rule))
            rows.executemany(
                "delete from ab_permission_view_role where id = ?", [(g[0],) for g in grants]
            )
        time.sleep(SEEN_AFTER_S + 0.3)
        for _ in range(6):  # each of the workers
            assert scopes(ask(sessions[OWN], question)) == {"peer"}
            assert ask(sessions[OTHER], question).status_code == 403
    finally:
        with metadata() as rows:
            rows.execute(change, (clause, rule))
            marks = ", ".join("?" * len(grants[0]))
            rows.executemany(f"insert into ab_permission_view_role values ({marks})", grants)
    time.sleep(SEEN_AFTER_S + 0.3)
    assert {login: scopes(ask(sessions[login], question)) for login in before} == before


@contextmanager
def metadata() -> Iterator[sqlite3.Connection]:
    """Superset's metadata behind its back."""
    with closing(sqlite3.connect(paths.metadata_file(), timeout=20)) as connection, connection:
        yield connection


def test_a_login_that_was_switched_off_gets_nothing(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    admin, login = sessions["admin"], f"stranger-{secrets.token_hex(4)}"
    role = next(r["id"] for r in admin.all("security/roles", ["id", "name"]) if r["name"] == OWN)
    secret = secrets.token_urlsafe(16) + "aA1!"
    account = {
        "username": login,
        "first_name": "某",
        "last_name": "某",
        "email": f"{login}@example.invalid",
        "active": True,
        "password": secret,
        "roles": [role],
    }
    made = admin.post("/api/v1/security/users/", account)["id"]
    try:
        with Session(login, secret) as session:
            ask(session, question)
            assert ask(session, question).status_code == 200 and was_kept(login)
            admin.put(f"/api/v1/security/users/{made}", {"active": False})
            assert ask(session, question).status_code in (401, 403)
    finally:
        admin.delete(f"/api/v1/security/users/{made}")


def test_an_answer_does_not_outlive_its_page_file(
    sessions: dict[str, Session], question: dict[str, Any]
) -> None:
    ask(sessions[OWN], question)
    ask(sessions[OWN], question)
    assert was_kept(OWN)
    file = paths.pages_file()
    fresh = file.with_name("fresh.duckdb")
    fresh.write_bytes(file.read_bytes())
    fresh.replace(file)
    # Nobody told the workers: what they read may be the old file, so nothing is kept either.
    for _ in range(2):
        assert ask(sessions[OWN], question).status_code == 200 and not was_kept(OWN)
    assert control.reopen_page_file()
    for _ in range(60):
        ask(sessions[OWN], question)
        if was_kept(OWN):
            return
    raise AssertionError("fresh workers keep answers again")


def test_a_page_made_ready_is_opened_from_what_is_kept(sessions: dict[str, Session]) -> None:
    """After the test before: there is a new page file, and nobody has asked anything of this page.
    A browser's questions are found by those that we work out without one."""
    bundle = compiled()
    of_page = [*filter_questions(bundle), *chart_questions(bundle)]
    asked = [body for page, _, body in of_page if page.id == PAGE]
    one = next(body for page, _, body in chart_questions(bundle) if page.id == PAGE)
    numbers = {d["uuid"]: d["id"] for d in sessions["admin"].all("dataset", ["id", "uuid"])}
    there = {**one, "datasource": {"id": numbers[one["datasource"]["id"]], "type": "table"}}
    ask(sessions[OTHER], there)
    assert not was_kept(OTHER)
    done = warming.warm(asked)
    assert done is not None and not done["failed"]
    # A leader's and each district's and department's, of every question but the one above.
    assert done["readers"] > 10 and done["answers"] > 10 * (len(asked) - 1)
    (told,) = listed(who="system", action="page.warm", limit=1)
    assert told["details"] == done
    before = record(CITY)["sequence"]
    with browser(CITY) as context:
        view = open_page(context, PAGE, 1920)
        view.page.close()
    seen = [r for r in listed(who=CITY, action="page", limit=100) if r["sequence"] > before]
    kept = [r for r in seen if r.get("details", {}).get("kept")]
    assert len(seen) >= len(asked) - 2 and len(kept) >= 0.95 * len(seen)


def test_a_second_program_that_makes_ready_takes_the_place_of_the_first(
    superset: control.Running,
) -> None:
    pids = []
    for _ in range(2):
        assert control.begin_warming()
        pids.append(int(paths.warming_pid_file().read_text("ascii")))
    first, second = pids
    assert not Path(f"/proc/{first}/cmdline").exists()
    assert os.getpriority(os.PRIO_PROCESS, second) >= 0
    control.end_warming()
    assert not Path(f"/proc/{second}/cmdline").exists()


def test_without_a_server_nothing_is_made_ready_and_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path))
    assert control.begin_warming() is False
    said = CliRunner().invoke(app, ["dashboards", "warm"])
    assert said.exit_code == 0 and "does not run" in said.output


def test_what_is_kept_is_readable_for_the_owner_alone(superset: control.Running) -> None:
    files = [f for f in (paths.cache_folder() / "answers").rglob("*") if f.is_file()]
    assert files and all(f.stat().st_mode & 0o077 == 0 for f in files)
