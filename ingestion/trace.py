"""OpenTelemetry traces of a run: `with span("delivery", feed="P44"): …`.

Sent over OTLP/HTTP where the standard variable `OTEL_EXPORTER_OTLP_ENDPOINT` is set; otherwise
nothing is imported and nothing happens. A span bears codes, ids and counts: never a cell, a file's
name or the text of an error, which may quote either. Nothing here fails a run or holds it up.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import IdGenerator

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
# An endpoint that does not answer is given up after so long, and then not waited for again.
PATIENCE_S = 3.0
Attribute = str | int | float | bool | None

log = logging.getLogger("fengqiao.trace")
_provider: TracerProvider | None = None
_processor: Any = None
_given: list[int] = []  # ids for the next span, instead of random ones
_silent = False


def on() -> bool:
    """Whether spans are sent."""
    return bool(os.environ.get(ENDPOINT))


@contextmanager
def span(name: str, **attributes: Attribute) -> Iterator[None]:
    """A step, inside the one that is under way; also a decorator. Bears the kind of an error.

    The outermost one sends what there is when it ends, at most `PATIENCE_S` long.
    """
    if not on():
        yield
        return
    from opentelemetry import trace

    outermost = not trace.get_current_span().is_recording()
    tracer = _tracers().get_tracer("fengqiao")
    try:
        with tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ):
            note(**attributes)
            try:
                yield
            except BaseException as error:
                fail(type(error).__name__)
                raise
    finally:
        if outermost:
            _send()


def note(**attributes: Attribute) -> None:
    """Say more of the step that is under way; what is None is left out."""
    if on():
        from opentelemetry import trace

        told = {f"fengqiao.{k}": v for k, v in attributes.items() if v is not None}
        trace.get_current_span().set_attributes(told)


def fail(rule: str) -> None:
    """The step under way failed: by the name of a rule or of a kind of error."""
    if on():
        from opentelemetry import trace

        current = trace.get_current_span()
        current.set_status(trace.Status(trace.StatusCode.ERROR, rule))
        current.set_attribute("error.type", rule)


@contextmanager
def part_of(run_id: str) -> Iterator[None]:
    """Steps of one run of Dagster, in whichever process: their trace is named by the run's id."""
    if not on():
        yield
        return
    from opentelemetry import trace

    trace_id, span_id = _ids(run_id)
    whole = trace.SpanContext(
        trace_id, span_id, is_remote=True, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED)
    )
    with trace.use_span(trace.NonRecordingSpan(whole)):
        yield


def whole(run_id: str, name: str, began_s: float, failed: str, **attributes: Attribute) -> None:
    """The run whose steps said `part_of`, now that it is over; `began_s` in seconds of Unix."""
    if not on():
        return
    from opentelemetry import trace
    from opentelemetry.context import Context

    tracer = _tracers().get_tracer("fengqiao")
    _given[:] = _ids(run_id)
    made = tracer.start_span(name, context=Context(), start_time=int(began_s * 1e9))
    _given.clear()
    with trace.use_span(made, end_on_exit=True):
        note(**attributes)
        if failed:
            fail(failed)
    _send()


def _ids(run_id: str) -> tuple[int, int]:
    number = UUID(run_id).int
    return number, (number & (2**64 - 1)) or 1


def _tracers() -> TracerProvider:
    """The SDK, set up on first use: importing it costs a run without traces nothing."""
    global _provider, _processor
    if _provider is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        about = {"service.name": os.environ.get("OTEL_SERVICE_NAME") or "fengqiao"}
        # What is left when the process ends was sent by the outermost span, or is given up.
        _provider = TracerProvider(
            resource=Resource.create(about), id_generator=_generator(), shutdown_on_exit=False
        )
        own = os.environ.get("OTEL_EXPORTER_OTLP_TIMEOUT") is not None
        _processor = BatchSpanProcessor(OTLPSpanExporter(timeout=None if own else PATIENCE_S))
        _provider.add_span_processor(_processor)
        # The library says what failed on every attempt, with the address; one line is enough.
        theirs = logging.getLogger("opentelemetry")
        theirs.propagate = False
        theirs.addHandler(_Once())
    return _provider


def _generator() -> IdGenerator:
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Given(RandomIdGenerator):
        """Random ids, but for the span of a whole run."""

        def generate_trace_id(self) -> int:
            return _given[0] if _given else super().generate_trace_id()

        def generate_span_id(self) -> int:
            return _given[1] if _given else super().generate_span_id()

    return Given()


class _Once(logging.Handler):
    """Tells our own log that traces are lost, once a process."""

    def emit(self, record: logging.LogRecord) -> None:
        global _silent
        if record.levelno >= logging.WARNING and not _silent:
            _silent = True
            log.warning("traces are not sent: %s does not take them", ENDPOINT)


def _send() -> None:
    """Send what there is; a library's flush has no limit of its own, so it is left alone."""
    if _silent:  # the batch goes out in the background, if it does
        return
    flush = threading.Thread(target=_processor.force_flush, daemon=True)
    flush.start()
    flush.join(PATIENCE_S)
