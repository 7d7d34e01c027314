"""Finding a call's session where presence shows others that can't be read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Call, State, Status
from bot.calls.hanging_up import after_hanging_up, can_be_hung_up
from bot.calls.sessions.session import SessionParty, TelephonySession
from bot.calls.telling import HungUp
from bot.errors import NotFound, NotSent, RateLimited, Refused, Unreachable
from bot.switchboard.control import Control
from fakes import FakeClock
from intents import CALLEE, CALLER, NOON, a_call

TALKING = Status("Success", "Success", "Success")
CALL = a_call(
    state=State.FOLLOWING,
    ringout_id="s-a0d7f2c41b9e3z1a1f9e98222z1547720000",
    sent_at=NOON,
    placed_at=NOON,
    is_controllable=True,
    status=TALKING,
    connected=True,
)
MINE = "s-0123456789abcdef0123456789abcdef"
DELEGATED = "s-00000000000000000000000000000000"
SESSION = TelephonySession(
    id=MINE,
    origin="RingOut",
    at=NOON,
    parties=(
        SessionParty(id="p-1", caller=CALLEE.e164, callee=CALLER.e164),
        SessionParty(id="p-2", callee=CALLEE.e164),
    ),
)
NOT_OURS = [
    Refused(403, "CMN-401"),
    Refused(403, "CMN-401", permission="CallControl"),
    Refused(400, "CMN-101"),
    Refused(409, "TAS-102"),
    NotFound(404, "CMN-102"),
    Unreachable("503"),
    NotSent("no connection"),
]


class FarAway:
    """A RingCentral whose presence shows sessions; each is there, or its GET raises."""

    def __init__(self, shown: dict[str, TelephonySession | Exception]) -> None:
        self.shown = shown
        self.dropped: list[str] = []
        control = SimpleNamespace(
            session=self._session, active=self._active, drop=self._drop
        )
        ring_outs = SimpleNamespace(status=self._status)
        self.resources = SimpleNamespace(call_control=control, ring_outs=ring_outs)

    def telephony(self, _account: str) -> Any:
        """Return the account's share of it."""
        return self.resources

    async def with_session(self, *_: object) -> list[Call]:
        """Return the calls that may have a session, as the store does."""
        return [CALL]

    async def _session(self, session_id: str) -> TelephonySession:
        found = self.shown.get(session_id, NotFound(404, "CMN-102"))
        if isinstance(found, Exception):
            raise found
        return found

    async def _active(self) -> list[str]:
        return list(self.shown)

    async def _drop(self, session_id: str) -> None:
        self.dropped.append(session_id)

    async def _status(self, _id: str) -> Status:
        return TALKING


async def hung_up(far: FarAway) -> HungUp:
    """Hang up the call, whose session has another id than its RingOut."""
    anything: Any = far
    nothing: Any = None
    control = Control(anything, anything, FakeClock(NOON), nothing)
    return await control._hung_up(CALL)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("error", NOT_OURS, ids=repr)
async def test_somebody_elses_session_keeps_no_call_from_being_hung_up(
    error: Exception, *, is_first: bool
) -> None:
    """Presence shows a delegate also the calls of whom they answer for."""
    far = FarAway({DELEGATED: error} if is_first else {})
    far.shown |= {MINE: SESSION, DELEGATED: error}

    assert await hung_up(far) is HungUp.ASKED
    assert far.dropped == [MINE]


@pytest.mark.parametrize("one", NOT_OURS, ids=repr)
@pytest.mark.parametrize("other", NOT_OURS, ids=repr)
async def test_what_cannot_be_read_is_unsure_and_no_lack_of_a_permission(
    one: Exception, other: Exception
) -> None:
    """The permission is there, so the button must not go, and nothing is ended."""
    far = FarAway({DELEGATED: one, MINE: other})

    ended = await hung_up(far)

    after = after_hanging_up(CALL, ended, NOON)
    assert (ended, far.dropped) == (HungUp.UNSURE, [])
    assert after is not None
    assert can_be_hung_up(after)


async def test_a_rate_limit_on_the_way_is_told_as_one() -> None:
    """Whoever waits for it can hang up then."""
    far = FarAway({DELEGATED: RateLimited(30), MINE: SESSION})

    with pytest.raises(RateLimited):
        await hung_up(far)

    assert far.dropped == []
