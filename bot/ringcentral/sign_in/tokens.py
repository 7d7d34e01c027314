"""The tokens of a sign-in, and what it means when RingCentral refuses one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from ringcentral.platform.platform import Platform

from bot.errors import CredentialsRefused, Refused, RingCentralError, Unreachable
from bot.ringcentral.sign_in import grant
from bot.ringcentral.transport import shapes

log = logging.getLogger(__name__)

REFRESH_AHEAD = timedelta(minutes=2)
"""How long before its expiry an access token is replaced; a fifth of a short life."""

APP_REFUSED = frozenset(
    ["invalid_client", "unauthorized_client", "unsupported_grant_type"]
)
"""OAuth errors (RFC 6749, 5.2) that blame the app and say nothing of the sign-in."""

LOCKED_CODES = {"OAU-147", "OAU-148"}
"""RingCentral's codes for a sign-in that is locked: it may be good again later."""

ACCOUNT_CODES = LOCKED_CODES | {"OAU-167", "OAU-232", "OAU-236"}
"""RingCentral's codes for a sign-in that it refuses because of the person's account: it is
locked, of another realm, or its extension is missing or disabled."""

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs one blocking request to the token endpoint in a thread, within the Auth limit.

Raises `RateLimited` where the limit is used up."""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Tokens:
    """What RingCentral gave for a sign-in. The repr shows no token.

    Attributes:
        version: Grows with each refresh; 0 before the first was stored.
        jwt: The JWT credential that can sign this user in again; empty if none.
        fresh_until: When the access token is to be replaced, ahead of its expiry.
        ends_at: When the sign-in ends unless it is refreshed before; None if it does
            not end by itself.
        owner: The user's extension id; empty if the answer did not tell.
        expires_at: When the access token expires, where that is known.
    """

    access: str
    refresh: str = ""
    jwt: str = ""
    scope: str = ""
    version: int = 0
    fresh_until: datetime
    ends_at: datetime | None = None
    owner: str = ""
    expires_at: datetime | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Tokens version {self.version}>"


def tokens_of(
    data: dict[str, Any], now: datetime, *, jwt: str = "", version: int = 0
) -> Tokens:
    """Read the tokens in a token answer that arrived at *now*.

    Raises:
        Unreachable: The answer holds no token.
    """
    access = grant.token(data, "access_token")
    refresh = grant.token(data, "refresh_token")
    if not access:
        raise Unreachable("log-in: an answer without a token")
    life = grant.life(data, "expires_in", grant.ACCESS_TOKEN_LIFE)
    return Tokens(
        access=access,
        refresh=refresh,
        jwt=jwt,
        scope=shapes.text(data, "scope"),
        version=version,
        fresh_until=now + life - min(REFRESH_AHEAD, life / 5),
        ends_at=_sign_in_ends(data, now, life, jwt=jwt, can_refresh=bool(refresh)),
        owner=shapes.text(data, "owner_id"),
        expires_at=now + life,
    )


def _sign_in_ends(
    data: dict[str, Any], now: datetime, life: timedelta, *, jwt: str, can_refresh: bool
) -> datetime | None:
    if jwt:
        return grant.jwt_expiry(jwt)
    if can_refresh:
        usual = grant.REFRESH_TOKEN_LIFE
        return now + grant.life(data, "refresh_token_expires_in", usual)
    return now + life


async def signed_in(run: Run, platform: Platform, **how: str) -> dict[str, Any]:
    """Sign *platform* in by ``jwt``, or by ``code``, ``redirect_uri``, ``verifier``.

    Costs one Auth request. Raises `Refused` and other `RingCentralError`s.
    """
    return await asked(run, lambda: platform.login(**how))


async def asked(run: Run, work: Callable[[], Any]) -> dict[str, Any]:
    """Run one of the SDK's token requests; return the JSON of the answer.

    SDK exceptions carry secrets in their text, so they are replaced.
    """
    try:
        answer = await run(work)
        data = answer.response().parsed
    except RingCentralError:
        raise
    except Exception:  # noqa: BLE001 - an answer that the SDK can't read
        failed = True
    else:
        failed = not isinstance(data, dict)
    if failed:
        raise Unreachable("log-in: an answer that can't be read")
    return dict(data)


def is_final(error: Refused) -> bool:
    """Return whether RingCentral refuses this sign-in for good.

    False where it refuses the app, or where a proxy on the way refused the request.
    """
    if error.oauth == "invalid_grant":
        return True
    return error.status == HTTPStatus.BAD_REQUEST and error.oauth not in APP_REFUSED


def why_final(error: Refused, advice: str = "") -> str:
    """Return why a sign-in has ended for good.

    Raises:
        CredentialsRefused: It has not (see `is_final`), or it is locked for now: nobody
            has to connect again. If the app lacks a grant, the text ends with *advice*.
    """
    why = f"{error.status} {error.code}".strip()
    if error.code in LOCKED_CODES:
        log.warning("RingCentral has locked a sign-in: %s", why)
        raise CredentialsRefused("RingCentral", why)
    if is_final(error) or error.code in ACCOUNT_CODES:
        return why
    if error.lacks_grant and advice:
        why += f": {advice}"
    log.warning("RingCentral refuses the app: %s", why)
    raise CredentialsRefused("RingCentral", why, lacks_grant=error.lacks_grant)
