"""What the workflow step "Place a call" says: to its person, and to the workflow."""

from __future__ import annotations

from typing import Any

from bot.calls.call import Call, Place
from bot.calls.log.outcome import Side
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import NameSource, named
from bot.calls.people.person import Person, Shows
from bot.calls.workflow_step import StepEnd, WorkflowStep
from bot.errors import NotConnected, UserError
from bot.policy.prospect import Prospect
from bot.slack.texts import asking, refused_step, words
from bot.slack.texts.asking import Chosen
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import (
    Message,
    actions,
    button,
    context,
    escape,
    foreign,
    section,
    when,
)

STEP_CALL_BUTTON = "step_call"
STEP_DECLINE_BUTTON = "step_decline"

WHY_FAILED = {
    StepEnd.NOBODY: "Nobody confirmed the call within ten minutes, so it was not placed.",
    StepEnd.DECLINED: "The person who was asked does not want to call now.",
    StepEnd.NOT_PLACED: "The call was not placed.",
    StepEnd.UNREAD: "The call was placed, but how it ended is not known.",
}
STEP_NOT_CONNECTED = (
    "The person who is to call has no RingCentral account connected. They connect one with "
    "/ringout connect."
)
STEP_NOT_ASKED = "The call was not placed: Slack does not let RingOut write to the person who is to call."
STEP_WITHOUT_PERSON = (
    "The call was not placed: this run of the step does not say who is to call."
)
STEP_WITHOUT_CHANNEL = "The call was not placed: this run of the step does not say in which channel its card goes."
KEPT_PRIVATE = "kept private"
NOT_CONFIRMED = "not confirmed"


def refused(error: UserError | NotConnected, contact: Contact) -> str:
    """Tell who built the workflow why a call can't be placed; without any number."""
    if isinstance(error, NotConnected):
        return STEP_NOT_CONNECTED
    return f"The call was not placed. {refused_step.words(error, contact)}"


def lacking(place: Place) -> str:
    """Tell who built the workflow what a step's inputs lack; empty if they are whole."""
    if not place.user:
        return STEP_WITHOUT_PERSON
    return "" if place.channel else STEP_WITHOUT_CHANNEL


def question(
    found: Prospect, reason: str, asked: Person, step: WorkflowStep
) -> Message:
    """Ask a person whether to place the call of a workflow, with the whole number."""
    number = found.callee
    about = named(reason, NameSource.WRITTEN)
    subject = f" about {foreign(about.text)}" if about else ""
    why = asking.reasons(found, asked)
    text = f"A workflow asks you to call {escape(number.international)}{subject}.{why}"
    rules = found.decision.rules
    value = Chosen(number, found.phones, asked, about, key=step.id, answered=rules)
    row = actions(
        button("Call", STEP_CALL_BUTTON, value.dump(), style="primary"),
        button("Not now", STEP_DECLINE_BUTTON, step.id),
    )
    small = context(
        f"Your phone rings first. {_where(found, step.place)} You can press Call until "
        f"{when(step.ends_at)}."
    )
    return Message(text, (section(text), small, row))


def _where(found: Prospect, place: Place) -> str:
    if found.shows is Shows.DM or place.is_direct:
        return "Its card comes here."
    return (
        f"Its card goes to <#{place.channel}>; if one of us isn't in it, it comes here."
    )


def shown_here(to: PhoneNumber) -> Message:
    """Tell the person, in the channel that a workflow chose, which call it is for.

    It is told before the call is placed, which may still fail.
    """
    number = escape(to.international)
    return Message(f"A workflow chose this channel for your call to {number}.")


def outputs(call: Call, link: str) -> dict[str, Any]:
    """Return the step's outputs: no result that is kept private, no talk time of 0 s.

    Others read what a workflow goes on with, wherever the call's card is.
    """
    said = {"call_id": call.id, "card": link}
    if call.shows is not Shows.CHANNEL:
        return said | {"caller_result": KEPT_PRIVATE, "callee_result": KEPT_PRIVATE}
    if call.outcome is None:
        return said | {"caller_result": NOT_CONFIRMED, "callee_result": NOT_CONFIRMED}
    said |= {
        "caller_result": _word(call.outcome.caller),
        "callee_result": _word(call.outcome.callee),
    }
    talked = call.outcome.talked
    if talked is None:
        return said
    return said | {"talk_seconds": round(talked.total_seconds())}


def _word(side: Side) -> str:
    return words.told(side)
