"""A sign-in whose tokens are not stored: of whoever is connecting, or has left."""

from __future__ import annotations

from ringcentral.platform.platform import Platform

from bot.errors import Disconnected
from bot.ringcentral.sign_in.tokens import Tokens


class UnstoredSignIn:
    """A `bot.ringcentral.sender.SignedIn` by tokens that nothing renews."""

    def __init__(self, platform: Platform, tokens: Tokens) -> None:
        life = {"token_type": "bearer", "access_token": tokens.access}
        platform.auth().set_data(life)
        self._scope = tokens.scope
        self.user = tokens.owner

    async def ensure(self) -> int:
        return 0

    async def renew(self, version: int) -> None:
        del version
        raise Disconnected("a token that is not stored was refused")

    def scopes(self) -> frozenset[str]:
        return frozenset(self._scope.split())
