"""Reading numbers: every spelling is one value, and nothing is ever guessed."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.numbers.refusal import NotAPhoneNumber
from bot.errors import UserError
from bot.slack.texts.refusals import words

pytestmark = pytest.mark.unmeasured

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
    except UserError as caught:
        return words(caught)


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
        "`+14155550142`",
        "```(415) 555-0142```",
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
        ("030 123456 0", "DE", "+49301234560"),
        ("+49 30 12345678901", "US", "+493012345678901"),
        ("0 11 96123-4567", "BR", "+5511961234567"),
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


@pytest.mark.long_table
@pytest.mark.parametrize("style", FORMATS)
def test_every_country_and_format_is_read_back(style: int) -> None:
    """People may type numbers in any format that phonenumbers writes for a country."""
    for region, number in EXAMPLES:
        written = phonenumbers.format_number(number, style)

        assert parse(written, region=region).e164 == phonenumbers.format_number(
            number, phonenumbers.PhoneNumberFormat.E164
        )


@given(st.one_of(st.text(max_size=60), PHONE_LIKE))
def test_any_text_is_a_dialable_number_or_a_sentence(text: str) -> None:
    """Nothing that people type breaks the bot, and what passes has E.164's form."""
    answer = answer_to(text)

    if isinstance(answer, str):
        assert answer[-1] in ".`" or answer[-1].isdigit()
    else:
        assert E164.fullmatch(answer.e164)
        assert phonenumbers.is_possible_number(phonenumbers.parse(answer.e164))
        assert parse(answer.e164, region="DE") == answer


@given(st.text(alphabet="0123456789+-.() /", min_size=7, max_size=24))
def test_no_digit_is_dropped_or_made_up(text: str) -> None:
    """The dialed digits are those typed, apart from a trunk or exit prefix."""
    answer = answer_to(text)

    if isinstance(answer, PhoneNumber):
        typed, dialed = re.sub(r"\D", "", text), answer.e164.removeprefix("+")
        trunk_less = re.sub(r"\D", "", re.sub(r"\(\s*0\s*\)", "", text, count=1))
        assert dialed in {typed, f"1{typed}", typed.removeprefix("011"), trunk_less}


@given(
    A_US_NUMBER,
    st.integers(0, 10),
    st.characters(categories=["Lu", "Ll", "Lo"]),
)
def test_a_letter_anywhere_is_refused(digits: str, at: int, letter: str) -> None:
    """Left alone, phonenumbers turns A into 2 and drops what follows a number."""
    with pytest.raises(UserError):
        parse(digits[:at] + letter + digits[at:], region="US")


@given(A_US_NUMBER, A_US_NUMBER, st.sampled_from([" ", "/", ", ", "\n", "", " - "]))
def test_two_numbers_are_never_one(first: str, second: str, between: str) -> None:
    """Of two numbers in a text, the first may be the wrong one to call."""
    with pytest.raises(NotAPhoneNumber):
        parse(first + between + second, region="US")
