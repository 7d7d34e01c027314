"""What a log line may hold: never a number, a token or a body."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot.calls.numbers.phone import PhoneNumber
from bot.telemetry import call_context, logs
from process import Process, states
from town import CALLEE, Town

CALL = "41551234567a"
"""A call id that looks like a phone number."""


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Give the root logger its own handlers back."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def line(
    message: str,
    *args: object,
    name: str = "bot.x",
    level: int = 30,
    by: logging.Formatter | None = None,
) -> str:
    """Return *message* as the log would print it; empty if it would not."""
    record = logging.LogRecord(name, level, __file__, 1, message, args, None)
    if not logs.NoBodies().filter(record):
        return ""
    return (by or logs.Redacted(logs.FORMAT)).format(record)


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
    """Redaction is the last defense if a careless log line contains a number."""
    shown = line("met %s here", secret)
    written = json.loads(line("met %s here", secret, by=logs.JsonFormatter()))

    assert secret not in shown
    assert "met •••" in shown
    assert "met •••" in written["message"]
    assert secret not in str(written)


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
    record.exc_text = None  # the first formatter keeps it for the next
    written = json.loads(logs.JsonFormatter().format(record))

    assert "ValueError" in shown
    assert "ValueError" in written["error"]
    assert "4155550142" not in shown + str(written)


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


def test_a_line_of_json_has_no_control_in_it() -> None:
    """Terminals act on control characters (DEL, C1), so a log must not hold any."""
    forged = "".join(map(chr, logs.CONTROLS))
    with pytest.raises(ValueError, match="lost") as met:
        raise ValueError(f"lost{forged}")
    error = (met.type, met.value, met.tb)
    record = logging.LogRecord(f"bot{forged}", 40, __file__, 1, forged, (), error)

    with call_context.call(forged):
        shown = logs.JsonFormatter().format(record)

    assert shown.isascii()
    assert shown.isprintable()
    assert json.loads(shown)["message"] == forged


def test_bolt_may_warn_but_not_print_bodies() -> None:
    """Bolt prints whole payloads at INFO, and after the first line of a warning."""
    body = 'Unhandled request\n{"text": "+14155550142", "name": "Ann"}'

    assert line("text=+14155550142", name="slack_bolt.App", level=20) == ""
    shown = line(body, name="slack_bolt.AsyncApp")
    assert "Unhandled request" in shown
    assert "Ann" not in shown


def test_a_phone_number_prints_itself_masked() -> None:
    """A number masks itself, so no log line depends on anybody's care."""
    number = PhoneNumber("+14155550142")

    assert "4155550142" not in f"{number} {number!r} {[number]}"


def test_a_line_of_json_says_when_how_bad_where_and_what() -> None:
    """The fields that a log collector can be asked for, and no others."""
    written = json.loads(line("two\nlines", by=logs.JsonFormatter()))

    assert set(written) == {"time", "level", "logger", "message"}
    assert (written["level"], written["logger"]) == ("WARNING", "bot.x")
    assert written["message"] == "two\nlines"
    assert written["time"].endswith("+00:00")


def test_what_belongs_to_a_call_says_so() -> None:
    """A search for a call's id must find every log line about it."""
    with call_context.call(CALL):
        written = json.loads(line("RingCentral is slow", by=logs.JsonFormatter()))
        shown = line("RingCentral is slow")

    assert written["call"] == CALL
    assert shown.endswith(f"RingCentral is slow (call {CALL})")
    assert call_context.call_id() == ""


def test_the_id_of_the_call_at_hand_stays_whole() -> None:
    """One id in ten has seven digits in a row; cut, it finds nothing."""
    with call_context.call(CALL):
        shown = line("call %s: rang +14155550142", CALL)

    assert f"call {CALL}: rang •••" in shown
    assert shown.count(CALL) == 1


@pytest.mark.parametrize(
    ("form", "terminal", "json_lines"),
    [
        ("auto", True, False),
        ("auto", False, True),
        ("text", False, False),
        ("json", True, True),
    ],
)
def test_people_get_text_and_collectors_json(
    form: str,
    terminal: bool,  # noqa: FBT001 - a row of the table
    json_lines: bool,  # noqa: FBT001 - a row of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The format depends on whether stderr is a terminal, unless it is set."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)

    logs.set_up(form)
    logging.getLogger("bot").info("here")

    assert stream.getvalue().startswith("{") is json_lines
    assert "here" in stream.getvalue()


async def test_a_process_writes_json_with_each_calls_id(closed_town: Town) -> None:
    """Every line of one call's work has its id as a field, and no line a number."""
    closed_town.ringcentral.play("lost-answer")
    process = Process(closed_town.folder, closed_town.environment())
    await process.ready()
    try:
        await closed_town.types()
        await closed_town.finished()
        (call,) = states(closed_town.database_url)
        assert await process.terminated() == 0
    finally:
        process.kill()
    lines = [json.loads(each) for each in process.log.splitlines()]
    mine = [each for each in lines if each.get("call") == call]
    told = {each["message"].partition(": ")[2].split(":")[0] for each in mine}

    assert {"asked by U0ANN", "may have been placed"} <= told
    assert all("call" in each for each in lines if each["message"].startswith("call "))
    assert CALLEE[2:] not in process.log
