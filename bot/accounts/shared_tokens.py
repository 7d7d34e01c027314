"""Where the tokens of the shared account are stored: in one row, for all processes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.clock import Clock
from bot.errors import CredentialsRefused
from bot.ringcentral.sign_in.session import SignInWaits
from bot.ringcentral.sign_in.tokens import Tokens
from bot.storage.people.connection_tokens import REFRESH_LEASE
from bot.storage.shared.user_state import UserState
from bot.vault import Undecryptable, Vault, derived_key

log = logging.getLogger(__name__)

DecidedT = TypeVar("DecidedT")

SHARED_TEXTS = ("access", "refresh", "scope", "owner")
SHARED_TIMES = ("fresh_until", "expires_at")
"""What the shared account's row holds encrypted. The JWT is in the settings alone."""


@dataclass(frozen=True, slots=True)
class SharedRow:
    """The shared account's sign-in as stored; times in seconds since the epoch.

    Attributes:
        version: Grows with each new token.
        tokens: Encrypted; empty before the first sign-in and after a refusal.
        leased_until: When the lease to sign in expires.
        refused_until: Until when nobody tries again what RingCentral has refused.
        refusal: Why RingCentral has refused.
    """

    version: int = 0
    tokens: str = field(default="", repr=False)
    leased_until: float = 0.0
    refused_until: float = 0.0
    refusal: str = ""


ROW_KINDS: dict[str, tuple[type, ...]] = {
    "version": (int,),
    "tokens": (str,),
    "leased_until": (float, int),
    "refused_until": (float, int),
    "refusal": (str,),
}
"""The types of a `SharedRow` in JSON. A later version's further fields are skipped."""


class SharedTokens:
    """The tokens of the shared account; a `session.TokenStore`.

    Every process could sign in by the JWT. But RingCentral keeps about five sessions of
    a user and app, and each further one ends the oldest: six processes would sign one
    another out forever, and one process that keeps restarting would use up its log-ins.
    So all processes, and all restarts, share one session. Its tokens are encrypted with
    a key made from the JWT and the client *secret*, neither of which is in the database:
    whoever has both could sign in anyway.
    """

    def __init__(
        self,
        user_state: UserState,
        jwt: str,
        secret: str,
        clock: Clock,
        waits: SignInWaits,
    ) -> None:
        self._waits = waits
        self._user_state = user_state
        self._jwt = jwt
        self._vault = Vault(
            [derived_key(jwt, secret, purpose="ringout shared sign-in")]
        )
        self._clock = clock

    async def load(self) -> Tokens:
        """Return the newest tokens; where there are none, the JWT alone."""
        found = await self._exchange(lambda held: (held, held))
        wait = timedelta(seconds=self._waits.refused)
        if _is_ahead(found.refused_until, self._clock.now(), wait):
            raise CredentialsRefused("RingCentral", found.refusal)
        return self._opened(found)

    async def take_lease(self, version: int) -> bool:
        """Take the lease to sign in or refresh; see `session.TokenStore`."""
        now = self._clock.now()

        def decide(held: SharedRow) -> tuple[SharedRow, bool]:
            wait = timedelta(seconds=self._waits.refused)
            if (
                held.version != version
                or _is_ahead(held.leased_until, now, REFRESH_LEASE)
                or _is_ahead(held.refused_until, now, wait)
            ):
                return held, False
            return replace(held, leased_until=(now + REFRESH_LEASE).timestamp()), True

        return await self._exchange(decide)

    async def release_lease(self, version: int) -> None:
        """Release the lease; see `session.TokenStore`."""
        await self._if_still(version, lambda held: replace(held, leased_until=0.0))

    async def save(self, tokens: Tokens) -> bool:
        """Store new tokens."""
        fresh = SharedRow(tokens.version, self._closed(tokens))
        return await self._if_still(tokens.version - 1, lambda _: fresh)

    async def abandon(self, tokens: Tokens) -> None:
        """Do nothing: the session expires by itself, and nobody has disconnected."""

    async def give_up(self, version: int, why: str) -> None:
        """Have nobody try again for a while, for RingCentral locks users out.

        Once an operator has done something about it, the same JWT may work again.
        """
        wait = timedelta(seconds=self._waits.refused)
        until = (self._clock.now() + wait).timestamp()
        refused = SharedRow(version, refused_until=until, refusal=why)
        if await self._if_still(version, lambda _: refused):
            log.warning("RingCentral refuses the sign-in: %s", why)

    async def _if_still(
        self, version: int, change: Callable[[SharedRow], SharedRow]
    ) -> bool:
        return await self._exchange(
            lambda held: (
                (change(held), True) if held.version == version else (held, False)
            )
        )

    async def _exchange(
        self, decide: Callable[[SharedRow], tuple[SharedRow, DecidedT]]
    ) -> DecidedT:
        def work(text: str) -> tuple[str, DecidedT]:
            held = _row(text)
            after, answer = decide(held)
            return (text if after is held else json.dumps(asdict(after))), answer

        now = self._clock.now()
        return await self._user_state.exchange(work, now, what="sign_in")

    def _closed(self, tokens: Tokens) -> str:
        plain: dict[str, object] = {
            each: getattr(tokens, each) for each in SHARED_TEXTS
        }
        for each in SHARED_TIMES:
            at: datetime | None = getattr(tokens, each)
            plain[each] = None if at is None else at.timestamp()
        return self._vault.encrypt(json.dumps(plain))

    def _opened(self, held: SharedRow) -> Tokens:
        """Return the tokens; empty ones if another secret or version encrypted them."""
        try:
            plain = _secrets(self._vault.decrypt(held.tokens))
        except Undecryptable:
            plain = {}
        fresh, expires = (
            datetime.fromtimestamp(plain.get(each) or 0, UTC) for each in SHARED_TIMES
        )
        return Tokens(
            **{each: plain.get(each, "") for each in SHARED_TEXTS},
            jwt=self._jwt,
            version=held.version,
            fresh_until=fresh,
            expires_at=expires,
        )


LATEST_MOMENT = 2.0**33
"""Seconds since the epoch: about the year 2242. `datetime` refuses much later times."""


def _secrets(text: str) -> dict[str, Any]:
    """Read what `SharedTokens` encrypted; {} for anything else, so the bot signs in anew."""
    try:
        plain = json.loads(text or "{}")
    except (ValueError, RecursionError):
        plain = None
    if not isinstance(plain, dict):
        plain = {"access": None}
    texts = (plain.get(each, "") for each in SHARED_TEXTS)
    times = (plain.get(each) for each in SHARED_TIMES)
    if all(isinstance(each, str) for each in texts) and all(
        each is None or (isinstance(each, int | float) and 0 <= each < LATEST_MOMENT)
        for each in times
    ):
        return plain
    log.warning("the shared sign-in can't be read, so the bot signs in anew")
    return {}


def _is_ahead(until: float, now: datetime, most: timedelta) -> bool:
    """Whether *until* is still to come.

    One that is further off than *most* was stored while a clock was wrong, and is over.
    """
    return now.timestamp() < until <= (now + most).timestamp()


def _row(text: str) -> SharedRow:
    """Read the stored row; an unreadable one counts as none, so the bot signs in anew."""
    if not text:
        return SharedRow()
    try:
        data = json.loads(text)
        row = SharedRow(**{k: v for k, v in data.items() if k in ROW_KINDS})
        wrong = [
            k for k, kind in ROW_KINDS.items() if type(getattr(row, k)) not in kind
        ]
    except (AttributeError, TypeError, ValueError, RecursionError):
        wrong = ["all"]
    if wrong:
        log.warning("the shared sign-in can't be read, so the bot signs in anew")
        return SharedRow()
    return row
