"""Short numbers of all regions: each refusal says what the number is at home."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import settings
from phonenumbers import PhoneMetadata

from bot.calls.numbers.phone import parse
from bot.calls.numbers.refusal import ShortCode
from bot.calls.typed.emergency import EmergencyNumber
from bot.errors import UserError
from bot.slack.texts import countries
from bot.slack.texts.refusals import words
from refused import refused

pytestmark = pytest.mark.unmeasured

SOME = max(100 // settings().max_examples, 1)
"""Every fifth region; CI, which tries more examples of each property, takes them all."""

REGIONS = sorted(
    set(phonenumbers.SUPPORTED_SHORT_REGIONS) & set(phonenumbers.SUPPORTED_REGIONS)
)[::SOME]


@pytest.mark.parametrize(
    ("region", "number"),
    [
        ("JP", "118"),
        *(("FR", each) for each in ("114", "115", "119", "191", "196", "197")),
        *(("ES", each) for each in ("061", "062", "080", "091", "092")),
        ("CH", "1414"),
        ("AT", "140"),
        ("US", "988"),
        ("CA", "988"),
    ],
)
def test_a_rescue_line_that_phonenumbers_leaves_out_is_known(
    region: str, number: str
) -> None:
    """The coast guard is no extension, and it isn't only an emergency number elsewhere."""
    with refused(EmergencyNumber, match=f"Dial {number} on a phone now"):
        parse(number, region=region)
    code = phonenumbers.country_code_for_region(region)
    with refused(EmergencyNumber, match="can't reach emergency services"):
        parse(f"+{code} {number}", region="DE")


def test_no_emergency_number_is_told_to_be_one_elsewhere_at_home() -> None:
    """Every region's own, and only those, are told to be dialed there."""
    for region in REGIONS:
        for number in _of(region, "emergency"):
            with refused(EmergencyNumber, match=f"Dial {number} on a phone now"):
                parse(number, region=region)


def test_elsewhere_is_only_said_of_what_some_other_region_calls_for_help_with() -> None:
    """And of nothing that is a free service at home."""
    urgent = {number for region in REGIONS for number in _of(region, "emergency")}
    for region in REGIONS[::6]:
        for number in sorted(urgent):
            try:
                parse(number, region=region)
            except UserError as error:
                said = words(error)
            else:
                continue
            if "Elsewhere" in said:
                assert not phonenumbers.is_emergency_number(number, region)
                assert number not in _of(region, "toll_free")


@pytest.mark.parametrize(
    ("text", "region", "where"),
    [
        ("116117", "DE", "Germany"),
        ("116 123", "DE", "Germany"),
        ("+49 116117", "US", "Germany"),
        ("3114", "FR", "France"),
        ("+33 3114", "US", "France"),
        ("611", "US", "the United States"),
    ],
)
def test_a_free_service_of_home_is_called_one(
    text: str, region: str, where: str
) -> None:
    """Nobody can "type the whole number, with its area code" of it."""
    with refused(ShortCode, match=f"a service number in {where}.* Dial it on a phone"):
        parse(text, region=region)


def test_every_regions_free_services_are_called_that() -> None:
    """By phonenumbers' short numbers; a few are emergency numbers, or ordinary ones too."""
    seen = 0
    for region in REGIONS:
        for number in _of(region, "toll_free"):
            try:
                parse(number, region=region)
            except UserError as error:
                said = words(error)
            else:
                continue
            is_named = f"service number in {countries.plain(region)}" in said
            assert is_named or "emergency services" in said, (region, number, said)
            seen += is_named
    assert seen >= len(REGIONS) // 3


def _of(region: str, kind: str) -> list[str]:
    """Return a region's short numbers of three to six digits, or some of them."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    described = getattr(metadata, kind)
    pattern = described.national_number_pattern if described else None
    example = described.example_number if described else None
    found = [
        str(each)
        for each in range(100, 1000)
        if pattern and re.fullmatch(pattern, str(each))
    ]
    return found + ([example] if example and 3 < len(example) <= 6 else [])
