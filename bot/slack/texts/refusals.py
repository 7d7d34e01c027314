"""What a person reads when the bot does not do what they asked, for each `UserError`.

The sentences are plain text and may repeat what was typed, so they have to be escaped.
"""

from __future__ import annotations

from functools import singledispatch

from bot.calls.dialling import BadCommand, Slip
from bot.calls.emergency import EmergencyNumber
from bot.calls.phone import CountryNotAllowed, PremiumRate, TariffNotAllowed
from bot.calls.phones import NotYourPhone, SeveralPhones, UnknownPhone
from bot.calls.refusal import (
    AmbiguousNumber,
    Flaw,
    HasExtension,
    InvalidNumber,
    Length,
    OldMexicanNumber,
    ShortCode,
    UnreadableNumber,
)
from bot.calls.tariff import Tariff
from bot.errors import UserError
from bot.slack.texts import countries, sign_in_causes
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    Blame,
    ButtonOverflow,
    CancelLimited,
    CredentialRefused,
    DisconnectedMeanwhile,
    FormTooLate,
    LabelTooLong,
    NoCredential,
    NoOwnAccounts,
    NoSecondNumber,
    OutdatedButton,
    PhonesRefused,
    PhonesUnavailable,
    Restarting,
    SameNumber,
    SignInEnded,
    UnknownCall,
)

SHOWN = 80
"""Characters of a person's words that are repeated: enough to find the mistake."""

PHONES_NAMED = 10
"""A company's hundreds of numbers would fill the screen."""

COUNTRIES_NAMED = 5
"""More allowed countries would bury the point."""

NO_COUNTRY = {"", "001"}
"""phonenumbers' region for satellite and other global networks."""

RIGHT_FORM = "/ringout <number> or /ringout <number> from <your phone>"

NEW_LINK = "Type `/ringout connect` in Slack for a new link."
ADMIN_CAN = "The person who runs the bot can mend that:"
ASK_DOCTOR = "`ringout-bot doctor` tells how."

ENABLE_JWT = (
    "switch on the JWT auth flow in the app's settings at developers.ringcentral.com, "
    "under Auth."
)

_TYPE_ONE = "Type one whole number, such as +14155550142."

SLIP_WORDS = {
    Slip.TWICE: "“{word}” is there more than once",
    Slip.NOTHING_BEFORE: "there is no number before “{word}”",
    Slip.NOTHING_AFTER: "there is no number after “{word}”",
    Slip.NO_WORDS: "there is nothing after “{word}”",
}

FLAW_WORDS = {
    Flaw.LINK: f"is a link or a name, no number. {_TYPE_ONE}",
    Flaw.NO_DIGITS: f"has no phone number in it. {_TYPE_ONE}",
    Flaw.LETTERS: "has letters in it, and I don't turn letters into digits or leave "
    f"words out. {_TYPE_ONE}",
    Flaw.SEVERAL: "looks like more than one number. Type one: a call goes to one number.",
    Flaw.TOO_LONG: f"is too long for a phone number. {_TYPE_ONE}",
    Flaw.SIGNS: f"has signs in it that I can't read. {_TYPE_ONE}",
    Flaw.NO_COUNTRY: f"has no country code that exists. {_TYPE_ONE}",
    Flaw.TWO_NUMBERS: "shows one number and links to another. Type the one that you "
    "mean.",
    Flaw.DATE: "looks like a date. If it is a number, type it with + and its country "
    "code.",
}

TARIFF_WORDS = {
    Tariff.PREMIUM: "a premium-rate number, which costs extra by the minute",
    Tariff.PERSONAL: "a personal number, which can cost as much as a premium-rate one",
    Tariff.SHARED_COST: "a shared-cost number, which costs more than an ordinary call",
}

LENGTH_WORDS = {
    Length.NO_AREA_CODE: "lacks the area code of a number",
    Length.TOO_SHORT: "is too short for a number",
    Length.TOO_LONG: "is too long for a number",
    Length.WRONG: "has a wrong number of digits for one",
    Length.RIGHT: "is not a valid number",
}

RULE_WORDS = {
    AccessRule.USERS: "You are not on the list of people who may place calls here. "
    "Ask the person who runs this bot to add you (RINGOUT_ALLOWED_USERS).",
    AccessRule.CHANNELS: "Calls may not be placed from this channel. Use an allowed one, or "
    "ask the person who runs this bot to add it (RINGOUT_ALLOWED_CHANNELS).",
    AccessRule.ADMINS: "Only the people listed in RINGOUT_ADMINS may read the company's call "
    "log. `/callstatus last 10` shows those of the account you call by.",
    AccessRule.PLACER: "Only the person who placed this call can do that. "
    "`/ringout <number>` places one of your own.",
    AccessRule.ASKED: "Only the person who was asked can answer that. `/ringout` with the "
    "name asks you too.",
}


FIXED: dict[type[UserError], str] = {
    LabelTooLong: "`from` and `as` take a number or a label of yours, no more.",
    ButtonOverflow: "That is too long for one call. Leave out `from` and `as`.",
    SameNumber: "That is the number that would ring first. Give the other party's "
    "number, or another phone of yours with `from`.",
    PhonesUnavailable: "RingCentral can't tell just now which phones are yours. Leave "
    "out `from` and `as`, or try again in a minute.",
    Restarting: "The bot is being restarted, so nothing was dialled. Try again in half "
    "a minute.",
    UnknownCall: "That call is not known here any more.",
    NoSecondNumber: "RingCentral lists no second number of yours that a test call "
    "could ring. Try `/ringout` with the number of a phone beside you.",
    NoOwnAccounts: "This bot calls by one RingCentral account for everybody; there is "
    "nothing to connect. (The person who runs it can change that with "
    "RINGOUT_SECRET_KEY.)",
    OutdatedButton: "That button is from an older version; type it again.",
    NoCredential: "That is no JWT credential: it has three parts, with dots between "
    "them.",
    SignInEnded: f"RingCentral has ended this sign-in already. {NEW_LINK}",
    DisconnectedMeanwhile: f"It was disconnected meanwhile. {NEW_LINK}",
    FormTooLate: "That took too long for Slack to open the form. Try it again.",
}
"""Errors without values."""


def quoted(text: str) -> str:
    """Return a person's own words in quotes, unescaped, cut to `SHOWN` characters."""
    words = text.strip()
    return f"“{words}”" if len(words) <= SHOWN else f"“{words[: SHOWN - 1]}…”"


@singledispatch
def words(error: UserError) -> str:
    """Return the sentence for *error*; a test finds errors without words."""
    return FIXED.get(type(error), "That can't be done.")


# What was typed


@words.register
def _(error: BadCommand) -> str:
    slip = SLIP_WORDS[error.slip].format(word=error.word)
    return f"I can't read {quoted(error.typed)}: {slip}. Write {RIGHT_FORM}."


@words.register
def _(error: EmergencyNumber) -> str:
    if error.typed and not error.is_local:
        return (
            f"{quoted(error.typed)} is an extension or a short code, which I can't "
            "ring. Elsewhere it is an emergency number: if you need help, dial the "
            "emergency number where you are on a phone now."
        )
    elsewhere = "" if error.is_local else ", or the emergency number where you are,"
    return (
        f"I can't reach emergency services. Dial {error.number}{elsewhere} on a phone "
        "now."
    )


@words.register
def _(error: UnreadableNumber) -> str:
    return f"{quoted(error.typed)} {FLAW_WORDS[error.flaw]}"


@words.register
def _(error: HasExtension) -> str:
    return (
        f"{quoted(error.typed)} has an extension or a dialling code in it, and RingOut "
        "can only ring whole numbers. Leave it out, and ask for the extension when "
        "somebody answers."
    )


@words.register
def _(error: ShortCode) -> str:
    return (
        f"{quoted(error.typed)} is too short: RingOut can't ring short codes, service "
        "numbers or extensions. Dial it on a phone, or type a whole number with its area "
        "code."
    )


@words.register
def _(error: AmbiguousNumber) -> str:
    return (
        f"I'm not sure which number {quoted(error.typed)} is. If you mean "
        f"{' or '.join(error.candidates)}, type it like that, from the plus on."
    )


@words.register
def _(error: InvalidNumber) -> str:
    wrong = (
        f"{quoted(error.typed)} {LENGTH_WORDS[error.length]} in "
        f"{countries.name(error.region)}. Check the digits"
    )
    if error.is_whole:
        return f"{wrong}."
    return f"{wrong}; if they are right, type it whole, with + and its country code."


@words.register
def _(error: OldMexicanNumber) -> str:
    return (
        f"{quoted(error.typed)} has a 1 that Mexico dropped in 2019; WhatsApp still "
        f"writes it. Without it the number is {error.now}: type that."
    )


@words.register
def _(error: PremiumRate) -> str:
    return (
        f"{error.number.international} is {TARIFF_WORDS[Tariff.PREMIUM]}. This bot "
        "doesn't call those; use a phone if you have to."
    )


@words.register
def _(error: TariffNotAllowed) -> str:
    return (
        f"{error.number.international} is {TARIFF_WORDS[error.tariff]}. Those aren't "
        "allowed here. Ask your RingOut admin."
    )


@words.register
def _(error: CountryNotAllowed) -> str:
    number = error.number.international
    region = error.number.region
    allowed = sorted(error.countries, key=lambda each: (each != error.home, each))
    names = [countries.name(each) for each in allowed[:COUNTRIES_NAMED]]
    if len(allowed) > COUNTRIES_NAMED:
        names.append(f"{len(allowed) - COUNTRIES_NAMED} more")
    only = f"This bot calls only {', '.join(names) or 'nowhere'}."
    if region in NO_COUNTRY:
        return (
            f"{number} belongs to no country (a satellite or other global network). "
            f"{only} Ask your RingOut admin."
        )
    return (
        f"Calls to {countries.plain(region)} aren't allowed here, so {number} was not "
        f"dialled. {only} Ask your RingOut admin."
    )


@words.register
def _(error: NotYourPhone) -> str:
    return (
        f"`{error.word}` has to be one of your own numbers, never somebody else's. "
        f"Yours are: {_phones(error)}."
    )


@words.register
def _(error: SeveralPhones) -> str:
    return f"`{error.word}` could be several of your numbers: {_phones(error)}."


def _phones(error: UnknownPhone) -> str:
    own = error.own
    names = ", ".join(each.name for each in own[:PHONES_NAMED])
    if len(own) > PHONES_NAMED:
        names += f", and {len(own) - PHONES_NAMED} more"
    return names or "none that can be used so"


# What may be done, and when


@words.register
def _(error: AccessDenied) -> str:
    return RULE_WORDS[error.rule]


@words.register
def _(error: CancelLimited) -> str:
    return (
        "RingCentral's limit is in the way of cancelling; try again in "
        f"{max(round(error.seconds), 1)} s, or hang up your own phone."
    )


# Connecting an account by a form: a few of these are shown in a browser too


@words.register
def _(error: CredentialRefused) -> str:
    match error.blame:
        case Blame.GRANT:
            return (
                "RingCentral takes no JWT credentials for the bot's app "
                f"({error.answer}), whoever's they are. {ADMIN_CAN} {ENABLE_JWT}"
            )
        case Blame.APP:
            return (
                f"RingCentral refused the bot's app, not your credential "
                f"({error.answer}). {ADMIN_CAN} {ASK_DOCTOR}"
            )
        case Blame.PERSON:
            return sign_in_causes.of(error.answer) or (
                f"RingCentral does not accept it ({error.status}). Was it made for this "
                f"app's client id ({error.client_id}), and copied whole?"
            )


@words.register
def _(error: PhonesRefused) -> str:
    return (
        "This RingCentral account can't be used: the app may not read its phones "
        f"({error.status} {error.code})."
    )
