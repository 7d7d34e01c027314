"""The figures behind ``/metrics``, and the methods that count and time them.

Each running bot has its own registry, so that one process can run several. The values of
labels are fixed words of ours or of the vendors' documents: never a number, name or id.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.calls.call import Call, End, State

ACKS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)
"""Seconds; Slack gives up at three."""

LAGS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
COMMITS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
REQUESTS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)

NO_ANSWER = "none"
"""The status of a request without an answer."""

SERVER_ERRORS_FROM = 500
NOT_DONE = tuple(state for state in State if state is not State.DONE)


class Reach:
    """When requests to Slack or RingCentral last got an answer, and last failed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answered: float | None = None
        self._failed: float | None = None

    def heard(self, status: str) -> None:
        """Store the time of an answer or, if *status* is 5xx or `NO_ANSWER`, a failure."""
        if status == NO_ANSWER or (
            status.isdigit() and int(status) >= SERVER_ERRORS_FROM
        ):
            self._failed = self._clock()
        else:
            self._answered, self._failed = self._clock(), None

    @property
    def answered_ago(self) -> float | None:
        """Seconds since the last answer; None if there was none yet."""
        return None if self._answered is None else self._clock() - self._answered

    @property
    def failed_ago(self) -> float | None:
        """Seconds since the last failure; None if an answer came after it."""
        return None if self._failed is None else self._clock() - self._failed


class Measures:
    """The figures of one running bot. Thread-safe, as prometheus_client is."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.slack, self.ringcentral = Reach(), Reach()
        self._calls = Counter(
            "ringout_calls",
            "Calls that ended, by how.",
            ["outcome", "why"],
            registry=registry,
        )
        self._open = Gauge(
            "ringout_open_calls",
            "Calls in the database that owe something, by state.",
            ["state"],
            registry=registry,
        )
        self._acks = _seconds(
            registry, "ringout_ack", "From Slack's request to our answer.", ACKS, "kind"
        )
        self._ringcentral = _seconds(
            registry,
            "ringout_ringcentral_request",
            "Requests to RingCentral.",
            REQUESTS,
            "group",
            "status",
        )
        self._slack = _seconds(
            registry,
            "ringout_slack_request",
            "Requests to Slack.",
            REQUESTS,
            "method",
            "status",
        )
        self._left = Gauge(
            "ringout_ringcentral_budget_left",
            "Requests that a rate group still admits in its window.",
            ["group"],
            registry=registry,
        )
        self._limit = Gauge(
            "ringout_ringcentral_budget_limit",
            "Requests that a rate group admits in a whole window.",
            ["group"],
            registry=registry,
        )
        self._unreadable = Counter(
            "ringout_unreadable_calls",
            "Calls set aside, for this program can't read their rows.",
            registry=registry,
        )
        self._pushed = Counter(
            "ringout_pushed_events",
            "Deliveries of RingCentral's, by how they came and what became of them.",
            ["transport", "outcome"],
            registry=registry,
        )
        self._streams = Gauge(
            "ringout_event_streams",
            "Accounts whose calls' events RingCentral pushes.",
            registry=registry,
        )
        self._hook_tries = Counter(
            "ringout_hook_events",
            "Events for another system, by what became of a try.",
            ["outcome"],
            registry=registry,
        )
        self._hook_waits: dict[str, int] = {}
        self._hook_waiting = Gauge(
            "ringout_hook_waiting",
            "Events for another system that wait in the database.",
            registry=registry,
        )
        self._missed = Counter(
            "ringout_missed_calls",
            "Missed calls that were found in call logs.",
            registry=registry,
        )
        self._follow_lag = _seconds(
            registry, "ringout_follow_lag", "How late status requests begin.", LAGS
        )
        self._reply_lag = _seconds(
            registry, "ringout_reply_lag", "From a call's known end to its reply.", LAGS
        )
        self._transactions = _seconds(
            registry, "ringout_database_transaction", "Database transactions.", COMMITS
        )
        self._broken = Counter(
            "ringout_database_failures",
            "Database transactions that failed.",
            registry=registry,
        )
        _about_the_build(registry)

    def acked(self, kind: str, seconds: float) -> None:
        """Record that a request of this *kind* was acked *seconds* after it arrived."""
        self._acks.labels(kind).observe(seconds)

    def asked_ringcentral(self, group: str, status: str, seconds: float) -> None:
        """Record a request to RingCentral; *status* is HTTP's, or `NO_ANSWER`."""
        self.ringcentral.heard(status)
        self._ringcentral.labels(group, status).observe(seconds)

    def asked_slack(self, method: str, status: str, seconds: float) -> None:
        """Record a request to Slack; *status* is HTTP's, ``refused``, or `NO_ANSWER`."""
        self.slack.heard(status)
        self._slack.labels(method, status).observe(seconds)

    def moved(self, made: Iterable[tuple[Call, Call, timedelta | None]]) -> None:
        """Record stored changes: the call before, the call after, its reply's delay."""
        for old, new, told_from in made:
            if new.state is State.REPORTING and old.state is not State.REPORTING:
                self._calls.labels(outcome_of(new), new.why or "").inc()
            if told_from is not None:
                self._reply_lag.observe(max(told_from.total_seconds(), 0.0))

    def unreadable(self) -> None:
        """Count a call's row that can't be read; once for each row."""
        self._unreadable.inc()

    def pushed(self, transport: str, outcome: str) -> None:
        """Count a delivery: ``taken``, ``dropped``, ``strange`` or ``forged``."""
        self._pushed.labels(transport, outcome).inc()

    def streams(self, number: int) -> None:
        """Record of how many accounts events flow."""
        self._streams.set(number)

    def hook_tried(self, outcome: str, number: int = 1) -> None:
        """Count tries to tell of an event: ``delivered``, ``failed`` or ``dropped``."""
        self._hook_tries.labels(outcome).inc(number)

    def missed(self, number: int) -> None:
        """Count missed calls that were found."""
        self._missed.inc(number)

    def hook_waits(self, number: int, of: str = "calls") -> None:
        """Record how many events wait that are about one kind of things."""
        self._hook_waits[of] = number
        self._hook_waiting.set(sum(self._hook_waits.values()))

    def polls_began(self, late: Iterable[timedelta]) -> None:
        """Record how *late* each status request begins."""
        for each in late:
            self._follow_lag.observe(max(each.total_seconds(), 0.0))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Time a database transaction."""
        with self._transactions.time():
            yield

    def transaction_failed(self) -> None:
        """Count a database transaction that was rolled back or could not begin."""
        self._broken.inc()

    def counted(self, by_state: Mapping[str, int]) -> None:
        """Record how many calls are in each state."""
        for state in NOT_DONE:
            self._open.labels(state.value).set(by_state.get(state.value, 0))

    def budget(self, used: Mapping[str, tuple[int, int]]) -> None:
        """Record uses and limit of each rate group; a limit of 0 means unknown."""
        for group, (uses, limit) in used.items():
            if limit:
                self._left.labels(group).set(max(limit - uses, 0))
                self._limit.labels(group).set(limit)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self._registry)


def outcome_of(call: Call) -> str:
    """Return how *call* ended: by the call log if it was found there, else by its end."""
    if call.end is End.RECORDED and call.outcome is not None:
        return str(call.outcome.callee.ending)
    return str(call.end or "unknown")


def _seconds(
    registry: CollectorRegistry,
    name: str,
    text: str,
    buckets: tuple[float, ...],
    *labels: str,
) -> Histogram:
    return Histogram(
        f"{name}_seconds", text, labels, buckets=buckets, registry=registry
    )


@cache
def _ours() -> str:
    try:
        return version("ringout-bot")
    except PackageNotFoundError:  # run from a clone that was not installed
        return "unknown"


def _about_the_build(registry: CollectorRegistry) -> None:
    info = Gauge(
        "ringout_build_info", "Always 1.", ["version", "python"], registry=registry
    )
    info.labels(_ours(), platform.python_version()).set(1)
