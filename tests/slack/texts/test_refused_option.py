"""What stands below an option of a menu: whole sentences, whatever their values are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import phonenumbers
import pytest

from bot.calls.doubt import Doubt
from bot.calls.numbers.phone import (
    CountryNotAllowed,
    PhoneNumber,
    PremiumRate,
    TariffNotAllowed,
)
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
from bot.calls.suggestions import Suggested, Typed, UnknownName
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts import account, answers, dialer, faults, refused_option
from bot.slack.texts.asking import DOUBT_WORDS, doubted
from bot.slack.texts.contact import Contact
from bot.slack.texts.countries import COUNTRY_NAMES
from bot.slack.texts.faults import Wanted
from bot.slack.texts.forms import LONGEST_OPTION
from bot.slack.texts.text import Message, capital
from bot.user_errors import AccessDenied, AccessRule, StandingUnknown
from sentences import errors

LONG = "W" * 400
CONTACTS = [Contact(), Contact("U0DANA"), Contact("the desk of telephony " * 4)]
PLACES = [*COUNTRY_NAMES, "001", ""]
LONGEST_NUMBERS = ("+881612345678901", "+390612345678901")
"""With as many digits as a number can have."""


def example(region: str) -> PhoneNumber:
    """Return a number of a country."""
    found = phonenumbers.example_number(region)
    assert found is not None
    e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(e164)


def longest() -> Iterator[UserError]:
    """Yield every reason why a number is not called, with its longest values."""
    yield UnknownName(LONG)
    yield from (EmergencyNumber("112345", each) for each in ("US", "DE"))
    yield EmergencyNumber("112345", "US", LONG)
    yield from (UnreadableNumber(LONG, each) for each in Flaw)
    yield HasExtension(LONG)
    yield from (ShortCode(LONG, each) for each in PLACES)
    shown = tuple(PhoneNumber(each).international for each in LONGEST_NUMBERS)
    yield from (AmbiguousNumber(LONG, shown[:count]) for count in (1, 2))
    for region, length, whole in itertools.product(PLACES, Length, (False, True)):
        yield InvalidNumber(LONG, region, length, is_whole=whole)
    yield OldMexicanNumber(LONG, "+52 55 1234 5678")
    for number in map(PhoneNumber, LONGEST_NUMBERS):
        yield PremiumRate(number)
        yield from (TariffNotAllowed(number, each) for each in Tariff)
        yield CountryNotAllowed(number)
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    yield from (CountryNotAllowed(example(each)) for each in regions)


def is_whole(said: str) -> bool:
    """Whether a text ends where a sentence does, and fits."""
    return said[-1:] in {".", "?", "!", "”"} and len(said) <= LONGEST_OPTION


@pytest.mark.parametrize("contact", CONTACTS, ids=lambda each: each.given[:6])
def test_no_reason_is_cut_in_the_middle_of_a_sentence(contact: Contact) -> None:
    """Half a sentence leaves out what to do, or says something else."""
    for error in [*errors(), *longest()]:
        said = dialer.in_option(error, contact)
        assert is_whole(said), said
        assert "`" not in said


def test_every_reason_for_a_number_has_words_of_its_own_there() -> None:
    """Also the one that comes when what was typed is too long to be repeated."""
    for error in longest():
        assert refused_option.brief(error) != refused_option.NOT_CALLABLE, error


def test_a_table_of_short_words_has_no_hole() -> None:
    """It would fail while somebody types."""
    assert set(refused_option.BRIEF_FLAWS) == set(Flaw)
    assert set(refused_option.BRIEF_TARIFFS) == set(Tariff)


def test_a_doubt_about_a_number_fits_for_every_country() -> None:
    """It tells which country the number seems to be of."""
    for region, doubt in itertools.product(PLACES, Doubt):
        where = DOUBT_WORDS[doubt].format(where=COUNTRY_NAMES.get(region, "x" * 30))
        assert len(where) <= LONGEST_OPTION
    said = capital(doubted(PhoneNumber("+2461234567"), Doubt.UNKNOWN))
    assert len(said) <= LONGEST_OPTION


def test_what_is_typed_keeps_both_quotes() -> None:
    """However long it is."""
    typed = Typed(LONG, refused=UnreadableNumber(LONG, Flaw.TOO_LONG))
    found = Suggested(typed, ())

    [option] = dialer.options(found, str, Contact())

    text = option["text"]["text"]
    assert (text[0], text[-2:], len(text)) == ("“", "…”", LONGEST_OPTION)


def complaints() -> Iterator[Message]:
    """Yield what a query is answered with when there is nothing to suggest."""
    for code in ("", "OAU-167"):
        for again in (False, True):
            yield account.first(again=again, code=code, placing=False)
    for contact in CONTACTS:
        for rule in (AccessRule.USERS, AccessRule.GUESTS):
            yield answers.sorry(AccessDenied(rule), contact)
        yield answers.sorry(StandingUnknown(), contact)
        yield faults.our_fault(Wanted.OTHER, "deadbeef", contact)
        yield answers.refused(contact)
    yield faults.no_store(Wanted.OTHER)
    yield faults.too_slow(Wanted.OTHER)
    yield faults.restarting()
    yield answers.not_taken()


def test_no_complaint_is_cut_in_the_middle_of_a_sentence() -> None:
    """What has no room in the option's text stands below it."""
    for message in complaints():
        option = dialer.complaint(message)
        assert is_whole(option["text"]["text"]), message.text
        if "description" in option:
            assert is_whole(option["description"]["text"]), message.text


@pytest.mark.parametrize("given", ["C0HELP", "G0HELP", "U0DANA", "S0DESK", ""])
def test_a_complaint_is_a_sentence_also_without_its_mentions(given: str) -> None:
    """An option shows no mention: words stand in its place, behind the same verb."""
    for message in (
        faults.our_fault(Wanted.OTHER, "deadbeef", Contact(given)),
        answers.sorry(AccessDenied(AccessRule.USERS), Contact(given)),
    ):
        option = dialer.complaint(message)
        said = " ".join(
            option[each]["text"] for each in ("text", "description") if each in option
        )
        before = said.partition("your RingOut admin")[0].split()[-1]

        assert before in {"Give", "to", "Ask"}, said
        assert "in your RingOut admin" not in said
