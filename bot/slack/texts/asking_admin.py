"""What people read when an admin is asked to allow one call, and what the admins read."""

from __future__ import annotations

from bot.policy.admin_request import (
    REQUEST_LASTS,
    AdminAnswer,
    AdminAsked,
    AdminRequest,
)
from bot.policy.refusals import PolicyAsks, PolicyRefuses
from bot.slack.texts import asking, countries, forms, refusals
from bot.slack.texts.asking import Chosen
from bot.slack.texts.contact import Contact
from bot.slack.texts.dialer import TITLE
from bot.slack.texts.parties import plain_name
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    section,
    shown,
    when,
)
from bot.user_errors import OutdatedButton

ASK_ADMIN_BUTTON = "ask_admin"
APPROVE_BUTTON, DECLINE_BUTTON = "approve_request", "decline_request"
CALL_GRANTED_BUTTON = "call_granted"
ASK_ADMIN_FORM = "ask_admin_form"

CAN_ASK = "You can ask an admin to allow this one call{}."

ASKED_WORDS = {
    AdminAsked.NEW: "I've asked the admins. I'll send you a direct message when one of them "
    "answers, or after ten minutes.",
    AdminAsked.WAITS: "You've asked about this number already. I'll send you a direct message "
    "when an admin answers, or after ten minutes.",
    AdminAsked.TOO_MANY: "You've asked about several numbers, and nobody has answered yet. "
    "Wait for an answer, then ask again.",
}

ANSWER_BY = (
    "Answer by {}. An approval is for this person, this number and one call, within ten "
    "minutes."
)


def offer(error: PolicyRefuses, wanted: PolicyAsks) -> Message:
    """Say which rule forbids a call, with a button that asks an admin."""
    text = _offered(error)
    value = asking.chosen_of(wanted).dump()
    ask = button("Ask an admin", ASK_ADMIN_BUTTON, value)
    return Message(text, (section(text), actions(ask)))


def offer_form(error: PolicyRefuses) -> Block:
    """Say the same on top of a form."""
    text = _offered(error)
    return forms.form_view(
        ASK_ADMIN_FORM, TITLE, [section(text)], "Ask an admin", "Back"
    )


def asked(came_of: AdminAsked, wanted: Chosen) -> Message:
    """Say, in place of the offer, that an admin was asked, or need not be."""
    if came_of is not AdminAsked.ALLOWED:
        stays = came_of is AdminAsked.TOO_MANY
        return Message(ASKED_WORDS[came_of], replaces=not stays)
    text = f"The rules allow it now. Call {escape(wanted.to.international)}?"
    call = asking.call_button(wanted.dump())
    row = actions(call, asking.not_now(wanted.asked, wanted.key))
    return Message(text, (section(text), row), replaces=True)


def asked_in_form(came_of: AdminAsked) -> Block:
    """Say the same in place of the form's question."""
    said = ASKED_WORDS.get(came_of, "The rules allow it now. Open the form again.")
    return forms.note(TITLE, said)


def request(of: AdminRequest, *, full: bool) -> Message:
    """Return the message to the admins, with their two buttons."""
    text = _wish(of, full=full)
    row = actions(
        button("Approve", APPROVE_BUTTON, of.id, style="primary"),
        button("Decline", DECLINE_BUTTON, of.id),
    )
    until = ANSWER_BY.format(when(of.asked_at + REQUEST_LASTS, "{time}"))
    return Message(text, (section(text), context(until), row))


def settled(of: AdminRequest, *, full: bool) -> Message:
    """Return what the message says once the request is answered, or its time is over."""
    by = f"<@{escape(of.answered_by)}>" if of.answered_by else "An admin"
    end = {
        AdminAnswer.APPROVED: f"{by} approved it.",
        AdminAnswer.DECLINED: f"{by} declined it.",
    }.get(of.answer, "Nobody answered within ten minutes.")
    text = f"{_wish(of, full=full)}\n*{end}*"
    return Message(text, (section(text),))


def told(of: AdminRequest, contact: Contact) -> Message:
    """Tell the person, in their direct messages, what came of their request."""
    number = escape(of.number.international)
    name = _name(of, is_private=True)
    whom = f"{name}, {number}" if name else number
    by = f"<@{escape(of.answered_by)}>" if of.answered_by else "An admin"
    match of.answer:
        case AdminAnswer.APPROVED:
            text = f"{by} allows your call to {whom}. Call within ten minutes."
            call = button("Call", CALL_GRANTED_BUTTON, of.id, style="primary")
            asked_in = of.place.channel
            is_channel = asked_in.startswith("C")
            small = (
                [context(f"You asked in <#{escape(asked_in)}>.")] if is_channel else []
            )
            return Message(text, (section(text), *small, actions(call)))
        case AdminAnswer.DECLINED:
            text = f"{by} declined your request to call {whom}."
        case AdminAnswer.UNPOSTED:
            text = (
                f"I couldn't ask about your call to {whom}: Slack doesn't let me post in "
                f"the admins' channel. {contact.ask}"
            )
        case _:
            text = (
                f"No admin answered your request to call {whom} within ten minutes. You can "
                "ask again."
            )
    return Message(text, (section(text),))


def _offered(error: PolicyRefuses) -> str:
    said, number = refusals.of_policy(error), escape(error.number.international)
    return f"{said} {CAN_ASK.format('' if number in said else f' to {number}')}"


def _wish(of: AdminRequest, *, full: bool) -> str:
    """Say who wants to call whom, and what they were told; the number masked unless *full*."""
    where = escape(countries.plain(of.number.region))
    number = escape(shown(of.number, full=full))
    name = _name(of, is_private=False)
    whom = f"{name}, {number}," if name else number
    return (
        f"<@{escape(of.place.user)}> asks to call {whom} in {where}. "
        f"They were told: “{of.words}”"
    )


def _name(of: AdminRequest, *, is_private: bool) -> str:
    """Return the other party's name, if there is one that the reader may see."""
    try:
        name = Chosen.load(of.wanted).name
    except OutdatedButton:  # erased since
        return ""
    return plain_name(name.text) if name and (is_private or name.is_public) else ""
