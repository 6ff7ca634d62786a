"""The files for Kubernetes say what the product understands. No cluster reads them here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/kubernetes"
# Blocks of the chart's values (its published schema, class DagsterHelmValues).
BLOCKS = {"dagster-user-deployments", "runLauncher", "dagsterDaemon", "rabbitmq", "redis", "flower"}
BLOCKS |= {"telemetry"}
# Fields of one code server and of the launcher in the same schema.
SERVER = {"name", "image", "dagsterApiGrpcArgs", "port", "includeConfigInLaunchedRuns", "env"}
SERVER |= {"envSecrets", "volumes", "volumeMounts", "initContainers", "podSecurityContext"}
SERVER |= {"securityContext", "resources"}
LAUNCHER = {"runK8sConfig"}
THEIRS = {"DAGSTER_HOME", "DAGSTER_PG_PASSWORD", "PYTHONDONTWRITEBYTECODE", "PASSWORD"}


def documents() -> list[dict[str, Any]]:
    return [d for f in sorted(FOLDER.glob("*.yaml")) for d in yaml.safe_load_all(f.read_text())]


def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "values.yaml").read_text())
    return loaded


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Every mapping in a document."""
    if isinstance(node, dict):
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    ):
        yield from walk(child)


def test_every_variable_is_documented() -> None:
    words = "".join(f.read_text("utf-8") for f in FOLDER.iterdir())
    named = {
        entry["name"]
        for mapping in walk(documents())
        for entry in mapping.get("env") or []
        if isinstance(entry, dict)
    }
    assert "FENGQIAO_EXECUTOR" in named
    named |= set(re.findall(r"\b(?:FENGQIAO|AWS|OTEL)_[A-Z_]*[A-Z]\b", words))
    table = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs/object-store.md").read_text()
    assert sorted(n for n in named - THEIRS if f"`{n}`" not in table) == []


def test_blocks_of_values_are_the_charts() -> None:
    assert set(values()) <= BLOCKS
    (server,) = values()["dagster-user-deployments"]["deployments"]
    assert set(server) <= SERVER
    assert set(values()["runLauncher"]["config"]["k8sRunLauncher"]) <= LAUNCHER
    mounted = {
        m["name"] for m in server["volumeMounts"] + server["initContainers"][0]["volumeMounts"]
    }
    assert mounted == {v["name"] for v in server["volumes"]}


def test_the_version_of_the_chart_is_the_pinned_one_and_no_image_floats() -> None:
    pins = (ROOT / "requirements/pipeline.txt").read_text().splitlines()
    version = next(p for p in pins if p.startswith("dagster==")).partition("==")[2]
    for name in ("README.md", "values.yaml"):
        assert f"--version {version}" in (FOLDER / name).read_text("utf-8")
    images = [m["image"] for m in walk(documents()) if "image" in m]
    tags = [i["tag"] if isinstance(i, dict) else i.partition(":")[2] for i in images]
    assert tags and "" not in tags and "latest" not in tags


def test_the_archives_private_key_is_nowhere_and_production_refuses_it() -> None:
    for file in FOLDER.glob("*.yaml"):
        assert "archive.key" not in file.read_text("utf-8")
    kept = [
        {e["name"]: e.get("value") for e in mapping["env"]}
        for mapping in walk(documents())
        if any(e.get("name") == "FENGQIAO_SECRETS" for e in mapping.get("env") or [])
    ]
    assert len(kept) == 2
    assert {k["FENGQIAO_ENVIRONMENT"] for k in kept} == {"production"}
    # Code server, runs and workers work on the same home, lake and city.
    shared = [{n: v for n, v in k.items() if n.startswith("FENGQIAO_")} for k in kept]
    assert shared[0] == shared[1]
