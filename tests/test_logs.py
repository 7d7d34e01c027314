"""What a log line may hold: never a number, a token or a body."""

from __future__ import annotations

import logging
import sys

import pytest

from bot import logs
from bot.calls.phone import PhoneNumber


def line(message: str, *args: object, name: str = "bot.x", level: int = 30) -> str:
    """Return *message* as the log would print it; empty if it would not."""
    record = logging.LogRecord(name, level, __file__, 1, message, args, None)
    if not logs.NoBodies().filter(record):
        return ""
    return logs.Redacted(logs.FORMAT).format(record)


@pytest.mark.parametrize(
    "secret",
    [
        "+14155550142",
        "(415) 555-0142".replace("-", " "),
        "14155550142",
        "+1 415 555 0142",
        "xoxb-12-34-abc",
        "xapp-1-A1-2-b",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "bearer U0pDMTFQMDFQQVMwMHxB",
        "Basic Y2xpZW50OnNlY3JldA==",
    ],
)
def test_numbers_and_tokens_are_cut_out(secret: str) -> None:
    """The last net: even where a careless line lets one through."""
    shown = line("met %s here", secret)

    assert secret not in shown
    assert "met •••" in shown


def test_the_time_and_ids_stay_readable() -> None:
    """A log that redacts everything helps nobody."""
    shown = line("call 3f9c1d20a7b4 after 30 s")

    assert "call 3f9c1d20a7b4 after 30 s" in shown
    assert shown[:4].isdigit()


def test_a_traceback_is_cut_too() -> None:
    """An exception's text holds what it met."""
    try:
        int("+14155550142x")
    except ValueError:
        record = logging.LogRecord("bot", 40, __file__, 1, "x", (), sys.exc_info())

    shown = logs.Redacted(logs.FORMAT).format(record)

    assert "ValueError" in shown
    assert "4155550142" not in shown


def test_nothing_that_is_logged_begins_a_line_of_its_own() -> None:
    """RingCentral's codes are logged: whoever words them could forge the log."""
    forged = "x\nCRITICAL bot: all is lost\u2028\x1b[2J\x85"
    with pytest.raises(ValueError, match="lost") as met:
        raise ValueError(forged)
    error = (met.type, met.value, met.tb)
    record = logging.LogRecord("bot", 40, __file__, 1, forged, (), error)

    first, *traceback = logs.Redacted(logs.FORMAT).format(record).splitlines()

    assert first.endswith(r" bot: x\x0aCRITICAL bot: all is lost\u2028\x1b[2J\x85")
    assert "ValueError: x" in "".join(traceback)
    assert all(line.startswith("    ") for line in traceback)


def test_bolt_may_warn_but_not_print_bodies() -> None:
    """Bolt prints whole payloads at INFO, and after the first line of a warning."""
    body = 'Unhandled request\n{"text": "+14155550142", "name": "Ann"}'

    assert line("text=+14155550142", name="slack_bolt.App", level=20) == ""
    shown = line(body, name="slack_bolt.AsyncApp")
    assert "Unhandled request" in shown
    assert "Ann" not in shown


def test_a_phone_number_prints_itself_masked() -> None:
    """No care is needed where care cannot be forgotten."""
    number = PhoneNumber("+14155550142")

    assert "4155550142" not in f"{number} {number!r} {[number]}"
