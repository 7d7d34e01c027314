"""OAuth as RingCentral does it: grants, refresh tokens, sessions and their ends.

Source: RingCentral developer guide, "Authentication": a refresh token can be used
once; its use invalidates the old access token; using it again within some seconds
returns the same answer. A user has at most five sessions per app.
"""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.ringcentral.answers import Json, Reply, error, oauth_error
from bot.sandbox.ringcentral.credentials import (
    CODE_GRANT,
    GRANTS,
    JWT_GRANT,
    REFRESH_GRANT,
    Credentials,
    bad_grant,
    bad_jwt,
)
from bot.sandbox.ringcentral.people import People
from bot.sandbox.ringcentral.signin import SignIn

OK = 200

REPLAY_SECONDS = 10.0
"""Seconds for which a used refresh token returns the same tokens again."""
REPLAY_UNUSED_SECONDS = 3600.0
"""The same while the new access token has not been used."""

MOST_SESSIONS = 5
"""The most sessions per user and app; another sign-in ends the oldest one."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One session and its newest tokens. Times are real seconds, monotonic.

    Attributes:
        owner: The extension id of the user who signed in.
        spent_token: The refresh token that was exchanged for the newest tokens.
        refreshed_at: When that was.
        used: Whether the newest access token has been used.
        answer: The token answer, to give again.
    """

    id: str
    owner: str
    endpoint_id: str
    access_token: str = field(repr=False)
    expires_at: float
    refresh_token: str = field(repr=False)
    refresh_expires_at: float
    spent_token: str = field(default="", repr=False)
    refreshed_at: float = 0.0
    used: bool = False
    answer: Json = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Logins:
    """The app's registration, and everybody's sessions. May be changed mid-run.

    Attributes:
        jwt: The service user's JWT; other people's are in `credentials`.
        expires_in: The life of an access token, in real seconds.
        refresh_expires_in: The life of a refresh token, in real seconds.
        refresh_tokens: Whether any are issued; an app setting at RingCentral.
        scopes: The app's permissions.
        grants: The grant types that the app may use; app settings, too.
        signed_in: How often each user signed in, by extension id.
        refreshed: How often each user's tokens were replaced; repeats don't count.
        issued: The extension id for every token ever issued.
    """

    people: People
    client_id: str = "demo-client-id"
    client_secret: str = field(default="demo-client-secret", repr=False)
    jwt: str = field(default="demo.user.jwt", repr=False)
    expires_in: float = 3600.0
    refresh_expires_in: float = 604800.0
    refresh_tokens: bool = True
    scopes: set[str] = field(
        default_factory=lambda: {"RingOut", "ReadCallLog", "ReadAccounts"}
    )
    grants: set[str] = field(default_factory=lambda: set(GRANTS))
    sessions: list[Session] = field(default_factory=list)
    credentials: Credentials = field(default_factory=Credentials)
    signed_in: Counter[str] = field(default_factory=Counter)
    refreshed: Counter[str] = field(default_factory=Counter)
    issued: dict[str, str] = field(default_factory=dict, repr=False)
    sign_in: SignIn = field(init=False)

    def __post_init__(self) -> None:
        self.sign_in = SignIn(
            people=self.people,
            client_id=lambda: self.client_id,
            is_allowed=lambda: CODE_GRANT in self.grants,
        )

    @property
    def redirect_uris(self) -> list[str]:
        """The app's registered redirect URIs; see `SignIn`."""
        return self.sign_in.redirect_uris

    @redirect_uris.setter
    def redirect_uris(self, addresses: list[str]) -> None:
        self.sign_in.redirect_uris = addresses

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret; see `SignIn`."""
        return self.sign_in.is_public

    @is_public.setter
    def is_public(self, is_public: bool) -> None:
        self.sign_in.is_public = is_public

    @property
    def owner_id(self) -> str:
        """The service user's extension id."""
        return self.people.service.extension_id

    def token(self, authorization: str, form: Mapping[str, str], now: float) -> Reply:
        """``POST /restapi/oauth/token``."""
        if not self._is_client(authorization, form):
            return _bad_client()
        grant = form.get("grant_type", "")
        if grant not in self.grants & GRANTS:
            return bad_grant(grant)
        if grant == JWT_GRANT:
            return self._by_jwt(form, now)
        if grant == REFRESH_GRANT:
            return self._by_refresh(form, now)
        return self._by_code(form, now)

    def revoke(self, authorization: str, form: Mapping[str, str], token: str) -> Reply:
        """``POST /restapi/oauth/revoke``: end the token's whole session."""
        if not self._is_client(authorization, form):
            return _bad_client()
        self.sessions = [
            session
            for session in self.sessions
            if not token or token not in (session.access_token, session.refresh_token)
        ]
        return Reply()

    def session_of(self, authorization: str, now: float) -> Session | Reply:
        """Return the session of an ``Authorization`` header, or the error."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return error(401, "CMN-405", "Login to account required")
        session = next(
            (one for one in self.sessions if one.access_token == token), None
        )
        if session is None:
            code, message = ("OAU-129", "Access token corrupted")
            if token in self.issued:
                code, message = ("OAU-213", "Token not found")
            return error(401, code, message, word="TokenInvalid")
        if now >= session.expires_at:
            return error(401, "OAU-128", "Access token expired.", word="TokenExpired")
        session.used = True
        return session

    def owner_of(self, form: Mapping[str, str]) -> str:
        """Return whose Auth budget a token or revoke request uses, by extension id.

        It is the owner of the code, JWT or token in the form; the service user if
        that is unknown.
        """
        code = self.sign_in.codes.get(form.get("code", ""))
        if code is not None:
            return code.owner
        credential = self.credentials.find(form.get("assertion", ""))
        if credential is not None:
            return credential.owner
        named = form.get("refresh_token") or form.get("token", "")
        return self.issued.get(named, self.owner_id)

    def sessions_of(self, owner: str) -> list[Session]:
        """Return the user's sessions, oldest first."""
        return [one for one in self.sessions if one.owner == owner]

    def expire(self, owner: str = "") -> None:
        """Expire the access tokens of the user (empty: of all), not the refresh tokens."""
        for session in self.sessions:
            if owner in ("", session.owner):
                session.expires_at = 0.0

    def forget(self, owner: str = "") -> None:
        """End the sessions of the user (empty: of all), refresh tokens included."""
        self.sessions = [one for one in self.sessions if owner not in ("", one.owner)]

    def _is_client(self, authorization: str, form: Mapping[str, str]) -> bool:
        """Whether the app sent this: by Basic auth, or ``client_id`` if it is public."""
        if self.is_public:
            return not authorization and form.get("client_id") == self.client_id
        scheme, _, encoded = authorization.partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            return False
        return scheme == "Basic" and pair == f"{self.client_id}:{self.client_secret}"

    def _by_code(self, form: Mapping[str, str], now: float) -> Reply:
        """Open a session for a code. A second use of the code ends that session.

        RFC 6749, 4.1.2, asks for that; whether RingCentral does it is not documented.
        """
        code = self.sign_in.codes.get(form.get("code", ""))
        if code is not None and code.spent:
            self.sessions = [one for one in self.sessions if one.id != code.session_id]
        owner = self.sign_in.redeem(form, now)
        if isinstance(owner, Reply):
            return owner
        reply = self._open(owner, form, now)
        if code is not None and reply.status == OK:
            code.session_id = reply.body["session_id"]
        return reply

    def _by_jwt(self, form: Mapping[str, str], now: float) -> Reply:
        assertion = form.get("assertion", "")
        if assertion == self.jwt:
            return self._open(self.owner_id, form, now)
        credential = self.credentials.find(assertion)
        if credential is None:
            return bad_jwt("Invalid JWT token")
        refused = credential.refusal(self.client_id, now)
        return refused or self._open(credential.owner, form, now)

    def _open(self, owner: str, form: Mapping[str, str], now: float) -> Reply:
        """Open a session; end the user's oldest one if there are too many."""
        if self.people.by_id(owner).status != "Enabled":
            text = "Login for extension in current state is not allowed."
            return oauth_error(400, "invalid_grant", "OAU-141", text)
        endpoint = form.get("endpoint_id") or secrets.token_urlsafe(16)
        session = self._issue(owner, form, now, secrets.token_hex(4), endpoint)
        self.signed_in[owner] += 1
        dying = {one.id for one in self.sessions_of(owner)[: 1 - MOST_SESSIONS]}
        self.sessions = [one for one in self.sessions if one.id not in dying]
        self.sessions.append(session)
        return Reply(body=session.answer)

    def _by_refresh(self, form: Mapping[str, str], now: float) -> Reply:
        token = form.get("refresh_token", "")
        for index, session in enumerate(self.sessions):
            if token and token == session.refresh_token:
                if now >= session.refresh_expires_at:
                    break
                fresh = self._issue(
                    session.owner, form, now, session.id, session.endpoint_id
                )
                fresh = replace(fresh, spent_token=token, refreshed_at=now)
                self.sessions[index] = fresh
                self.refreshed[session.owner] += 1
                return Reply(body=fresh.answer)
            if token and token == session.spent_token:
                patience = REPLAY_SECONDS if session.used else REPLAY_UNUSED_SECONDS
                if now - session.refreshed_at <= patience:
                    return Reply(body=session.answer)
        return oauth_error(400, "invalid_grant", "OAU-213", "Token not found")

    def _issue(
        self, owner: str, form: Mapping[str, str], now: float, name: str, endpoint: str
    ) -> Session:
        life = self.expires_in
        if form.get("access_token_ttl", "").isdigit():
            life = min(life, float(form["access_token_ttl"]))
        access = f"access-{secrets.token_urlsafe(18)}"
        refresh = f"refresh-{secrets.token_urlsafe(18)}" if self.refresh_tokens else ""
        answer: Json = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": int(life),
            "scope": " ".join(sorted(self.scopes)),
            "owner_id": owner,
            "endpoint_id": endpoint,
            "session_id": name,
        }
        self.issued[access] = owner
        if refresh:
            self.issued[refresh] = owner
            answer |= {
                "refresh_token": refresh,
                "refresh_token_expires_in": int(self.refresh_expires_in),
            }
        return Session(
            id=name,
            owner=owner,
            endpoint_id=endpoint,
            access_token=access,
            expires_at=now + life,
            refresh_token=refresh,
            refresh_expires_at=now + self.refresh_expires_in,
            answer=answer,
        )


def _bad_client() -> Reply:
    return oauth_error(401, "invalid_client", "OAU-146", "Invalid client")
