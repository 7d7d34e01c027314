"""The one row of buttons on a card, and the menu ``More`` at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.calls.call import Call, End, State
from bot.calls.hanging_up import can_be_hung_up
from bot.calls.live_status import is_answered_by_caller
from bot.calls.live_view import as_seen
from bot.slack.texts.endings import CHECK_FIRST
from bot.slack.texts.parties import SideNames
from bot.slack.texts.text import Block, Confirmation, button, overflow

CANCEL_BUTTON = "cancel_call"
HANG_UP_BUTTON = "hang_up"
CALL_AGAIN_BUTTON = "call_again"
MORE_MENU = "more"

STOP = Confirmation(
    "Stop this call?",
    "Their phone may be ringing already.",
    "Stop call",
    "Keep ringing",
)
END_IT = Confirmation(
    "Hang up?", "It ends the call for both sides.", "Hang up", "Keep the call"
)
AFTER_LOSS = Confirmation("Call again?", CHECK_FIRST, "Call again")


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A row of ``More``.

    Attributes:
        key: Names its handler in `bot.slack.entrances.buttons.MORE`.
        label: What people read.
        offered: Whether a card offers it, by how the card names its call.
    """

    key: str
    label: str
    offered: Callable[[SideNames], bool]

    def value(self, call: Call) -> str:
        """Return what Slack sends when the row of *call*'s card is chosen."""
        return f"{self.key} {call.id}"


SHOW_NUMBER = MenuRow("number", "Show number", lambda parties: not parties.is_whole)
MENU = (SHOW_NUMBER,)
"""Every row of ``More``, in order; Slack takes five at most."""


def row(call: Call, parties: SideNames) -> list[Block]:
    """Return the buttons: ``Cancel`` or ``Hang up`` while it goes on, then ``Call again``.

    A card that hides the result always has both: which are there would tell.
    """
    if call.hides_result:
        return [_cancel(call), _again(call), *_more(call, parties)]
    stop = stop_button(call)
    if stop is not None:
        return [stop]
    if call.end is End.LOST:
        return [_again(call, AFTER_LOSS), *_more(call, parties)]
    seen = call.state is State.RECORDING and not call.is_lost
    if call.end is not None or call.terminal_at is not None or seen:
        return [_again(call), *_more(call, parties)]
    return []


def again(call: Call) -> Block:
    """Return ``Call again``, which asks first if the call may have been placed."""
    return _again(call, AFTER_LOSS if call.end is End.LOST else None)


def can_cancel(call: Call) -> bool:
    """Return whether the ``Cancel`` button can still stop the call."""
    if call.state in {State.REQUESTED, State.PLACING}:
        return True
    call = as_seen(call)
    return call.state is State.FOLLOWING and not (
        call.connected or call.cancelled_at or call.terminal_at
    )


def can_hang_up(call: Call) -> bool:
    """Return whether ``Hang up`` is offered: since the callee's phone rings."""
    return can_be_hung_up(call) and call.hung_up_at is None


def stop_button(call: Call) -> Block | None:
    """Return the button that stops an open call; None if none can."""
    if can_hang_up(call):
        return button(
            "Hang up", HANG_UP_BUTTON, call.id, style="danger", confirm=END_IT
        )
    if can_cancel(call) and call.hung_up_at is None:
        return _cancel(call, question_before_stop(call))
    return None


def rings_both(call: Call) -> bool:
    """Return whether somebody else's phone may ring, so that stopping needs a question."""
    status = as_seen(call).status
    return status is not None and is_answered_by_caller(status)


def question_before_stop(call: Call) -> Confirmation | None:
    """Return what every button that stops *call* asks first; None if nothing is lost."""
    return STOP if rings_both(call) else None


def _cancel(call: Call, confirm: Confirmation | None = None) -> Block:
    return button(
        "Cancel", CANCEL_BUTTON, call.id, style="danger", confirm=confirm or ""
    )


def _again(call: Call, confirm: Confirmation | None = None) -> Block:
    return button("Call again", CALL_AGAIN_BUTTON, call.id, confirm=confirm or "")


def _more(call: Call, parties: SideNames) -> list[Block]:
    options = {each.value(call): each.label for each in MENU if each.offered(parties)}
    return [overflow(MORE_MENU, options)] if options else []
