"""Who the signed-in user is, and what RingCentral lets them do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Unreachable
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import EXTENSION, Sender
from bot.ringcentral.transport import shapes

RING_OUT_FEATURE = "RingOut"


@dataclass(frozen=True, slots=True)
class RingCentralUser:
    """A RingCentral user; *id* is the extension id, *number* the extension number."""

    id: str
    number: str
    name: str
    account: str = ""


class AccountApi:
    """Reads the user's own extension and features."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def user(self) -> RingCentralUser:
        """Return the signed-in user. Costs one Light request."""
        answer = await self._sender.read(EXTENSION, Purpose.ACCOUNT)
        identity = shapes.named(answer.body)
        if not identity:
            raise Unreachable("an answer without an id")
        return RingCentralUser(
            identity,
            shapes.text(answer.body, "extensionNumber"),
            shapes.text(answer.body, "name"),
            shapes.inner(answer.body, "account", "id"),
        )

    async def ring_out_available(self) -> tuple[bool, str]:
        """Return whether the user has the RingOut feature, and if not, why.

        Costs one Medium request.
        """
        answer = await self._sender.read(
            f"{EXTENSION}/features", Purpose.FEATURE, {"featureId": RING_OUT_FEATURE}
        )
        if not shapes.has_list(answer.body):
            raise Unreachable("a list without records")
        for each in answer.body["records"]:
            if shapes.text(each, "id") == RING_OUT_FEATURE:
                reason = shapes.inner(each, "reason", "message")
                return each.get("available") is True, reason
        return False, "RingCentral does not list it"
