"""What somebody wants by a command or a button: to call, to stop a call, or neither."""

from __future__ import annotations

from typing import Any

from bot.calls.lists.request import asks_help
from bot.calls.typed.dialing import read_command
from bot.errors import UserError
from bot.policy.desk_command import AdminVerb, read_admin_command
from bot.policy.wish import CallEntrance
from bot.slack.entrances.payload import first_of, text_of
from bot.slack.texts import (
    account,
    answers,
    asking,
    asking_admin,
    card_buttons,
    colleague,
    dialer,
    missed,
    reminder,
    workflow_step,
)
from bot.slack.texts.faults import Wanted
from bot.slack.texts.list_buttons import CALL_LISTED_BUTTON
from bot.slack.texts.message_numbers import MESSAGE_FORM

BY_KIND = {
    "dial": Wanted.CALL,
    "again": Wanted.CALL,
    "cancel": Wanted.STOP,
    "hang up": Wanted.STOP,
}
"""By the kind of a ``/ringout`` command; ``@name`` only asks a question."""

BY_BUTTON = {
    card_buttons.CANCEL_BUTTON: Wanted.STOP,
    card_buttons.HANG_UP_BUTTON: Wanted.STOP,
    card_buttons.CALL_AGAIN_BUTTON: Wanted.CALL,
    answers.CALL_ANYWAY_BUTTON: Wanted.CALL,
    colleague.CALL_BUTTON: Wanted.CALL,
    colleague.CALL_OTHER_BUTTON: Wanted.CALL,
    asking.CALL_DOUBTFUL_BUTTON: Wanted.CALL,
    asking_admin.CALL_GRANTED_BUTTON: Wanted.CALL,
    CALL_LISTED_BUTTON: Wanted.CALL,
    workflow_step.STEP_CALL_BUTTON: Wanted.CALL,
    reminder.CALL_REMINDED_BUTTON: Wanted.CALL,
    missed.CALL_MISSED_BUTTON: Wanted.CALL,
    account.TEST_CALL_BUTTON: Wanted.CALL,
    dialer.DIALER_FORM: Wanted.CALL,
    MESSAGE_FORM: Wanted.CALL,
    dialer.QUESTION_FORM: Wanted.CALL,
}
"""Buttons, and the forms that place calls."""

ENTRANCES = {
    card_buttons.CALL_AGAIN_BUTTON: CallEntrance.AGAIN,
    workflow_step.STEP_CALL_BUTTON: CallEntrance.STEP,
    reminder.CALL_REMINDED_BUTTON: CallEntrance.REMINDER,
    missed.CALL_MISSED_BUTTON: CallEntrance.CALL_BACK,
    account.TEST_CALL_BUTTON: CallEntrance.TEST_CALL,
    dialer.DIALER_FORM: CallEntrance.DIALER,
    dialer.QUESTION_FORM: CallEntrance.DIALER,
    MESSAGE_FORM: CallEntrance.MESSAGE,
}
"""What the audit calls them; all others are buttons."""

COMMANDS_FOR_ANYBODY = {
    "help",
    "log out",
    "call back",
    "cancel",
    "hang up",
    "disconnect",
}
"""Commands for guests too. They place no call and show no calls but one's own open ones, and
run without asking Slack about the person, so that a call can always be stopped."""

ADMIN_COMMANDS_FOR_ANYBODY = {AdminVerb.HELP, AdminVerb.PAUSE}
"""What of ``/ringout-admin`` does not wait for Slack, so that calls can always be paused."""

BUTTONS_FOR_ANYBODY = {
    card_buttons.CANCEL_BUTTON,
    card_buttons.HANG_UP_BUTTON,
    account.CONNECT_LINK_BUTTON,
    account.DISCONNECT_BUTTON,
    asking.NOT_NOW_BUTTON,
}
"""The buttons that are for guests too, for the same reason."""


def is_for_anybody(name: str, text: str) -> bool:
    """Return whether guests, too, may use a command with *text*, or a button."""
    if name == "/callstatus":
        return asks_help(text)
    if name == "/ringout-admin":
        return _is_urgent(text)
    if name != "/ringout":
        return name in BUTTONS_FOR_ANYBODY
    if any(each.isdigit() for each in text):  # a number: not worth reading it twice
        return False
    try:
        return read_command(text).kind in COMMANDS_FOR_ANYBODY
    except UserError:
        return False


def _is_urgent(text: str) -> bool:
    """Return whether an admin's command has to work also if Slack's API does not answer.

    Who is an admin is known without it.
    """
    try:
        return read_admin_command(text).verb in ADMIN_COMMANDS_FOR_ANYBODY
    except UserError:
        return False


def wanted_by(name: str, text: str) -> Wanted:
    """Return what is wanted by a command with *text*, or by a button: *name* says which."""
    if name != "/ringout":
        return BY_BUTTON.get(name, Wanted.OTHER)
    try:
        return BY_KIND.get(read_command(text).kind, Wanted.OTHER)
    except UserError:
        return Wanted.OTHER


def entrance_of(name: str, text: str) -> CallEntrance | None:
    """Return by which way somebody wants to call, if they want that at all."""
    if name == "/ringout":
        try:
            kind = read_command(text).kind
        except UserError:
            return None
        is_call = kind == "person" or BY_KIND.get(kind) is Wanted.CALL
        return CallEntrance.COMMAND if is_call else None
    if BY_BUTTON.get(name) is not Wanted.CALL:
        return None
    return ENTRANCES.get(name, CallEntrance.BUTTON)


def wanted_in(body: dict[str, Any]) -> Wanted:
    """Return the same for a payload of Slack's."""
    pressed = text_of(first_of(body, "actions"), "action_id")
    return wanted_by(text_of(body, "command") or pressed, text_of(body, "text"))
