"""Leaders who open pages, for Locust (`benchmarks.pages` starts it, in the environment `load`).

Each has a login of its own and opens a page as a browser does: the page, what is on it, then its
charts, six at a time. Then it reads for some seconds.
"""

from __future__ import annotations

import csv
import json
import os
import random
from collections import defaultdict
from itertools import cycle
from pathlib import Path
from typing import Any

from gevent.pool import Pool
from locust import HttpUser, between, task

AT_ONCE = 6  # connections of a browser to one host
_READERS = ("leader", "engineer", "auditor")


def _pages() -> dict[str, list[dict[str, Any]]]:
    pages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    found = json.loads(Path(os.environ["FENGQIAO_LOAD_QUESTIONS"]).read_text("utf-8"))
    for page, _, body in found:
        pages[page].append(body)
    return pages


def _logins() -> list[tuple[str, str]]:
    with Path(os.environ["FENGQIAO_LOAD_LOGINS"]).open(encoding="utf-8", newline="") as file:
        rows = [(row["login"], row["password"]) for row in csv.DictReader(file)]
    return [one for one in rows if one[0].startswith(_READERS)]


PAGES = _pages()
LOGINS = cycle(_logins())


class Leader(HttpUser):  # type: ignore[misc]
    """One leader at a desk."""

    wait_time = between(8, 15)  # seconds of reading

    def on_start(self) -> None:
        login, secret = next(LOGINS)
        answer = self.client.post(
            "/api/v1/security/login",
            json={"username": login, "password": secret, "provider": "db"},
            name="login",
        )
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        token = self.client.get("/api/v1/security/csrf_token/", name="login").json()["result"]
        self.client.headers.update({"X-CSRFToken": token, "Referer": self.host})

    @task  # type: ignore[untyped-decorator]
    def open_a_page(self) -> None:
        page = random.choice(sorted(PAGES))  # noqa: S311 - which page is opened is no secret
        for part in ("", "/charts", "/datasets"):
            self.client.get(f"/api/v1/dashboard/{page}{part}", name="page")
        pool = Pool(AT_ONCE)
        for body in PAGES[page]:
            pool.spawn(self._chart, body)
        pool.join()

    def _chart(self, body: dict[str, Any]) -> None:
        self.client.post("/api/v1/chart/data", json=body, name="chart")
