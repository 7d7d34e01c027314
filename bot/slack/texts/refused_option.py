"""Why a number is not called, in the few characters below an option of a menu.

The option itself shows what was typed, so that these sentences do not repeat it.
"""

from __future__ import annotations

import re
from functools import singledispatch

from bot.calls.numbers.phone import CountryNotAllowed, PremiumRate, TariffNotAllowed
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
from bot.calls.numbers.tariff import Tariff
from bot.calls.suggestions import UnknownName
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts import countries
from bot.slack.texts.forms import LONGEST_OPTION
from bot.slack.texts.refused_number import LENGTH_WORDS, NO_COUNTRY

SERVICE = "That's a service number, which I can't reach. Dial it on a phone."
NO_NAME = "I have no number for this name. Type it, or /ringout @name in a channel."
NOT_CALLABLE = "I can't call this. Choose it to read why."

BRIEF_FLAWS = {
    Flaw.LINK: "That's no phone number. Try +1 415 555 0142.",
    Flaw.NO_DIGITS: "That's no phone number. Try +1 415 555 0142.",
    Flaw.LETTERS: "I can only dial digits. Try +1 415 555 0142.",
    Flaw.SEVERAL: "That looks like two numbers. Type just one.",
    Flaw.TOO_LONG: "That's too long for a phone number.",
    Flaw.SIGNS: "It has characters that I can't read. Type the digits.",
    Flaw.NO_COUNTRY: "No country has this country code. Check the digits.",
    Flaw.TWO_NUMBERS: "It shows one number and calls another. Type the one you mean.",
    Flaw.DATE: "That looks like a date. Type the phone number to call.",
    Flaw.TWO_PLUS: "It has two plus signs in front. Type just one.",
    Flaw.ADDRESS: "That's a link or an address. Type the phone number itself.",
}

BRIEF_TARIFFS = {
    Tariff.PREMIUM: "That's a premium-rate number. I don't call those.",
    Tariff.PERSONAL: "Personal numbers cost extra, and aren't allowed here.",
    Tariff.SHARED_COST: "Shared-cost numbers cost extra, and aren't allowed here.",
}

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])")


def fitting(*texts: str) -> str:
    """Return the first of *texts* that fits an option, else the sentences of one that do.

    The first text has the most to say. Empty if no sentence fits.
    """
    whole = [text for text in texts if text and len(text) <= LONGEST_OPTION]
    if whole:
        return whole[0]
    return next((said for said in map(_beginning, texts) if said), "")


def sentences(text: str) -> list[str]:
    """Return the sentences of *text*."""
    return _SENTENCE_END.split(text)


def _beginning(text: str) -> str:
    kept = ""
    for sentence in sentences(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > LONGEST_OPTION:
            break
        kept = longer
    return kept


@singledispatch
def brief(error: UserError) -> str:
    """Return a sentence about *error* that fits an option, whatever its values are."""
    del error
    return NOT_CALLABLE


@brief.register
def _(_: UnknownName) -> str:
    return NO_NAME


@brief.register
def _(error: EmergencyNumber) -> str:
    if error.typed and not error.is_local:
        return (
            SERVICE if error.is_service else "I can't call short codes or extensions."
        )
    elsewhere = "" if error.is_local else ", or your local emergency number,"
    return f"Dial {error.number}{elsewhere} on a phone now: I can't."


@brief.register
def _(error: UnreadableNumber) -> str:
    return BRIEF_FLAWS[error.flaw]


@brief.register
def _(_: HasExtension) -> str:
    return "I can't dial extensions. Call the main number, and ask for it."


@brief.register
def _(error: ShortCode) -> str:
    if error.region:
        return SERVICE
    return "That's too short. Type the whole number, with its area code."


@brief.register
def _(error: AmbiguousNumber) -> str:
    asked = f"Do you mean {' or '.join(error.candidates)}? Type that."
    return fitting(
        asked, "That can be read in two ways. Type it with its country code."
    )


@brief.register
def _(error: InvalidNumber) -> str:
    where = countries.plain(error.region)
    if error.region in NO_COUNTRY:
        where = "a global number"
    wrong = f"It {LENGTH_WORDS[error.length]} for {where}."
    if error.length is Length.RIGHT:
        wrong = f"It isn't a number in {where}."
        if error.region in NO_COUNTRY:
            wrong = "It isn't a global number."
    return fitting(f"{wrong} Check the digits.", wrong)


@brief.register
def _(error: OldMexicanNumber) -> str:
    return f"Mexico dropped digits in 2019. Type {error.now}."


@brief.register
def _(_: PremiumRate) -> str:
    return BRIEF_TARIFFS[Tariff.PREMIUM]


@brief.register
def _(error: TariffNotAllowed) -> str:
    return BRIEF_TARIFFS[error.tariff]


@brief.register
def _(error: CountryNotAllowed) -> str:
    if error.number.region in NO_COUNTRY:
        return "Satellite and other global numbers aren't allowed here."
    return f"Calls to {countries.plain(error.number.region)} aren't allowed here."
