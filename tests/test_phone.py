"""Phone numbers: every spelling is one value, and nothing is ever guessed."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calls import countries
from bot.calls.phone import (
    CountryNotAllowed,
    EmergencyNumber,
    HasExtension,
    NotAllowed,
    NotAPhoneNumber,
    PhoneNumber,
    PremiumRate,
    ShortCode,
    parse,
    permit,
)
from bot.errors import UserError

E164 = re.compile(r"\+[1-9]\d{4,14}")
FORMATS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)
KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
EXAMPLES = [
    (region, example)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]
PHONE_LIKE = st.text(
    alphabet="0123456789+-.()/ *#x,;<>|&telfrom\u00a0\u2011\u202d\u202e\uff0b\uff11`",
    max_size=40,
)
A_US_NUMBER = st.from_regex(r"415555[0-9]{4}", fullmatch=True)


def answer_to(text: str) -> PhoneNumber | str:
    """Return what a person in the US gets for *text*: a number or a sentence."""
    try:
        return parse(text, region="US")
    except UserError as refused:
        return str(refused)


@pytest.mark.parametrize(
    "text",
    [
        "+14155550142",
        "+1 415-555-0142",
        "(+1) 415 555 0142",
        "415 555 0142",
        "4155550142",
        "(415) 555-0142",
        "[415] 555.0142",
        "415/555-0142",
        "1 415 555 0142",
        "14155550142",
        "415-555-0142.",
        "011 1 415 555 0142",
        "tel:+14155550142",
        "TEL: +1 415 555 0142",
        "<tel:+14155550142>",
        "<tel:+14155550142|+1 415 555 0142>",
        "<tel:4155550142|(415) 555-0142>",
        "<tel:+14155550142|tel:4155550142>",
        "<tel:+14155550142|Call us>",
        "<tel:+14155550142|>",
        "`+14155550142`",
        "```(415) 555-0142```",
        "`<tel:+14155550142|415 555 0142>`",
        "&lt;tel:+14155550142&gt;",
        "&#43;14155550142",
        "415&nbsp;555&nbsp;0142",
        "+1\u00a0415\u2009555\u202f0142",
        "415\u2011555\u20130142",
        "415\u2212555\u30fc0142",
        "\u202d+1 (415) 555-0142\u202c",
        "\u2066+14155550142\u2069",
        "+1415\u200b5550142\ufeff",
        "\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff14\uff12",
        "\uff08415\uff09555\uff0d0142",
        "415\u00b7555\u00b70142",
        "\u0664\u0661\u0665 \u0665\u0665\u0665 \u0660\u0661\u0664\u0662",
        "  415 555\t0142\n",
    ],
)
def test_every_spelling_is_the_same_number(text: str) -> None:
    """However it is typed or pasted, the number is one value."""
    assert parse(text, region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("+15551234567", "US", "+15551234567"),
        ("+1 555 123-4567", "GB", "+15551234567"),
        ("<tel:+15551234567|+1 555 123 4567>", "US", "+15551234567"),
        ("(809) 555-0123", "US", "+18095550123"),
        ("+1 310-1234", "CA", "+13101234"),
        ("+870 773 111 632", "US", "+870773111632"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("0207 946 0018", "GB", "+442079460018"),
        ("44 20 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", "US", "+442079460018"),
        ("+39 (0)6 1234 5678", "US", "+390612345678"),
        ("+39 06 1234 5678", "US", "+390612345678"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("00 1 415 555 0142", "DE", "+14155550142"),
        ("030/123456", "DE", "+4930123456"),
        ("030 123456", "DE", "+4930123456"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("81234 56789", "IN", "+918123456789"),
        ("390 212 3456", "IT", "+393902123456"),
        ("712 345", "AD", "+376712345"),
        ("320 221", "AD", "+376320221"),
        ("27 12 34 56", "LU", "+35227123456"),
        ("501-222-1234", "US", "+15012221234"),
        ("656 234 5678", "US", "+16562345678"),
        ("656-2345678", "US", "+16562345678"),
    ],
)
def test_numbers_are_read_as_they_are_written_at_home(
    text: str, region: str, e164: str
) -> None:
    """With a plus a number has to be possible only; without, valid for the region."""
    assert parse(text, region=region).e164 == e164


@pytest.mark.parametrize("style", FORMATS)
def test_every_country_and_format_is_read_back(style: int) -> None:
    """What phonenumbers writes for any country, that country's people may type."""
    for region, number in EXAMPLES:
        written = phonenumbers.format_number(number, style)

        assert parse(written, region=region).e164 == phonenumbers.format_number(
            number, phonenumbers.PhoneNumberFormat.E164
        )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no phone number in it"),
        ("cancel", "no phone number in it"),
        ("+", "no phone number in it"),
        ("<@U123|alice>", "is a link or a name"),
        ("<https://example.com/4155550142>", "is a link or a name"),
        ("<tel:+14155550142", "is a link or a name"),
        ("1-800-FLOWERS", "letters"),
        ("+1800FLOWERS", "letters"),
        ("call 415 555 0142", "letters"),
        ("415 555 0142 please", "letters"),
        ("415 555 O142", "letters"),
        ("+14155550142 +16505550100", "more than one number"),
        ("4155550142 6505550100", "more than one number"),
        ("415-555-0142/6505550100", "more than one number"),
        ("415 555 0142, 650 555 0100", "more than one number"),
        ("415 555 0142; 650 555 0100", "more than one number"),
        ("415/555/0142", "more than one number"),
        ("+1+4155550142", "more than one number"),
        ("415+5550142", "signs"),
        ("-4155550142", "signs"),
        ("$4155550142", "signs"),
        ("415~555 0142", "signs"),
        ("415\u00b2 555 0142", "in it"),
        ("\u202e2410555514", "signs"),
        ("5551234567", "not a valid number in the United States (US)"),
        ("911-555-0142", "not a valid number in the United States (US)"),
        ("555-0142", "lacks the area code"),
        ("+1 555 0142", "lacks the area code"),
        ("415 555 01423", "too long"),
        ("+1 415 555 01423", "too long"),
        ("+1 41555501", "too short"),
        ("0044 20 7946 0018", "too long"),
        ("+999 123 4567", "no country code that exists"),
        ("011 999 123 4567", "no country code that exists"),
        ("+8112345678901234", "more than one number"),
        ("415 555 0142" + " " * 200 + "6", "too long for a phone number"),
        ("<tel:+14155550142|650 555 0100>", "links to another"),
    ],
)
def test_what_is_not_surely_one_number_is_refused(text: str, why: str) -> None:
    """The person hears what is wrong, and sees their own words."""
    with pytest.raises(NotAPhoneNumber) as refused:
        parse(text, region="US")

    assert why in str(refused.value)
    assert text.strip()[:79] in str(refused.value)


@pytest.mark.parametrize(
    ("text", "region", "candidates"),
    [
        ("65 6234 5678", "US", ["+1 656-234-5678", "+65 6234 5678"]),
        ("3902123456", "IT", ["+39 390 212 3456", "+39 02 123456"]),
        ("2079460018", "GB", ["+44 20 7946 0018"]),
        ("30123456", "DE", ["+49 30 123456"]),
        ("+44 020 7946 0018", "US", ["+44 20 7946 0018"]),
        ("+1 1 415 555 0142", "US", ["+1 415-555-0142"]),
        ("+34 (0)912 345 678", "ES", []),
        ("030 1234 030 5678", "DE", []),
        ("+49 30 1234 030 5678", "DE", []),
        ("030 1234 / (030) 5678", "DE", []),
        ("116 5234 (2)", "XX", []),
    ],
)
def test_a_reading_in_doubt_is_offered_never_dialled(
    text: str, region: str, candidates: list[str]
) -> None:
    """A lost plus, a lost zero or a zero too many: the person decides."""
    with pytest.raises(NotAPhoneNumber) as refused:
        parse(text, region=region)

    assert all(each in str(refused.value) for each in candidates)


@pytest.mark.parametrize(
    "text",
    [
        "415 555 0142 x123",
        "415 555 0142x5",
        "415-555-0142 ext. 5",
        "415 555 0142 extension 12",
        "415 555 0142 #12",
        "+16505550100*101",
        "+16505550100,,101#",
        "+16505550100;101",
        "+16505550100p101",
        "tel:+16505550100;ext=101",
        "<tel:+16505550100|650 555 0100 x5>",
        "4155550142 x911",
        "4155550142#",
        "*101",
        "*67 415 555 0142",
        "x123",
        "ext 5",
        "#31#4155550142",
    ],
)
def test_extensions_are_refused_with_the_reason(text: str) -> None:
    """RingOut rings whole numbers; half of the words would ring somebody else."""
    with pytest.raises(HasExtension, match="extension or a dialling code") as refused:
        parse(text, region="US")

    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("12345", "US"),
        ("4444", "US"),
        ("9", "US"),
        ("118118", "GB"),
        ("+44 118118", "US"),
        ("+49 116117", "US"),
        ("+1 22000", "US"),
        ("11833", "DE"),
        ("116 123", "DE"),
    ],
)
def test_short_codes_are_refused(text: str, region: str) -> None:
    """They lead elsewhere in every country, and some cost a fortune."""
    with pytest.raises(ShortCode, match="short codes"):
        parse(text, region=region)


def test_a_long_text_is_shown_back_in_part() -> None:
    """A pasted page would bury what is wrong with it."""
    with pytest.raises(NotAPhoneNumber) as refused:
        parse("word " * 1000, region="US")

    assert len(str(refused.value)) < 200
    assert "…”" in str(refused.value)


@settings(deadline=None)  # the first number of a country loads its data
@given(st.one_of(st.text(max_size=60), PHONE_LIKE))
def test_any_text_is_a_dialable_number_or_a_sentence(text: str) -> None:
    """Nothing that people type breaks the bot, and what passes has E.164's form."""
    answer = answer_to(text)

    if isinstance(answer, str):
        assert answer.endswith(".")
    else:
        assert E164.fullmatch(answer.e164)
        assert phonenumbers.is_possible_number(phonenumbers.parse(answer.e164))
        assert parse(answer.e164, region="DE") == answer


@settings(deadline=None)  # the first number of a country loads its data
@given(st.text(alphabet="0123456789+-.() /", min_size=7, max_size=24))
def test_no_digit_is_dropped_or_made_up(text: str) -> None:
    """What is dialled are the digits typed, but for a prefix that phones need."""
    answer = answer_to(text)

    if isinstance(answer, PhoneNumber):
        typed, dialled = re.sub(r"\D", "", text), answer.e164.removeprefix("+")
        trunk_less = re.sub(r"\D", "", re.sub(r"\(\s*0\s*\)", "", text, count=1))
        assert dialled in {typed, f"1{typed}", typed.removeprefix("011"), trunk_less}


@settings(deadline=None)  # the first number of a country loads its data
@given(
    A_US_NUMBER,
    st.integers(0, 10),
    st.characters(categories=["Lu", "Ll", "Lo"]),
)
def test_a_letter_anywhere_is_refused(digits: str, at: int, letter: str) -> None:
    """Left alone, phonenumbers turns A into 2 and drops what follows a number."""
    with pytest.raises(UserError):
        parse(digits[:at] + letter + digits[at:], region="US")


@settings(deadline=None)  # the first number of a country loads its data
@given(A_US_NUMBER, A_US_NUMBER, st.sampled_from([" ", "/", ", ", "\n", "", " - "]))
def test_two_numbers_are_never_one(first: str, second: str, between: str) -> None:
    """The first of two may be the wrong one."""
    with pytest.raises(NotAPhoneNumber):
        parse(first + between + second, region="US")


@pytest.mark.parametrize(
    ("e164", "masked", "international", "region"),
    [
        ("+14155550142", "+1 ••• ••• 0142", "+1 415-555-0142", "US"),
        ("+15551234567", "+1 ••• ••• 4567", "+1 555-123-4567", "US"),
        ("+18095550123", "+1 ••• ••• 0123", "+1 809-555-0123", "DO"),
        ("+442079460018", "+44 •• •••• 0018", "+44 20 7946 0018", "GB"),
        ("+33142685300", "+33 • •• •• 53 00", "+33 1 42 68 53 00", "FR"),
        ("+870773111632", "+870 ••• ••1 632", "+870 773 111 632", "001"),
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


@settings(deadline=None)  # the first number of a country loads its data
@given(st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True))
def test_no_log_can_leak_a_number(e164: str) -> None:
    """Printing a number, or anything that holds it, shows the mask."""
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

    permit(PhoneNumber(e164), region="US", countries=countries_)


@pytest.mark.parametrize(
    ("e164", "allowed", "words"),
    [
        ("+18095550123", {"US"}, "in the Dominican Republic (DO)"),
        ("+18095550123", {"US"}, "calls only the United States (US)."),
        ("+18095550123", {"US"}, "add DO to RINGOUT_COUNTRIES"),
        ("+15551234567", {"GB"}, "in the United States (US)"),
        ("+442079460018", {"FR", "US"}, "only the United States (US), France (FR)."),
        ("+442079460018", set("ABCDEFG"), "A, B, C, D, E, 2 more."),
        ("+870773111632", {"US"}, "RINGOUT_COUNTRIES=*"),
        ("+999123456", {"US"}, "belongs to no country"),
        ("+442079460018", set(), "calls only nowhere"),
    ],
)
def test_other_countries_are_refused_by_name(
    e164: str, allowed: set[str], words: str
) -> None:
    """The person learns which country it is, and what an admin can change."""
    number = PhoneNumber(e164)

    with pytest.raises(CountryNotAllowed) as refused:
        permit(number, region="US", countries=frozenset(allowed))

    assert words in str(refused.value)
    assert number.masked in str(refused.value)
    assert e164 not in str(refused.value)


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
    """Toll fraud lives of bots that call such numbers; no setting lets them through."""
    with pytest.raises(PremiumRate, match="premium-rate"):
        permit(PhoneNumber(e164), region="US", countries=None)


def test_every_refusal_is_said_to_the_person() -> None:
    """A UserError is answered word for word; anything else would be our fault."""
    kinds = (NotAPhoneNumber, HasExtension, ShortCode, EmergencyNumber)

    assert all(issubclass(kind, UserError) for kind in (*kinds, NotAllowed))
    assert issubclass(PremiumRate, NotAllowed)


def test_every_country_has_a_name() -> None:
    """A refusal must not say only ``XK``."""
    assert set(countries.NAMES) == set(phonenumbers.SUPPORTED_REGIONS)
    assert countries.name("DO") == "the Dominican Republic (DO)"
    assert countries.name("001") == "001"
