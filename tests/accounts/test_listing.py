"""RingCentral's two lists of numbers, read into one list of phones."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.phone_lists import MOST_NUMBERS, list_phones, merged

NUMBERS = [f"+1415555{n:04d}" for n in range(100, 108)]
LABELS = ["", "My mobile", "Desk", NUMBERS[0], "4155550101"]
TYPES = ["", "Mobile", "Home", "Work", "PhoneLine", "DirectNumber"]


@dataclass(frozen=True)
class Listed:
    """A number as RingCentral lists it."""

    number: str
    label: str = ""
    type: str = ""
    usage: str = ""
    can_ring: bool = False
    can_show: bool = False


listed = st.lists(
    st.builds(
        Listed,
        st.sampled_from([*NUMBERS, "", "x", "101", "911"]),
        st.sampled_from(LABELS),
        st.sampled_from(TYPES),
        st.sampled_from(TYPES),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)


@given(listed, listed)
def test_a_list_has_each_number_once_with_what_it_can(
    rings: list[Listed], shows: list[Listed]
) -> None:
    """Whatever RingCentral answers: extensions and nonsense are left out."""
    found = merged(rings, shows, "US")

    names = [each.number.e164 for each in found]
    can_ring = {each.number for each in rings if each.can_ring}
    can_show = {each.number for each in shows if each.can_show}
    own = {each.number for each in shows if each.usage == "DirectNumber"}
    assert len(names) == len(set(names))
    assert set(names) >= (can_ring | can_show) & set(NUMBERS)
    assert set(names) <= (can_ring | can_show | own) & set(NUMBERS)
    for each in found:
        assert each.rings == (each.number.e164 in can_ring)
        assert each.shows == (each.number.e164 in can_show)


async def test_both_lists_are_asked_for_and_joined() -> None:
    """A desk phone may also be shown; a direct number without a label is given one."""

    class Lists:
        async def forwarding(self) -> list[Listed]:
            return [Listed(NUMBERS[0], "Desk", "PhoneLine", can_ring=True)]

        async def own(self) -> list[Listed]:
            return [
                Listed(NUMBERS[0], can_show=True),
                Listed(NUMBERS[1], usage="DirectNumber", can_show=True),
                Listed(NUMBERS[2], "Main", can_show=True),
            ]

    found = await list_phones(Lists(), "US")

    assert [(p.label, p.rings, p.shows) for p in found] == [
        ("Desk", True, True),
        ("Direct number", False, True),
        ("Main", False, True),
    ]


def test_of_a_companys_thousands_ones_own_are_kept_and_come_first() -> None:
    """A select shows a hundred: the direct number must be among them, wherever it is."""
    company = [
        Listed(f"+1415222{n:04d}", usage="CompanyNumber", can_show=True)
        for n in range(MOST_NUMBERS + 50)
    ]
    mine = Listed(NUMBERS[0], usage="DirectNumber", can_show=True)
    desk = Listed(company[-1].number, "Desk", "PhoneLine", can_ring=True)

    found = merged([desk], [*company, mine], "US")

    assert [each.number.e164 for each in found[:2]] == [desk.number, mine.number]
    assert all(each.shows for each in found)
    assert found[1].direct
    assert len(found) == MOST_NUMBERS
