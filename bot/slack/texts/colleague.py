"""Calling a colleague by name: the question with their number, or why they can't be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people import names
from bot.calls.people.names import Name, NameSource
from bot.calls.people.person import Person
from bot.calls.people.phones import NO_PHONES, NamedPhones
from bot.calls.typed.dialing import LONGEST_TYPED, Command
from bot.slack.texts import asking, countries
from bot.slack.texts.asking import Chosen
from bot.slack.texts.contact import Contact
from bot.slack.texts.profile import Profile
from bot.slack.texts.text import (
    Message,
    button,
    escape,
    foreign,
)
from bot.user_errors import LabelTooLong

CALL_BUTTON = "call_person"
CALL_OTHER_BUTTON = "call_person_other"
"""Two numbers have two buttons, and Slack wants different action ids in one row."""

TYPE_IT = "Type their number instead: `/ringout 415 555 0142`"

THAT_IS_YOU = Message("That's you. Name a colleague, or type a number.")
UNKNOWN_PERSON = Message(f"I can't find that person. {TYPE_IT}")
SLACK_BUSY = Message(
    f"Slack isn't answering right now. Try again in a minute. {TYPE_IT}"
)
NOT_DIALED = Message("OK, no call was placed.", replaces=True)
CALLED_BEFORE = Message(
    "You pressed Call before, so that call was placed. `/ringout hang up` ends it.",
    replaces=True,
)

BY_RINGCENTRAL = "from RingCentral"
BY_SLACK = "from their Slack profile"
BY_BOTH = "from RingCentral and their Slack profile"


@dataclass(frozen=True, slots=True)
class Offer:
    """A number at which a colleague may be reached, and where it was found.

    *home* is the asking person's region: a number of another one shows its country.
    *doubt* is what may be wrong with it.
    """

    number: PhoneNumber
    source: str
    home: str = ""
    doubt: Doubt | None = None

    @property
    def place(self) -> str:
        """The number, unmasked, with its country if that is not home: to be checked."""
        region = self.number.region
        where = countries.inside(region) if region != self.home else ""
        return f"{escape(self.number.international)}{escape(where)}"

    @property
    def line(self) -> str:
        """The same, and where it was found."""
        return f"{self.place} ({self.why})"

    @property
    def why(self) -> str:
        """Where it was found, and what may be wrong with it."""
        return asking.doubted(self.number, self.doubt, self.source)


def check_length(command: Command) -> None:
    """Raise `LabelTooLong` if ``from`` or ``as`` is longer than any number or label."""
    if any(len(each or "") > LONGEST_TYPED for each in (command.from_, command.as_)):
        raise LabelTooLong


def question(
    profile: Profile,
    offers: Sequence[Offer],
    command: Command,
    asked: Person,
    phones: NamedPhones = NO_PHONES,
    key: str = "",
) -> Message:
    """Ask whether to dial the number of *profile*, or which of the two, in *offers*.

    *phones*: what *command* names with ``from`` and ``as``. *key*: see `Chosen`.
    """
    name, called = named(profile), _called(profile, command.for_)
    values = [
        Chosen(
            each.number,
            phones,
            asked,
            called,
            own_phone=command.is_from_loose,
            key=key,
            called=profile.user,
        ).dump()
        for each in offers
    ]
    first = offers[0]
    if len(offers) == 1:
        text = f"Call {name} at {first.place}? ({first.why})"
        buttons = [button("Call", CALL_BUTTON, values[0], style="primary")]
    else:
        other = offers[1]
        text = f"Which number for {name}? {first.line} or {other.line}"
        buttons = [
            button(f"Call {each.number.international}", action, value, style=style)
            for each, action, value, style in zip(
                offers,
                (CALL_BUTTON, CALL_OTHER_BUTTON),
                values,
                ("primary", ""),
                strict=True,
            )
        ]
    return asking.question(text, buttons, command, asking.not_now(asked, key))


def no_profiles(contact: Contact) -> Message:
    """Say that the app may not read profiles in this workspace."""
    return Message(f"I can't see profiles in this workspace. {contact.ask} {TYPE_IT}")


def not_callable(profile: Profile) -> Message | None:
    """Say why this person can't be called; None if they are a colleague."""
    name = named(profile)
    if profile.is_bot:
        return Message(f"{name} is an app and has no phone.")
    if profile.deleted:
        return Message(f"{name} has left this workspace. {TYPE_IT}")
    if profile.is_stranger:
        return Message(
            f"{name} is in another company, so I don't look at their profile. {TYPE_IT}"
        )
    return None


def without_number(name: str, reasons: Sequence[str]) -> Message:
    """Say that there is no number, or why none may be dialed; *reasons* are escaped."""
    if reasons:
        return Message(f"I can't call {name}. {' '.join(reasons)} {TYPE_IT}")
    return Message(
        f"{name} has no number in their Slack profile and hasn't connected RingCentral. "
        f"{TYPE_IT}"
    )


def unclear(text: str) -> str:
    """Say that the text of a profile can't be read as one phone number."""
    return f"Their Slack profile says “{foreign(text)}”, and I'm not sure how to read that."


def _called(profile: Profile, about: str | None) -> Name | None:
    """Return how the card calls a colleague: ``Bob Baker (the budget)``."""
    about = names.cleaned(about or "")
    text = f"{profile.name} ({about})" if about and profile.name else profile.name
    return names.named(text, NameSource.MENTION)


def named(profile: Profile) -> str:
    """Return a person's name, escaped, or a mention if they have none."""
    return foreign(profile.name) or f"<@{profile.user}>"
