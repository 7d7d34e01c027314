"""Signs between the groups of one number, and what stands before its country code."""

from __future__ import annotations

import pytest

from bot.calls.numbers.phone import parse
from bot.calls.numbers.refusal import Flaw, UnreadableNumber


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+44 / (0)20 / 7946 0018", "US", "+442079460018"),
        ("+49/(0)30/1234567", "DE", "+49301234567"),
        ("0049/(0)30/1234567", "DE", "+49301234567"),
        ("+49 / (0) 30 / 1234567", "US", "+49301234567"),
        ("+33/(0)1/42/68/53/00", "US", "+33142685300"),
        ("+1+415+555+0142", "US", "+14155550142"),
        ("+44+20+7946+0018", "US", "+442079460018"),
        ("tel:+1+415+555+0142", "DE", "+14155550142"),
        ("001-010-1-415-555-0142", "JP", "+14155550142"),
        ("0033-010-44-20-7946-0018", "JP", "+442079460018"),
    ],
)
def test_the_parts_of_one_number_are_read(text: str, region: str, number: str) -> None:
    """They were called two numbers, which nobody could mend."""
    assert parse(text, region=region).e164 == number


@pytest.mark.parametrize(
    ("text", "region", "flaw"),
    [
        ("+49/(0)30/123456/57", "US", Flaw.SEVERAL),
        ("+49/30/(0)123456", "US", Flaw.SEVERAL),
        ("+1+4155550142", "US", Flaw.SEVERAL),
        ("+14155550142+16505550100+1", "US", Flaw.SEVERAL),
        ("++1+415+555+0142", "US", Flaw.TWO_PLUS),
    ],
)
def test_signs_between_other_groups_part_two_numbers(
    text: str, region: str, flaw: Flaw
) -> None:
    """They are read only where the country groups its numbers in this way."""
    with pytest.raises(UnreadableNumber) as caught:
        parse(text, region=region)

    assert caught.value.flaw is flaw
