"""Numbers of all regions and types, as people write and paste them.

What is dialed is what was meant, or nothing is.
"""

from __future__ import annotations

import re
from datetime import date

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.calls.numbers.phone import (
    NumberNotAllowed,
    PhoneNumber,
    PremiumRate,
    TariffNotAllowed,
    parse,
    permit,
)
from bot.calls.numbers.refusal import (
    AmbiguousNumber,
    Flaw,
    HasExtension,
    NotAPhoneNumber,
    OldMexicanNumber,
    ShortCode,
    UnreadableNumber,
)
from bot.calls.numbers.tariff import Tariff, tariff_of
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts.refusals import words
from refused import refused

US = PhoneNumber("+14155550142")
SOME = max(100 // settings().max_examples, 1)
"""Every fifth region; CI, which tries more examples of each property, takes them all."""

EXAMPLES = [
    (region, kind, example)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)[::SOME]
    for kind in sorted(PhoneNumberType.values())
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]
ORDINARY = [
    (region, example)
    for region, kind, example in EXAMPLES
    if kind in {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE}
]
COSTLY = {
    PhoneNumberType.PREMIUM_RATE: Tariff.PREMIUM,
    PhoneNumberType.PERSONAL_NUMBER: Tariff.PERSONAL,
    PhoneNumberType.SHARED_COST: Tariff.SHARED_COST,
}


def abroad(number: phonenumbers.PhoneNumber) -> str:
    """Return the number as it is written with its country code."""
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def at_home(number: phonenumbers.PhoneNumber) -> str:
    """Return the number as it is written in its country."""
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def e164(number: phonenumbers.PhoneNumber) -> str:
    """Return the number as it is dialed."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def dialed(text: str, region: str) -> str:
    """Return what is dialed for *text*; empty if nothing is."""
    try:
        return parse(text, region=region).e164
    except UserError:
        return ""


# Two numbers


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+39 02 1234567/8", "US"),
        ("+49 30 123456-12/13", "US"),
        ("+49 30 123456/57", "US"),
        ("+49 30 123456 / 57", "US"),
        ("+49 (0)30 123456/57", "US"),
        ("030 123456/57", "DE"),
        ("030 123456/789", "DE"),
        ("02 1234567/8", "IT"),
        ("+39 02 1234567-8", "US"),
        ("+39 02 1234567-8", "IT"),
        ("02 1234567 - 8", "IT"),
        ("02 1234567\u201389", "IT"),
        ("+358 9 1234567-8", "US"),
        ("+49 30 123456 (57)", "US"),
        ("+49 30 123456/123457", "US"),
        ("415-555-0142/43", "US"),
        ("+44 20 7946 0018/19", "US"),
        ("030 1234 030 5678", "DE"),
        ("+49/30/123456/57", "US"),
        ("+39/02/1234567/8", "US"),
        ("030/123/45678", "DE"),
        ("08-12 34 56.57", "SE"),
        ("27 12 34 56.57", "LU"),
        ("0812-345-678.79", "ID"),
        ("09 123 456.57", "FI"),
        ("02 1234567.8", "IT"),
        ("0812-345-678)79", "ID"),
        ("0812-345-678(79", "ID"),
    ],
)
def test_two_numbers_written_short_are_refused_as_two(text: str, region: str) -> None:
    """02 1234567/8 is 1234567 and 1234568; with all digits it rings somebody else."""
    with pytest.raises(UnreadableNumber) as caught:
        parse(text, region=region)

    assert caught.value.flaw is Flaw.SEVERAL


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("030/123456", "DE", "+4930123456"),
        ("02734/12345", "DE", "+49273412345"),
        ("+49 30/123456", "US", "+4930123456"),
        ("0475/12.34.56", "BE", "+32475123456"),
        ("+43 1 12345/12", "US", "+4311234512"),
        ("415/555-0142", "US", "+14155550142"),
        ("+49 30 123456-0", "US", "+49301234560"),
        ("030 123456-12", "DE", "+493012345612"),
        ("27 12 34-56", "LU", "+35227123456"),
        ("+7 495 123-45-67", "US", "+74951234567"),
        ("+49/30/12345678", "US", "+493012345678"),
        ("+49 / 30 / 12345678", "DE", "+493012345678"),
        ("0049/30/12345678", "DE", "+493012345678"),
        ("+1/415/555/0142", "US", "+14155550142"),
        ("415/555/0142", "US", "+14155550142"),
        ("01/23/45/67/89", "FR", "+33123456789"),
        ("01.23.45.67.89", "FR", "+33123456789"),
        ("27.12.34.56", "LU", "+35227123456"),
        ("044 668.18.00", "CH", "+41446681800"),
        ("8 (495) 123-45.67", "RU", "+74951234567"),
        ("(415) 555.0142", "US", "+14155550142"),
    ],
)
def test_a_slash_that_only_groups_digits_is_read(
    text: str, region: str, number: str
) -> None:
    """Behind an area code, and before an Austrian extension, the digits belong."""
    assert parse(text, region=region).e164 == number


@pytest.mark.unmeasured
@pytest.mark.parametrize("tail", ["/7", "/57", " / 8", "-12/13"])
def test_no_region_has_two_numbers_dialed_as_one(tail: str) -> None:
    """Wherever lengths vary, the digits of both would be a possible number."""
    rung = {
        region: text
        for region, _, number in EXAMPLES
        for text in (abroad(number) + tail, at_home(number) + tail)
        if dialed(text, region)
    }

    assert set(rung) <= {"AT"}, rung


@pytest.mark.unmeasured
@pytest.mark.parametrize("tail", ["/7", "/57"])
def test_every_regions_two_numbers_are_refused_as_two(tail: str) -> None:
    """That it is too long would send people to look for a digit too many."""
    for region, number in ORDINARY:
        if region == "AT":
            continue
        with pytest.raises(UnreadableNumber) as caught:
            parse(abroad(number) + tail, region=region)
        assert caught.value.flaw is Flaw.SEVERAL


# What costs more


@pytest.mark.parametrize(
    "number", ["+4990012345670", "+41900123456000", "+398991234560", "+49900123456"]
)
def test_premium_rate_is_judged_by_the_prefix(number: str) -> None:
    """Networks ignore digits too many, and then the premium-rate number rings."""
    with refused(PremiumRate, match="is a premium-rate number"):
        permit(PhoneNumber(number), countries=None)


@pytest.mark.parametrize(
    ("number", "tariff"),
    [
        ("+447012345678", Tariff.PERSONAL),
        ("+491371234567", Tariff.SHARED_COST),
        ("+34905123456", Tariff.SHARED_COST),
        ("+33825123456", Tariff.SHARED_COST),
    ],
)
def test_what_costs_more_is_called_only_if_the_operator_says_so(
    number: str, tariff: Tariff
) -> None:
    """UK 070 numbers are a usual means of fraud."""
    costly = PhoneNumber(number)

    with refused(TariffNotAllowed, match=f"a {tariff.value} number"):
        permit(costly, countries=None, tariffs=set(Tariff) - {tariff})
    permit(costly, countries=None, tariffs={tariff})


@pytest.mark.unmeasured
def test_no_costly_number_of_any_region_is_dialed_nor_with_more_digits() -> None:
    """No setting allows premium-rate numbers, and none is hidden by digits too many."""
    for _, kind, number in EXAMPLES:
        if kind not in COSTLY or tariff_of(e164(number)) is None:
            continue
        for more in ("", "0", "00", "7"):
            longer = PhoneNumber(e164(number) + more)
            parsed = phonenumbers.parse(longer.e164)
            if more and phonenumbers.is_valid_number(parsed):
                continue  # another number, with a type of its own
            with pytest.raises(NumberNotAllowed):
                permit(longer, countries=None)


@pytest.mark.unmeasured
def test_ordinary_numbers_of_every_region_are_not_taken_for_costly_ones() -> None:
    """Their prefix is looked at only where the number is not valid."""
    for region, number in ORDINARY:
        assert tariff_of(e164(number)) is None, region
    assert tariff_of("+15551234567") is None


# Extensions and dates


@pytest.mark.parametrize("region", ["LU", "DE", "AT", "FI", "IT", "US", "GB", "DK"])
@given(st.from_regex(r"[0-9]{1,6}", fullmatch=True))
def test_six_digits_are_an_extension_where_numbers_are_longer(
    region: str, digits: str
) -> None:
    """An office's extension 2021 would ring a stranger's landline in Luxembourg."""
    assert dialed(digits, region) == ""


@pytest.mark.parametrize(("text", "region"), [("2021", "LU"), ("1641", "DE")])
def test_an_extension_is_refused_as_one(text: str, region: str) -> None:
    """The person learns that only whole numbers can be rung."""
    with refused(ShortCode, match="extensions or short codes"):
        parse(text, region=region)


@pytest.mark.parametrize("region", ["DE", "IT", "FI", "DK", "LU", "US"])
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"]),
)
def test_a_date_is_no_number(region: str, day: date, form: str) -> None:
    """05.10.1986 was dialed in five countries."""
    assert dialed(f"{day:{form}}", region) == ""


@pytest.mark.parametrize("region", ["DE", "IT", "FI", "DK", "LU"])
@pytest.mark.parametrize("text", ["05.10.1986", "03.07.90", "1.12.99", "05 10 1986"])
def test_a_date_is_refused_with_that_word(text: str, region: str) -> None:
    """The person sees what the bot took it for."""
    with refused(UnreadableNumber, match="looks like a date"):
        parse(text, region=region)


# What stands around a number, or in it


@pytest.mark.parametrize("mark", ["\u202b", "\u202e", "\u2067", "\u200f", "\u061c"])
def test_marks_that_reorder_digits_are_refused(mark: str) -> None:
    """What the person sees is not the order that would be dialed."""
    for text in (f"415 555{mark} 0142", f"{mark}415 555 0142", f"+1 415{mark}5550142"):
        with refused(UnreadableNumber, match="can't read"):
            parse(text, region="US")
    assert parse(f"415 555 0142{mark}", region="US") == US


@pytest.mark.parametrize(
    "mark", ["\ufe0d", "\ufe0f", "\u034f", "\u2800", "\ufffc", "\u3164", "\u00ad", "\0"]
)
def test_other_invisible_marks_are_dropped(mark: str) -> None:
    """They come with what is pasted, and nobody can see or remove them."""
    assert parse(f"+1 415{mark} 555{mark}0142{mark}", region="US") == US


@pytest.mark.parametrize(
    "text",
    [
        "*+14155550142*",
        "_+14155550142_",
        "`+14155550142`",
        "~+14155550142~",
        "“+14155550142”",
        "„+14155550142“",
        "«+1 415 555 0142»",
        "'+14155550142",
        "'+14155550142'",
        '"+14155550142"',
        "“+14155550142,”",
        "*“(415) 555-0142”*",
        "+14155550142,",
        "+14155550142;",
        "| +14155550142 |",
        "&lt;+1 415 555 0142&gt;",
        "*<tel:+14155550142|+1 415 555 0142>*",
        "tel:+1%20415%20555%200142",
        "<tel:%2B14155550142|+1 415 555 0142>",
        "<tel:%2B1%20415-555-0142>",
        "tel://+14155550142",
        "T: +1 415 555 0142",
        "Phone: (415) 555-0142",
        "Mobile phone: 415 555 0142",
        "Tel.: 415 555 0142",
        "☎ 415 555 0142",
        "M 415 555 0142",
        ":telephone_receiver: 415 555 0142",
        "(415) 555-0142 (mobile)",
        "415 555 0142 [cell]",
        "(m) 415 555 0142",
        "Cell - 415 555 0142",
        "4\ufe0f\u20e315 555 0142",
        "Office: “415 555 0142”",
        "- 415 555 0142",
        "\u2013 (415) 555-0142",
        "• 415 555 0142",
        "* 415 555 0142",
        "&gt; 415 555 0142",
        "1. 415 555 0142",
        "2. 415 555 0142",
        "2) (415) 555-0142",
        "(3) 415 555 0142",
        "b) Tel: 415 555 0142",
        "• Mobile: 415 555 0142",
        "415-555-0142 mobile",
        "415-555-0142, mobile",
        "415-555-0142 - office",
        "(415) 555-0142 direct line",
        "Tel/Fax: 415 555 0142",
        "T/F: 415 555 0142",
        "Tel. & Fax 415 555 0142",
        "Fax/Tel: 415 555 0142",
        "Office / Mobile: 415 555 0142",
        "Mobile and WhatsApp: 415 555 0142",
        "Tel #: 415 555 0142",
        "Tel: <tel:+14155550142|415 555 0142>",
        "電話\uff1a 415 555 0142",
        "callto:+14155550142",
    ],
)
def test_what_is_pasted_around_a_number_is_dropped(text: str) -> None:
    """Slack's marks, quotes, a spreadsheet's apostrophe, a signature's label."""
    assert parse(text, region="US") == US


@pytest.mark.parametrize(
    "text",
    [
        "Fax: 415 555 0142",
        "415 555 0142 (fax)",
        "Bob 415 555 0142",
        "T4155550142",
        "O 415 555 0142",
        "not 415 555 0142",
        "415 555 0142 (old)",
        "415 555 0142 fax",
        "415 555 0142 m",
        "415 555 0142 mobile old",
        "Fax/SMS: 415 555 0142",
        "-4155550142",
        "2.415 555 0142",
        "415 555 0142 2. 650 555 0100",
        "(415) 555-0142 mobile 650 555 0100",
        "not Bob <415 555 0142>",
        "Not Bob <415 555 0142>",
        "Fax <415 555 0142>",
        "Bob <tel:+14155550142|+1 415-555-0142>",
        "Bob (room 5) <415 555 0142>",
        "Bob <415 555 0142> Ann <650 555 0100>",
        "wa.me/message/ABC4155550142",
    ],
)
def test_no_other_word_is_dropped(text: str) -> None:
    """A word may say that it is the wrong number."""
    with pytest.raises(NotAPhoneNumber):
        parse(text, region="US")


@pytest.mark.long_table
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "dress",
    [
        "*{}*",
        "“{}”",
        "'{}",
        "{},",
        "| {} |",
        "T: {}",
        "☎ {}",
        "Mobile: {}",
        "{} (home)",
        "• {}",
        "- {}",
        "Tel/Fax: {}",
        "{} mobile",
    ],
)
def test_every_regions_numbers_are_read_in_every_dress(dress: str) -> None:
    """What is dropped changes no digit, at home or abroad."""
    for region, number in ORDINARY:
        for text in (abroad(number), at_home(number)):
            assert parse(dress.format(text), region=region).e164 == e164(number)


@pytest.mark.unmeasured
@pytest.mark.parametrize("mark", ["7) {}", "20. {}", "44. {}"])
def test_the_number_of_a_lists_line_is_never_dialed(mark: str) -> None:
    """Nothing is, where its digits may belong to the number."""
    for region, number in ORDINARY:
        for text in (abroad(number), at_home(number)):
            assert dialed(mark.format(text), region) in {e164(number), ""}, text


@pytest.mark.parametrize("text", ["44. 20 7946 0018", "44) 207 946 0018"])
def test_a_country_code_is_not_taken_for_a_lists_number(text: str) -> None:
    """Without it, somebody in Maine would be rung."""
    with pytest.raises(NotAPhoneNumber):
        parse(text, region="US")


@pytest.mark.parametrize("text", ["1. 911", "• 911", "2) 911", "- 911", "911 mobile"])
def test_911_in_a_list_is_a_call_for_help(text: str) -> None:
    """However it is typed."""
    with refused(EmergencyNumber, match="Dial 911 on a phone now"):
        parse(text, region="US")


# A zero in brackets


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44 (0)7700 900123", "+447700900123"),
        ("0044 (0)20 7946 0018", "+442079460018"),
        ("011 44 (0)20 7946 0018", "+442079460018"),
        ("+48 (0) 22 512 34 56", "+48225123456"),
        ("+34 (0)912 345 678", "+34912345678"),
        ("+39 (0)6 1234 5678", "+390612345678"),
        ("+49 (0)30/123456", "+4930123456"),
        ("44 (0)20 7946 0018", "+442079460018"),
        ("49 (0) 30 123456", "+4930123456"),
        ("33 (0)1 42 68 53 00", "+33142685300"),
        ("39 (0)2 1234567", "+39021234567"),
    ],
)
def test_a_zero_in_brackets_behind_the_country_code_is_dropped(
    text: str, number: str
) -> None:
    """Half of Europe's signatures have it. Italy's zero is a part of the number."""
    assert parse(text, region="US").e164 == number


def real(number: str) -> bool:
    """Whether these digits, all of them, are a valid number."""
    found = phonenumbers.parse(number)
    return phonenumbers.is_valid_number(found) and e164(found) == number


@pytest.mark.parametrize(
    "text",
    [
        "+39 (0)800 123456",
        "+39 (0)899 123456",
        "+39 (0)199 123456",
        "+39 (0)892 123",
        "+39 (0) 312 345 6789",
        "+247 (0) 40123",
    ],
)
def test_a_zero_in_brackets_that_makes_another_number_is_refused(text: str) -> None:
    """Both are numbers, one of them perhaps at premium rate: nobody knows which is meant."""
    assert dialed(text, "US") == ""


@pytest.mark.unmeasured
@pytest.mark.parametrize("plus", ["+", ""])
def test_every_region_is_read_with_a_zero_in_brackets(plus: str) -> None:
    """The zero is dialed only where the number has one."""
    for region, number in ORDINARY:
        bare = phonenumbers.national_significant_number(number)
        rest = bare.removeprefix("0") if number.italian_leading_zero else bare
        text = f"{plus}{number.country_code} (0){rest}"
        zero = f"+{number.country_code}0{rest}"
        found = dialed(text, "US")

        assert found in {e164(number), zero, ""}, (region, text)
        valid = {each for each in (zero, f"+{number.country_code}{rest}") if real(each)}
        if found == zero:
            assert valid == {zero}, (region, text)
        if len(valid) == 2:
            assert found == "", (region, text)


ENDS = (
    " (1)",
    " (43)",
    "(57)",
    " / 43",
    "/57",
    "/8",
    " / 123457",
    " (0)1",
    "-12/13",
)


@pytest.mark.unmeasured
@pytest.mark.long_table
@pytest.mark.parametrize("region", ["US", "DE", "AT", "IT", "GB", "MX"])
@pytest.mark.parametrize("label", ["", "Tel: ", "2. "])
def test_without_its_plus_a_zero_in_brackets_hides_no_second_number(
    label: str, region: str
) -> None:
    """``49 (0)30 1234567 (1)`` is refused like the same text with a plus.

    No digit is glued on; what is in front is never taken for a number of home's own.
    """
    for head in (
        "49 (0)30 1234567",
        "43 (0)664 1234567",
        "39 (0)6 12345678",
        "44 (0)20 7946 0018",
        "44 (0)20 79460",
        "43 (0)1 12345",
    ):
        for end in ("", *ENDS):
            plus = dialed(f"{label}+{head}{end}", region)
            assert dialed(f"{label}{head}{end}", region) in {plus, ""}, (head, end)
    assert dialed(f"{label}44 (0)20 7946 0018", region) in {"+442079460018", ""}


def test_who_typed_a_plus_is_not_told_to_type_one() -> None:
    """It would send them round in a circle."""
    for text in ("+44 (0)20 7946", "+1 41555501", "+1 415 555 01423"):
        with pytest.raises(NotAPhoneNumber) as caught:
            parse(text, region="US")
        assert "with +" not in words(caught.value)
        assert re.search("Check the digits|Add the area code", words(caught.value))


# Refusals that say what is true


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+52 1 55 1234 5678", "US"),
        ("5215512345678", "US"),
        ("+52 044 55 1234 5678", "US"),
        ("011 52 045 55 1234 5678", "US"),
        ("044 55 1234 5678", "MX"),
        ("045 55 1234 5678", "MX"),
        ("01 55 1234 5678", "MX"),
    ],
)
def test_former_mexican_prefixes_are_explained_and_not_dialed(
    text: str, region: str
) -> None:
    """WhatsApp writes the 1 still; the person is given the number as it is now."""
    with refused(OldMexicanNumber, match=r"Mexico dropped .* \+52 55 1234 5678"):
        parse(text, region=region)


def test_044_is_no_mexican_prefix_elsewhere() -> None:
    """044 is Zurich in Switzerland, and nothing in the US."""
    assert dialed("044 668 18 00", "CH") == "+41446681800"
    with refused(NotAPhoneNumber, match="too long for the United States"):
        parse("044 55 1234 5678", region="US")


def test_another_countrys_00_is_explained() -> None:
    """00 is no exit code in the US; the number that it would be is shown."""
    with refused(AmbiguousNumber, match=r"If you mean \+44 20 7946 0018, type it"):
        parse("00 44 20 7946 0018", region="US")


@pytest.mark.parametrize(
    "text",
    [
        "415-555-0142 local 212",
        "415-555-0142, ext. 5",
        "415 555 0142 (ext. 5)",
        "EXT-101",
        "(ext. 5)",
        "+39 02 1234567 interno 5",
        "+33 1 42 68 53 00 poste 12",
        "extension 7",
    ],
)
def test_the_words_for_an_extension_are_known(text: str) -> None:
    """Half of the answer, that there are letters in it, would help nobody."""
    with pytest.raises(HasExtension):
        parse(text, region="US")
