"""RingOut: ring one phone, then another, and join the two.

Source: API reference, ``/restapi/v1.0/account/~/extension/~/ring-out``; developer guide,
"Making Calls Using RingOut".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.calls.call import Status
from bot.errors import Unreachable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import EXTENSION, Sender
from bot.ringcentral.transport import shapes, wire

RING_OUT = f"{EXTENSION}/ring-out"


@dataclass(frozen=True, slots=True)
class RingOut:
    """A RingOut that RingCentral has accepted; *at* is the time by its own clock."""

    id: str
    status: Status
    at: datetime | None


class RingOutApi:
    """Places a RingOut, asks how it is going, cancels it. Lost answers are not retried."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def place(
        self,
        caller: str,
        callee: str,
        *,
        before: float,
        caller_id: str = "",
        prompt: bool = False,
    ) -> RingOut:
        """Ring *caller*; when they answer, ring *callee* and join the two.

        Returns as soon as RingCentral has accepted the request: nobody has answered
        yet. All numbers are E.164. *caller_id* is the number the callee sees, one of the
        user's own; empty leaves the choice to RingCentral. With *prompt* the caller
        presses 1 before the callee is rung, so that no voicemail greets the callee.

        Costs one Heavy request. Never retried, because a second POST rings the phone a
        second time. The exception is a 401, which RingCentral did not carry out: the
        request is sent once more with a new token.

        Raises:
            RateLimited: Not carried out. Wait.
            Refused: Not carried out. A number is invalid, or may not be rung.
            NotSent: Not carried out: no connection, or the request could not leave
                *before* that moment of ``time.monotonic()``.
            Unreachable: The phone may be ringing or may not.
        """
        answer = await self._sender.ask(
            "POST",
            RING_OUT,
            Purpose.PLACE,
            body=_body(caller, callee, caller_id, prompt=prompt),
            before=before,
        )
        identity = shapes.named(answer.body)
        if not identity:
            raise Unreachable("an answer without an id")
        return RingOut(identity, wire.status(answer.body), answer.at)

    async def status(self, ringout_id: str) -> Status:
        """Return the status of a RingOut. Costs one Light request.

        Raises `NotFound` once RingCentral has dropped it: some time after its end, and
        perhaps right after its start. An answer with no status in it, as from a proxy,
        raises `Unreachable`: it says nothing about the call, not even that it goes on.
        """
        answer = await self._sender.ask("GET", _path(ringout_id), Purpose.STATUS)
        found = wire.status(answer.body)
        if found == Status():
            raise Unreachable("an answer without a status")
        return found

    async def cancel(self, ringout_id: str) -> None:
        """Ask RingCentral to stop a RingOut. Costs one Heavy request.

        RingCentral ends the call if the caller has not answered yet, perhaps also shortly
        after that, but not once both are connected. Raises `NotFound` if the RingOut is
        over.
        """
        await self._sender.ask("DELETE", _path(ringout_id), Purpose.CANCEL)


def _path(ringout_id: str) -> str:
    return f"{RING_OUT}/{quote(ringout_id, safe='')}"


def _body(caller: str, callee: str, caller_id: str, *, prompt: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "from": {"phoneNumber": caller},
        "to": {"phoneNumber": callee},
        "playPrompt": prompt,
    }
    if caller_id:
        body["callerId"] = {"phoneNumber": caller_id}
    return body
