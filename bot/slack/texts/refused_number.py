"""Why what was typed after ``/ringout`` is not called, in plain text.

The sentences may repeat what was typed, so they have to be escaped.
"""

from __future__ import annotations

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
from bot.calls.people.phones import NotYourPhone, SeveralPhones, UnknownPhone
from bot.calls.suggestions import UnknownName
from bot.calls.typed.dialing import BadCommand, Slip
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.policy.refusals import DoubtfulNumber
from bot.slack.texts import asking, countries

SHOWN_CHARACTERS = 80
"""Characters of a person's words that are repeated: enough to find the mistake."""

PHONES_NAMED = 10
"""A company's hundreds of numbers would fill the screen."""

NO_COUNTRY = {"", "001"}
"""phonenumbers' region for satellite and other global networks."""

NORTH_AMERICAN = {"US", "CA"}
"""Where an area code is written in brackets."""

OR_A_COLLEAGUE = ", or @name for a colleague"
"""Left out where a person doesn't type a command: only that finds colleagues so."""

TYPE_ONE = f"Try +1 415 555 0142{OR_A_COLLEAGUE}."
RIGHT_FORM = "`/ringout 415 555 0142 from mobile`"

SLIP_WORDS = {
    Slip.TWICE: f"Type “{{word}}” once: {RIGHT_FORM}",
    Slip.NOTHING_BEFORE: f"Type the number to call first: {RIGHT_FORM}",
    Slip.NOTHING_AFTER: f"Type one of your phones after “{{word}}”: {RIGHT_FORM}",
    Slip.NO_WORDS: "Type something after “{word}”: `/ringout 415 555 0142 for Northwind`",
}

NO_SUCH_NAME = (
    "I couldn't find {typed} here. Choose a name from the list that Slack shows after @, "
    "or type a number, such as +1 415 555 0142."
)
"""What is said of a name that Slack didn't turn into a person: people see it as one."""

FLAW_WORDS = {
    Flaw.LINK: f"I couldn't find a phone number in {{typed}}. {TYPE_ONE}",
    Flaw.NO_DIGITS: f"I couldn't find a phone number in {{typed}}. {TYPE_ONE}",
    Flaw.LETTERS: "I can only dial digits: `/ringout 415 555 0142`",
    Flaw.SEVERAL: "That looks like two numbers. Type just one.",
    Flaw.TOO_LONG: f"{{typed}} is too long for a phone number. {TYPE_ONE}",
    Flaw.SIGNS: "{typed} has characters that I can't read. Type the digits: "
    "`/ringout 415 555 0142`",
    Flaw.NO_COUNTRY: "{typed} begins with a country code that doesn't exist. Check the "
    "digits.",
    Flaw.TWO_NUMBERS: "That link shows one number and calls another. Type the one you "
    "mean.",
    Flaw.DATE: "That looks like a date. Type the phone number to call. If this is one, "
    "start it with + and its country code.",
    Flaw.TWO_PLUS: "{typed} has two plus signs in front. Type just one.",
    Flaw.ADDRESS: "That's a link or an internet address, which I can't call. Type the "
    "phone number itself: `/ringout 415 555 0142`",
}

TARIFF_WORDS = {
    Tariff.PREMIUM: "is a premium-rate number",
    Tariff.PERSONAL: "is a personal number, which costs extra",
    Tariff.SHARED_COST: "is a shared-cost number, which costs extra",
}

LENGTH_WORDS = {
    Length.NO_AREA_CODE: "has no area code",
    Length.TOO_SHORT: "is too short",
    Length.TOO_LONG: "is too long",
    Length.WRONG: "has the wrong number of digits",
    Length.RIGHT: "doesn't exist",
}


def quoted(text: str) -> str:
    """Return a person's own words in quotes, unescaped, cut to `SHOWN_CHARACTERS` characters."""
    words = text.strip()
    return (
        f"“{words}”"
        if len(words) <= SHOWN_CHARACTERS
        else f"“{words[: SHOWN_CHARACTERS - 1]}…”"
    )


@singledispatch
def words(error: UserError) -> str:
    """Return the sentence for *error*; empty if it is not about what was typed."""
    del error
    return ""


@words.register
def _(error: BadCommand) -> str:
    return SLIP_WORDS[error.slip].format(word=error.word)


@words.register
def _(error: EmergencyNumber) -> str:
    if error.typed and not error.is_local and error.is_service:
        return _service(error.typed, error.region)
    if error.typed and not error.is_local:
        return (
            f"{quoted(error.typed)} is an extension or short code, which I can't call. "
            "Elsewhere it's an emergency number: if you need help, dial your local one "
            "on a phone."
        )
    elsewhere = "" if error.is_local else ", or your local emergency number,"
    return (
        f"I can't reach emergency services. Dial {error.number}{elsewhere} on a phone "
        "now."
    )


@words.register
def _(error: UnreadableNumber) -> str:
    if error.flaw is Flaw.NO_DIGITS and error.typed.strip().startswith("@"):
        return NO_SUCH_NAME.replace("{typed}", quoted(error.typed))
    return FLAW_WORDS[error.flaw].replace("{typed}", quoted(error.typed))


@words.register
def _(error: UnknownName) -> str:
    return (
        f"I don't have a number for {quoted(error.typed)}. Type the number, or "
        "`/ringout @name` in a channel: I look in their Slack profile there, too."
    )


@words.register
def _(error: HasExtension) -> str:
    return (
        f"{quoted(error.typed)} has an extension or a dialing code, which I can't dial. "
        "Call the main number, and ask for the extension when they answer."
    )


@words.register
def _(error: ShortCode) -> str:
    if error.region:
        return _service(error.typed, error.region)
    return (
        f"{quoted(error.typed)} is too short: I can't call extensions or short codes. "
        "Type the whole number, with its area code."
    )


def _service(typed: str, region: str) -> str:
    return (
        f"{quoted(typed)} is a service number in {countries.plain(region)}, which I can't "
        "reach. Dial it on a phone."
    )


@words.register
def _(error: AmbiguousNumber) -> str:
    how = "type that" if "+" in error.typed else "type it like that, with the plus"
    return (
        f"I'm not sure about {quoted(error.typed)}. If you mean "
        f"{' or '.join(error.candidates)}, {how}."
    )


@words.register
def _(error: InvalidNumber) -> str:
    where = countries.plain(error.region)
    number = f"number in {where}"
    if error.region in NO_COUNTRY:
        where, number = "a global number", "global number"
    if error.length is Length.NO_AREA_CODE and error.region in NORTH_AMERICAN:
        return "Add the area code, like (415) 555-1234."
    if error.length is Length.NO_AREA_CODE:
        return (
            f"{quoted(error.typed)} has no area code. Check the digits: it isn't a whole "
            f"{number}."
        )
    wrong = (
        f"{quoted(error.typed)} {LENGTH_WORDS[error.length]} for {where}."
        if error.length is not Length.RIGHT
        else f"{quoted(error.typed)} isn't a {number}."
    )
    if error.is_whole:
        return f"{wrong} Check the digits."
    return f"{wrong} Check the digits, or start with + and the country code."


@words.register
def _(error: OldMexicanNumber) -> str:
    return (
        "Mexico dropped the extra digits at the start in 2019. The number is now "
        f"{error.now}: type that."
    )


@words.register
def _(error: PremiumRate) -> str:
    return (
        f"{error.number.international} {TARIFF_WORDS[Tariff.PREMIUM]}. I don't call "
        "those."
    )


@words.register
def _(error: TariffNotAllowed) -> str:
    return (
        f"{error.number.international} {TARIFF_WORDS[error.tariff]}. Those aren't "
        "allowed here."
    )


@words.register
def _(error: CountryNotAllowed) -> str:
    number, region = error.number.international, error.number.region
    if region in NO_COUNTRY:
        return f"{number} is a satellite or other global number. Those aren't allowed here."
    return (
        f"Calls to {countries.plain(region)} aren't allowed here, so I didn't call "
        f"{number}."
    )


@words.register
def _(error: DoubtfulNumber) -> str:
    doubt = asking.doubted(error.number, error.doubt)
    return f"I'm not sure about {error.number.international}: {doubt}."


@words.register
def _(error: NotYourPhone) -> str:
    if not error.own:
        return f"You have no number to use with `{error.word}`. Leave it out."
    return f"`{error.word}` takes one of your own numbers: {_phones(error)}."


@words.register
def _(error: SeveralPhones) -> str:
    return f"`{error.word}` could be several of your numbers: {_phones(error)}."


def _phones(error: UnknownPhone) -> str:
    own = error.own
    names = ", ".join(each.name for each in own[:PHONES_NAMED])
    if len(own) > PHONES_NAMED:
        names += f", and {len(own) - PHONES_NAMED} more"
    return names
