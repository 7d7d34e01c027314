"""Whether the app surely lacks a permission for pushed events: then nothing is asked."""

from __future__ import annotations

from bot.accounts.clients import SHARED
from bot.accounts.registry import Accounts
from bot.ringcentral.subscriptions import lacking
from bot.storage.people.connections import Connections
from bot.vault import Undecryptable


class Permitted:
    """Reads it from tokens that are there; *webhook*: for webhooks, not WebSockets."""

    def __init__(
        self, accounts: Accounts, connections: Connections, *, webhook: bool
    ) -> None:
        self._accounts = accounts
        self._connections = connections
        self._webhook = webhook

    async def lacking(self, account: str) -> str:
        """Return a permission that the app lacks by an account's token; else empty.

        A token without a word about permissions lacks none for sure. The shared account
        may sign in for this, by one Auth request.
        """
        return lacking(await self._scopes(account), webhook=self._webhook)

    async def _scopes(self, account: str) -> frozenset[str]:
        if account == SHARED:
            telephony = self._accounts.telephony(SHARED)
            await telephony.start()
            return telephony.token_scopes()
        try:
            tokens = await self._connections.tokens.of(account)
        except Undecryptable:
            return frozenset()
        return frozenset(tokens.secrets.get("scope", "").split() if tokens else ())
