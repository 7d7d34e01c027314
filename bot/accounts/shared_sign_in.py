"""The shared account's sign-in, one for all processes: `session.TokenStore` over a row.

Each process has the JWT and could sign in by itself. But RingCentral keeps about five
sessions of a user and app, and each further one ends the oldest: six processes would
sign one another out in turn, for ever. So they share one session's tokens, encrypted
with a key that comes of the JWT and the client secret: who has these could sign in
anyway, and the database has neither.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.errors import CredentialsRefused
from bot.ringcentral.sign_in.login import SULK
from bot.ringcentral.sign_in.tokens import Tokens
from bot.storage.people.connections import LEASE
from bot.storage.shared.user_state import Credentials
from bot.vault import Unreadable, Vault, key_of

log = logging.getLogger(__name__)

T = TypeVar("T")
LONG_AGO = datetime.fromtimestamp(0, UTC)
TEXTS, MOMENTS = ("access", "refresh", "scope", "owner"), ("fresh_until", "expires_at")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the row holds; moments in seconds since the epoch.

    Attributes:
        version: Grows with each new token.
        tokens: Encrypted; nothing before the first sign-in and after a refusal.
        turn_until: Until when a process has the turn to sign in.
        refused_until: Until when nobody tries again what RingCentral has refused.
    """

    version: int = 0
    tokens: str = ""
    turn_until: float = 0.0
    refused_until: float = 0.0
    refusal: str = ""


class SharedSignIn:
    """Tokens of the shared account; *secret* is the app's."""

    def __init__(
        self, credentials: Credentials, jwt: str, secret: str, clock: Clock
    ) -> None:
        self._credentials = credentials
        self._jwt = jwt
        self._vault = Vault([key_of(jwt, secret, purpose="ringout shared sign-in")])
        self._clock = clock

    async def load(self) -> Tokens:
        """Return the newest tokens; the JWT alone where there are none."""
        found = await self._exchange(lambda held: (held, held))
        if self._clock.now().timestamp() < found.refused_until:
            raise CredentialsRefused("RingCentral", found.refusal)
        return self._opened(found)

    async def take_turn(self, version: int) -> bool:
        """Take the turn to sign in or refresh; see `TokenStore`."""
        now = self._clock.now()

        def decide(held: SignIn) -> tuple[SignIn, bool]:
            closed_until = max(held.turn_until, held.refused_until)
            if held.version != version or now.timestamp() < closed_until:
                return held, False
            return replace(held, turn_until=(now + LEASE).timestamp()), True

        return await self._exchange(decide)

    async def give_turn_back(self, version: int) -> None:
        """Let somebody else try."""
        await self._if_still(version, lambda held: replace(held, turn_until=0.0))

    async def save(self, tokens: Tokens) -> bool:
        """Store what a sign-in or a refresh gave."""
        fresh = SignIn(tokens.version, self._closed(tokens))
        return await self._if_still(tokens.version - 1, lambda _: fresh)

    async def abandon(self, tokens: Tokens) -> None:
        """Leave the session to run out: the account goes on, nobody has left."""

    async def give_up(self, version: int, why: str) -> None:
        """Have nobody try again for a while: RingCentral locks users out.

        An operator has to do something; the same JWT may be good again after it.
        """
        until = self._clock.now() + timedelta(seconds=SULK)
        refused = SignIn(version, refused_until=until.timestamp(), refusal=why)
        if await self._if_still(version, lambda _: refused):
            log.warning("RingCentral refuses the sign-in: %s", why)

    async def _if_still(self, version: int, change: Callable[[SignIn], SignIn]) -> bool:
        return await self._exchange(
            lambda held: (
                (change(held), True) if held.version == version else (held, False)
            )
        )

    async def _exchange(self, decide: Callable[[SignIn], tuple[SignIn, T]]) -> T:
        def work(text: str) -> tuple[str, T]:
            held = SignIn(**json.loads(text)) if text else SignIn()
            after, answer = decide(held)
            return (text if after is held else json.dumps(asdict(after))), answer

        now = self._clock.now()
        return await self._credentials.exchange(work, now, what="sign_in")

    def _closed(self, tokens: Tokens) -> str:
        plain: dict[str, object] = {each: getattr(tokens, each) for each in TEXTS}
        for each in MOMENTS:
            at: datetime | None = getattr(tokens, each)
            plain[each] = None if at is None else at.timestamp()
        return self._vault.lock(json.dumps(plain))

    def _opened(self, held: SignIn) -> Tokens:
        """Return the tokens; none that can be used if another secret encrypted them."""
        try:
            plain = json.loads(self._vault.unlock(held.tokens) or "{}")
        except Unreadable:
            plain = {}
        fresh, expires = (
            datetime.fromtimestamp(plain.get(each) or 0, UTC) for each in MOMENTS
        )
        return Tokens(
            **{each: plain.get(each, "") for each in TEXTS},
            jwt=self._jwt,
            version=held.version,
            fresh_until=fresh,
            expires_at=expires,
        )
