"""Personal JWT credentials, which people make at RingCentral and give to an app."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field

from bot.sandbox.ringcentral.answers import Json, Reply, oauth_error

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CODE_GRANT = "authorization_code"
REFRESH_GRANT = "refresh_token"
GRANTS = frozenset({JWT_GRANT, CODE_GRANT, REFRESH_GRANT})


@dataclass(slots=True, kw_only=True)
class Credential:
    """One JWT credential.

    Attributes:
        owner: The extension id of its person.
        client_id: The only app that may use it.
        lives: Seconds from its making until it expires; None for never.
        expires_at: When it expires, in seconds of the monotonic clock; None for never.
    """

    jwt: str = field(repr=False)
    owner: str
    client_id: str
    lives: float | None
    expires_at: float | None
    revoked: bool = False

    def refusal(self, client_id: str, now: float) -> Reply | None:
        """Return the error if the app gets no tokens for it; else None.

        ``invalid_grant`` follows from RFC 7523. RingCentral's own error codes for
        these cases are not documented.
        """
        if self.revoked:
            return bad_jwt("JWT is revoked")
        if self.client_id != client_id:
            return bad_jwt("JWT was not issued for this application")
        if self.expires_at is not None and now >= self.expires_at:
            return bad_jwt("JWT is expired")
        return None


@dataclass(slots=True)
class Credentials:
    """The JWT credentials of all people."""

    _all: list[Credential] = field(default_factory=list)

    def find(self, jwt: str) -> Credential | None:
        """Return the credential of this JWT."""
        return next((one for one in self._all if one.jwt == jwt), None)

    def of(self, owner: str) -> list[Credential]:
        """Return a person's credentials, revoked ones included."""
        return [one for one in self._all if one.owner == owner]

    def made(
        self, owner: str, client_id: str, now: float, lives: float | None, date: float
    ) -> Credential:
        """Return the person's credential for an app; make one if there is none.

        *date* is *now* in seconds since the epoch; a JWT's ``exp`` is counted from it.
        """
        for one in self.of(owner):
            if (one.client_id, one.lives) == (client_id, lives) and not one.revoked:
                return one
        made = Credential(
            jwt=_jwt(owner, None if lives is None else date + lives),
            owner=owner,
            client_id=client_id,
            lives=lives,
            expires_at=None if lives is None else now + lives,
        )
        self._all.append(made)
        return made


def bad_grant(grant: str) -> Reply:
    """Return the answer to a grant that the app is not allowed, or that is unknown.

    Sources: RingCentral FAQ, "unauthorized for this grant type"; ringcentral-js issue
    91; for an unknown grant, RFC 6749, section 5.2.
    """
    if grant in GRANTS:
        text = "Unauthorized for this grant type"
        return oauth_error(400, "unauthorized_client", "OAU-251", text)
    text = "Unsupported grant type"
    return oauth_error(400, "unsupported_grant_type", "OAU-250", text)


def bad_jwt(message: str) -> Reply:
    """Return the answer to an invalid JWT."""
    return oauth_error(400, "invalid_grant", "OAU-140", message)


def _jwt(owner: str, exp: float | None) -> str:
    """Return a JWT with RingCentral's claims and a random text as its signature."""
    ends = {} if exp is None else {"exp": int(exp)}
    server = "https://platform.ringcentral.com"
    parts: tuple[Json, Json] = (
        {"kid": secrets.token_hex(16), "typ": "JWT", "alg": "RS256"},
        {
            "aud": f"{server}/restapi/oauth/token",
            "sub": owner,
            "iss": server,
            "jti": secrets.token_urlsafe(16),
        }
        | ends,
    )
    texts = [base64.urlsafe_b64encode(json.dumps(one).encode()) for one in parts]
    head, body = (text.decode().rstrip("=") for text in texts)
    return f"{head}.{body}.{secrets.token_urlsafe(64)}"
