"""What stands around a number: labels, verbs, and what spreadsheets and lists put there."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.calls.numbers.phone import PhoneNumber, parse
from bot.calls.numbers.refusal import HasExtension, NotAPhoneNumber
from bot.calls.typed.emergency import EmergencyNumber
from refused import refused

IN_FRONT = [
    *("(o) ", "(O) ", "C ", "C: ", "M ", "D ", "No. ", "No: ", "Nr. ", "Number: "),
    *("HQ: ", "Büro: ", "Zentrale: ", "Tel. (gesch.): ", "Privat: ", "Durchwahl: "),
    *("DW: ", "Fixe : ", "Standard : ", "Ligne directe : ", "Port. ", "Uff. ", "Of. "),
    *(
        "DDI: ",
        "DID: ",
        "Direct dial: ",
        "Bus: ",
        "Business: ",
        "Tel.-Nr.: ",
        "Rufnr.: ",
    ),
    *(
        "Telefonnr.: ",
        "Festnetz: ",
        "Mobiltelefon: ",
        "Telefoon: ",
        "Mobiel: ",
        "Tlm: ",
    ),
    *(
        "Telemóvel: ",
        "Tfno: ",
        "Teléf.: ",
        "Fone: ",
        "kom. ",
        "tel. kom. ",
        "Puhelin: ",
    ),
    *(
        "Tfn: ",
        "Växel: ",
        "Cep: ",
        "т. ",
        "Bureau : ",
        "N° : ",
        "N° de tél. : ",
        "(R) ",
    ),
    *("טל: ", "هاتف: ", "핸드폰: ", "代表: "),
    *("Numéro : ", "電話番号: ", "#: ", "HQ "),
    *("call ", "Call: ", "dial ", "ring ", "to ", "phone ", "please call ", "Dial: "),
    *("call me at ", "call them on ", "ring me on ", "call Tel: ", "- call "),
]
BEHIND = [
    " (o)",
    " M",
    " C",
    " (c)",
    " [O]",
    "\uff08代表\uff09",
    "…",
    " …",
    " -",
    " \u2013",
    "\u3002",
    "\u3001",
]
EXAMPLES = [
    (region, example)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
]


@pytest.mark.parametrize("front", IN_FRONT)
def test_a_label_or_a_verb_in_front_is_dropped(front: str) -> None:
    """``call 415-555-0142`` says what the command does anyway."""
    for text in ("415-555-0142", "(415) 555-0142", "+14155550142", "“415 555 0142”"):
        assert parse(front + text, region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("Local: 415-555-0142", "US", "+14155550142"),
        ("Ext: 415-555-0142", "US", "+14155550142"),
        ("Option: (415) 555-0142", "US", "+14155550142"),
        ("Local: <tel:+14155550142|415-555-0142>", "US", "+14155550142"),
        ("Lokal 08-123 456 78", "SE", "+46812345678"),
        ("Poste : 01 23 45 67 89", "FR", "+33123456789"),
        ("Interno: 02 1234567", "IT", "+39021234567"),
        ("Int. +39 02 1234567", "IT", "+39021234567"),
        ("App. 030 123456", "DE", "+4930123456"),
        ("Apparat: 030 123456", "DE", "+4930123456"),
        ("内线: 010-12345678", "CN", "+861012345678"),
    ],
)
def test_before_a_whole_number_the_word_for_an_extension_is_a_label(
    text: str, region: str, number: str
) -> None:
    """``Local`` says that it is a number of this town; people read of an extension."""
    assert parse(text, region=region).e164 == number


@pytest.mark.parametrize("front", ["call ", "to ", "Number: ", "C "])
def test_a_verb_before_a_link_is_dropped(front: str) -> None:
    """Slack makes a link of what is pasted."""
    text = f"{front}<tel:+14155550142|(415) 555-0142>"

    assert parse(text, region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize(
    "around",
    [
        *("{} (mobile)", "{} mobile", "{}, mobile", "{} [cell]", "{} M", "{} - office"),
        *("({})", "[{}]", "( {} )", "Mobile ({})", "*({})*", "Tel: {} (work)."),
    ],
)
@pytest.mark.parametrize("label", ["", "|+1 415 555 0142", "|Call us"])
def test_what_stands_around_a_link_is_dropped_as_around_a_number(
    around: str, label: str
) -> None:
    """Slack makes a link of each number that is typed or pasted in some of its apps."""
    text = around.format(f"<tel:+14155550142{label}>")

    assert parse(text, region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize("around", ["{} fax", "{} x5", "({}) 5", "({}", "({}]", "{} 5"])
def test_other_signs_around_a_link_are_not_dropped(around: str) -> None:
    """They may be a part of another number, or say that it is the wrong one."""
    with pytest.raises(NotAPhoneNumber):
        parse(around.format("<tel:+14155550142|+1 415 555 0142>"), region="US")


@pytest.mark.parametrize(
    "around",
    [
        *(
            "{} |",
            "| {}",
            "|{}",
            "| {} | ",
            ",{}",
            ", {}",
            "; {}",
            ";{};",
            "{} ;",
            "|| {}",
        ),
        *("\u2019{}", "\u2018{}", "'{}", "| \u2019{} |", "\u2018{},"),
        *("`{}`,", "`{}`.", "`{}` ;", "`{}", "{}`!", "```{}```", "call `{}`,"),
    ],
)
@pytest.mark.parametrize("number", ["415 555 0142", "(415) 555-0142", "+14155550142"])
def test_what_a_table_or_a_sentence_left_at_an_end_is_dropped(
    around: str, number: str
) -> None:
    """A cell's border, a list's comma, a curly apostrophe, back-ticks before a comma."""
    assert parse(around.format(number), region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize("between", ["|", " | ", ",", ", ", "; ", "`, `", " ` "])
def test_between_two_numbers_they_part_them(between: str) -> None:
    """Only at an end they say nothing."""
    with pytest.raises(NotAPhoneNumber):
        parse(f"| 415 555 0142{between}650 555 0100 |", region="US")


@pytest.mark.parametrize("behind", BEHIND)
def test_a_label_or_a_sign_behind_is_dropped(behind: str) -> None:
    """What a cell or a line has left over is no digit."""
    assert parse(f"415-555-0142{behind}", region="US") == PhoneNumber("+14155550142")


@pytest.mark.parametrize(
    "text", ['="4155550142"', "=+14155550142", "=4155550142", '="(415) 555-0142"']
)
def test_a_spreadsheets_formula_is_the_number_in_it(text: str) -> None:
    """A table's export writes numbers so, to keep a leading zero or plus."""
    assert parse(text, region="US") == PhoneNumber("+14155550142")


@given(
    st.sampled_from(EXAMPLES),
    st.sampled_from(["", *IN_FRONT]),
    st.sampled_from(["", *BEHIND]),
    st.sampled_from([PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL]),
)
def test_no_label_changes_a_digit_in_any_region(
    example: tuple[str, phonenumbers.PhoneNumber], front: str, behind: str, style: int
) -> None:
    """``1 2345 C`` may be shorter than seven digits: then a label may be an extension's."""
    region, number = example
    written = phonenumbers.format_number(number, style)
    if front in {"Durchwahl: ", "DW: ", "#: "} and sum(map(str.isdigit, written)) < 7:
        return

    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert parse(front + written + behind, region=region).e164 == e164


@pytest.mark.parametrize(
    "text",
    [
        "don't call 415 555 0142",
        "stop calling 415 555 0142",
        "no 415 555 0142",
        "not to 415 555 0142",
        "recall 415 555 0142",
        "call Bob 415 555 0142",
        "call 415 555 0142 to 650 555 0100",
        "call 415 555 0142 or 650 555 0100",
        "O 415 555 0142",
        "415 555 0142 O",
        "415 555 0142 m",
        "415-555-014 (2)",
        "=415-555-0142+1",
        "=A1",
    ],
)
def test_other_words_stay(text: str) -> None:
    """They may say that it is the wrong number, or an O may be a slip for a zero."""
    with pytest.raises(NotAPhoneNumber):
        parse(text, region="US")


@pytest.mark.parametrize("front", ["call ", "dial ", "ring ", "to ", "phone ", "No. "])
def test_a_verb_before_911_is_a_call_for_help(front: str) -> None:
    """Whatever is dropped, 911 is seen first."""
    with refused(EmergencyNumber, match="Dial 911 on a phone now"):
        parse(f"{front}911", region="US")


@pytest.mark.parametrize(
    "text", ["Durchwahl 12", "Durchwahl: 123456", "DW 57", "#: 12"]
)
def test_before_few_digits_a_label_of_direct_lines_means_an_extension(
    text: str,
) -> None:
    """``Durchwahl`` is both: a whole number and an extension."""
    with pytest.raises(HasExtension):
        parse(text, region="DE")
