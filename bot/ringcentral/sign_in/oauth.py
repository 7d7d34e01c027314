"""Signing a person in: RingCentral's authorization code with PKCE, or their own JWT.

Source: RingCentral developer guide, "Authorization code flow with PKCE"; RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from bot.errors import RateLimited, Refused, RingCentralError
from bot.ringcentral.sign_in.tokens import (
    Run,
    Tokens,
    asked,
    is_final,
    signed_in,
    tokens_of,
)
from bot.ringcentral.transport.network import Network

AUTHORIZE = "/restapi/oauth/authorize"


def new_secret() -> str:
    """Return 256 random bits in text, for a ticket or a PKCE verifier."""
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    """Return the ``S256`` challenge of a PKCE verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorize_url(
    network: Network, *, redirect_uri: str, state: str, verifier: str
) -> str:
    """Return the URL of RingCentral's sign-in page for one attempt.

    The SDK's own function fails: it uses a module that it does not import.
    """
    query = {
        "response_type": "code",
        "client_id": network.app.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    return f"{network.app.server_url}{AUTHORIZE}?{urlencode(query)}"


async def by_code(
    network: Network,
    code: str,
    *,
    redirect_uri: str,
    verifier: str,
    now: Callable[[], datetime],
) -> Tokens:
    """Exchange a code, which works once, for tokens. Costs one Auth request.

    Raises:
        Refused: The code is unknown, used, too old, or another app's.
        RingCentralError: RingCentral could not be asked.
    """
    data = await signed_in(
        network.run_alone,
        network.platform(),
        code=code,
        redirect_uri=redirect_uri,
        verifier=verifier,
    )
    return tokens_of(data, now())


async def by_credential(
    network: Network, jwt: str, *, now: Callable[[], datetime]
) -> Tokens:
    """Sign in by a person's JWT credential. Costs one Auth request; raises as `by_code`."""
    data = await signed_in(network.run_alone, network.platform(), jwt=jwt)
    return tokens_of(data, now(), jwt=jwt)


async def revoke(network: Network, tokens: Tokens, run: Run | None = None) -> bool:
    """Revoke the session of *tokens* as `revoke_token` does; never raises."""
    try:
        return await revoke_token(network, tokens.refresh or tokens.access, run)
    except RateLimited:
        return False


async def revoke_token(network: Network, token: str, run: Run | None = None) -> bool:
    """Revoke a session at RingCentral; return whether it has ended.

    Either of the session's two tokens will do. Costs one Auth request, which *run* admits
    where the session's user is known. If RingCentral does not know the token, the session
    has ended already (RFC 7009, 2.2).

    Raises:
        RateLimited: It must not be tried again before that time.
    """
    if not token:
        return False
    platform = network.platform()
    platform.auth().set_data({"access_token": token})
    try:
        await asked(run or network.run_alone, platform.logout)
    except RateLimited:
        raise
    except Refused as error:
        return is_final(error)
    except RingCentralError:
        return False
    return True
