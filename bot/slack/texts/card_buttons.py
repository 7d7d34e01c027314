"""The one row of buttons on a card, and the menu ``More`` at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.calls.after_call import takes_remarks
from bot.calls.aftermath import NO_DISPOSITIONS, Dispositions
from bot.calls.call import Call, End, State
from bot.calls.hanging_up import can_be_hung_up
from bot.calls.live_status import is_answered_by_caller
from bot.calls.live_view import as_seen
from bot.slack.texts.after import claim_buttons, outcome_menu
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
        offered: Whether a message about a call offers it, by how it names the sides.
    """

    key: str
    label: str
    offered: Callable[[Call, SideNames], bool]

    def value(self, call: Call) -> str:
        """Return what Slack sends when the row of *call*'s card is chosen."""
        return f"{self.key} {call.id}"


def _takes_remarks(call: Call, parties: SideNames) -> bool:
    is_readable = parties.is_private or not call.hides_result
    return is_readable and takes_remarks(call)


NOTE = MenuRow("note", "Note…", _takes_remarks)
REMIND_ME = MenuRow("remind", "Remind me…", _takes_remarks)
SHOW_NUMBER = MenuRow("number", "Show number", lambda _, parties: not parties.is_whole)
MENU = (NOTE, REMIND_ME, SHOW_NUMBER)
"""Every row of ``More``, in order; Slack takes five at most."""

AFTER_CALL = frozenset([NOTE.key, REMIND_ME.key])
"""Rows that are offered only if the operator has people say what came of calls."""


def row(call: Call, parties: SideNames, dispositions: Dispositions) -> list[Block]:
    """Return the buttons: ``Cancel`` or ``Hang up`` while it goes on, then ``Call again``.

    Then what people may say of it. A card that hides the result always has the same
    buttons: which are there would tell.
    """
    if call.hides_result:
        return [_cancel(call), _again(call), *_more(call, parties, NO_DISPOSITIONS)]
    stop = stop_button(call)
    if stop is not None:
        return [stop]
    seen = call.state is State.RECORDING and not call.is_lost
    if call.end is not None or call.terminal_at is not None or seen:
        return finished(call, parties, dispositions)
    return []


def finished(call: Call, parties: SideNames, dispositions: Dispositions) -> list[Block]:
    """Return the buttons of a call that is over, where its result may be read."""
    outcomes = outcome_menu(call, dispositions)
    claims = claim_buttons(call) if dispositions.words else []
    return [again(call), *outcomes, *claims, *_more(call, parties, dispositions)]


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
        return hang_up_button(call.id)
    if can_cancel(call) and call.hung_up_at is None:
        return _cancel(call, question_before_stop(call))
    return None


def hang_up_button(call_id: str) -> Block:
    """Return the button that ends a call for both sides, once that is confirmed."""
    return button("Hang up", HANG_UP_BUTTON, call_id, style="danger", confirm=END_IT)


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


def _more(call: Call, parties: SideNames, dispositions: Dispositions) -> list[Block]:
    options = {
        each.value(call): each.label
        for each in MENU
        if each.offered(call, parties)
        if dispositions.words or each.key not in AFTER_CALL
    }
    return [overflow(MORE_MENU, options)] if options else []
