"""Which phone rings first and which number is shown: only ever the person's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences, Shows
from bot.calls.people.phones import (
    Choice,
    Phone,
    UnknownPhone,
    choose,
    dump,
    let_ring,
    load,
    to_myself,
)
from bot.calls.typed.dialing import read_command
from bot.calls.typed.verbs import Verb
from bot.errors import UserError
from bot.slack.texts.refusals import words
from refused import refused

NUMBERS = [f"+1415555{n:04d}" for n in range(100, 108)]
LABELS = ["", "My mobile", "Mobile", "Desk", "desk 2", "Home", NUMBERS[0], "4155550101"]
TYPES = ["", "Mobile", "Home", "Work", "PhoneLine", "DirectNumber"]

phones = st.lists(
    st.builds(
        Phone,
        st.sampled_from(NUMBERS).map(PhoneNumber),
        st.sampled_from(LABELS),
        st.sampled_from(TYPES),
        rings=st.booleans(),
        shows=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda phone: phone.number,
)
typed = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from([*NUMBERS, *LABELS, "mob", "d"])
    | st.sampled_from(NUMBERS).map(PhoneNumber)
)
"""What somebody typed; or a number, which they were asked about before."""
numbers = st.sampled_from(["", "x", *NUMBERS])
preferences = st.builds(
    Preferences, first=numbers, caller_id=numbers, prompt=st.none() | st.booleans()
)
default = st.none() | st.sampled_from(NUMBERS).map(PhoneNumber)


FIRST, OTHER = PhoneNumber(NUMBERS[0]), PhoneNumber(NUMBERS[1])


@given(phones, preferences, typed, typed, default)
@example([Phone(FIRST), Phone(OTHER, rings=True)], Preferences(), None, None, None)
@example([Phone(FIRST)], Preferences(first=FIRST.e164), None, None, None)
@example([Phone(FIRST)], Preferences(caller_id=FIRST.e164), None, None, None)
@example([Phone(FIRST, rings=True)], Preferences(), OTHER.e164, None, None)
@example([Phone(FIRST, shows=True)], Preferences(), None, OTHER.e164, None)
@example(
    [Phone(FIRST, rings=True), Phone(OTHER, rings=True)],
    Preferences(),
    OTHER,
    None,
    None,
)
def test_nobody_elses_number_rings_first_or_is_shown(
    mine: list[Phone],
    chosen: Preferences,
    from_: str | PhoneNumber | None,
    as_: str | PhoneNumber | None,
    operators: PhoneNumber | None,
) -> None:
    """A call only ever rings and shows the person's own numbers or the operator's."""
    try:
        found = choose(
            mine, chosen, from_=from_, as_=as_, region="US", default=operators
        )
    except UnknownPhone:
        assert from_ is not None or as_ is not None
        return

    rings = {each.number for each in mine if each.rings} | {operators}
    shows = {each.number for each in mine if each.shows}
    assert found.caller is None or found.caller in rings
    assert (found.caller is None) == (rings == {None})
    assert found.caller_id is None or found.caller_id in shows
    if isinstance(from_, PhoneNumber):
        assert found.caller == from_
    if isinstance(as_, PhoneNumber):
        assert found.caller_id == as_
    if chosen.prompt is not None:
        assert found.prompt is chosen.prompt


@given(phones, st.sampled_from(NUMBERS))
def test_a_number_that_was_typed_is_the_one_that_rings(
    mine: list[Phone], number: str
) -> None:
    """Another phone rings only if the person gave it the same label."""
    mine = [each for each in mine if number not in each.label]
    mine = [each for each in mine if each.label != "4155550101"]
    if number not in {each.number.e164 for each in mine if each.rings}:
        with refused(UnknownPhone, match=r"one of your own numbers|You have no number"):
            choose(mine, Preferences(), from_=number, as_=None, region="US")
        return

    found = choose(mine, Preferences(), from_=number, as_=None, region="US")

    assert found.caller == PhoneNumber(number)


MOBILE = Phone(PhoneNumber(NUMBERS[0]), "My mobile", "Mobile", rings=True)
DESK = Phone(PhoneNumber(NUMBERS[1]), "Desk", "PhoneLine", rings=True, shows=True)
DIRECT = Phone(
    PhoneNumber(NUMBERS[2]), "Direct number", "DirectNumber", shows=True, direct=True
)
MAIN = Phone(PhoneNumber(NUMBERS[3]), "Main", "MainCompanyNumber", shows=True)
ALL = [MOBILE, DESK, MAIN, DIRECT]


def chosen(from_: str | None = None, as_: str | None = None, **more: Any) -> Choice:
    """Return what is chosen of all four."""
    return choose(
        ALL,
        more.pop("chosen", Preferences()),
        from_=from_,
        as_=as_,
        region="US",
        **more,
    )


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("mobile", MOBILE),
        ("My MOBILE ", MOBILE),
        ("des", DESK),
        ("line", DESK),
        ("(415) 555-0101", DESK),
        (NUMBERS[0], MOBILE),
        ("“mobile”", MOBILE),
        ("mobile.", MOBILE),
        ("\u200emobile", MOBILE),
        ("*My Mobile*,", MOBILE),
    ],
)
def test_a_phone_is_meant_by_its_label_its_kind_or_its_number(
    text: str, phone: Phone
) -> None:
    """Part of a label is enough if it fits only one phone."""
    assert chosen(text).caller == phone.number


@pytest.mark.parametrize("text", ["m", "e", "x", "", NUMBERS[2], NUMBERS[7]])
def test_what_is_not_one_of_them_is_refused_with_the_list(text: str) -> None:
    """A letter is too little; a number that can only be shown can't ring."""
    with refused(UnknownPhone, match=r"one of your own numbers.*My mobile") as said:
        chosen(text)

    assert PhoneNumber(NUMBERS[0]).international in words(said.value)


def test_two_that_could_be_meant_are_both_named() -> None:
    """An ambiguous label is refused: the wrong phone must not ring."""
    two = [MOBILE, Phone(PhoneNumber(NUMBERS[4]), "Old mobile", "Mobile", rings=True)]

    with refused(
        UnknownPhone, match=r"several of your numbers: My mobile .*, Old mobile"
    ):
        choose(two, Preferences(), from_="mobile", as_=None, region="US")
    with refused(UnknownPhone, match="You have no number to use with `from`"):
        choose([], Preferences(), from_="mobile", as_=None, region="US")


def test_what_rings_first_without_a_word() -> None:
    """The person's choice, the operator's, RingCentral's first; a lost choice is none."""
    lost = Preferences(first=NUMBERS[7], caller_id=NUMBERS[0])
    mine = Preferences(first=DESK.number.e164, caller_id=MAIN.number.e164)
    stranger = PhoneNumber(NUMBERS[6])

    assert chosen() == Choice(MOBILE.number, None, prompt=True, label=MOBILE.label)
    assert chosen(chosen=mine) == Choice(
        DESK.number, MAIN.number, prompt=False, label=DESK.label
    )
    assert chosen(chosen=lost) == Choice(
        MOBILE.number, None, prompt=True, label=MOBILE.label
    )
    assert chosen(default=DESK.number).caller == DESK.number
    assert chosen(default=stranger).caller == stranger
    assert chosen(chosen=mine, default=stranger).caller == DESK.number
    assert chosen(as_="direct").caller_id == DIRECT.number
    assert choose([], lost, from_=None, as_=None, region="US").caller is None


LANDLINE, CELL = PhoneNumber("+442079460958"), PhoneNumber("+4915112345678")
US, TOLL_FREE = PhoneNumber(NUMBERS[5]), PhoneNumber("+18885550100")


@pytest.mark.parametrize(
    ("number", "kind", "prompt"),
    [
        (US, "Mobile", True),
        (US, "BusinessMobilePhone", True),
        (US, "Other", True),
        (US, "", True),
        (US, "PhoneLine", False),
        (US, "Work", False),
        (US, "Home", False),
        (US, "ExtensionApps", False),
        (CELL, "", True),
        (CELL, "Work", False),
        (LANDLINE, "", False),
        (LANDLINE, "Other", False),
        (LANDLINE, "Mobile", True),
        (TOLL_FREE, "", False),
        (PhoneNumber("+447700900123"), "", True),  # of no kind that is known
    ],
)
def test_a_key_is_asked_for_wherever_a_mobile_may_ring(
    number: PhoneNumber,
    kind: str,
    prompt: bool,  # noqa: FBT001 - parametrized
) -> None:
    """Its voicemail would greet a customer; who chose for themselves is obeyed."""
    mine = [DESK, Phone(number, type=kind, rings=True)]

    def asked(**prefers: Any) -> bool:
        wants = Preferences(**prefers)
        return choose(mine, wants, from_=number.e164, as_=None, region="US").prompt

    assert asked() is prompt
    assert asked(prompt=False) is False
    assert asked(prompt=True) is True


def test_the_operators_phone_is_what_ringcentral_lists_it_as_if_it_does() -> None:
    """Unlisted it may be a mobile; a direct number is none, though it is no phone."""
    assert chosen(default=US).prompt
    assert not chosen(default=LANDLINE).prompt
    assert not chosen(default=DIRECT.number).prompt
    assert not chosen(default=DESK.number).prompt
    assert chosen(default=MOBILE.number).prompt
    assert not chosen(default=US, chosen=Preferences(prompt=False)).prompt
    assert let_ring(ALL, [DIRECT.number, US])[3:] == (
        replace(DIRECT, rings=True),
        Phone(US, rings=True),
    )


def test_a_test_call_rings_two_phones_of_ones_own() -> None:
    """The direct number if there is one; never the phone that rings first."""
    assert to_myself(ALL, MOBILE.number) == DIRECT.number
    assert to_myself([MOBILE, DESK], MOBILE.number) == DESK.number
    assert to_myself([MOBILE], MOBILE.number) is None


@given(phones, preferences, st.sampled_from(Shows))
def test_lists_and_choices_come_back_from_the_database(
    mine: list[Phone], prefers: Preferences, shows: Shows
) -> None:
    """Stored values read back unchanged."""
    stored = Preferences(prefers.first, prefers.caller_id, prefers.prompt, "GB", shows)

    assert load(dump(mine)) == tuple(mine)
    assert Preferences.load(stored.dump()) == stored


@pytest.mark.parametrize(
    "text", ["", "{", "{}", '{"shows": "x", "later": 1}', '{"shows": null}']
)
def test_choices_of_another_version_are_read_as_far_as_known(text: str) -> None:
    """Processes of two versions share a database for a while."""
    assert Preferences.load(text) == Preferences()
    assert load("") == ()


# What is typed


@given(st.text(max_size=60))
def test_any_text_is_a_command_or_a_users_mistake(text: str) -> None:
    """No typed text makes the bot fail."""
    try:
        found = read_command(text)
    except UserError:
        return

    assert found.kind in {*get_args(Verb), "dial", "person"}
    assert bool(found.to) or found.kind not in {"dial", "person"}
    for each in (found.from_, found.as_):
        assert each is None or each.strip()


@given(
    st.from_regex(r"\+?[0-9]{3,14}", fullmatch=True),
    st.none() | st.from_regex(r"[0-9]{3,14}|desk|my mobile", fullmatch=True),
    st.none() | st.from_regex(r"[0-9]{3,14}|direct", fullmatch=True),
    st.booleans(),
    st.sampled_from([" ", "  ", "\t"]),
    st.booleans(),
)
def test_from_and_as_are_told_apart_in_either_order(
    to: str,
    from_: str | None,
    as_: str | None,
    turned: bool,  # noqa: FBT001 - hypothesis hands them in
    gap: str,
    loud: bool,  # noqa: FBT001 - the same
) -> None:
    """A caller ID must never be mistaken for the phone that rings."""
    words = [("from", from_), ("as", as_)]
    said = [
        f"{word.upper() if loud else word}{gap}{value}"
        for word, value in words
        if value
    ]
    text = gap.join([to, *(reversed(said) if turned else said)])

    found = read_command(text)

    assert (found.kind, found.to, found.from_, found.as_) == ("dial", to, from_, as_)


def test_a_refusal_names_a_few_of_many() -> None:
    """Hundreds of phones would fill the screen, and Slack would cut the text."""
    many = [Phone(PhoneNumber(f"+1415222{n:04d}"), shows=True) for n in range(200)]

    with pytest.raises(UnknownPhone) as caught:
        choose(many, Preferences(), from_=None, as_="nobody", region="US")

    assert words(caught.value).endswith("and 190 more.")
