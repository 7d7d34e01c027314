"""Phone numbers as values, their parsing from text, and the allowed countries."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.phone import (
    CountryNotAllowed,
    NumberNotAllowed,
    PhoneNumber,
    PremiumRate,
    parse,
    permit,
)
from bot.calls.numbers.refusal import HasExtension, NotAPhoneNumber, ShortCode
from bot.calls.typed.dialing import LONGEST_TYPED
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts import countries
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.refusals import told
from refused import refused


@pytest.mark.parametrize(
    "text",
    [
        "<tel:+14155550142>",
        "<tel:+14155550142|+1 415 555 0142>",
        "<tel:4155550142|(415) 555-0142>",
        "<tel:+14155550142|tel:4155550142>",
        "<tel:+14155550142|Call us>",
        "<tel:+14155550142|>",
        "`<tel:+14155550142|415 555 0142>`",
        "&lt;TEL:+14155550142&gt;",
        "“Bob” <tel:+14155550142>",
        '"Bob Smith" <tel:+14155550142|(415) 555-0142>',
        "<callto:+14155550142>",
        "<https://wa.me/14155550142>",
        "<https://wa.me/14155550142|wa.me/14155550142>",
        "<https://wa.me/14155550142?text=Hi|WhatsApp>",
        "<https://api.whatsapp.com/send?phone=14155550142&amp;text=1>",
        "wa.me/14155550142",
        "https://wa.me/+14155550142",
        "Bob Smith &lt;415-555-0142&gt;",
        "“Bob” <(415) 555-0142>",
        "J. van Dyk O'Neil-Smith <4155550142>".replace("van ", "Van "),
    ],
)
def test_a_link_of_slacks_is_the_number_that_it_shows(text: str) -> None:
    """Slack turns a typed number into a link: target, and perhaps a label."""
    assert parse(text, region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<tel:+14155550142|650 555 0100>", "calls another"),
        ("<tel:+14155550142|650 555 0100 x5>", "extension"),
        ("<tel:+14155550142|555-0142>", "area code"),
        ("<tel:+14155550142", "couldn't find a phone number"),
        ("<https://example.com/4155550142|4155550142>", "link or an internet address"),
        ("<https://wa.me/14155550142|650 555 0100>", "calls another"),
    ],
)
def test_a_link_that_says_two_things_is_refused(text: str, why: str) -> None:
    """The person saw the label; the bot must not dial what is behind it."""
    with refused(NotAPhoneNumber, match=why):
        parse(text, region="US")


@pytest.mark.parametrize("text", ["9999", "<tel:9999>", "<tel:+14155550142|9999>"])
def test_a_short_emergency_number_is_never_an_ordinary_one(text: str) -> None:
    """9999 is a valid number in Luxembourg, and calls for help in Oman."""
    with refused(EmergencyNumber, match="Elsewhere it's an emergency number"):
        parse(text, region="LU")


def test_what_is_cut_off_is_never_what_makes_a_number_good() -> None:
    """200 characters are read; a longer text might go on with another number."""
    padding = " " * (LONGEST_TYPED - 10)

    assert parse(f"415{padding}5550142", region="US").e164 == "+14155550142"
    with refused(NotAPhoneNumber, match="too long for a phone number"):
        parse(f"415 {padding}5550142", region="US")


@pytest.mark.parametrize(
    ("e164", "masked", "international", "region"),
    [
        ("+14155550142", "+1 ••• ••• 0142", "+1 415-555-0142", "US"),
        ("+15551234567", "+1 ••• ••• 4567", "+1 555-123-4567", "US"),
        ("+18095550123", "+1 ••• ••• 0123", "+1 809-555-0123", "DO"),
        ("+442079460018", "+44 •• •••• 0018", "+44 20 7946 0018", "GB"),
        ("+33142685300", "+33 • •• •• 53 00", "+33 1 42 68 53 00", "FR"),
        ("+870773111632", "+870 ••• ••1 632", "+870 773 111 632", "001"),
        ("+3544101234", "+354 ••• 1234", "+354 410 1234", "IS"),
        ("+376712345", "+376 ••• •45", "+376 712 345", "AD"),
        ("+4912345", "+49 •••45", "+49 12345", "DE"),
        ("+2901234", "+290 ••34", "+290 1234", "SH"),
        ("+999123456", "•••••3456", "+999123456", ""),
        ("+99", "•9", "+99", ""),
        ("", "", "", ""),
    ],
)
def test_a_number_is_shown_masked_or_in_full(
    e164: str, masked: str, international: str, region: str
) -> None:
    """Channels see the mask; nothing that was stored can make it fail."""
    number = PhoneNumber(e164)

    assert (number.masked, number.international) == (masked, international)
    assert number.region == region


@given(st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True))
def test_no_log_can_leak_a_number(e164: str) -> None:
    """Printing a number, or an object that holds one, shows only the mask."""
    number = PhoneNumber(e164)

    for shown in (str(number), f"{number}", f"{number!r}", f"{[number]}"):
        assert "•" in shown
        assert e164[1:] not in re.sub(r"\D", "", shown)
        assert number.masked in shown


def test_equal_numbers_are_one_key() -> None:
    """Numbers are looked up in sets and dicts."""
    number = PhoneNumber("+14155550142")

    assert {number: 1}[parse("415 555 0142", region="US")] == 1
    assert number != PhoneNumber("+14155550143")
    with pytest.raises(FrozenInstanceError):
        number.e164 = "+14155550143"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("e164", "allowed"),
    [
        ("+14155550142", {"US"}),
        ("+15551234567", {"US"}),
        ("+18005550142", {"US"}),
        ("+18005550142", {"CA"}),
        ("+18095550123", {"US", "DO"}),
        ("+18095550123", None),
        ("+870773111632", None),
        ("+442079460018", {"US", "GB"}),
    ],
)
def test_allowed_countries_may_be_called(e164: str, allowed: set[str] | None) -> None:
    """A number without a region counts as its calling code's main one."""
    countries_ = None if allowed is None else frozenset(allowed)

    permit(PhoneNumber(e164), countries=countries_)


@pytest.mark.parametrize(
    ("e164", "allowed", "part"),
    [
        ("+18095550123", {"US"}, "Calls to the Dominican Republic aren't allowed"),
        ("+15551234567", {"GB"}, "Calls to the United States aren't allowed"),
        ("+442079460018", {"FR", "US"}, "Calls to the United Kingdom aren't allowed"),
        ("+442079460018", set(), "Calls to the United Kingdom aren't allowed"),
        ("+870773111632", {"US"}, "a satellite or other global number"),
        ("+999123456", {"US"}, "a satellite or other global number"),
    ],
)
def test_other_countries_are_refused_by_name(
    e164: str, allowed: set[str], part: str
) -> None:
    """The person learns which country it is; setting names are for operators.

    They typed the number, so they may read it whole.
    """
    number = PhoneNumber(e164)

    with pytest.raises(CountryNotAllowed) as caught:
        permit(number, countries=frozenset(allowed))

    said = told(caught.value, NO_CONTACT)
    assert part in said
    assert number.international in said
    assert said.endswith("Ask your RingOut admin.")


@pytest.mark.parametrize(
    "e164",
    [
        "+19005550142",
        "+19001234567",
        "+12129761234",
        "+979123456789",
        "+97912",
        "+449098790000",
        "+33891123456",
    ],
)
def test_premium_rate_is_refused_whatever_is_allowed(e164: str) -> None:
    """Toll fraud abuses bots that call such numbers; no setting allows them."""
    with refused(PremiumRate, match="premium-rate"):
        permit(PhoneNumber(e164), countries=None)


COUNTRY_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def _read(text: str, region: str) -> PhoneNumber | type[UserError]:
    try:
        return parse(text, region=region)
    except UserError as error:
        return type(error)


@given(
    st.sampled_from(COUNTRY_CODES),
    st.text("0123456789", min_size=2, max_size=14),
    st.sampled_from(["US", "DE", "IT", "JP", "MX", "AD", "IN"]),
)
def test_a_plain_number_is_read_as_one_with_something_around_it(
    code: int, digits: str, region: str
) -> None:
    """The short way to read it finds the same number, and the same reason for none."""
    plain = f"+{code}{digits}"

    assert _read(plain, region) == _read(f"`{plain}`", region)


def test_every_refusal_is_said_to_the_person() -> None:
    """Bad text gets a UserError, which is answered; anything else would be a bug."""
    kinds = (NotAPhoneNumber, HasExtension, ShortCode, EmergencyNumber)

    assert all(issubclass(kind, UserError) for kind in (*kinds, NumberNotAllowed))
    assert issubclass(PremiumRate, NumberNotAllowed)


def test_every_country_has_a_name() -> None:
    """A refusal must not say only ``XK``."""
    assert set(countries.COUNTRY_NAMES) == set(phonenumbers.SUPPORTED_REGIONS)
    assert countries.name("DO") == "the Dominican Republic (DO)"
    assert countries.name("001") == "001"
    assert countries.plain("DO") == "the Dominican Republic"
    assert countries.plain("001") == "001"
    assert countries.inside("GB") == " in the United Kingdom"
    assert countries.inside("001") == ""
