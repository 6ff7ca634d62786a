"""What the running Superset promises: start, deployment, access."""

from __future__ import annotations

import json
import re
import secrets
import socket
import stat
import time
from pathlib import Path

import httpx
import pytest

from dashboards.compiler import commands
from dashboards.compiler.access import datasets_without_deny
from dashboards.compiler.session import Session
from dashboards.server import control, paths
from tests.dashboards.conftest import free_port


def test_a_second_start_leaves_the_running_server_alone(superset: control.Running) -> None:
    started = time.monotonic()
    again = control.start()
    assert not again.started_here
    assert again.address == superset.address
    assert time.monotonic() - started < 3


def test_a_busy_port_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        monkeypatch.setenv("FENGQIAO_HOME", str(tmp_path / "data"))
        monkeypatch.setenv("FENGQIAO_SECRETS", str(tmp_path / "secrets"))
        monkeypatch.setenv("FENGQIAO_SUPERSET_PORT", str(port))
        with pytest.raises(control.SupersetError, match=f"Port {port} is in use") as error:
            control.start()
    assert "\n" not in str(error.value)


def test_secrets_are_readable_by_their_owner_only(superset: control.Running) -> None:
    for file in paths.logins_file().parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_page_may_talk_to_another_host(superset: control.Running) -> None:
    answer = httpx.get(f"{superset.address}/login/")
    policy = answer.headers["Content-Security-Policy"]
    assert re.findall(r"https?://|\w+\.(?:com|sh|de|io|org)\b", policy) == []


def test_the_language_pack_is_chinese_before_login(superset: control.Running) -> None:
    pack = httpx.get(f"{superset.address}/superset/language_pack/zh/").json()
    assert pack["locale_data"]["superset"]["Sign in"] == ["登录"]


def test_two_applies_in_a_row_change_nothing(superset: control.Running) -> None:
    commands.apply()
    assert commands.apply() == []
    assert commands.plan() == []


def test_a_hand_edit_is_shown_as_the_native_field_and_undone(superset: control.Running) -> None:
    with Session() as session:
        chart = next(
            one
            for one in session.all("chart", ["id", "slice_name", "params"])
            if one["slice_name"].startswith("按犯罪类型")
        )
        params = {**json.loads(chart["params"]), "orientation": "vertical"}
        session.put(f"/api/v1/chart/{chart['id']}", {"params": json.dumps(params)})
    changes = [c for c in commands.plan() if c.field == "params.orientation"]
    assert [(c.old, c.new) for c in changes] == [("vertical", "horizontal")]
    commands.apply()
    assert commands.plan() == []


def test_a_chart_made_by_hand_is_planned_and_pruned(superset: control.Running) -> None:
    with Session() as session:
        dataset = session.all("dataset", ["id", "table_name"])[0]["id"]
        session.post(
            "/api/v1/chart/",
            {
                "slice_name": "手工图",
                "viz_type": "table",
                "params": "{}",
                "datasource_id": dataset,
                "datasource_type": "table",
            },
        )
    assert [(c.action, c.name) for c in commands.plan()] == [("prune", "手工图")]
    assert commands.apply() == []
    assert [c.name for c in commands.prune()] == ["手工图"]
    assert commands.plan() == []


def test_no_dataset_lacks_the_deny_rule(superset: control.Running) -> None:
    with Session() as session:
        assert datasets_without_deny(session) == []


def test_a_role_that_no_rule_names_sees_no_row(superset: control.Running) -> None:
    word = f"Aa1-{secrets.token_hex(8)}"
    with Session() as session:
        roles = {r["name"]: r["id"] for r in session.all("security/roles", ["id", "name"])}
        granted = session.get(f"/api/v1/security/roles/{roles['leader']}/permissions/")["result"]
        stranger = session.post("/api/v1/security/roles/", {"name": "stranger"})["id"]
        session.post(
            f"/api/v1/security/roles/{stranger}/permissions",
            {"permission_view_menu_ids": [one["id"] for one in granted]},
        )
        session.post(
            "/api/v1/security/users/",
            {
                "username": "stranger",
                "password": word,
                "active": True,
                "first_name": "无",
                "last_name": "名",
                "email": "stranger@fengqiao.invalid",
                "roles": [stranger],
            },
        )
        dataset = next(
            d["id"]
            for d in session.all("dataset", ["id", "table_name"])
            if d["table_name"] == "indicator_board"
        )
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "result_format": "json",
        "result_type": "full",
        "queries": [{"columns": ["indicator"], "metrics": ["rows_n"]}],
    }
    with Session("leader") as leader:
        assert leader.post("/api/v1/chart/data", body)["result"][0]["rowcount"] > 0
    with Session("stranger", word) as unknown:
        assert unknown.post("/api/v1/chart/data", body)["result"][0]["rowcount"] == 0
