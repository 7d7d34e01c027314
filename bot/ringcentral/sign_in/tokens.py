"""Tokens, as RingCentral's answers to log-ins hold them, and what a refusal means."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ringcentral.platform.platform import Platform

from bot.errors import CredentialsRefused, Refused, RingCentralError, Unreachable
from bot.ringcentral.sign_in import grant
from bot.ringcentral.sign_in.credential import ends_at
from bot.ringcentral.sign_in.login import AHEAD, Run
from bot.ringcentral.transport import shapes

log = logging.getLogger(__name__)

BAD_REQUEST = 400
OF_THE_APP = frozenset(
    ["invalid_client", "unauthorized_client", "unsupported_grant_type"]
)
"""Errors (RFC 6749, 5.2) that say nothing of the person's own sign-in."""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Tokens:
    """What RingCentral gave for a sign-in. Its repr holds none of it.

    Attributes:
        version: Grows with each refresh; 0 before the first was stored.
        jwt: The person's own JWT credential, by which they can be signed in anew.
        fresh_until: When the access token is to be replaced, ahead of its expiry.
        ends_at: When the sign-in ends for good unless it is refreshed before; None if
            it does not end by itself.
        owner: The extension id of whose they are; nothing where that was not told.
        expires_at: When the access token is of no use any more, where that is known.
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
    """Return what RingCentral's answer *data* holds, as of *now*.

    Raises:
        Unreachable: There is no token in it.
    """
    access, refresh = (
        grant.token(data, "access_token"),
        grant.token(data, "refresh_token"),
    )
    if not access:
        raise Unreachable("log-in: an answer without a token")
    life = grant.life(data, "expires_in", grant.HOUR)
    ends: datetime | None = now + life
    if jwt:
        ends = ends_at(jwt)
    elif refresh:
        ends = now + grant.life(data, "refresh_token_expires_in", grant.WEEK)
    return Tokens(
        access=access,
        refresh=refresh,
        jwt=jwt,
        scope=_text(data, "scope"),
        version=version,
        fresh_until=now + life - min(timedelta(seconds=AHEAD), life / 5),
        ends_at=ends,
        owner=shapes.text(data, "owner_id"),
        expires_at=now + life,
    )


async def signed_in(run: Run, platform: Platform, **how: str) -> dict[str, Any]:
    """Sign *platform* in by ``jwt``, or by ``code``, ``redirect_uri``, ``verifier``.

    Costs one Auth request. Raises `Refused` and other `RingCentralError`s.
    """
    return await asked(run, lambda: platform.login(**how))


async def asked(run: Run, work: Callable[[], Any]) -> dict[str, Any]:
    """Run one of the SDK's log-ins; return the JSON that RingCentral answered with.

    The SDK's own exceptions are not for anybody's eyes.
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
    """Return whether it is the sign-in that is refused, by RingCentral itself.

    Not the app, and not the request by something on its way.
    """
    if error.oauth == "invalid_grant":
        return True
    return error.status == BAD_REQUEST and error.oauth not in OF_THE_APP


def why_final(error: Refused) -> str:
    """Return why a sign-in is over for good.

    Raises:
        CredentialsRefused: It is not (`is_final`): nobody has to connect again.
    """
    why = f"{error.status} {error.code}".strip()
    if is_final(error):
        return why
    log.warning("RingCentral refuses the app, so a sign-in can't be renewed: %s", why)
    raise CredentialsRefused("RingCentral", why)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
