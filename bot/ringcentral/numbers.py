"""The phones and numbers of one user."""

from __future__ import annotations

from typing import Any

from bot.errors import Refused
from bot.ringcentral.purposes import Purpose
from bot.ringcentral.sender import EXTENSION, Sender
from bot.ringcentral.transport import wire
from bot.ringcentral.transport.wire import Number

NUMBERS_PER_PAGE = 1000
"""The largest page of a list of numbers; a larger request gets this many (API reference,
"List Forwarding Numbers")."""

BAD_VALUE = "CMN-101"
"""RingCentral's code for a parameter whose value it does not take."""


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
        try:
            return await self._pages(path, {"perPage": NUMBERS_PER_PAGE})
        except Refused as error:
            if error.code != BAD_VALUE or error.parameter.lower() not in {
                "",
                "perpage",
            }:
                raise
        return await self._pages(path, {})  # some older accounts refuse ``perPage``

    async def _pages(self, path: str, query: dict[str, Any]) -> tuple[Number, ...]:
        found: list[Number] = []
        async for body in self._sender.pages(path, query, Purpose.ACCOUNT):
            found += wire.numbers(body)
        return tuple(found)
