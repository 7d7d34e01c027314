"""What rings first and what others see: never a stranger's number, however it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.dialling import BadCommand, read_command
from bot.calls.emergency import EmergencyNumber
from bot.calls.person import Preferences, Shows
from bot.calls.phone import PhoneNumber
from bot.calls.phones import Phone, Unknown, choose, dump, load, to_myself
from bot.listing import merged

NUMBERS = [f"+1650555{last:04}" for last in range(100, 112)]
LABELS = ["", "My mobile", "Desk", "desk 2", "Home", "+16505550103", "from", "Ünal"]

numbers = st.sampled_from(NUMBERS)
phones = st.lists(
    st.builds(
        Phone,
        number=numbers.map(PhoneNumber),
        label=st.sampled_from(LABELS),
        type=st.sampled_from(["", "Mobile", "Work", "PhoneLine", "DirectNumber"]),
        rings=st.booleans(),
        shows=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda phone: phone.number,
)
typed = st.one_of(
    st.none(), numbers, numbers.map(lambda each: each[2:]),
    st.sampled_from([*LABELS, "mob", "des", "de", "d", "work", "+447911123456"]),
    st.text(max_size=12),
)  # fmt: skip
chosen = st.builds(
    Preferences,
    first=st.one_of(st.just(""), numbers),
    caller_id=st.one_of(st.just(""), numbers),
    prompt=st.one_of(st.none(), st.booleans()),
    shows=st.sampled_from(Shows),
)


@given(
    phones, chosen, typed, typed, st.one_of(st.none(), numbers.map(PhoneNumber)),
    st.sampled_from(["US", "GB"]),
)  # fmt: skip
def test_nobody_elses_number_is_ever_chosen(
    mine: list[Phone],
    wants: Preferences,
    from_: str | None,
    as_: str | None,
    default: PhoneNumber | None,
    region: str,
) -> None:
    """Whatever is typed, stored or listed: what rings is theirs or the operator's."""
    rings = {each.number for each in mine if each.rings}
    shows = {each.number for each in mine if each.shows}
    try:
        choice = choose(
            mine, wants, from_=from_, as_=as_, region=region, default=default
        )
    except Unknown:
        assert from_ is not None or as_ is not None
        return

    assert choice.caller is None or choice.caller in rings | {default}
    assert choice.caller_id is None or choice.caller_id in shows
    if from_ is not None:
        assert choice.caller is not None
    if as_ is not None:
        assert choice.caller_id is not None
    if wants.prompt is not None:
        assert choice.prompt == wants.prompt
    if rings or default:
        assert choice.caller is not None


@given(phones, chosen)
def test_a_choice_that_is_still_theirs_is_kept(
    mine: list[Phone], wants: Preferences
) -> None:
    """And one that is not any more falls back, instead of ringing a former phone."""
    choice = choose(mine, wants, from_=None, as_=None, region="US")
    theirs = next(
        (p.number for p in mine if p.rings and p.number.e164 == wants.first), None
    )
    first = next((p.number for p in mine if p.rings), None)

    assert choice.caller == (theirs or first)
    assert to_myself(mine, choice.caller) not in (
        {choice.caller} if choice.caller else set()
    )


@given(phones)
def test_a_list_of_phones_comes_back_from_the_database(mine: list[Phone]) -> None:
    """What was listed an hour ago is what an ack goes by."""
    assert load(dump(mine)) == tuple(mine)


@given(chosen)
def test_preferences_come_back_from_the_database(wants: Preferences) -> None:
    """Also to another version of this program, in part."""
    assert Preferences.load(wants.dump()) == wants


@pytest.mark.parametrize(
    "text", ["", "{", "{}", '{"shows": "nowhere"}', '{"colour": "red"}']
)
def test_preferences_that_cannot_be_read_are_none(text: str) -> None:
    """Nobody loses their calls by it."""
    assert Preferences.load(text) == Preferences()


# Commands

words = st.from_regex(r"[+0-9A-Za-z][0-9A-Za-z .()-]{0,14}", fullmatch=True).filter(
    lambda text: not {"from", "as"} & set(text.lower().split())
)


@given(
    words,
    words,
    words,
    st.sampled_from(["from", "From", "FROM"]),
    st.sampled_from([" ", "  "]),
)
def test_from_and_as_mean_the_same_in_any_order(
    to: str, first: str, seen: str, word: str, gap: str
) -> None:
    """People do not remember which comes first."""
    parts = (f"{word}{gap}{first}", f"as{gap}{seen}")
    read = {
        (command.kind, command.to, command.from_, command.as_)
        for order in permutations(parts)
        for command in [read_command(f"{to}{gap}{gap.join(order)}")]
    }

    assert len(read) == 1
    assert read == {("dial", to.strip(), first.strip(), seen.strip())}


@given(words, words, words, st.sampled_from(["from", "as"]))
def test_a_word_that_is_there_twice_is_refused(
    to: str, one: str, two: str, word: str
) -> None:
    """Else one of the two would be dropped in silence, and the wrong phone ring."""
    with pytest.raises((BadCommand, EmergencyNumber)):
        read_command(f"{to} {word} {one} {word} {two}")


@given(words, st.permutations(["from", "as"]))
def test_a_word_without_its_number_is_refused(to: str, order: list[str]) -> None:
    """``/ringout … from`` was sent too early."""
    for text in (f"{to} {order[0]}", f"{order[0]} {to}", f"{to} {' '.join(order)}"):
        with pytest.raises((BadCommand, EmergencyNumber)):
            read_command(text)


# What RingCentral lists


@dataclass(frozen=True)
class Entry:
    """A number as RingCentral lists it."""

    number: str
    label: str = ""
    type: str = ""
    usage: str = ""
    can_ring: bool = False
    can_show: bool = False


def test_one_entry_a_number_and_none_that_is_good_for_nothing() -> None:
    """A list for people: what rings first, then what else may be seen."""
    rings = [
        Entry("+16505550101", "My mobile", "Mobile", can_ring=True),
        Entry("+16505550101", "The same", "Home", can_ring=True),
        Entry("+16505550102", "Fax", "Other"),
        Entry("", "Nothing", "Home", can_ring=True),
        Entry("six", "No number", "Home", can_ring=True),
        Entry("(650) 555-0103", "As typed", "Work", can_ring=True),
    ]
    shows = [
        Entry("+16505550101", usage="ForwardedNumber", can_show=True),
        Entry("+16505550104", usage="DirectNumber", can_show=True),
        Entry("+16505550105", "Sales", usage="CompanyNumber", can_show=True),
        Entry("+16505550106", usage="CompanyFaxNumber"),
        Entry("x", usage="DirectNumber", can_show=True),
    ]

    found = merged(rings, shows, "US")

    assert [
        (each.number.e164[-4:], each.label, each.rings, each.shows) for each in found
    ] == [
        ("0101", "My mobile", True, True),
        ("0103", "As typed", True, False),
        ("0104", "Direct number", False, True),
        ("0105", "Sales", False, True),
    ]


@given(
    st.lists(st.builds(Entry, numbers, can_ring=st.booleans())),
    st.lists(st.builds(Entry, numbers, can_show=st.booleans())),
)
def test_a_list_holds_what_ringcentral_allows_and_no_more(
    rings: list[Entry], shows: list[Entry]
) -> None:
    """Whatever it lists, in whatever order, and however often."""
    found = merged(rings, shows, "US")
    may_ring = {each.number for each in rings if each.can_ring}
    may_show = {each.number for each in shows if each.can_show}

    assert {each.number.e164 for each in found if each.rings} == may_ring
    assert {each.number.e164 for each in found if each.shows} == may_show
    assert len({each.number for each in found}) == len(found)
