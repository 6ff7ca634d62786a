"""One call of dbt, in this process.

A subprocess costs 6.7 s for what takes 2-3 s here (measured, traps): imports and parsing are
paid once per process and once per change of the project.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingestion import places, trace
from ingestion.city import city
from ingestion.clock import LOCAL
from orchestration.transform import declassified, seeds
from orchestration.transform import manifest as parsed

MAIN = "fengqiao"  # the build file of everything outside the L4 zones


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test."""

    unique_id: str
    name: str
    kind: str
    status: str
    seconds: float
    message: str
    failures: int


@dataclass(frozen=True)
class DbtRun:
    """What one run did; `ok` is false if any node failed."""

    command: str
    target: str
    seconds: float
    ok: bool
    nodes: list[NodeResult] = field(default_factory=list)

    def failed(self) -> list[NodeResult]:
        """Nodes that failed or could not run."""
        return [node for node in self.nodes if node.status in ("error", "fail", "runtime error")]


class DbtFailed(RuntimeError):
    """dbt ended with an error; the message names the nodes."""

    def __init__(self, run: DbtRun, reason: str = "") -> None:
        self.run = run
        lines = [f"{node.name}: {node.message}" for node in run.failed()] or [reason]
        super().__init__("dbt failed: " + "; ".join(lines))


@trace.span("dbt")
def run_dbt(
    as_of: datetime,
    select: str | Sequence[str] | None = None,
    target: str = "duckdb",
    full_refresh: bool = False,
    command: str = "build",
    project: Path | None = None,
    exclude: Sequence[str] = (),
    build_name: str = MAIN,
) -> DbtRun:
    """Run the project as of a moment (aware or local, UTC+8) and raise `DbtFailed` on any error.

    `build` makes models and runs their data tests in dependency order; unit tests of formulas
    belong to CI (`command="test", select="test_type:unit"`); `parse` writes `manifest.json`.
    Changed seeds rebuild everything, because facts and units were made with them; Spark is given
    them as DuckDB has them (`cluster.py`).
    The main run never sees a model of an L4 zone; `build_name` names a zone's own build file.
    """
    trace.note(command=command, build=build_name)
    local = as_of.astimezone(LOCAL) if as_of.tzinfo else as_of
    project = project or parsed.project()
    variables: dict[str, object] = {
        "as_of": local.strftime("%Y-%m-%d %H:%M:%S"),
        "city_code": city().code,
    }
    database = places.build() / f"{build_name}.duckdb"
    # A manifest names the build file's catalog, so every build file has its own.
    target_path = places.build() / "dbt" / (target if build_name == MAIN else build_name)
    target_path.mkdir(parents=True, exist_ok=True)
    if build_name == MAIN:
        exclude = (*exclude, "tag:l4")
        if target == "duckdb" and command in ("build", "run"):
            declassified.ensure(database)
    wanted = seeds.seeds_hash(project)
    load_seeds = (
        command in ("build", "run")
        and target == "duckdb"
        and not seeds.seeds_are_loaded(database, wanted)
    )
    full_refresh = full_refresh or load_seeds
    started = time.perf_counter()
    chosen = [select] if isinstance(select, str) else list(select or [])
    with _environment(database, target_path):
        nodes: list[NodeResult] = []
        if load_seeds:
            nodes += _invoke("seed", variables, target, target_path, project, ["--full-refresh"])
            seeds.note_seeds_loaded(database, wanted)
        arguments: list[str] = []
        if chosen:
            arguments += ["--select", *chosen]
        if command == "build":
            arguments += ["--exclude", "test_type:unit", "resource_type:seed", *exclude]
        elif exclude and command != "parse":
            arguments += ["--exclude", *exclude]
        if full_refresh and command in ("build", "run"):
            arguments.append("--full-refresh")
        nodes += _invoke(command, variables, target, target_path, project, arguments)
    return DbtRun(command, target, time.perf_counter() - started, True, nodes)


def _invoke(
    command: str,
    variables: dict[str, object],
    target: str,
    target_path: Path,
    project: Path,
    arguments: list[str],
) -> list[NodeResult]:
    from dbt.cli.main import dbtRunner

    # An error of a zone's run may quote a cell: its log stays with the zone, closed to others.
    zoned = target_path.name.startswith("l4-")
    log_path = target_path / "logs" if zoned else places.ops() / "logs" / "dbt"
    known = parsed.load(project, target_path, target)
    outcome = dbtRunner(manifest=known).invoke(
        [
            command,
            *arguments,
            "--project-dir", str(project),
            "--profiles-dir", str(project),
            "--target", target,
            "--target-path", str(target_path),
            "--log-path", str(log_path),
            "--vars", json.dumps(variables),
            "--quiet", "--log-level", "none", "--no-version-check", "--no-use-colors",
            "--write-json" if command == "parse" else "--no-write-json",
            "--log-level-file", "info",
        ]
    )  # fmt: skip
    if known is None:
        parsed.remember(project, target_path, target)
    elif command == "parse":
        # It is asked for manifest.json, which dbt writes only when it parses itself.
        known.write(str(target_path / "manifest.json"))
    results = list(getattr(outcome.result, "results", None) or [])
    nodes = [
        NodeResult(
            unique_id=result.node.unique_id,
            name=result.node.name,
            kind=str(result.node.resource_type),
            status=str(result.status),
            seconds=float(result.execution_time),
            message=(result.message or "").strip(),
            failures=int(result.failures or 0),
        )
        for result in results
    ]
    if not outcome.success:
        reason = str(outcome.exception or "see the dbt log")
        raise DbtFailed(DbtRun(command, target, 0.0, False, nodes), reason)
    return nodes


@contextmanager
def _environment(database: Path, target_path: Path) -> Iterator[None]:
    """Tell dbt's profile where the build file lies, for the length of one run."""
    wanted = {
        "FENGQIAO_DUCKDB": str(database),
        "FENGQIAO_DBT_TARGET": str(target_path),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        _release()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _release() -> None:
    """Close the build file: dbt-duckdb keeps it open in the process, and an open writer shuts out
    every reader with another configuration (publish, explain)."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
        DuckDBConnectionManager.close_all_connections()
        gc.collect()  # cursors of finished threads hold the database until collected
