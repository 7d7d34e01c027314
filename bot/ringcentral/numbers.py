"""The phones and numbers of one user."""

from __future__ import annotations

from bot.ringcentral.budget import Purpose
from bot.ringcentral.sender import EXTENSION, Sender
from bot.ringcentral.transport import wire
from bot.ringcentral.transport.wire import Number

NUMBERS_PER_PAGE = 1000
"""The largest page of a list of numbers; a larger request gets this many (API reference,
"List Forwarding Numbers")."""


class NumbersApi:
    """Lists numbers. Each list costs one Light request per 1,000 numbers."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def forwarding(self) -> tuple[Number, ...]:
        """Return the user's forwarding numbers: the phones that may ring first."""
        return await self._listed(f"{EXTENSION}/forwarding-number")

    async def own(self) -> tuple[Number, ...]:
        """Return the user's own numbers and the company's, and what each can do.

        A company may have thousands.
        """
        return await self._listed(f"{EXTENSION}/phone-number")

    async def _listed(self, path: str) -> tuple[Number, ...]:
        found: list[Number] = []
        query = {"perPage": NUMBERS_PER_PAGE}
        async for body in self._sender.pages(path, query, Purpose.ACCOUNT):
            found += wire.numbers(body)
        return tuple(found)
