"""The form of ``Call a number``: which number of a message to call, and by which phone."""

from __future__ import annotations

from collections.abc import Sequence

from bot.calls.doubt import doubt_of
from bot.calls.numbers.in_message import FoundNumber, FoundNumbers
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.overview import Sheet
from bot.slack.texts import asking, dialer, forms
from bot.slack.texts.contact import Contact
from bot.slack.texts.dialer import CALLEE_FIELD
from bot.slack.texts.forms import LONGEST_OPTION, plain
from bot.slack.texts.list_buttons import Seal
from bot.slack.texts.text import Block, capital, context, escape, foreign, section

CALL_IN_MESSAGE = "call_number_in_message"
"""The callback id of the message shortcut, as the manifest has it."""

MESSAGE_FORM = "message_numbers_form"
FORM_TITLE = "Call a number"
NO_NUMBER_FOUND = "I couldn't find a phone number in this message."
CHOOSE_ONE = "Choose the number to call."
MASKED_HERE = "this message doesn't show the whole number. Use the buttons on its card, or type it."
MORE_THERE = "There may be more numbers in this message. If yours isn't here, type it."
LONGEST_SHOWN = 40
"""Characters of a number as it stands in the message, with what is written around it."""


def numbers_form(
    found: FoundNumbers, sheet: Sheet, seal: Seal, contact: Contact
) -> Block:
    """Return the form; without a number that may be called, why there is none."""
    numbers = [each for each in found.numbers if each.may_be_dialed]
    unoffered = note_blocks(notes(found, contact))
    if not numbers:
        return forms.titled(FORM_TITLE, unoffered or [section(NO_NUMBER_FOUND)])
    blocks = [_choice(numbers, seal), *unoffered, *dialer.phone_inputs(sheet)]
    return forms.form_view(MESSAGE_FORM, FORM_TITLE, blocks, "Call")


def _choice(numbers: Sequence[FoundNumber], seal: Seal) -> Block:
    """Return the choice of a number. A single one is chosen already."""
    options = [
        _option(each, each.number, seal) for each in numbers if each.number is not None
    ]
    chosen = {"initial_option": options[0]} if len(options) == 1 else {}
    return {
        "type": "input",
        "block_id": CALLEE_FIELD,
        "label": plain("Number to call"),
        "element": {
            "type": "radio_buttons",
            "action_id": CALLEE_FIELD,
            "options": options,
            **chosen,
        },
    }


def _option(found: FoundNumber, number: PhoneNumber, seal: Seal) -> Block:
    said = _said(found, number)
    words = _around(found, LONGEST_OPTION - len(said) - 3 if said else LONGEST_OPTION)
    made = forms.menu_option(number.international, seal(number.e164))
    described = " · ".join(each for each in (said, words) if each)
    if described:
        made["description"] = plain(described) | {"emoji": False}
    return made


def _said(found: FoundNumber, number: PhoneNumber) -> str:
    """Return what to know before one calls it."""
    if found.extension:
        return f"Ask for extension {found.extension}"
    doubt = doubt_of(number)
    return capital(asking.doubted(number, doubt)) if doubt else ""


def _around(found: FoundNumber, most: int) -> str:
    """Return the words around a number in its line, in at most *most* characters."""
    text = dialer.cut(found.text, LONGEST_SHOWN)
    before, after = dialer.visible(found.before), dialer.visible(found.after)
    room = most - len(text) - 4
    if room <= 0 or not (before or after):
        return ""
    left = min(len(before), max(room // 2, room - len(after)))
    right = room - left
    start = before if left >= len(before) else f"…{before[len(before) - left :]}"
    end = after if len(after) <= right else f"{after[:right]}…"
    lead = " " if found.before[-1:].isspace() else ""
    trail = " " if found.after[:1].isspace() else ""
    return f"{start.strip()}{lead}{text}{trail}{end.strip()}".strip()


def notes(found: FoundNumbers, contact: Contact) -> list[str]:
    """Return what is not offered, and why, a line each in mrkdwn."""
    refused = [each for each in found.numbers if each.error is not None]
    said = [f"*{_name(each)}*: {_why(each, contact)}" for each in refused]
    if found.masked:
        ends = ", ".join(f"…{each}" for each in found.masked)
        said.append(escape(f"{ends}: {MASKED_HERE}"))
    return [*said, MORE_THERE] if found.has_more else said


def note_blocks(said: Sequence[str]) -> list[Block]:
    """Return the same as blocks."""
    blocks = [section(each) for each in said if each != MORE_THERE]
    if blocks:
        blocks.insert(0, context("Not called from here:"))
    return [*blocks, context(MORE_THERE)] if MORE_THERE in said else blocks


def _name(found: FoundNumber) -> str:
    if found.number is not None:
        return escape(found.number.international)
    return foreign(found.text)


def _why(found: FoundNumber, contact: Contact) -> str:
    return escape(dialer.sentence(found.error, contact)) if found.error else ""
