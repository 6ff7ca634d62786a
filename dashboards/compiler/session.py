"""A logged-in session with Superset's REST API."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from types import TracebackType
from typing import Any

import httpx
import yaml

from dashboards.compiler.errors import SupersetRefused
from dashboards.server import paths


class Session:
    """Superset as its administrator (or another generated login); a context manager."""

    def __init__(self, login: str = "admin", secret: str | None = None) -> None:
        self._http = httpx.Client(base_url=paths.address(), timeout=120)
        answer = self._call(
            "POST",
            "/api/v1/security/login",
            json={
                "username": login,
                "password": secret or password(login),
                "provider": "db",
            },
        )
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        token = self._call("GET", "/api/v1/security/csrf_token/")["result"]
        self._http.headers["X-CSRFToken"] = token
        self._http.headers["Referer"] = paths.address()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """GET; keyword `q` is sent as JSON, which Superset accepts for Rison."""
        params = {key: json.dumps(value) for key, value in query.items()}
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Any) -> dict[str, Any]:
        """POST a JSON body."""
        return self._call("POST", path, json=body)

    def put(self, path: str, body: Any) -> dict[str, Any]:
        """PUT a JSON body."""
        return self._call("PUT", path, json=body)

    def delete(self, path: str) -> dict[str, Any]:
        """DELETE one object."""
        return self._call("DELETE", path)

    def all(self, resource: str, columns: list[str]) -> list[dict[str, Any]]:
        """Every object of a resource, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"columns": columns, "page": len(found) // 100, "page_size": 100}
            answer = self.get(f"/api/v1/{resource}/", q=query)
            found += answer["result"]
            if len(found) >= answer["count"] or not answer["result"]:
                return found

    def import_bundle(self, archive: bytes) -> None:
        """Import a bundle, overwriting what has the same ids."""
        self._call(
            "POST",
            "/api/v1/assets/import/",
            files={"bundle": ("assets.zip", archive, "application/zip")},
            data={"passwords": "{}"},
        )

    def export_bundle(self) -> dict[str, dict[str, Any]]:
        """Every asset of the server as the native files it would export, by path."""
        response = self._http.get("/api/v1/assets/export/")
        if response.status_code != 200:
            raise SupersetRefused(f"GET /api/v1/assets/export/: {response.status_code}")
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            return {
                name.split("/", 1)[1]: yaml.safe_load(archive.read(name))
                for name in archive.namelist()
            }

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise SupersetRefused(
                f"Superset does not answer at {paths.address()} ({error}); is it started?"
            ) from error
        if response.status_code >= 400:
            said = response.text
            with contextlib.suppress(ValueError):  # Chinese as it is, not as escapes
                said = json.dumps(response.json(), ensure_ascii=False)
            raise SupersetRefused(f"{method} {path}: {response.status_code} {said[:800]}")
        result: dict[str, Any] = response.json() if response.content else {}
        return result


def password(login: str) -> str:
    """The generated password of a login."""
    with paths.logins_file().open(encoding="utf-8", newline="") as file:
        return {row["login"]: row["password"] for row in csv.DictReader(file)}[login]
