"""What the agencies' HTTP interface promises, over a real socket."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from simulation.agency_api import Door, application

KNOWN = {"client_id": "demo", "client_secret": "s3cret"}
OCTOBER = {"updated_from": "2026-10-01T00:00:00", "updated_to": "2026-10-31T00:00:00"}


@pytest.fixture
def door() -> Door:
    return Door(KNOWN, limit_every=0, failure_share=0.0, key="k3y")


@pytest.fixture
def client(city: Path, door: Door) -> Iterator[httpx.Client]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(application(city, door), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.should_exit = True
    thread.join()


def log_in(client: httpx.Client) -> dict[str, str]:
    answer = client.post("/oauth/token", data={"grant_type": "client_credentials", **KNOWN})
    assert answer.json()["expires_in"] == 600
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_without_a_token_or_with_a_wrong_secret_nobody_comes_in(client: httpx.Client) -> None:
    assert client.get("/api/p32/disputes", params=OCTOBER).status_code == 401
    wrong = {"client_id": "demo", "client_secret": "guess"}
    assert client.post("/oauth/token", data=wrong).status_code == 401


def test_a_token_dies_after_ten_minutes(client: httpx.Client, door: Door) -> None:
    header = log_in(client)
    assert client.get("/api/p32/disputes", params=OCTOBER, headers=header).status_code == 200
    door.clock = lambda: time.monotonic() + 601
    assert client.get("/api/p32/disputes", params=OCTOBER, headers=header).status_code == 401


def test_pages_cover_every_row_once(client: httpx.Client) -> None:
    header, seen, page = log_in(client), [], 1
    while True:
        data = client.get(
            "/api/f20/events", headers=header, params={**OCTOBER, "page": page, "page_size": 100}
        ).json()["data"]
        if not data["rows"]:
            break
        seen += [row["event_id"] for row in data["rows"]]
        page += 1
    assert len(seen) == len(set(seen)) == data["total"] > 300


def test_a_dispute_changed_twice_is_shown_as_last_changed(client: httpx.Client) -> None:
    data = client.get(
        "/api/p32/disputes",
        headers=log_in(client),
        params={"updated_from": "2026-08-01T00:00:00", "updated_to": "2026-10-31T00:00:00"},
    ).json()["data"]
    codes = [row["dispute_code"] for row in data["rows"]]
    assert len(codes) == len(set(codes))
    assert {"party_a_name", "party_a_id_no", "party_a_phone"} <= set(data["rows"][0])


def test_the_rate_limit_says_when_to_come_back(client: httpx.Client, door: Door) -> None:
    header = log_in(client)
    door.limit_every = 2
    codes = [client.get("/api/p32/disputes", params=OCTOBER, headers=header) for _ in range(4)]
    assert [c.status_code for c in codes] == [200, 429, 200, 429]
    assert codes[1].headers["Retry-After"] == "1"


def test_failures_come_and_go(client: httpx.Client, door: Door) -> None:
    header = log_in(client)
    door.failure_share = 0.5
    codes = {
        client.get("/api/p32/disputes", params=OCTOBER, headers=header).status_code
        for _ in range(30)
    }
    assert codes == {200, 500}


def test_a_page_of_more_than_a_thousand_is_refused(client: httpx.Client) -> None:
    answer = client.get(
        "/api/p32/disputes", headers=log_in(client), params={**OCTOBER, "page_size": 5000}
    )
    assert answer.status_code == 400


def test_the_project_platform_wants_a_key_and_counts_from_offsets(client: httpx.Client) -> None:
    assert (
        client.get("/api/p03/entities", params=OCTOBER, headers=log_in(client)).status_code == 401
    )
    seen: list[str] = []
    while True:
        body = client.get(
            "/api/p03/entities",
            headers={"X-Api-Key": "k3y"},
            params={**OCTOBER, "offset": len(seen), "limit": 7},
        ).json()
        if not body["items"]:
            break
        seen += [row["entity_id"] for row in body["items"]]
    assert len(seen) == len(set(seen)) == body["count"] > 7


def test_a_cursor_leads_through_all_changes_of_projects(client: httpx.Client) -> None:
    window = {"changed_from": "2026-10-01T00:00:00", "changed_to": "2026-10-31T00:00:00"}
    header, seen, more = log_in(client), [], {}
    while more is not None:
        asked = more or window
        data = client.get(
            "/api/p01/projects", headers=header, params={**asked, "limit": 50}
        ).json()["data"]
        seen += data["items"]
        more = {"cursor": data["next_cursor"]} if data["next_cursor"] else None
    codes = [row["project_code"] for row in seen]
    assert len(codes) == len(set(codes)) > 100
    assert {row["op"] for row in seen} <= {"upsert", "delete"}


def test_links_lead_through_all_feedback_and_stay_on_the_host(client: httpx.Client) -> None:
    header, seen, pages = log_in(client), set(), 0
    path, params = "/api/f02/feedback", {**OCTOBER, "limit": "400"}
    while path:
        body = client.get(path, headers=header, params=params or None).json()
        seen |= {row["feedback_id"] for row in body["data"]}
        path, params, pages = body["links"]["next"], {}, pages + 1
        assert path is None or path.startswith("/api/f02/feedback?")
    assert pages > 3
    assert len(seen) > 400 * (pages - 1)


def test_a_cursor_into_data_that_changed_is_gone(client: httpx.Client, city: Path) -> None:
    header = log_in(client)
    first = client.get("/api/f02/feedback", headers=header, params={**OCTOBER, "limit": 10}).json()
    path = city / "api" / "f02.parquet"
    was = path.stat()
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns + 1_000_000))
    try:
        assert client.get(first["links"]["next"], headers=header).status_code == 410
    finally:
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert client.get(first["links"]["next"], headers=header).status_code == 200
    spoilt = {"cursor": "bm9uc2Vuc2U=", "limit": 10}
    assert client.get("/api/f02/feedback", headers=header, params=spoilt).status_code == 400


def test_a_page_asked_again_is_not_sent_again(client: httpx.Client) -> None:
    header = log_in(client)
    first = client.get("/api/p33/mediations", headers=header, params=OCTOBER)
    again = client.get(
        "/api/p33/mediations",
        headers={**header, "If-None-Match": first.headers["ETag"]},
        params=OCTOBER,
    )
    assert again.status_code == 304
