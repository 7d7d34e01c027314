"""The shared account's extension number, which its call log may show in place of a phone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.accounts.shared_account import SharedAccount
from bot.calls.lists import history
from bot.calls.log.leg import Entry, Party
from bot.errors import (
    CredentialsRefused,
    Disconnected,
    RateLimited,
    Refused,
    StoreUnavailable,
    Unreachable,
)
from bot.ringcentral.account import RingCentralUser
from builders import CALLEE, record


class Answers:
    """A RingCentral that gives these answers to who the user is, one by one."""

    def __init__(self, *answers: Exception | str) -> None:
        self._answers = list(answers)
        self.account: Any = SimpleNamespace(user=self._user)

    async def _user(self) -> RingCentralUser:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return RingCentralUser("7", answer, "Front Desk")


@pytest.mark.parametrize(
    ("error", "is_asked_again"),
    [
        (Refused(403, "CMN-408"), False),
        (Unreachable("no answer"), True),
        (RateLimited(30), True),
        (CredentialsRefused("RingCentral", "400 OAU-140"), True),
        (Disconnected("gone"), True),
        (StoreUnavailable("locked"), True),
    ],
    ids=lambda each: type(each).__name__,
)
async def test_whatever_is_answered_lists_go_on(
    error: Exception, *, is_asked_again: bool
) -> None:
    """Without the number they are as before; what is refused for good isn't asked again."""
    shared = SharedAccount()
    telephony: Any = Answers(error, "101")

    await shared.read_extension(telephony)
    assert shared.extension == ""
    await shared.read_extension(telephony)

    assert (shared.extension == "101") is is_asked_again


async def test_the_number_tells_which_end_of_a_call_is_ones_own() -> None:
    """Its log may name the account by its extension alone."""
    shared = SharedAccount()
    telephony: Any = Answers("101")
    await shared.read_extension(telephony)
    foreign = record(
        caller=Party(CALLEE.e164),
        callee=Party(extension="101"),
        legs=(),
        action="",
        internal_type="",
        direction="",
        result="Accepted",
    )

    known = history.row_of(Entry(foreign), None, [shared.extension])
    unknown = history.row_of(Entry(foreign), None, [""])

    assert known.direction is history.Direction.IN
    assert unknown.direction is history.Direction.OUT
