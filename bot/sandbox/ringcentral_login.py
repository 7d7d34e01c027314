"""OAuth as RingCentral does it: JWT and refresh tokens, sessions, and their end.

Source: RingCentral developer guide, "Authentication": a refresh token can be used
once, kills the old access token, and gives the same answer again for some seconds;
five sessions of one user and app live at a time.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.ringcentral_answers import Json, Reply, error, oauth_error

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

SAME_ANSWER = 10.0
"""For so many seconds a used refresh token gives the same tokens again …"""
UNUSED_ANSWER = 3600.0
"""… and for so many, while nobody has used the new ones."""

SESSIONS = 5
"""One log-in more, and the oldest session dies."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One session: its newest tokens, and the refresh token that gave them."""

    id: str
    access_token: str
    expires_at: float
    refresh_token: str
    refresh_expires_at: float
    spent_token: str = ""
    refreshed_at: float = 0.0
    used: bool = False
    answer: Json = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Logins:
    """Who may log in, and for how long. May be changed mid-run.

    Attributes:
        expires_in: Life of an access token, in real seconds.
        refresh_tokens: Whether any are issued: an app setting at RingCentral.
        scopes: What the app may do.
    """

    client_id: str = "demo-client-id"
    client_secret: str = field(default="demo-client-secret", repr=False)
    jwt: str = field(default="demo.user.jwt", repr=False)
    expires_in: float = 3600.0
    refresh_expires_in: float = 604800.0
    refresh_tokens: bool = True
    scopes: set[str] = field(
        default_factory=lambda: {"RingOut", "ReadCallLog", "ReadAccounts"}
    )
    owner_id: str = "62264425016"
    sessions: list[Session] = field(default_factory=list)

    def token(self, authorization: str, form: Mapping[str, str], now: float) -> Reply:
        """``POST /restapi/oauth/token``."""
        if not self._is_client(authorization):
            return _bad_client()
        grant = form.get("grant_type", "")
        if grant == JWT_GRANT:
            return self._by_jwt(form, now)
        if grant == "refresh_token":
            return self._by_refresh(form, now)
        return oauth_error(
            400, "unsupported_grant_type", "OAU-250", "Unsupported grant type"
        )

    def revoke(self, authorization: str, token: str) -> Reply:
        """``POST /restapi/oauth/revoke``: the whole session ends."""
        if not self._is_client(authorization):
            return _bad_client()
        self.sessions = [
            session
            for session in self.sessions
            if token not in (session.access_token, session.refresh_token)
        ]
        return Reply()

    def check(self, authorization: str, now: float) -> Reply | None:
        """Return the refusal of a request with such a header; None to let it in."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return error(401, "CMN-405", "Login to account required")
        session = next(
            (one for one in self.sessions if one.access_token == token), None
        )
        if session is None:
            return error(401, "OAU-129", "Access token corrupted", word="TokenInvalid")
        if now >= session.expires_at:
            return error(401, "OAU-128", "Access token expired.", word="TokenExpired")
        session.used = True
        return None

    def expire(self) -> None:
        """Let every access token have expired; refresh tokens stay good."""
        for session in self.sessions:
            session.expires_at = 0.0

    def forget(self) -> None:
        """End every session, refresh tokens and all."""
        self.sessions.clear()

    def _is_client(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            return False
        return scheme == "Basic" and pair == f"{self.client_id}:{self.client_secret}"

    def _by_jwt(self, form: Mapping[str, str], now: float) -> Reply:
        if form.get("assertion") != self.jwt:
            return oauth_error(400, "invalid_grant", "OAU-140", "Invalid JWT token")
        session = self._issue(form, now, secrets.token_hex(4))
        self.sessions = [*self.sessions, session][-SESSIONS:]
        return Reply(body=session.answer)

    def _by_refresh(self, form: Mapping[str, str], now: float) -> Reply:
        token = form.get("refresh_token", "")
        for index, session in enumerate(self.sessions):
            if token and token == session.refresh_token:
                if now >= session.refresh_expires_at:
                    break
                fresh = self._issue(form, now, session.id)
                fresh = replace(fresh, spent_token=token, refreshed_at=now)
                self.sessions[index] = fresh
                return Reply(body=fresh.answer)
            if token and token == session.spent_token:
                patience = SAME_ANSWER if session.used else UNUSED_ANSWER
                if now - session.refreshed_at <= patience:
                    return Reply(body=session.answer)
        return oauth_error(400, "invalid_grant", "OAU-213", "Token not found")

    def _issue(self, form: Mapping[str, str], now: float, session_id: str) -> Session:
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
            "owner_id": self.owner_id,
            "endpoint_id": "8zXq6oaLT7WvwWITlGiA1A",
            "session_id": session_id,
        }
        if refresh:
            answer |= {
                "refresh_token": refresh,
                "refresh_token_expires_in": int(self.refresh_expires_in),
            }
        return Session(
            id=session_id,
            access_token=access,
            expires_at=now + life,
            refresh_token=refresh,
            refresh_expires_at=now + self.refresh_expires_in,
            answer=answer,
        )


def _bad_client() -> Reply:
    return oauth_error(401, "invalid_client", "OAU-146", "Invalid client")
