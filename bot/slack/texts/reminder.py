"""Reminders of calls: the form that sets one, the message, how Home lists them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.calls.call import Call
from bot.calls.reminding import Reminder, Soon
from bot.slack.texts import after, endings
from bot.slack.texts.forms import form_view, menu_option, plain, values_of
from bot.slack.texts.parties import SideNames, of
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    context,
    numbered,
    section,
    when,
)

REMINDER_FORM = "reminder_form"
SOON_FIELD, TIME_FIELD = "soon", "time"
CALL_REMINDED_BUTTON = "call_reminded"
CANCEL_REMINDER_BUTTON = "cancel_reminder"

WITHOUT_TIME = "Choose the time below."
TWO_TIMES = "You have chosen a time below, too. Take “At another time”, or remove it."
PAST = "That time has passed."
TOO_FAR = "I forget the call by then. Choose a time before {day}."


def reminder_form(zone: tzinfo | None) -> Block:
    """Return the form; *zone* is the person's, None if it is not known."""
    there = f" ({zone})" if zone else " (UTC: Slack does not tell me your time zone)"
    labels = {
        Soon.QUARTER: "In 15 minutes",
        Soon.HOUR: "In 1 hour",
        Soon.TOMORROW: f"Tomorrow at 9:00{there}",
        Soon.AT: "At another time",
    }
    options = [menu_option(label, each.value) for each, label in labels.items()]
    choice: Block = {
        "type": "input",
        "block_id": SOON_FIELD,
        "label": plain("Remind me"),
        "element": {
            "type": "radio_buttons",
            "action_id": SOON_FIELD,
            "options": options,
            "initial_option": options[0],
        },
    }
    time: Block = {
        "type": "input",
        "block_id": TIME_FIELD,
        "optional": True,
        "label": plain("Another time"),
        "element": {"type": "datetimepicker", "action_id": TIME_FIELD},
    }
    about = context("I'll send you a direct message. Nothing is called by itself.")
    return form_view(REMINDER_FORM, "Remind me", [choice, time, about], "Remind me")


def read_form(state: Any) -> tuple[Soon | None, datetime | None]:
    """Return what was chosen in the form, which may be forged."""
    values = values_of(state)
    soon = values.get(SOON_FIELD, "")
    try:
        at = datetime.fromtimestamp(int(values.get(TIME_FIELD, "")), UTC)
    except (ValueError, OverflowError, OSError):
        at = None
    return Soon(soon) if soon in set(Soon) else None, at


def will_remind(at: datetime) -> Message:
    """Say when the person is reminded."""
    return Message(
        f"I'll remind you {when(at)}. Your Home tab lists it, and can cancel it."
    )


def reminder(call: Call, due: Reminder, *, full: bool, is_late: bool) -> Message:
    """Return the message; only who placed the call reads its whole number."""
    parties = _parties(call, due, full=full)
    said = parties.fill("Reminder to call {other}")
    line = endings.line(call, parties)
    late = (
        f"This was due {when(due.due_at)}. I couldn't send it then." if is_late else ""
    )
    below = [line.spoken, after.line(call), late]
    blocks = (
        section("\n".join([f"⏰ *{said}*", *filter(None, below)])),
        *after.note_block(call),
        context(f"{when(call.asked_at)} · {numbered(call.id)}"),
        actions(
            button("Call", CALL_REMINDED_BUTTON, f"{due.id} {call.id}", style="primary")
        ),
    )
    text = " ".join(filter(None, (f"{said}.", late, after.spoken(call))))
    return Message(text, blocks)


def listed(found: Sequence[tuple[Reminder, Call]]) -> list[Block]:
    """Return a person's reminders for their Home, each with a button that cancels it."""
    blocks: list[Block] = []
    for due, call in found:
        other = _parties(call, due, full=False).other
        blocks += [
            section(f"*{other}* · {when(due.due_at)}"),
            actions(button("Cancel reminder", CANCEL_REMINDER_BUTTON, due.id)),
        ]
    return blocks


def _parties(call: Call, due: Reminder, *, full: bool) -> SideNames:
    is_own = call.place.person.is_also(due.place.person)
    return of(call, full=full, private=is_own)
