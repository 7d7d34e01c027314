"""Call control: look at a telephony session, and hang it up.

Source: API reference, "Call Control" and "Presence". The app needs the permission
``CallControl``, which RingCentral grants on request.
"""

from __future__ import annotations

from urllib.parse import quote

from bot.calls.sessions.session import TelephonySession
from bot.errors import Unreachable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import ACCOUNT, EXTENSION, Sender
from bot.ringcentral.transport import shapes, telephony

SESSIONS = f"{ACCOUNT}/telephony/sessions"
PRESENCE = f"{EXTENSION}/presence"

MOST_ACTIVE = 5
"""Calls of a presence that are looked at; a person has one or two at a time."""


class CallControlApi:
    """Telephony sessions of the user's account. Lost answers are not retried."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def session(self, session_id: str) -> TelephonySession:
        """Return a session. Costs one Light request. Raises `NotFound` if it is over."""
        answer = await self._sender.ask("GET", _path(session_id), Purpose.CONTROL)
        found = telephony.session(answer.body)
        if found is None:
            raise Unreachable("an answer without a session")
        return found

    async def active(self) -> list[str]:
        """Return the sessions that the user is in, by id. Costs one Light request.

        Raises `Unreachable` for an answer that shows no presence: it does not say that
        the user is in no call.
        """
        answer = await self._sender.ask(
            "GET",
            PRESENCE,
            Purpose.CONTROL,
            query={"detailedTelephonyState": "true"},
        )
        calls = shapes.listed(answer.body, "activeCalls")[:MOST_ACTIVE]
        if not (calls or shapes.text(answer.body, "presenceStatus")):
            raise Unreachable("an answer without a presence")
        found = [shapes.text(each, "telephonySessionId") for each in calls]
        return [each for each in found if shapes.ID_FORM.fullmatch(each)]

    async def drop(self, session_id: str) -> None:
        """End a session for everybody in it. Costs one Light request; never sent twice.

        Raises:
            NotFound: It is over.
            Refused: 403: the app lacks the permission. 409: it is just being changed.
            NotSent, RateLimited: Nothing was done.
            Unreachable: It may have ended.
        """
        await self._sender.ask("DELETE", _path(session_id), Purpose.CONTROL)


def _path(session_id: str) -> str:
    return f"{SESSIONS}/{quote(session_id, safe='')}"
