"""Two numbers, dates and area codes: their digits are never dialed as one number."""

from __future__ import annotations

import re
from datetime import date

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from bot.calls.doubt import doubt_of
from bot.calls.numbers import dates
from bot.calls.numbers.phone import PhoneNumber, PremiumRate, parse, permit
from bot.calls.numbers.reading import LONGEST_E164
from bot.calls.numbers.refusal import Flaw, NotAPhoneNumber, UnreadableNumber
from bot.calls.numbers.tariff import Tariff, tariff_of
from bot.errors import UserError

SOME = max(100 // settings().max_examples, 1)
"""Every fifth region; CI takes them all."""

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
EXAMPLES = [
    (region, example)
    for region in REGIONS[::SOME]
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]
VARIED = ["AT", "CN", "DE", "DK", "FI", "HR", "ID", "IT", "LU", "MY", "SE"]
"""Where the length of numbers varies, so that two may pass for one."""

REORDERED = {"AR", "MX"}
"""Where a mobile's prefix moves to another place of the number."""


def spellings(number: phonenumbers.PhoneNumber) -> list[str]:
    """Return the number as it is written abroad and at home."""
    styles = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
    return [phonenumbers.format_number(number, each) for each in styles]


def dialed(text: str, region: str) -> str:
    """Return what is dialed for *text*; empty if nothing is."""
    try:
        return parse(text, region=region).e164
    except UserError:
        return ""


def flaw(text: str, region: str) -> Flaw:
    """Return why *text* can't be read."""
    with pytest.raises(UnreadableNumber) as caught:
        parse(text, region=region)
    return caught.value.flaw


# Dates


@pytest.mark.parametrize("region", ["DE", "FI", "IT", "LU", "DK"])
@pytest.mark.parametrize(
    "text",
    [
        "(05.10.1986)",
        "[05.10.1986]",
        "05.10.1986)",
        "05 - 10 - 1986",
        "05 . 10 . 1986",
        "05 / 10 / 1986",
        "05.10-1986",
        "05/10-1986",
        "05.10 1986",
        "05..10..1986",
        "(05) 10 1986",
        "05.(10).1986",
        "05.10.1986-87",
        "05.10.1986/87",
        "05.10.1986 - 07.12.1990",
        "02.03.2026 09.30",
        "02.03.2026 0930",
        "02.03.2026 - 0930",
        "02.03.26 0930",
        "05.10.1986 14:30",
        "2026-11-30T12:59:00",
        "05.10.2126",
        "05.10.1886",
        "03.07.1990 10",
        "(03.07.90)",
        "(03/07/1990)",
        "05.10.'86",
        "05.-07.10.1986",
        "01. 02.2000 14.30",
        "01. 02. 2000",
        "09.01 2100 14.30",
        "05/06.10.1986",
        "05.10.1986 14-15",
        "05.10.1986 14.30-15.30",
        "11.2026",
        "05/1986",
    ],
)
def test_a_date_in_any_dress_is_called_one(text: str, region: str) -> None:
    """05.10.1986 rings a stranger in five countries, and so does (05.10.1986)."""
    assert flaw(text, region) is Flaw.DATE


SIGNS = st.sampled_from([".", "/", "-", " - ", " . ", " / ", ". ", "..", " "])


@given(
    st.sampled_from([*VARIED, *REGIONS]),
    st.dates(date(1700, 1, 1), date(2299, 12, 31)),
    st.sampled_from(["{0:%d}{1}{0:%m}{2}{0:%Y}", "{0:%Y}{1}{0:%m}{2}{0:%d}"]),
    SIGNS,
    SIGNS,
    st.sampled_from(["{}", "({})", "[{}]", "{})", "( {} )", "{}.", "“{}”"]),
    st.sampled_from(["", " 14:30", " 14.30", " 1430", " - 9.30", " 10"]),
)
def test_no_date_is_dialed(
    region: str,
    day: date,
    form: str,
    sign: str,
    other: str,
    dress: str,
    time: str,
) -> None:
    """A date is pasted from a calendar as it stands there."""
    text = form.format(day, sign, other) + time
    number = phonenumbers.parse(re.sub(r"\D", "", text), region)
    if text in spellings(number):
        return  # some country groups its numbers in this way
    if form.startswith("{0:%Y") and sign == other and not 1900 <= day.year < 2100:
        return  # 1300 12 10 20 is a number in Australia

    assert dialed(dress.format(text), region) == ""


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("01.02.03.04.05", "FR", "+33102030405"),
        ("01 02 03 04 05", "FR", "+33102030405"),
        ("(11) 9 6123-4567", "BR", "+5511961234567"),
        ("20.10.12.14", "DK", "+4520101214"),
        ("22-10-12-14", "NO", "+4722101214"),
        ("27 12 34 12", "LU", "+35227123412"),
        ("1300 12 10 20", "AU", "+611300121020"),
    ],
)
def test_groups_of_a_number_are_no_date(text: str, region: str, number: str) -> None:
    """Pairs of digits are a usual way to write numbers."""
    assert dialed(text, region) == number


# Two numbers


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+43 1 58858-12/13", "US"),
        ("01 58858-12/13", "AT"),
        ("01 58858/12-13", "AT"),
        ("+43 1 58858 12/13", "US"),
        ("+43 1 58858 - 12 / 13", "AT"),
        ("+43 664 1234567/8", "US"),
        ("0664 1234567/8", "AT"),
        ("+43 664 12345678/79", "AT"),
        ("0664 1234567-8", "AT"),
        ("030 123456 123457", "DE"),
        ("030 123456-123457", "DE"),
        ("030123456123457", "DE"),
        ("030 1234-030 5678", "DE"),
        ("030-1234-030-5678", "DE"),
        ("030.1234.030.5678", "DE"),
        ("+49 30 1234-030 5678", "US"),
        ("+49 30 1234-49 30 5678", "US"),
        ("030 12345-12346", "DE"),
        ("+46 8 12 34 56-57", "US"),
        ("08-12 34 56-57", "SE"),
        ("+352 26 12 34 56-57", "US"),
        ("02 123456-789", "IT"),
        ("02-1234-02-5678", "IT"),
        ("+39 06 1234567.8", "US"),
        ("+385 1 234567-8", "US"),
        ("0170 1234567-8", "DE"),
        ("+49 170 1234567-8", "US"),
        ("030 123456 [57]", "DE"),
        ("0171 123456[78]", "DE"),
        ("+49 30 123456-12-13", "US"),
        ("+49 30 123456-12 -13", "DE"),
        ("+49 30 123456-12 - 13", "DE"),
        ("+49 30 123456-12.13", "DE"),
        ("+49 30 123456-12-13-14", "DE"),
        ("27 12 34-27 12 35", "LU"),
        ("(030)1234(030)5678", "DE"),
        ("+49 30 123456 12-13", "US"),
        ("030 123456 10-19", "DE"),
        ("030 123456...57", "DE"),
        ("01.58858.12.13", "AT"),
        ("01 234 567 - 8", "HR"),
    ],
)
def test_two_numbers_are_called_two(text: str, region: str) -> None:
    """Their digits together would ring somebody else."""
    assert flaw(text, region) is Flaw.SEVERAL


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("01 58858-12", "AT", "+4315885812"),
        ("01 58858/12", "AT", "+4315885812"),
        ("0316/1234567-8", "AT", "+4331612345678"),
        ("0662-8044/12", "AT", "+43662804412"),
        ("030-123456-12", "DE", "+493012345612"),
        ("030/1234-567", "DE", "+49301234567"),
        ("+49 (30) 12345-678", "DE", "+493012345678"),
        ("030-123-456-789", "DE", "+4930123456789"),
        ("09 1234-567", "FI", "+35891234567"),
        ("06 1234-5678", "IT", "+390612345678"),
        ("08-123 456 57", "SE", "+46812345657"),
        ("26 12 34-56", "LU", "+35226123456"),
        ("(3) 415 555 0142", "US", "+14155550142"),
        ("(3) 030 123456", "DE", "+4930123456"),
        ("(3) +34 912 345 678", "ES", "+34912345678"),
    ],
)
def test_the_groups_of_one_number_are_read(text: str, region: str, number: str) -> None:
    """An extension whose digits belong to the number, and a dash between groups."""
    assert dialed(text, region) == number


@pytest.mark.long_table
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "between", ["/", " / ", "-", " - ", ".", " ", "; ", ", ", ",", ";", "\n", "--"]
)
def test_no_regions_two_whole_numbers_are_dialed_as_one(between: str) -> None:
    """Whichever way they are written, and whether or not the second differs much."""
    for region, number in EXAMPLES:
        for first in spellings(number):
            last = str(9 - int(first[-1]))
            for second in {first, first[:-1] + last, first.removeprefix("+")}:
                text = first + between + second
                assert dialed(text, region) == "", (region, text)


@pytest.mark.long_table
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "tail", ["-8", " - 8", ".8", "-57", "[57]", " (57)", "-12-13", "-12/13", "/-57"]
)
def test_no_regions_number_is_dialed_with_the_end_of_another(tail: str) -> None:
    """In Germany and Austria one extension belongs to a landline's number.

    Where all digits together are no known number, the person is asked.
    """
    for region, number in EXAMPLES:
        for written in spellings(number):
            found = dialed(written + tail, region)
            is_extension = region in {"DE", "AT"} and re.fullmatch(r"\D+\d+", tail)
            is_asked = found and doubt_of(PhoneNumber(found))
            assert not found or is_extension or is_asked, (region, written + tail)


@pytest.mark.unmeasured
@pytest.mark.parametrize("sign", ["-", ".", " ", ""])
def test_every_regions_own_groups_are_read(sign: str) -> None:
    """No group of one number is taken for another number."""
    for region, number in EXAMPLES:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for written in spellings(number):
            text = re.sub(r"(?<=\d)\D+(?=\d)", sign, written)
            assert dialed(text, region) in {e164, ""}, (region, text)
            if sign in {"-", " "} and not dates.is_day(text):
                assert dialed(text, region) == e164, (region, text)


# No digit is lost


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("(11) 3333-4444-45", "BR"),
        ("(11) 3333-44445", "BR"),
        ("(21) 11 3333-4444", "BR"),
        ("(30) 0170 1234567", "DE"),
        ("(06) 02 12345678", "IT"),
        ("(22) 512 345 678", "PL"),
        ("(2) 212 345 678", "CZ"),
        ("(41) 555 555 0142", "US"),
        ("11) 3333-4444-45", "BR"),
        ("11. 3333 4444 45", "BR"),
    ],
)
def test_an_area_code_is_not_taken_for_the_number_of_a_line(
    text: str, region: str
) -> None:
    """Without it another city is rung."""
    with pytest.raises(NotAPhoneNumber):
        parse(text, region=region)


def is_accounted_for(text: str, e164: str, region: str) -> bool:
    """Whether what was typed is *e164*, a known prefix, and the number of a line."""
    number = phonenumbers.parse(e164)
    national = phonenumbers.national_significant_number(number)
    code, at_home = number.country_code, re.sub(r"\D", "", spellings(number)[1])
    metadata = PhoneMetadata.metadata_for_region(region)
    abroad = (metadata and metadata.international_prefix) or "00"
    trunk = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    line = re.match(r"\(\d\) |\d{1,2}[.)] ", text)
    typed = re.sub(r"\D", "", text[line.end() if line else 0 :])
    front = rf"(?:(?:00|{abroad})?{code}0?|{trunk}|{at_home.removesuffix(national)})?"
    whole = re.sub(r"\D", "", text)
    return any(
        each.endswith(national) and re.fullmatch(front, each.removesuffix(national))
        for each in (typed, whole)
    )


@given(
    st.sampled_from([each for each in (*VARIED, *REGIONS) if each not in REORDERED]),
    st.data(),
)
def test_every_typed_digit_is_dialed_or_a_known_prefix(
    region: str, data: st.DataObject
) -> None:
    """Trunk, international prefix, country code and the number of a line; no other."""
    kind = data.draw(
        st.sampled_from([PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE])
    )
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        return
    number = data.draw(st.sampled_from(spellings(example)))
    front = data.draw(
        st.from_regex(r"(\([0-9]{1,3}\)|[0-9]{1,3}[.)]|[0-9]{1,3})? ?", fullmatch=True)
    )
    behind = data.draw(
        st.from_regex(r"([ ./-]{1,3}[(\[]?[0-9]{1,4}[)\]]?)?", fullmatch=True)
    )
    text = f"{front}{number}{behind}"
    found = dialed(text, region)

    assert not found or is_accounted_for(text, found, region), (text, region, found)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+358 600 12345 6", "US"),
        ("0600 12345 6", "FI"),
        ("0900 12345 6", "NZ"),
        ("+64 900 12345 67", "US"),
        ("+49 900 1234567 0", "US"),
    ],
)
def test_a_premium_number_with_a_digit_more_is_called_premium(
    text: str, region: str
) -> None:
    """It was called two numbers, so that it would be typed again without the last digit."""
    with pytest.raises(PremiumRate):
        permit(parse(text, region=region), countries=None)


@pytest.mark.unmeasured
def test_no_premium_number_is_called_two_because_its_last_digits_stand_apart() -> None:
    """In all regions, whole, and with a digit more."""
    kind = PhoneNumberType.PREMIUM_RATE
    for region in REGIONS:
        example = phonenumbers.example_number_for_type(region, kind)
        for text in spellings(example) if example else []:
            for apart in (f"{text[:-1]} {text[-1]}", f"{text[:-2]} {text[-2:]}"):
                assert is_premium_or_no_number(apart, region), apart
            if sum(map(str.isdigit, text)) < LONGEST_E164:
                assert is_premium_or_no_number(f"{text} 6", region), text


def is_premium_or_no_number(text: str, region: str) -> bool:
    """Whether *text* is refused as premium-rate, or by its digits, and not as several."""
    try:
        return tariff_of(parse(text, region=region).e164) is Tariff.PREMIUM
    except UnreadableNumber as error:
        return error.flaw is not Flaw.SEVERAL
    except UserError:
        return True


@pytest.mark.parametrize(
    "number", ["+81570123456", "+3270123456", "+48300123456", "+48400123456"]
)
def test_numbers_that_cost_more_and_have_no_type_are_known(number: str) -> None:
    """Japan's 0570, Belgium's 070 and Poland's 300 and 400."""
    assert tariff_of(number) is Tariff.SHARED_COST
