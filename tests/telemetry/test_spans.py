"""Traces: the spans of one call at a real OTLP/HTTP receiver, or none at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from bot.telemetry import call_context, spans
from process import Process, states
from town import CALLEE, CALLER, Town

pytestmark = pytest.mark.unmeasured

SDK_WAITS = 30.0
"""Seconds that OpenTelemetry itself would wait at the end for a collector; ours are five."""

ATTRIBUTES = {
    "ringout.call",
    "state",
    "http.request.method",
    "url.template",
    "http.response.status_code",
    "ringcentral.group",
}
"""The attributes that our spans may have."""


@dataclass
class Receiver:
    """An OTLP/HTTP collector that keeps what it gets; *slow* ones never answer."""

    url: str = ""
    slow: bool = False
    spans: list[trace_pb2.Span] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        """Keep an export."""
        if self.slow:
            await asyncio.sleep(60)
        export = trace_service_pb2.ExportTraceServiceRequest()
        export.ParseFromString(await request.read())
        for resource in export.resource_spans:
            for pair in resource.resource.attributes:
                if pair.key == "service.name":
                    self.services.add(pair.value.string_value)
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        answer = trace_service_pb2.ExportTraceServiceResponse()
        return web.Response(
            body=answer.SerializeToString(), content_type="application/x-protobuf"
        )

    def named(self, name: str) -> list[trace_pb2.Span]:
        """Return the spans of that name."""
        return [each for each in self.spans if each.name == name]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Listen on loopback."""
    built = Receiver()
    application = web.Application()
    application.router.add_post("/v1/traces", built.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    built.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield built
    await runner.cleanup()


def said(span: trace_pb2.Span) -> dict[str, str]:
    """Return a span's attributes."""
    return {pair.key: pair.value.string_value for pair in span.attributes}


async def one_call(town: Town, **changes: str) -> tuple[Process, str]:
    """Run a bot for one call from command to reply; return it and the call's id."""
    process = Process(town.folder, town.environment(**changes))
    await process.ready()
    try:
        await town.types()
        await town.finished()
        await town.reply()
        assert await process.terminated() == 0
    finally:
        process.kill()
    (call,) = states(town.database_url)
    return process, call


async def test_one_call_is_one_trace_that_tells_no_secret(
    closed_town: Town, receiver: Receiver
) -> None:
    """From the command to the reply, with every request, under one id.

    Traces are kept elsewhere, by other people.
    """
    _, call = await one_call(closed_town, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)
    trace = spans.trace_id(call).to_bytes(16, "big")
    (command,) = receiver.named("command /ringout")
    steps = [each for each in receiver.spans if each.name.startswith("step ")]
    first = min(steps, key=lambda each: each.start_time_unix_nano)
    requests = [each for each in receiver.spans if each.name.startswith("RingCentral")]

    assert receiver.services == {"ringout-bot"}
    assert said(command)["ringout.call"] == call
    assert {said(each)["ringout.call"] for each in steps} == {call}
    assert {each.trace_id for each in steps} == {trace}
    states_seen = {said(each)["state"] for each in steps}
    assert {"requested", "following", "reporting"} <= states_seen
    assert "step recording" in {each.name for each in steps}
    assert [link.span_id for link in first.links] == [command.span_id]
    assert len(requests) == len(closed_town.ringcentral.requests)
    posted = [each for each in requests if said(each)["http.request.method"] == "POST"]
    rang = next(each for each in posted if "ring-out" in said(each)["url.template"])
    assert rang.parent_span_id == first.span_id
    assert said(rang)["http.response.status_code"] == "200"
    for each in receiver.named("Slack chat.postMessage"):
        assert each.trace_id == trace
        assert said(each)["http.response.status_code"] == "200"
    assert len(receiver.named("Slack chat.postMessage")) == 2
    tells_no_secret(closed_town, receiver.spans)


def tells_no_secret(town: Town, spans: list[trace_pb2.Span]) -> None:
    """Check that *spans* hold no number, no id and no token, and only known attributes."""
    text = " ".join(str(each) for each in spans)
    env = town.environment()
    ringout_ids = [each.id for each in town.ringcentral.calls]

    for word in (CALLEE[2:], CALLER[2:], "U0ANN", *ringout_ids):
        assert word not in text
    for name in env:
        if "TOKEN" in name or "SECRET" in name or "JWT" in name:
            assert env[name] not in text
    assert {key for each in spans for key in said(each)} == ATTRIBUTES
    templates = {said(each).get("url.template") for each in spans}
    own = "/restapi/v1.0/account/~/extension/~"
    assert f"{own}/ring-out/{{id}}" in templates


def block_the_sdk(town: Town, code: str) -> None:
    """Have a bot that starts in *town* run *code* in the SDK's place."""
    town.env["PYTHONPATH"] = str(town.folder)
    blocked = town.folder / "opentelemetry" / "sdk" / "__init__.py"
    blocked.parent.mkdir(parents=True)
    blocked.write_text(code)


async def test_without_the_extra_the_bot_runs(
    closed_town: Town, receiver: Receiver
) -> None:
    """The extra is optional; without it, requested traces get one warning."""
    block_the_sdk(closed_town, 'raise ImportError("blocked")\n')
    process, _ = await one_call(closed_town, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)

    assert receiver.spans == []
    assert process.log.count("traces are off") == 1


async def test_without_an_address_nothing_is_loaded(closed_town: Town) -> None:
    """The extra alone must not send anything anywhere."""
    block_the_sdk(closed_town, "raise SystemExit(3)\n")
    process, _ = await one_call(closed_town)

    assert "traces" not in process.log


async def test_a_collector_that_hangs_holds_up_nothing(
    closed_town: Town, receiver: Receiver
) -> None:
    """A slow collector must delay neither a call nor the stop."""
    receiver.slow = True
    process = Process(
        closed_town.folder,
        closed_town.environment(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url),
    )
    await process.ready()
    try:
        await closed_town.types()
        await closed_town.finished()
        begun = time.monotonic()
        assert await process.terminated() == 0
        assert time.monotonic() - begun < SDK_WAITS
    finally:
        process.kill()


def test_an_error_is_named_by_its_type_alone() -> None:
    """An exception's text may hold a number or a token."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
        InMemorySpanExporter,
    )

    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spans, "_tracer", provider.get_tracer("test"))
        with pytest.raises(ValueError, match="0142"), spans.of_call("c1", "step"):
            raise ValueError(CALLEE)
    (span,) = kept.get_finished_spans()

    assert span.status.description == "ValueError"
    assert span.events == ()
    assert CALLEE not in span.to_json()
    assert call_context.call_id() == ""
