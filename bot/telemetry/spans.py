"""Traces with OpenTelemetry. The extra ``otel`` installs its SDK and exporter.

Without the extra, or without an address to send to, every span is OpenTelemetry's own
invalid one. All spans of a call are one trace, across restarts and processes: the trace id is
made from the call's id. Names and attributes are our own words, call ids, and statuses.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
)

from bot.telemetry import call_context

log = logging.getLogger(__name__)

EXPORT_WITHIN = 5.0
"""Seconds for one export. A collector that hangs blocks only the exporter's own thread."""

FLUSH_WITHIN = 1.0
"""Seconds at a stop for spans that are not exported yet; the whole stop has ten."""

_tracer: Tracer | None = None
_shut_down: Callable[[], None] | None = None


@contextmanager
def span(name: str, *, alone: bool = False, **attributes: str) -> Iterator[Span]:
    """Trace the block. *alone*: in the call's own trace, with a link to the span around.

    An error is recorded by its type only: its text might hold a number or a token.
    """
    if _tracer is None:  # nothing is traced, and OpenTelemetry's no-op has a price
        yield INVALID_SPAN
        return
    around = get_current_span().get_span_context()
    with _tracer.start_as_current_span(
        name,
        context=Context() if alone else None,
        links=[Link(around)] if alone and around.is_valid else [],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            if call_context.call_id():
                made.set_attribute("ringout.call", call_context.call_id())


@contextmanager
def of_call(call: str, name: str, **attributes: str) -> Iterator[Span]:
    """Trace the block as *name* in the trace of *call*; its log lines name the call."""
    with call_context.call(call), span(name, alone=True, **attributes) as made:
        yield made


def set_up(endpoint: str) -> None:
    """Send spans to the OTLP/HTTP collector at *endpoint*; if empty, do not trace."""
    global _shut_down, _tracer
    if not endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError:
        log.warning("traces are off: the extra ringout-bot[otel] is not installed")
        return

    class PerCall(RandomIdGenerator):
        """Gives all spans of a call the same trace."""

        def generate_trace_id(self) -> int:
            """Return the trace id of the present call, or a random one."""
            call = call_context.call_id()
            return trace_id(call) if call else super().generate_trace_id()

    # OpenTelemetry documents that this variable wins over what a program sets.
    name = os.environ.get("OTEL_SERVICE_NAME", "ringout-bot")
    address = f"{endpoint.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(endpoint=address, timeout=EXPORT_WITHIN)
    provider = TracerProvider(
        id_generator=PerCall(),
        resource=Resource.create({SERVICE_NAME: name}),
        shutdown_on_exit=False,  # it would wait 30 s for a collector that is gone
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer, _shut_down = provider.get_tracer("ringout-bot"), provider.shutdown


def trace_id(call: str) -> int:
    """Return the trace id of *call*, the same in every process."""
    return int.from_bytes(hashlib.sha256(call.encode()).digest()[:16], "big")


def shut() -> None:
    """Send what is left, within `FLUSH_WITHIN`, and stop tracing."""
    global _shut_down, _tracer
    shut_down, _shut_down, _tracer = _shut_down, None, None
    if shut_down is not None:
        last = threading.Thread(target=shut_down, name="spans", daemon=True)
        last.start()
        last.join(FLUSH_WITHIN)
