"""Questions that are answered by a button before a number rings."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.calls.call import Call
from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource, cleaned, named, sent_back
from bot.calls.people.person import Person
from bot.calls.people.phones import NamedPhones
from bot.calls.typed.dialing import Command
from bot.policy.prospect import Prospect
from bot.policy.refusals import PolicyAsks
from bot.policy.rules import NEVER_OPENED, Rule
from bot.slack.texts import countries, policy_words
from bot.slack.texts.text import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    foreign,
    section,
    when,
)
from bot.user_errors import ButtonOverflow, OutdatedButton

CALL_DOUBTFUL_BUTTON = "call_doubtful"
NOT_NOW_BUTTON = "call_nobody"

LONGEST_BUTTON_VALUE = 2_000
"""Characters of a button's value (Slack docs, "Button element")."""

DOUBT_WORDS = {
    Doubt.SHORT: "it looks too short for {where}",
    Doubt.LONG: "it looks too long for {where}",
    Doubt.UNKNOWN: "it doesn't look like a number in {where}",
}


_E164 = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of a ``Call`` button: what the question showed, and to whom."""

    to: PhoneNumber
    phones: NamedPhones
    asked: Person
    name: Name | None = None
    own_phone: bool = False
    """Whether the phone that rings first has to be one of their own."""
    key: str = field(default="", repr=False)
    """The key of what was asked about: however often it is asked and answered, it is one
    call. Empty in a question of an earlier version."""
    answered: frozenset[Rule] = frozenset()
    """The rules that the question asks about."""
    again: bool = False
    """Whether a call of theirs to that number may be going on."""
    grant: str = ""
    """The request by which an admin has allowed it, if one has."""
    called: str = ""
    """The Slack id of the colleague whom they called by name."""
    message_link: str = ""
    """Leads to the message that the call was begun from, if it was."""

    def dump(self) -> str:
        """Return the button's value. Raises `ButtonOverflow` if it is too long for Slack."""
        one = self.asked
        value = json.dumps(
            {
                "to": self.to.e164,
                "from": _e164(self.phones.caller),
                "as": _e164(self.phones.caller_id),
                "for": [one.enterprise, one.team, one.user],
                "name": self.name.dump() if self.name else None,
                "own": self.own_phone,
                "key": self.key,
                "answered": sorted(self.answered),
                "again": self.again,
                **({"grant": self.grant} if self.grant else {}),
                "called": self.called,
                **({"link": self.message_link} if self.message_link else {}),
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
            caller, caller_id = (number_of_button(value[w]) for w in ("from", "as"))
            to = number_of_button(value["to"])
            if to is None:
                raise OutdatedButton
            return cls(
                to,
                NamedPhones(caller, caller_id),
                Person(str(enterprise), str(team), str(user)),
                sent_back(value.get("name")),
                own_phone=bool(value.get("own")),
                key=str(value.get("key") or ""),
                answered=rules_sent_back(value.get("answered")),
                again=bool(value.get("again")),
                grant=str(value.get("grant") or ""),
                called=str(value.get("called") or ""),
                message_link=str(value.get("link") or ""),
            )
        except (ValueError, KeyError, TypeError):
            raise OutdatedButton from None

    def is_for(self, person: Person) -> bool:
        """Return whether *person* is the one who was asked."""
        return self.asked.is_also(person)


@dataclass(frozen=True, slots=True)
class Declining:
    """The value of a ``Not now`` button: which question it declines, and who was asked."""

    asked: Person
    key: str = field(repr=False)
    """See `Chosen.key`."""

    def dump(self) -> str:
        """Return the button's value."""
        one = self.asked
        value = {"for": [one.enterprise, one.team, one.user], "key": self.key}
        return json.dumps(value, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Declining:
        """Read a button's value, which may be forged. Raises `OutdatedButton`."""
        try:
            value: Any = json.loads(text)
            enterprise, team, user = value["for"]
            person = Person(str(enterprise), str(team), str(user))
            return cls(person, str(value["key"]))
        except (ValueError, KeyError, TypeError):
            raise OutdatedButton from None


def not_now(asked: Person, key: str) -> Block:
    """Return the button that declines the question with this *key*."""
    return button("Not now", NOT_NOW_BUTTON, Declining(asked, key).dump())


def rules_sent_back(value: object) -> frozenset[Rule]:
    """Read the rules that a question asked about: those that a press can answer at all."""
    words = value if isinstance(value, list) else []
    return frozenset(each for each in Rule if each.value in words) - NEVER_OPENED


def number_of_button(value: object) -> PhoneNumber | None:
    """Read a number of a button's value: whole, so that home changes nothing in it.

    Raises `OutdatedButton` for what an earlier version kept: what was typed.
    """
    if value is None:
        return None
    if not isinstance(value, str) or not _E164.fullmatch(value):
        raise OutdatedButton
    return PhoneNumber(value)


def offered(found: Prospect, command: Command, asked: Person, key: str) -> Message:
    """Ask whether to call a number, with all its digits and what may be wrong with it."""
    number = found.callee
    why = reasons(found, asked)
    text = f"Call {escape(number.international)}?{why}"
    name = named(command.for_ or "", NameSource.WRITTEN)
    own_phone = command.is_from_loose
    value = Chosen(
        number,
        found.phones,
        asked,
        name,
        own_phone=own_phone,
        key=key,
        answered=found.decision.rules,
    )
    return question(text, [call_button(value.dump())], command, not_now(asked, key))


def reasons(found: Prospect, asked: Person) -> str:
    """Return what may be wrong with a number, and what rules ask, as more sentences."""
    doubt = doubted(found.callee, found.doubt)
    said = [f"{doubt[:1].upper()}{doubt[1:]}."] if doubt else []
    said += policy_words.sentences(found.decision, asked.user, found.at)
    return "".join(f" {each}" for each in said)


def policy_question(error: PolicyAsks) -> Message:
    """Ask privately what rules ask before a call; *Call* places it as it was wanted."""
    said = " ".join(policy_words.sentences(error.decision, error.asked.user, error.at))
    value = chosen_of(error)
    value = replace(value, answered=error.answered | error.rules)
    text = f"{said} Call {escape(error.number.international)} all the same?"
    row = actions(call_button(value.dump()), not_now(error.asked, error.once))
    return Message(text, (section(text), row))


def chosen_of(wanted: PolicyAsks) -> Chosen:
    """Return the value of a button that places a call as it was wanted."""
    return Chosen(
        wanted.number,
        wanted.phones,
        wanted.asked,
        wanted.name,
        own_phone=wanted.own_phone,
        key=wanted.once,
        answered=wanted.answered,
        again=wanted.again,
        grant=wanted.grant,
        called=wanted.called,
        message_link=wanted.message_link,
    )


def again(call: Call, asked: Person, key: str) -> Message:
    """Ask whether to place a call again, one that may be of another day."""
    text = (
        f"Call {escape(call.callee.international)} again? You called it "
        f"{when(call.asked_at)}."
    )
    phones = NamedPhones(call.caller, call.caller_id)
    value = Chosen(call.callee, phones, asked, call.callee_name, key=key)
    buttons = [call_button(value.dump())]
    return question(text, buttons, Command("dial"), not_now(asked, key))


def question(
    text: str, buttons: Sequence[Block], command: Command, decline: Block
) -> Message:
    """Return a question with its *buttons*, and what else was typed."""
    small = tuple(context(each) for each in typed(command))
    row = actions(*buttons, decline)
    return Message(text, (section(text), *small, row))


def typed(command: Command) -> list[str]:
    """Return what is said of the words that a person typed behind a number, if any."""
    words = {
        "from": command.from_,
        "as": command.as_,
        "for": cleaned(command.for_ or ""),
    }
    both = " ".join(f"{word} {foreign(said)}" for word, said in words.items() if said)
    return [f"As you typed: {both}"] if both else []


def doubted(number: PhoneNumber, doubt: Doubt | None, source: str = "") -> str:
    """Say what may be wrong with *number*, after *source*, where it was found."""
    where = countries.plain(number.region)
    said = DOUBT_WORDS[doubt].format(where=where) if doubt else ""
    return "; ".join(each for each in (source, said) if each)


def _e164(number: PhoneNumber | None) -> str | None:
    return number.e164 if number else None


def call_button(value: str) -> Block:
    """Return the button that places what *value*, a `Chosen`, names."""
    return button("Call", CALL_DOUBTFUL_BUTTON, value, style="primary")
