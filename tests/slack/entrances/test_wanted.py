"""What is said about a call when the bot fails: only what is true of what was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from bot.errors import MayBeStored, NotConnected, StoreUnavailable
from bot.slack.entrances.adapter import Adapter
from bot.slack.entrances.buttons import ACTIONS
from bot.slack.entrances.forms import FORMS
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.wanted import wanted_by, wanted_in
from bot.slack.texts import faults
from bot.slack.texts.faults import Wanted
from bot.user_errors import Restarting

CALLING_FORMS = ("dialer_", "message_numbers_")
PLACING = [
    ("/ringout", "415 555 0142"),
    ("/ringout", "again"),
    *((each, "x") for each in ACTIONS if each.startswith("call_") and "no" not in each),
    ("list_call_now", "x"),
    ("test_call", "x"),
    *((each, "") for each in FORMS if each.startswith(CALLING_FORMS)),
]
STOPPING = [
    *(("/ringout", each) for each in ("cancel", "hang up")),
    *((each, "c1") for each in ("cancel_call", "hang_up")),
]
OTHER = [
    ("/callstatus", ""),
    ("/callstatus", "415 555 0142"),
    *(("/ringout", each) for each in ("help", "settings", "disconnect", "connect")),
    ("/ringout", "last 10"),
    ("/ringout", "<@U024BE7LH>"),
    ("/ringout", "415 555 0142 from"),
    *((each, "x") for each in ("more", "list_call", "call_nobody", "open_settings")),
    *((each, "") for each in FORMS if not each.startswith(CALLING_FORMS)),
    ("open_dialer", "x"),
    ("dialer_number", ""),
]
ERRORS = [
    StoreUnavailable(),
    TimeoutError(),
    ZeroDivisionError(),
    NotConnected(),
    NotConnected(again=True),
    Restarting(),
]


async def told(name: str, text: str, error: Exception) -> str:
    """Return what a person is told when what they asked for fails."""
    adapter = Adapter(None, None, None)  # type: ignore[arg-type]

    def failing() -> Awaitable[Handled]:
        raise error

    refuse: Callable[[Any], Handled] = Handled.say
    wanted = partial(wanted_by, name, text)
    done = await adapter.before_ack("it", name, failing, refuse, wanted)
    return str(done.ack["text"])


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize(("name", "text"), [*STOPPING, *OTHER])
async def test_who_did_not_want_to_call_is_told_of_no_call(
    name: str, text: str, error: Exception
) -> None:
    """After Cancel a call is going on."""
    said = await told(name, text, error)

    assert "no call was placed" not in said.lower()
    assert "save" not in said


@pytest.mark.parametrize(("name", "text"), PLACING)
async def test_no_call_is_claimed_only_where_it_is_certain(
    name: str, text: str
) -> None:
    """A call may have been stored before a fault, or while nobody waited any more."""
    stored = await told(name, text, StoreUnavailable())
    late = await told(name, text, TimeoutError())
    unknown = await told(name, text, MayBeStored())
    fault = await told(name, text, ZeroDivisionError())

    assert "so no call was placed" in stored
    for said in (late, unknown, fault):
        assert "no call" not in said
        assert "before you call again" in said


@pytest.mark.parametrize(("name", "text"), STOPPING)
@pytest.mark.parametrize("error", ERRORS[:3], ids=repr)
async def test_who_wanted_to_stop_a_call_learns_how_to(
    name: str, text: str, error: Exception
) -> None:
    """Their phone always can."""
    assert "hang up your phone" in await told(name, text, error)


def test_a_payload_is_read_for_what_it_wants() -> None:
    """Before the bot knows whether the workspace has installed it."""
    pressed = {"actions": [{"action_id": "cancel_call", "value": "c1"}]}

    assert wanted_in(pressed) is Wanted.STOP
    assert wanted_in({"command": "/ringout", "text": "4155550142"}) is Wanted.CALL
    assert wanted_in({"command": "/callstatus"}) is Wanted.OTHER
    assert wanted_in({"type": "view_submission"}) is Wanted.OTHER
    assert "no call" not in faults.not_installed(Wanted.STOP, "").text
    assert "no call was placed" in faults.not_installed(Wanted.CALL, "").text
