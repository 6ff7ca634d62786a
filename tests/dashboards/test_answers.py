"""An answer given again: the same rows, to the same roles, written down, not longer than right."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from dashboards.compiler.session import Session
from dashboards.server import control, paths
from orchestration.access.listing import listed
from tests.dashboards.test_roles import DEPARTMENT

OWN, OTHER, CITY = "leader_330681", "leader_330602", "leader"


@pytest.fixture(scope="module")
def sessions(superset: control.Running) -> Iterator[dict[str, Session]]:
    opened = {login: Session(login) for login in (OWN, OTHER, CITY, "admin")}
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


def test_what_is_kept_is_readable_for_the_owner_alone(superset: control.Running) -> None:
    files = list((paths.cache_folder() / "answers").iterdir())
    assert files and all(f.stat().st_mode & 0o077 == 0 for f in files)
