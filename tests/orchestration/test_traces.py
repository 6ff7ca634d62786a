"""A real receiver of OTLP gets the tree of a run; one that is away costs seconds, not the run."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion import city
from ingestion.trace import PATIENCE_S
from tests.loopback import serving
from tests.orchestration.conftest import ROOT, SAMPLES, environment

GOOD = "2017-07-west-yorkshire-street-nolocation.csv"
BAD = "2017-06-west-yorkshire-street.csv"
LINES = (SAMPLES / GOOD).read_text("utf-8").splitlines()
CELL = "zhangsan-330602199001011234"
_JOB = """
import json
import dagster as dg
from orchestration.definitions import defs, feeds
feeds.AGAIN = dg.RetryPolicy(max_retries=2, delay=0.1)
done = defs.resolve_job_def("daily").execute_in_process(instance=dg.DagsterInstance.ephemeral())
print(json.dumps([done.success, done.run_id]))
"""
_SPAN = """
import sys, time
from ingestion.trace import span
began = time.monotonic()
for _ in range(3):
    with span("probe"):
        pass
print(time.monotonic() - began, "opentelemetry.sdk" in sys.modules)
"""


class Received:
    """What a collector got: the requests' bytes, and the spans in them."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    @contextmanager
    def listening(self) -> Iterator[str]:
        async def take(request: Request) -> Response:
            assert request.headers["content-type"] == "application/x-protobuf"
            self.bodies.append(await request.body())
            return Response(b"", media_type="application/x-protobuf")

        with serving(Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])) as url:
            yield url

    def spans(self) -> list[Span]:
        found: list[Span] = []
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                named = {a.key: a.value.string_value for a in resource.resource.attributes}
                assert named["service.name"] == "fengqiao"
                found += [s for scope in resource.scope_spans for s in scope.spans]
        return found


def told(span: Span) -> dict[str, Any]:
    """A span's attributes."""
    return {
        a.key.removeprefix("fengqiao."): getattr(a.value, str(a.value.WhichOneof("value")))
        for a in span.attributes
    }


def place(folder: Path, **more: str) -> dict[str, str]:
    """A city of two feeds: one sends a good and a bad file, the other's database lost its table.

    One that is away is asked again for eight seconds; test_dagster.py has such a one.
    """
    own = folder / "city"
    database = folder / "empty.sqlite"
    database.touch()
    if not own.exists():
        (own / "seeds").mkdir(parents=True)
        for name in city.LOCAL_SEEDS:
            shutil.copy(city.SEEDS / f"{name}.csv", own / "seeds")
        said = 'code: "330600"\nname: 绍兴市\nprovince: 浙江省\nfeeds: [UK01, F03]\n'
        (own / "city.yaml").write_text(said, "utf-8")
    return {
        **environment(folder),
        "FENGQIAO_CITY": str(own),
        "FENGQIAO_AGENCY_DB": f"sqlite:///{database}",
        **more,
    }


def run(there: dict[str, str]) -> tuple[int, float]:
    """`fengqiao run`: its exit code and seconds."""
    began = time.monotonic()
    command = [str(Path(sys.executable).with_name("fengqiao")), "run"]
    done = subprocess.run(command, env=there, cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    assert "traces are not sent" not in done.stdout
    return done.returncode, time.monotonic() - began


def last_line(folder: Path, program: str, there: dict[str, str]) -> str:
    file = folder / "program.py"
    file.write_text(program)
    command = [sys.executable, "-W", "ignore", str(file)]
    there = {**there, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=there, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Received]:
    """A home after one run, and what the collector got of it."""
    folder, received = tmp_path_factory.mktemp("traced"), Received()
    inbox = folder / "data/inbox/UK01"
    inbox.mkdir(parents=True)
    (inbox / GOOD).write_text("\n".join(LINES), "utf-8")
    (inbox / BAD).write_text(f"{LINES[0]},{CELL}\n{LINES[1]},{CELL}\n", "utf-8")
    with received.listening() as url:
        code, _ = run(place(folder, OTEL_EXPORTER_OTLP_ENDPOINT=url))
    assert code == 1  # F03 was not taken in
    return folder, received


def test_a_run_is_a_tree_of_spans_without_a_value(ran: tuple[Path, Received]) -> None:
    folder, received = ran
    spans = received.spans()
    by_id = {s.span_id: s for s in spans}
    (root,) = (s for s in spans if not s.parent_span_id)
    assert root.name == "day" and root.status.code == Status.STATUS_CODE_UNSET
    assert told(root)["not_taken_in"] == 1 and told(root)["release"]
    assert {s.trace_id for s in spans} == {root.trace_id}

    def over(span: Span) -> str:
        return by_id[span.parent_span_id].name if span.parent_span_id else ""

    assert {(s.name, over(s)) for s in spans} == {
        ("day", ""),
        ("feed", "day"),
        ("delivery", "feed"),
        ("checks", "day"),
        ("check_suite", "checks"),
        ("dbt", "day"),
        ("judge", "day"),
        ("publish", "day"),
    }
    assert all(s.start_time_unix_nano >= root.start_time_unix_nano for s in spans)
    feeds = {told(s)["feed"]: s for s in spans if s.name == "feed"}
    away = feeds["F03"].status
    assert (away.code, away.message) == (Status.STATUS_CODE_ERROR, "SourceUnavailable")
    deliveries = [s for s in spans if s.name == "delivery"]
    refused, taken = sorted(deliveries, key=lambda s: s.status.code != Status.STATUS_CODE_ERROR)
    assert refused.status.message == told(refused)["error.type"] == "unknown_column"
    counts = told(taken)
    assert counts["delivery"].startswith("UK01-")
    assert counts["rows_in"] == len(LINES) - 1
    assert counts["inserted"] + counts["quarantined"] <= counts["rows_in"]
    assert counts["inserted"] > 0
    everything = b"".join(received.bodies)
    for value in (CELL, GOOD, BAD, str(folder), *filter(None, LINES[1].split(","))):
        assert value.encode() not in everything, value


def test_a_run_of_dagster_names_the_trace_of_its_steps(ran: tuple[Path, Received]) -> None:
    folder, received = ran[0], Received()
    with received.listening() as url:
        there = place(folder, OTEL_EXPORTER_OTLP_ENDPOINT=url)
        success, run_id = json.loads(last_line(folder, _JOB, there))
    assert success
    spans = received.spans()
    of_run = [s for s in spans if s.trace_id.hex() == run_id.replace("-", "")]
    (root,) = (s for s in of_run if not s.parent_span_id)
    assert root.name == "day"
    beneath = {s.name for s in of_run if s.parent_span_id == root.span_id}
    assert beneath == {"feed", "checks", "dbt", "judge", "publish"}
    # Loading the definitions may parse dbt's project: before the run, and not a part of it.
    others = [told(s) for s in spans if s not in of_run]
    assert [o for o in others if o.get("command") != "parse"] == []


def test_a_run_neither_fails_nor_waits_where_no_collector_answers(
    ran: tuple[Path, Received],
) -> None:
    folder = ran[0]
    code, alone_s = run(place(folder))
    assert code == 1
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()  # takes the connection and never answers
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        code, waited_s = run(place(folder, OTEL_EXPORTER_OTLP_ENDPOINT=url))
    assert code == 1
    # Half of it again and five seconds for a machine that has other things to do.
    assert waited_s < 1.5 * alone_s + PATIENCE_S + 5
    log = (folder / "data/ops/logs/fengqiao.log").read_text("utf-8")
    assert log.count("traces are not sent") <= 1


@pytest.mark.parametrize("kind", ["closed", "deaf"])
def test_a_collector_that_is_away_is_waited_for_once(tmp_path: Path, kind: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if kind == "deaf":
            listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        there = place(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=url)
        waited_s, imported = last_line(tmp_path, _SPAN, there).split()
    assert imported == "True"
    assert float(waited_s) < 2 * PATIENCE_S + 3


def test_without_an_endpoint_nothing_is_imported(tmp_path: Path) -> None:
    there = {k: v for k, v in place(tmp_path).items() if not k.startswith("OTEL_")}
    waited_s, imported = last_line(tmp_path, _SPAN, there).split()
    assert imported == "False"
    assert float(waited_s) < 0.1
