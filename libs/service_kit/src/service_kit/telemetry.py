"""Logs, traces and their thread through the system: W3C trace context from door to door."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

BUS_LOGGER = "service_kit.faststream"
"""FastStream's lines: two a message, outside our span and without ids; only its troubles are let through."""
NOISY = ("aiokafka", "pymongo", "httpx", "httpcore", BUS_LOGGER)

_PROPAGATOR = TraceContextTextMapPropagator()
_FRAMES = ExceptionDictTransformer(show_locals=False)


def _without_values(exc_info: structlog.typing.ExcInfo) -> list[dict[str, Any]]:
    """Render an exception as its types and places.

    Variables and messages are left out: they hold what callers said (a validation error quotes its
    input), and a log must not.
    """
    return [{**one, "exc_value": ""} for one in _FRAMES(exc_info)]


_TRACEBACKS = ExceptionRenderer(_without_values)


class SpanFile(SpanExporter):
    """Writes finished spans as JSON lines, for a machine without a trace collector."""

    def __init__(self, path: Path) -> None:
        """Open the file for appending."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("a", encoding="utf-8")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append the spans."""
        self._file.writelines(json.dumps(_span_line(span)) + "\n" for span in spans)
        self._file.flush()
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._file.close()


def _span_line(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    return {
        "trace_id": format(context.trace_id, "032x") if context else "",
        "span_id": format(context.span_id, "016x") if context else "",
        "parent_id": format(span.parent.span_id, "016x") if span.parent else None,
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "attributes": dict(span.attributes or {}),
        "linked_trace_ids": [format(link.context.trace_id, "032x") for link in span.links],
    }


def set_up(service: str, *, version: str, level: str = "INFO", trace_file: Path | None = None) -> None:
    """Send logs to standard output as JSON lines and spans to a file, if one is named."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.version": version}),
    )
    if trace_file is not None:
        provider.add_span_processor(BatchSpanProcessor(SpanFile(trace_file), schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    logging.basicConfig(level=level, stream=sys.stdout, format="%(message)s", force=True)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _TRACEBACKS,
            _with_service(service),
            structlog.processors.JSONRenderer(),
        ],
    )
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # first: a line that nobody wants costs next to nothing
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _with_service(service: str) -> structlog.typing.Processor:
    def add(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"service": service, **line}

    return add


def _with_trace(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = format(context.trace_id, "032x")
    return line


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a structured logger; events are `noun.verb`, values are ids, never personal data."""
    return structlog.stdlib.get_logger(name)


def traceparent() -> str:
    """Return the W3C trace context of the running span, or an empty text."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def trace_id_of(parent: str) -> str:
    """Return the trace id of a W3C trace context, or an empty text."""
    parts = parent.split("-")
    return parts[1] if len(parts) == 4 else ""  # noqa: PLR2004 - version-trace-span-flags


@cache
def _tracer() -> trace.Tracer:
    """Return the one tracer; made before `set_up` it finds its provider later by itself."""
    return trace.get_tracer("siaga112")


@contextmanager
def span(
    name: str,
    *,
    parent: str = "",
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
    linked: str = "",
) -> Iterator[Span]:
    """Run a block as one span, under a W3C trace context where one is given, and linked to another one.

    Of an error the span keeps the kind alone: its text may quote what callers said.
    """
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
    other = trace.get_current_span(_PROPAGATOR.extract({"traceparent": linked})).get_span_context()
    with _tracer().start_as_current_span(
        name,
        context=context,
        kind=kind,
        attributes=attributes or {},
        links=[Link(other)] if linked and other.is_valid else (),
        record_exception=False,
        set_status_on_exception=False,
    ) as running:
        try:
            yield running
        except Exception as error:
            running.set_attribute("error.type", type(error).__name__)
            running.set_status(StatusCode.ERROR)
            raise
