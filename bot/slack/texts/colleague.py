"""Calling a colleague by name: the question with their number, or why they can't be called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.calls.dialling import LONGEST_TYPED, Command
from bot.calls.names import cleaned
from bot.calls.person import Person
from bot.calls.phone import PhoneNumber
from bot.slack.texts import countries
from bot.slack.texts.contact import Contact
from bot.slack.texts.profile import Profile
from bot.slack.texts.text import (
    Message,
    actions,
    button,
    context,
    escape,
    foreign,
    section,
)
from bot.user_errors import ButtonOverflow, LabelTooLong, OutdatedButton

CALL_BUTTON = "call_person"
CALL_OTHER_BUTTON = "call_person_other"
NOT_NOW_BUTTON = "call_nobody"
"""Two numbers have two buttons, and Slack wants different action ids in one row."""

LONGEST_BUTTON_VALUE = 2_000
"""Characters of a button's value (Slack docs, "Button element")."""

TYPE_IT = "Type their number instead: `/ringout 415 555 0142`"

THAT_IS_YOU = Message("That's you. Name a colleague, or type a number.")
UNKNOWN_PERSON = Message(f"I can't find that person. {TYPE_IT}")
SLACK_BUSY = Message(
    f"Slack isn't answering right now. Try again in a minute. {TYPE_IT}"
)
NOT_DIALED = Message("OK, no call was placed.", replaces=True)

BY_RINGCENTRAL = "from RingCentral"
BY_SLACK = "from their Slack profile"
BY_BOTH = "from RingCentral and their Slack profile"


@dataclass(frozen=True, slots=True)
class Offer:
    """A number at which a colleague may be reached, and where it was found.

    *home* is the asking person's region: a number of another one shows its country.
    """

    number: PhoneNumber
    source: str
    home: str = ""

    @property
    def place(self) -> str:
        """The number, unmasked, with its country if that is not home: to be checked."""
        region = self.number.region
        where = countries.plain(region) if region != self.home else ""
        country = f" in {escape(where)}" if where else ""
        return f"{escape(self.number.international)}{country}"

    @property
    def line(self) -> str:
        """The same, and where it was found."""
        return f"{self.place} ({self.source})"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of a ``Call`` button: what the question showed, and to whom."""

    to: str
    from_: str | None
    as_: str | None
    asked: Person
    name: str = ""

    def dump(self) -> str:
        """Return the button's value. Raises `ButtonOverflow` if it is too long for Slack."""
        one = self.asked
        value = json.dumps(
            {
                "to": self.to,
                "from": self.from_,
                "as": self.as_,
                "for": [one.enterprise, one.team, one.user],
                "name": self.name,
            },
            ensure_ascii=False,
        )
        if len(value) > LONGEST_BUTTON_VALUE:
            raise ButtonOverflow
        return value

    @classmethod
    def load(cls, text: str) -> Chosen:
        """Read a button's value, which may be forged. Raises `OutdatedButton`."""
        try:
            value: Any = json.loads(text)
            enterprise, team, user = value["for"]
            from_, as_ = value["from"], value["as"]
            return cls(
                str(value["to"]),
                None if from_ is None else str(from_),
                None if as_ is None else str(as_),
                Person(str(enterprise), str(team), str(user)),
                str(value.get("name", "")),
            )
        except (ValueError, KeyError, TypeError):
            raise OutdatedButton from None

    def is_for(self, person: Person) -> bool:
        """Return whether *person* is the one who was asked."""
        return self.asked.is_also(person)


def check_length(command: Command) -> None:
    """Raise `LabelTooLong` if ``from`` or ``as`` is longer than any number or label."""
    if any(len(each or "") > LONGEST_TYPED for each in (command.from_, command.as_)):
        raise LabelTooLong


def question(
    profile: Profile, offers: Sequence[Offer], command: Command, asked: Person
) -> Message:
    """Ask whether to dial the number of *profile*, or which of the two, in *offers*."""
    name, called = named(profile), _called(profile, command.for_)
    values = [
        Chosen(each.number.e164, command.from_, command.as_, asked, called).dump()
        for each in offers
    ]
    first = offers[0]
    if len(offers) == 1:
        text = f"Call {name} at {first.place}? ({first.source})"
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
    buttons.append(button("Not now", NOT_NOW_BUTTON, "no"))
    words = {
        "from": command.from_,
        "as": command.as_,
        "for": cleaned(command.for_ or ""),
    }
    typed = " ".join(f"{word} {foreign(said)}" for word, said in words.items() if said)
    small = (context(f"As you typed: {typed}"),) if typed else ()
    return Message(text, (section(text), *small, actions(*buttons)))


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


def _called(profile: Profile, about: str | None) -> str:
    """Return how the card calls a colleague: ``Bob Baker (the budget)``."""
    about = cleaned(about or "")
    return cleaned(f"{profile.name} ({about})" if about else profile.name)


def named(profile: Profile) -> str:
    """Return a person's name, escaped, or a mention if they have none."""
    return foreign(profile.name) or f"<@{profile.user}>"
