"""What a record has instead of a name is nobody's name, and a real name stays one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.people.nobody import is_nobodys

NOBODY = [
    "Anonymous",
    "Unavailable",
    "Unknown",
    "UNKNOWN CALLER",
    "Unknown Name",
    "Unknown-Number",
    "No Name",
    "No Caller ID",
    "NO CNAM",
    "Not Available",
    "Name not available",
    "Not provided",
    "N/A",
    "Private",
    "Private Caller",
    "PRIVATE NUMBER",
    "Number withheld",
    "Restricted",
    "Blocked call",
    "Out of Area",
    "Out-of-Area",
    "Wireless Caller",
    "WIRELESS CALLER",
    "Mobile caller",
    "Cell Phone",
    "Cellular call",
    "Toll Free Call",
    "TOLL-FREE CALLER",
    "Tollfree",
    "Pay Phone",
    "Landline",
    "Caller ID",
    "Incoming call",
    "International call",
    "Spam",
    "Spam?",
    "Spam Risk",
    "Potential Spam",
    "Suspected spam call",
    "Spam Likely",
    "Scam Likely",
    "Fraud Risk",
    "Scam alert",
    "Robocaller",
    "Telemarketer",
    "Nuisance likely",
    "Political call",
    "V12345678901234567",
    "...",
    "-",
]
PLACES = [
    "SAN FRANCISCO CA",
    "San Francisco CA",
    "San Francisco, CA",
    "San Francisco,CA",
    "New York, NY",
    "NEW YORK NY",
    "DALLAS TX",
    "PARIS TX",
    "ST PAUL MN",
    "St. Paul, MN",
    "WINSTON-SALEM NC",
    "BOSTON MA",
    "BALTIMORE MD",
    "Philadelphia, PA",
    "DENVER CO",
    "WASHINGTON DC",
    "ST LOUIS MO",
    "TORONTO ON",
    "Vancouver, BC",
    "San Jose, CA, US",
    "CALIFORNIA",
    "Dallas, Texas",
    "UNITED STATES",
    "USA",
    "Canada",
]
NAMES = [
    "Paris Hilton",
    "PARIS HILTON",
    "Dallas Smith",
    "DALLAS SMITH",
    "Austin Powers",
    "Virginia Woolf",
    "GEORGIA",
    "Georgia",
    "Virginia",
    "Madison",
    "Jack Ma",
    "JACK MA",
    "Yo-Yo Ma",
    "SANDRA OH",
    "JOHN SMITH MD",
    "John Smith, MD",
    "JANE DOE PA",
    "NORTHWIND CO",
    "Acme Trading Co",
    "CHEZ LA",
    "DRIVE IN",
    "ANN AL",
    "Private Label Foods",
    "Mobile Mini Inc",
    "UNKNOWN PLEASURES RECORDS",
    "No Frills Store",
    "Spam Museum",
    "International Paper",
    "Blocked Drains Ltd",
    "California Pizza Kitchen",
    "New York Pizza",
    "Ontario Power",
    "Bank of America",
    "Phone Doctors",
    "Nora North",
    "Ng",
    "Vo",
    "Al",
    "Noone",
    "Private Wealth Partners",
    "Restricted Area Games",
    "Caller Brothers",
    "Nguy\u1ec5n V\u0103n An",
    "\u7530\u4e2d",
]


def test_what_stands_for_nobody_is_nobodys_name() -> None:
    """A card that says "Talked with Spam Risk" names somebody who does not exist."""
    assert [each for each in NOBODY if not is_nobodys(each)] == []


def test_a_place_is_nobodys_name() -> None:
    """It is where the number was given out, not who called."""
    assert [each for each in PLACES if not is_nobodys(each)] == []


def test_a_real_name_stays_one() -> None:
    """People are called like towns, and companies like what they do."""
    assert [each for each in NAMES if is_nobodys(each)] == []


@given(
    st.sampled_from(NOBODY),
    st.sampled_from([str.upper, str.lower, str.title, lambda each: f" {each} . "]),
)
def test_its_case_and_signs_do_not_matter(name: str, form: object) -> None:
    """Each company writes it in its own way."""
    assert is_nobodys(form(name))  # type: ignore[operator]


@pytest.mark.parametrize("name", ["", " ", "_"])
def test_nothing_is_no_name(name: str) -> None:
    """Signs alone say nothing."""
    assert is_nobodys(name)
