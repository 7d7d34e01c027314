"""Traces, for whoever wants them: OpenTelemetry, behind the extra ``otel``.

Without it, or without an address to send to, every span is nothing. A call's spans
are one trace, across restarts and processes: its trace id is made from the call's id.
Names and attributes are our own words, ids of calls, and statuses.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from bot.telemetry import call_context

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

log = logging.getLogger(__name__)

EXPORT_WITHIN = 5.0
"""Seconds for one export; a collector that hangs holds up nothing but its own thread."""

FAREWELL = 1.0
"""Seconds at a stop for what was not exported yet; all of a stop has ten."""

_provider: TracerProvider | None = None
_tracer: Tracer | None = None


class Span(Protocol):
    """What can be said of a piece of work once it is under way."""

    def set_attribute(self, key: str, value: str | int, /) -> None: ...


class _Nothing:
    """The span of somebody who does not trace."""

    def set_attribute(self, key: str, value: str | int, /) -> None:
        """Say nothing."""


NOTHING = _Nothing()


@contextmanager
def span(name: str, *, alone: bool = False, **attributes: str) -> Iterator[Span]:
    """Trace what is done within; *alone*: in the call's own trace, with a link here.

    An error is named by its type alone: its text might hold what it met.
    """
    if _tracer is None:
        yield NOTHING
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, Status, StatusCode, get_current_span

    here = get_current_span().get_span_context()
    links = [Link(here)] if alone and here.is_valid else []
    with _tracer.start_as_current_span(
        name,
        context=Context() if alone else None,
        links=links,
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
    """Within, everything is about *call*, and traced as *name* in its trace."""
    with call_context.call(call), span(name, alone=True, **attributes) as made:
        yield made


def set_up(endpoint: str) -> None:
    """Send spans to the OTLP/HTTP collector at *endpoint*; empty: do not trace."""
    global _provider, _tracer  # noqa: PLW0603 - one process, one collector
    if not endpoint:
        return
    try:
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError:
        log.warning("traces are off: the extra ringout-bot[otel] is not installed")
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class PerCall(RandomIdGenerator):
        """Gives all of a call's spans one trace."""

        def generate_trace_id(self) -> int:
            """Return the call's trace id, or one that nobody has."""
            call = call_context.call_id()
            return trace_id(call) if call else super().generate_trace_id()

    # OpenTelemetry's own variable for the name wins, as its documents promise.
    name = os.environ.get("OTEL_SERVICE_NAME", "ringout-bot")
    address = f"{endpoint.rstrip('/')}/v1/traces"
    exporter = OTLPSpanExporter(endpoint=address, timeout=EXPORT_WITHIN)
    _provider = TracerProvider(
        id_generator=PerCall(),
        resource=Resource.create({SERVICE_NAME: name}),
        shutdown_on_exit=False,  # it would wait 30 s for a collector that is gone
    )
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("ringout-bot")


def trace_id(call: str) -> int:
    """Return the id of *call*'s trace, the same in every process."""
    return int.from_bytes(hashlib.sha256(call.encode()).digest()[:16], "big")


def shut() -> None:
    """Send what is left, for `FAREWELL` at most, and trace no more."""
    global _provider, _tracer
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        last = threading.Thread(target=provider.shutdown, name="spans", daemon=True)
        last.start()
        last.join(FAREWELL)
