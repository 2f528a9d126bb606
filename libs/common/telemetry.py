"""Traces, logs and metrics: one trace from the request to the listener, structured logs, no personal data."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from secrets import token_hex
from typing import Any, Literal

import orjson
import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_propagator = TraceContextTextMapPropagator()
_NOTHING = nullcontext()
_recording = False
_unrecorded: ContextVar[Mapping[str, str]] = ContextVar("trace")
"""The headers of the current trace while none is recorded: spans that nobody sees would cost a request 25 us."""
_tracer = trace.get_tracer("alliance")
_kinds = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
Kind = Literal["server", "client", "producer", "consumer", "internal"]


def configure_traces(
    service: str, endpoint: str | None = None, exporter: SpanExporter | None = None
) -> TracerProvider | None:
    """Record spans and send them to `endpoint` (OTLP over HTTP) or `exporter`; without either nothing is recorded."""
    global _recording, _tracer
    if endpoint is None and exporter is None:
        return None
    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=endpoint)
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("alliance")
    _recording = True
    return provider


def span(name: str, *, kind: Kind = "internal", **attributes: str | int | float) -> AbstractContextManager[object]:
    """A span of the current trace; costs next to nothing while no exporter is configured."""
    if not _recording:
        return _NOTHING
    return _tracer.start_as_current_span(name, kind=_kinds[kind], attributes=attributes)


@contextmanager
def continued(carrier: Mapping[str, str], name: str, *, kind: Kind, **attributes: str | int) -> Iterator[None]:
    """Go on with the trace named in these headers, or begin one: also without an exporter logs and events carry it."""
    if _recording:
        parent = _propagator.extract(carrier)
        with _tracer.start_as_current_span(name, context=parent, kind=_kinds[kind], attributes=attributes):
            yield
        return
    token = _unrecorded.set(_followed(carrier) or {"traceparent": f"00-{token_hex(16)}-{token_hex(8)}-00"})
    try:
        yield
    finally:
        _unrecorded.reset(token)


@contextmanager
def passed_on(carrier: Mapping[str, str], name: str, *, kind: Kind) -> Iterator[Mapping[str, str]]:
    """The headers under which what came with these goes on; while spans are recorded, from a span of its own."""
    if not _recording:
        yield carrier
        return
    with continued(carrier, name, kind=kind):
        yield outgoing_context()


def _followed(carrier: Mapping[str, str]) -> dict[str, str]:
    """What is valid of these headers; most requests bring none."""
    found: dict[str, str] = {}
    if carrier:
        _propagator.inject(found, _propagator.extract(carrier))
    return found


def outgoing_context() -> dict[str, str]:
    """The current trace as W3C headers (`traceparent`), to be stored with an event or sent with a request."""
    if not _recording:
        return dict(_unrecorded.get({}))
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier


def current_trace_id() -> str | None:
    """The 32 hex digits of the current trace, if there is one."""
    return outgoing_context().get("traceparent", "")[3:35] or None


def _add_trace(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    if trace_id := current_trace_id():
        entry["trace_id"] = trace_id
    return entry


class _Lines:
    """Writes our own lines without the way through `logging`, which costs as much again as making the line."""

    def msg(self, line: str) -> None:
        """One write for a line; a line that cannot be written is lost, never the work it tells of."""
        with suppress(OSError, ValueError):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    debug = info = warning = error = critical = exception = msg


def _as_json(entry: dict[str, Any], default: Callable[[Any], Any]) -> str:
    """The slower way for what the faster one refuses: a number or a name that is not as JSON wants it."""
    try:
        return orjson.dumps(entry, default=default).decode()
    except TypeError:
        return json.dumps(entry, default=default, ensure_ascii=False)


def configure_logs(service: str, *, level: str = "info", shape: str = "json") -> None:
    """One JSON object a line on standard output; Chinese stays readable; chatty libraries are kept quiet."""
    renderer: Any = (
        structlog.processors.JSONRenderer(_as_json)
        if shape == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=lambda *_: _Lines(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.contextvars.bind_contextvars(service=service)
    for chatty in ("aiokafka", "httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(chatty).setLevel("CRITICAL" if chatty == "aiokafka" else "WARNING")
