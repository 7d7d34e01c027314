"""Numbers with an extension, in the words and signs of all regions: none is dialed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.phone import parse
from bot.calls.numbers.refusal import Flaw, HasExtension, UnreadableNumber

WORDS = re.split(
    r"\|",
    "ext|ext.|extn|Extension|extensión|extensão|x|\u00d7|доб|доб.|добавочный|вн.|anexo|int|int."
    "|interno|interne|poste|post|ramal|derivación|local|loc.|lokal|Durchwahl|DW|Apparat"
    "|App.|Nebenstelle|Nst.|Klappe|Kl.|toestel|tst.|anknytning|ankn.|dahili|wewn.|wew."
    "|wewnętrzny|linka|klapka|mellék|alanumero|option|opt.|options|press|máy lẻ|εσωτ."
    "|שלוחה|داخلی|تحويلة|内線|内线|分機|分机|转|轉|내선|교환|ต่อ|#|;|,,|~|\uff5e|w|p",
)
NUMBERS = [
    "415-555-0142",
    "(415) 555 0142",
    "+14155550142",
    "+49 30 123456",
    "4155550142",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_number_with_an_extension_is_refused_as_one(word: str) -> None:
    """With its digits glued on, it would ring somebody else."""
    for number in NUMBERS:
        for text in (f"{number} {word} 12", f"{number} {word.upper()}12"):
            with pytest.raises(HasExtension):
                parse(text, region="US")


@pytest.mark.parametrize("word", [each for each in WORDS if len(each.strip(".")) > 1])
def test_an_extension_alone_is_refused_as_one(word: str) -> None:
    """Not with the advice to type digits, which were typed."""
    if word == ",,":
        return
    with pytest.raises(HasExtension):
        parse(f"{word} 12", region="US")


@given(
    st.sampled_from(WORDS),
    st.sampled_from(NUMBERS),
    st.integers(0, 9_999_999),
    st.sampled_from([" {} {}", ", {} {}", " ({} {})", "{}{}", " - {}: {}", " [{} {}]"]),
)
def test_an_extension_in_any_dress_is_seen(
    word: str, number: str, extension: int, dress: str
) -> None:
    """In brackets, behind a comma, or without a space."""
    with pytest.raises(HasExtension):
        parse(number + dress.format(word, extension), region="US")


@pytest.mark.parametrize(
    "text", ["415-555-0142 e212", "4155550142e212", "415-555-0142e5"]
)
def test_a_bare_e_counts_right_before_digits(text: str) -> None:
    """Elsewhere it may be the word for "and" between two numbers."""
    with pytest.raises(HasExtension):
        parse(text, region="US")


@pytest.mark.parametrize(
    ("text", "region", "flaw"),
    [
        ("06,12,34,56,78", "FR", Flaw.SIGNS),
        ("06;12;34;56;78", "FR", Flaw.SIGNS),
        ("415~555~0142", "US", Flaw.SIGNS),
        ("415*555*0142", "US", Flaw.SIGNS),
        ("415#555#0142", "US", Flaw.SIGNS),
        ("$4,155,550,142", "US", Flaw.SIGNS),
        ("03-1234-5678~9", "JP", Flaw.SEVERAL),
        ("02-123-4567\uff5e8", "KR", Flaw.SEVERAL),
        ("+81 3-1234-5678~80", "US", Flaw.SEVERAL),
        ("+49 30 123456; 57", "DE", Flaw.SEVERAL),
        ("01 58858-12, 13", "AT", Flaw.SEVERAL),
        ("415-555-0142, 43", "US", Flaw.SEVERAL),
        ("415-555-0142,650-555-0100", "US", Flaw.SEVERAL),
    ],
)
def test_signs_between_groups_or_numbers_are_no_extension(
    text: str, region: str, flaw: Flaw
) -> None:
    """Who typed none would look for it in vain."""
    with pytest.raises(UnreadableNumber) as caught:
        parse(text, region=region)

    assert caught.value.flaw is flaw


@pytest.mark.parametrize(
    "text",
    ["415-555-0142,,5,,6#", "415-555-0142*5*6", "+14155550142;5", "4155550142,5,6"],
)
def test_several_steps_of_dialing_on_are_seen(text: str) -> None:
    """A conference asks for a number and a PIN."""
    with pytest.raises(HasExtension):
        parse(text, region="US")


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("021-61234567-8001", "CN"),
        ("010-12345678-123", "CN"),
        ("+86 21 6123 4567 - 8001", "US"),
        ("(021)61234567-8001", "CN"),
        ("02-2345-6789-123", "TW"),
        ("local 555 0142", "US"),
        ("ext 12 415 555 0142", "US"),
        ("Ext. 12 +14155550142", "US"),
        ("#1234", "US"),
        ("#31#415-555-0142", "US"),
        ("*67 415 555 0142", "US"),
    ],
)
def test_an_extension_is_seen_where_it_is_written_otherwise(
    text: str, region: str
) -> None:
    """China writes it behind a dash; people read that the number is too long."""
    with pytest.raises(HasExtension):
        parse(text, region=region)


@pytest.mark.parametrize("text", ["#415-555-0142", "# 415 555 0142", "x415-555-0142"])
def test_a_sign_before_a_whole_number_is_no_extension(text: str) -> None:
    """It isn't dialed either: nobody knows what the sign is for."""
    with pytest.raises(UnreadableNumber):
        parse(text, region="US")
