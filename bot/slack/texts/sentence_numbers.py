"""The question about the numbers in a sentence that somebody wrote to the app."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.calls.doubt import doubt_of
from bot.calls.numbers.in_message import FoundNumber, FoundNumbers
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import NameSource, named
from bot.calls.people.person import Person
from bot.calls.people.phones import NamedPhones
from bot.calls.typed.dialing import Command
from bot.errors import UserError
from bot.slack.texts import asking, message_numbers, refusals
from bot.slack.texts.asking import CALL_DOUBTFUL_BUTTON, Chosen
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    section,
)

MOST_NUMBERS_ASKED = 5
"""Numbers of one message that are asked about."""

NONE_OF_THEM = "I can't call any of the numbers in your message."
USUAL_PHONE = "I left that out: your usual phone rings first."


@dataclass(frozen=True, slots=True)
class SentenceAsker:
    """Who is asked, which of their phones they named, and the key of their one wish.

    *trouble* is why phones that they seem to name are not used.
    """

    person: Person
    phones: NamedPhones
    key: str = field(repr=False)
    trouble: UserError | None = None


def which(
    found: FoundNumbers, command: Command, asker: SentenceAsker, contact: Contact
) -> Message:
    """Ask which of the numbers to call, and say why the others can't be called."""
    dialable = [
        (each.number, each)
        for each in found.numbers
        if each.number and each.may_be_dialed
    ]
    offered = dialable[:MOST_NUMBERS_ASKED]
    has_more = found.has_more or len(offered) < len(dialable)
    notes = message_numbers.notes(replace(found, has_more=has_more), contact)
    if not offered:
        return _message(NONE_OF_THEM, [], notes)
    listed = " or ".join(_described(*each) for each in offered)
    small = []
    if asker.trouble:
        command = replace(command, from_=None, as_=None)
        small = [f"{refusals.told(asker.trouble, contact)} {USUAL_PHONE}"]
    small += asking.typed(command)
    *others, last = [_call(each, command, asker) for each, _ in offered]
    if not others:
        last["style"] = "primary"
    not_now = asking.not_now(asker.person, asker.key)
    rows = [*map(context, small), *map(actions, others), actions(last, not_now)]
    return _message(f"Do you want me to call {listed}?", rows, notes)


def _message(text: str, rows: Sequence[Block], notes: Sequence[str]) -> Message:
    blocks = message_numbers.note_blocks(notes)
    return Message("\n".join([text, *notes]), (section(text), *rows, *blocks))


def _call(number: PhoneNumber, command: Command, asker: SentenceAsker) -> Block:
    """Return the button that calls *number*; its id may stand in a row once."""
    name = named(command.for_ or "", NameSource.WRITTEN)
    own_phone = command.is_from_loose
    value = Chosen(
        number, asker.phones, asker.person, name, own_phone=own_phone, key=asker.key
    )
    said = f"Call {number.international}"
    return button(said, CALL_DOUBTFUL_BUTTON, value.dump())


def _described(number: PhoneNumber, found: FoundNumber) -> str:
    doubt = asking.doubted(number, doubt_of(number))
    extension = f"ask for extension {found.extension}" if found.extension else ""
    said = "; ".join(each for each in (doubt, extension) if each)
    return escape(number.international) + (f" ({escape(said)})" if said else "")
