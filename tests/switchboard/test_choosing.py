"""Where any number may ring first, the operator's rules still count for it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.accounts.callers import Caller
from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Phone, UnknownPhone
from bot.errors import UserError
from bot.switchboard.choosing import Choosing, WantedPhones
from bot.switchboard.policy import Policy

ANN = Place("T1", "C1", "UANN")
OWN = PhoneNumber("+16505550101")
NEAR = "+16505550102"
FORBIDDEN = (
    "911",
    "+1 911",
    "+1 900 555 0142",
    "+1 415 976 1234",
    "+1 809 234 5678",
    "+44 70 1234 5678",
    "+44 20 7946 0958",
    "+881 6 1234 5678",
)


def choosing() -> Choosing:
    """Return one with the rules that apply unless an operator says more."""
    nobody: Any = None
    return Choosing(nobody, Policy())


def caller(*, any_phone: bool) -> Caller:
    """Return who calls with one phone of their own."""
    phones = (Phone(OWN, rings=True),)
    return Caller("", "", phones, Preferences(), any_phone=any_phone)


@pytest.mark.parametrize("number", FORBIDDEN)
async def test_what_may_not_be_dialed_does_not_ring_first_either(number: str) -> None:
    """The first side of a call is paid for as well, and may be a stranger's phone."""
    wanted = WantedPhones(number, None, own_phone=False)

    with pytest.raises(UserError):
        await choosing().choice(ANN, caller(any_phone=True), wanted)


@pytest.mark.parametrize("any_phone", [True, False])
async def test_any_number_rings_first_only_where_the_operator_says_so(
    *, any_phone: bool
) -> None:
    """Otherwise two strangers could be put through to each other."""
    wanted = WantedPhones(NEAR, None, own_phone=False)
    choice = choosing().choice(ANN, caller(any_phone=any_phone), wanted)

    if any_phone:
        assert (await choice).caller == PhoneNumber(NEAR)
    else:
        with pytest.raises(UnknownPhone):
            await choice
