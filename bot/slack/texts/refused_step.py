"""Why a workflow's number is not called: who built the workflow can't type another one.

Nothing here repeats the number: the text ends up wherever the workflow is looked at.
"""

from __future__ import annotations

from functools import singledispatch

from bot.calls.numbers.refusal import (
    AmbiguousNumber,
    Flaw,
    HasExtension,
    InvalidNumber,
    Length,
    OldMexicanNumber,
    ShortCode,
    UnreadableNumber,
)
from bot.calls.people.names import masked
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts import countries, refusals
from bot.slack.texts.contact import Contact
from bot.slack.texts.refused_number import LENGTH_WORDS, NO_COUNTRY
from bot.user_errors import AccessDenied, AccessRule, SameNumber

IN_FULL = "give it in full, with + and its country code"

STEP_FLAW_WORDS = {
    Flaw.LINK: "holds no phone number",
    Flaw.NO_DIGITS: "holds no phone number",
    Flaw.LETTERS: "has letters, and I can only dial digits",
    Flaw.SEVERAL: "looks like two numbers: give the step just one",
    Flaw.TOO_LONG: "is too long for a phone number",
    Flaw.SIGNS: "has characters that I can't read",
    Flaw.NO_COUNTRY: "begins with a country code that doesn't exist",
    Flaw.TWO_NUMBERS: "is a link that shows one number and calls another",
    Flaw.DATE: f"looks like a date: if it is a phone number, {IN_FULL}",
    Flaw.TWO_PLUS: "has two plus signs in front",
    Flaw.ADDRESS: "is a link or an internet address, which I can't call",
}

PERSON_WORDS = {
    AccessRule.USERS: "The person who is to call isn't allowed to place calls here.",
    AccessRule.CHANNELS: "Calls aren't allowed in the channel that the workflow gave.",
}


def words(error: UserError, contact: Contact) -> str:
    """Return the sentence for *error*, without any number."""
    if said := _of_number(error):
        return f"The number that the workflow gave {said}."
    if isinstance(error, AccessDenied) and error.rule in PERSON_WORDS:
        return f"{PERSON_WORDS[error.rule]} {contact.ask_plainly}"
    return masked(refusals.told_plainly(error, contact))


@singledispatch
def _of_number(error: UserError) -> str:
    """Return what is wrong with the number; empty if it is something else."""
    del error
    return ""


@_of_number.register
def _(error: UnreadableNumber) -> str:
    return STEP_FLAW_WORDS[error.flaw]


@_of_number.register
def _(_: EmergencyNumber) -> str:
    return "is an emergency number, and I can't reach emergency services"


@_of_number.register
def _(_: HasExtension) -> str:
    return "has an extension or a dialing code, which I can't dial"


@_of_number.register
def _(_: ShortCode) -> str:
    return "is an extension or a short code, which I can't call"


@_of_number.register
def _(_: AmbiguousNumber) -> str:
    return f"can be read in more than one way: {IN_FULL}"


@_of_number.register
def _(error: InvalidNumber) -> str:
    is_global = error.region in NO_COUNTRY
    where = "a global number" if is_global else countries.plain(error.region)
    if error.length is Length.RIGHT:
        return "doesn't exist" if is_global else f"doesn't exist in {where}"
    if error.length is Length.NO_AREA_CODE:
        return f"has no area code: {IN_FULL}"
    return f"{LENGTH_WORDS[error.length]} for {where}: {IN_FULL}"


@_of_number.register
def _(_: OldMexicanNumber) -> str:
    return "has extra digits in front, which Mexico dropped in 2019: leave them out"


@_of_number.register
def _(_: SameNumber) -> str:
    return "is the phone of the person who is to call"
