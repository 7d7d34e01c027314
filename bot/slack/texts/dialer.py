"""The dialer: a form with one field for a number or a name, and what it suggests there."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.calls.call import Call
from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.overview import Sheet
from bot.calls.people.names import LONGEST_CALLED, UNSEEN, Name, sent_back
from bot.calls.people.person import Shows
from bot.calls.people.phones import NotYourPhone, Phone, UnknownPhone
from bot.calls.suggestions import Suggested, Suggestion, SuggestionSource, Typed
from bot.errors import UserError
from bot.policy.refusals import DoubtfulNumber, PolicyAsks
from bot.policy.rules import Rule
from bot.slack.texts import answers, asking, forms, policy_words, refusals
from bot.slack.texts.contact import UNNAMED, Contact
from bot.slack.texts.forms import (
    AUTOMATIC,
    LONGEST_ERROR,
    LONGEST_OPTION,
    LONGEST_OPTION_VALUE,
    plain,
)
from bot.slack.texts.list_buttons import Seal
from bot.slack.texts.refused_number import OR_A_COLLEAGUE, quoted
from bot.slack.texts.refused_option import brief, fitting
from bot.slack.texts.text import Block, Message, capital, escape, foreign, section
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    NotInChannel,
    OutdatedButton,
    PhonesUnavailable,
    SameNumber,
)

PLACE_CALL = "place_call"
"""The callback id of the global shortcut, as the manifest has it."""

DIALER_BUTTON = "open_dialer"
DIALER_FORM, QUESTION_FORM = "dialer_form", "dialer_question"
DIALER_MENU = "dialer_number"
"""The action id of the field that suggests numbers: Slack asks what by it."""

CALLEE_FIELD, FIRST_FIELD, CALLER_ID_FIELD = "callee", "first", "caller_id"
FOR_FIELD, CHANNEL_FIELD = "for", "channel"
"""The inputs, by their block ids."""

TITLE = "Place a call"
NO_NUMBER = "typed:"
"""Begins the value of an option that is no number. What was typed follows, if it fits."""

BETWEEN = " · "
"""Stands between a name and its number in an option."""

CHOOSE = "Type a number or a name, and choose one from the list."

_SHOWN_AS_NAME = re.compile(r"(?:in )?<[@#!][^<>]*>")

SOURCE_WORDS = {
    SuggestionSource.CALLED: "Called before",
    SuggestionSource.COLLEAGUE: "Colleague",
    SuggestionSource.ADDRESS_BOOK: "Your address book",
    SuggestionSource.DIRECTORY: "Company directory",
}

FIELD_WORDS: dict[type[UserError], str] = {
    SameNumber: "That's the number you're calling. Ring another phone first.",
    PhonesUnavailable: "I can't look up your phones right now. Choose the default, or try "
    "again in a minute.",
    OutdatedButton: "That list is out of date. Choose the number again.",
}
"""Sentences that name the words of a command are other ones here."""

NOT_YOURS = "You don't have that number any more. Choose another one."
NO_CHANNEL = "Choose a channel where calls are allowed."


@dataclass(frozen=True, slots=True, repr=False)
class Dialed:
    """What a dialer asks for, kept in a question about it.

    Attributes:
        channel: Where the card goes; empty for the person's DM.
        again: Whether they know of an open call to this number.
        message_link: Leads to the message that it was begun from, if it was.
        known_as: What the form called the number: for nobody but this person.
        answered: Rules that they were asked about.
    """

    to: PhoneNumber
    first: PhoneNumber | None
    caller_id: PhoneNumber | None
    name: Name | None
    channel: str
    again: bool = False
    message_link: str = ""
    known_as: str = ""
    answered: frozenset[Rule] = frozenset()

    def dump(self) -> str:
        """Return what the question's view keeps; about 600 characters at most."""
        return json.dumps(
            {
                "to": self.to.e164,
                "from": self.first.e164 if self.first else None,
                "as": self.caller_id.e164 if self.caller_id else None,
                "name": self.name.dump() if self.name else None,
                "channel": self.channel,
                "again": self.again,
                "link": self.message_link,
                "known_as": self.known_as,
                "answered": sorted(self.answered),
            }
        )

    @classmethod
    def load(cls, held: str) -> Dialed:
        """Read what `dump` wrote, in this version or another. Raises `OutdatedButton`."""
        try:
            value: Any = json.loads(held)
            to, first, caller_id = (
                asking.number_of_button(value[each]) for each in ("to", "from", "as")
            )
            name, channel = sent_back(value["name"]), str(value["channel"])
            again, link = bool(value["again"]), str(value.get("link", ""))
            known_as = str(value.get("known_as", ""))
            answered = asking.rules_sent_back(value.get("answered"))
        except (ValueError, KeyError, TypeError):
            raise OutdatedButton from None
        if to is None:
            raise OutdatedButton
        return cls(to, first, caller_id, name, channel, again, link, known_as, answered)


# The form


def dialer_form(sheet: Sheet) -> Block:
    """Return the form, with the phones that the person may choose from."""
    phones = phone_inputs(sheet)
    blocks = [_callee_input(), *phones, _for_input(), _channel_input(sheet)]
    return forms.form_view(DIALER_FORM, TITLE, blocks, "Call")


def phone_inputs(sheet: Sheet) -> list[Block]:
    """Return which phone rings first and which number others see, the usual ones chosen."""
    rings = [each for each in sheet.phones if each.rings]
    shows = [each for each in sheet.phones if each.shows]
    usual = _chosen(sheet.chosen.first, rings) or sheet.default
    seen = _chosen(sheet.chosen.caller_id, shows)
    return [
        forms.phones_input(FIRST_FIELD, "Ring me first on", rings, "", _default(usual)),
        forms.phones_input(CALLER_ID_FIELD, "Caller ID", shows, "", _default(seen)),
    ]


def _callee_input() -> Block:
    return {
        "type": "input",
        "block_id": CALLEE_FIELD,
        "label": plain("Call"),
        "hint": plain("You see what would be dialed before you press Call."),
        "element": {
            "type": "external_select",
            "action_id": DIALER_MENU,
            "min_query_length": 0,
            "placeholder": plain("Type a number or a name"),
            "focus_on_load": True,
        },
    }


def _for_input() -> Block:
    return {
        "type": "input",
        "block_id": FOR_FIELD,
        "optional": True,
        "label": plain("Who or what it's about"),
        "hint": plain("Everyone who sees the card can read it."),
        "element": {
            "type": "plain_text_input",
            "action_id": FOR_FIELD,
            "max_length": LONGEST_CALLED,
        },
    }


def _channel_input(sheet: Sheet) -> Block:
    in_dm = sheet.chosen.shows is Shows.DM
    hint = (
        "Your settings show your calls only in our DM."
        if in_dm
        else "If you choose none, I show it in our DM."
    )
    return {
        "type": "input",
        "block_id": CHANNEL_FIELD,
        "optional": True,
        "label": plain("Show the call in"),
        "hint": plain(hint),
        "element": {
            "type": "conversations_select",
            "action_id": CHANNEL_FIELD,
            "default_to_current_conversation": True,
            "response_url_enabled": True,
            "filter": {"include": ["public", "private", "mpim"]},
        },
    }


def _chosen(e164: str, phones: Sequence[Phone]) -> Phone | None:
    return next((each for each in phones if each.number.e164 == e164), None)


def _default(phone: Phone | None) -> str:
    return f"Default ({phone.short})" if phone else "Default"


def phone_in(value: str, word: Literal["from", "as"]) -> PhoneNumber | None:
    """Return the phone that a menu's value names; None for the default.

    Raises `NotYourPhone` for anything else: a submitted form may be forged.
    """
    try:
        return asking.number_of_button(None if value in {"", AUTOMATIC} else value)
    except OutdatedButton:
        raise NotYourPhone(word, ()) from None


# What it suggests


def options(found: Suggested, seal: Seal, contact: Contact) -> list[Block]:
    """Return the options for what was typed so far.

    The first of them is what it dials, or why it dials nothing: Enter takes the first, and
    digits that are no whole number must not call somebody whose number holds them.
    """
    typed = [] if found.typed is None else _typed(found.typed, seal, contact)
    known = [_known(each, seal) for each in found.found]
    return [*typed, *known]


def complaint(message: Message) -> Block:
    """Return an option that says why nothing is suggested; choosing it calls nobody.

    An option shows no mentions and no code marks. What does not fit is told below it.
    """
    said = _SHOWN_AS_NAME.sub(UNNAMED, message.text).replace("`", "")
    said = html.unescape(said)
    first = fitting(said) or cut(said, LONGEST_OPTION)
    rest = fitting(said.removeprefix(first).strip())
    return _option(first, NO_NUMBER, rest)


def _typed(typed: Typed, seal: Seal, contact: Contact) -> list[Block]:
    if typed.number is not None:
        said = "Call this number"
        if typed.doubt is not None:
            said = capital(asking.doubted(typed.number, typed.doubt))
        label = _label(typed.name, typed.number)
        return [_option(label, seal(typed.number.e164), said)]
    seen = visible(typed.text)
    if not seen or typed.refused is None:
        return []
    value = f"{NO_NUMBER}{seen}"
    if len(value) > LONGEST_OPTION_VALUE:
        value = NO_NUMBER
    shown = quoted(cut(seen, LONGEST_OPTION - 2))
    return [_option(shown, value, in_option(typed.refused, contact))]


def in_option(error: UserError, contact: Contact) -> str:
    """Return what is wrong in whole sentences, in no more characters than an option has."""
    return fitting(sentence(error, contact), brief(error))


def _known(each: Suggestion, seal: Seal) -> Block:
    label = _label(each.name, each.number)
    return _option(label, seal(each.e164), SOURCE_WORDS[each.source])


def _label(name: str, number: PhoneNumber) -> str:
    """Return a number with its name, which is cut if there is no room for both."""
    if not name:
        return number.international
    room = LONGEST_OPTION - len(number.international) - len(BETWEEN)
    return f"{cut(name, room)}{BETWEEN}{number.international}"


def name_in(state: Any, number: PhoneNumber) -> str:
    """Return the name before *number* in the chosen option; empty if there is none."""
    name, _, shown = forms.shown_in(state, CALLEE_FIELD).rpartition(BETWEEN)
    return name if shown == number.international else ""


def _option(text: str, value: str, description: str = "") -> Block:
    made = forms.menu_option(cut(text, LONGEST_OPTION), value)
    if description:
        made["description"] = plain(cut(description, LONGEST_OPTION))
    return made


def cut(text: str, most: int) -> str:
    """Return a text on one line of at most *most* characters."""
    line = visible(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def visible(text: str) -> str:
    """Return a text on one line, without what is not seen or changes its direction."""
    seen = (
        each
        for each in text
        if unicodedata.category(each) not in UNSEEN or each.isspace()
    )
    return " ".join("".join(seen).split())


def shown_here(asked: Dialed) -> Message:
    """Tell the person, in the channel that they chose, which call they chose it for.

    It is told before the call is placed, which may still fail.
    """
    number = escape(asked.to.international)
    whom = f"{foreign(asked.known_as)}, {number}" if asked.known_as else number
    return Message(f"You chose this channel for your call to {whom}.")


# What is wrong, under its field


def errors(error: UserError, contact: Contact, channel: str) -> dict[str, str]:
    """Return the sentence about *error*, by the field where it stands."""
    if isinstance(error, AccessDenied) and error.rule is AccessRule.CHANNELS:
        said = sentence(error, contact) if channel else NO_CHANNEL
        return {CHANNEL_FIELD: said}
    if isinstance(error, NotInChannel):
        return {CHANNEL_FIELD: sentence(error, contact)}
    if isinstance(error, UnknownPhone):
        return {FIRST_FIELD if error.word == "from" else CALLER_ID_FIELD: NOT_YOURS}
    if isinstance(error, SameNumber | PhonesUnavailable):
        return {FIRST_FIELD: sentence(error, contact)}
    return {CALLEE_FIELD: sentence(error, contact)}


def sentence(error: UserError, contact: Contact) -> str:
    """Return what is wrong in plain text, without what only a typed command can do."""
    said = FIELD_WORDS.get(type(error)) or refusals.told_plainly(error, contact)
    said = re.sub(r"/ringout (?=\d)", "", said)
    return said.replace(OR_A_COLLEAGUE, "")[:LONGEST_ERROR]


# Questions, on top of the form


def doubtful(error: DoubtfulNumber, reader: str) -> Block:
    """Ask *reader* whether they mean a number that may be wrong, and what rules ask."""
    asks = policy_words.sentences(error.decision, reader, error.at)
    said = " ".join((_doubtful(error.number, error.doubt), *asks))
    return _question(said, "Call")


def policy_question(error: PolicyAsks) -> Block:
    """Ask what rules ask before a call."""
    number = escape(error.number.international)
    said = " ".join(policy_words.sentences(error.decision, error.asked.user, error.at))
    return _question(f"*Call {number}?* {said}", "Call")


def _doubtful(number: PhoneNumber, doubt: Doubt) -> str:
    said = capital(asking.doubted(number, doubt))
    return f"*Call {escape(number.international)}?* {said}."


def already_open(call: Call) -> Block:
    """Ask whether to call though *call* to that number is open."""
    return _question(answers.open_call(call), "Call anyway")


def not_now(said: str) -> Block:
    """Say why a question's call was not placed; it can be tried again, or taken back."""
    return _question(escape(said), "Try again")


def _question(text: str, submit: str) -> Block:
    return forms.form_view(QUESTION_FORM, TITLE, [section(text)], submit, "Back")


def called_another(call: Call) -> Block:
    """Say that this form has placed a call already, to another number than is chosen now."""
    return forms.note(
        TITLE,
        f"From this form you've already called {escape(call.callee.international)}. To "
        "call another number, open it again.",
    )
