"""What a stranger can repeat is logged once a second; what people do, always."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.slack.entrances import bad_payload, bolt, events, http
from bot.slack.posting import spaces
from bot.telemetry.throttle import MOST_KINDS, Throttle
from bot.workspaces import installing

OUTSIDE, SIGNED = "aiohttp.server", "bot.slack.entrances.http"


class Log:
    """A filter, its clock, and the lines that it let through."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self.throttle = Throttle(lambda: self.now)

    def write(
        self, text: str, *args: object, name: str = OUTSIDE, level: int = logging.ERROR
    ) -> None:
        """Write a record."""
        record = logging.LogRecord(name, level, "", 0, text, args, None)
        if self.throttle.filter(record):
            self.lines.append(record.getMessage())


@pytest.fixture
def log() -> Log:
    """Return a log."""
    return Log()


def test_what_is_repeated_is_written_once_a_second_and_counted(log: Log) -> None:
    """Half requests once wrote 204,158 lines in 100 s."""
    for step in range(5_000):
        log.now = step / 1_000
        log.write("Error handling request from %s", f"10.0.0.{step % 256}")

    assert log.lines == [
        "Error handling request from 10.0.0.0",
        *(
            f"Error handling request from 10.0.0.{step * 1_000 % 256} (and 999 like it)"
            for step in range(1, 5)
        ),
    ]


def test_values_in_asyncios_messages_make_no_new_kind(log: Log) -> None:
    """It fills them in itself, behind the first line."""
    for number in range(100):
        log.write(f"socket.accept() out of system resource\nsocket: <fd={number}>")

    assert len(log.lines) == 1


def test_other_loggers_levels_and_messages_are_kinds_of_their_own(log: Log) -> None:
    """A flood of one kind hides no other."""
    for _ in range(10):
        for name in (OUTSIDE, SIGNED, "asyncio", "bot.serving.oauth_browser"):
            for text in ("one", "two"):
                log.write(text, name=name)
                log.write(text, name=name, level=logging.WARNING)

    assert len(log.lines) == 16


@pytest.mark.parametrize(
    "name", ["bot.switchboard.calls", "bot.servings", "bot.accounts.connecting", "root"]
)
def test_what_no_stranger_can_cause_is_never_left_out(log: Log, name: str) -> None:
    """Two calls that fail in one second are two lines."""
    for _ in range(3):
        log.write("call %s: status refused: %s", 1, 2, name=name)
        log.write("installed", name="bot.workspaces.installing", level=logging.INFO)

    assert len(log.lines) == 6


@pytest.mark.parametrize(
    "module", [bad_payload, bolt, events, http, spaces, installing]
)
def test_what_any_workspaces_payload_can_cause_is_written_once_a_second(
    log: Log, module: Any
) -> None:
    """Slack signs it, but somebody whom the operator does not know has sent it."""
    for _ in range(3):
        log.write("refused: %s", "T9", name=module.log.name, level=logging.WARNING)

    assert len(log.lines) == 1


def test_memory_is_bounded(log: Log) -> None:
    """A message that somebody else chooses must not be kept for good."""
    for number in range(3 * MOST_KINDS):
        log.write(f"{number} " + "x" * 10_000)

    assert len(log.throttle._seen) == MOST_KINDS
    assert max(len(text) for _, _, text in log.throttle._seen) <= 80
