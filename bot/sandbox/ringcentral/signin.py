"""The sign-in page: a person signs in, authorizes the app, and is sent back to it.

Sources: RingCentral API reference, "OAuth Authorization"; RFC 6749, section 4.1; RFC
7636. Unlike RingCentral's page, it asks for no password.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.sandbox.ringcentral.answers import Ask, Reply, oauth_error
from bot.sandbox.ringcentral.people import People

LOGIN = "/login"
"""The path that the authorize endpoint redirects the browser to."""

CODE_SECONDS = 60.0
"""Real seconds until an unused code expires."""

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
S256 = re.compile(r"[A-Za-z0-9_-]{43}")
"""A PKCE verifier and its challenge: RFC 7636, sections 4.1 and 4.2."""

LOOPBACK_HOSTS = ("127.0.0.1", "localhost")

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}}
label{{display:block;padding:.3rem 0}}button{{font:inherit;margin:1rem 1rem 0 0}}</style>
</head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


@dataclass(slots=True, kw_only=True)
class Code:
    """An authorization code.

    Attributes:
        owner: The extension id of the person who authorized the app.
        challenge: The PKCE challenge; empty for none.
        method: How the challenge was made: ``S256`` or ``plain``.
        made_at: Real seconds of a monotonic clock.
        session_id: The session that the code opened.
    """

    owner: str
    client_id: str
    redirect_uri: str
    challenge: str
    method: str
    made_at: float
    spent: bool = False
    session_id: str = ""

    def is_proved_by(self, verifier: str) -> bool:
        """Whether *verifier* matches the challenge; without one it must be empty."""
        if not self.challenge:
            return not verifier
        made = verifier
        if self.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return secrets.compare_digest(made.encode(), self.challenge.encode())


@dataclass(slots=True, kw_only=True)
class SignIn:
    """The sign-in page and the codes that it has issued.

    Attributes:
        client_id: Returns the app's client ID.
        is_allowed: Returns whether the app may use the code grant (ringcentral-js issue
            54 shows where the browser goes if not).
        redirect_uris: The registered addresses, compared exactly. If empty, any https
            address and any address on this machine is accepted.
        is_public: Whether the app has no client secret and must use PKCE.
    """

    people: People
    client_id: Callable[[], str]
    is_allowed: Callable[[], bool] = lambda: True
    redirect_uris: list[str] = field(default_factory=list)
    is_public: bool = False
    codes: dict[str, Code] = field(default_factory=dict, repr=False)

    def authorize(self, ask: Ask) -> Reply:
        """``GET`` or ``POST /restapi/oauth/authorize``: redirect to the page."""
        wanted = _wanted(ask)
        refused = self._refused(wanted)
        if refused is not None:
            return refused
        return _redirect(f"{ask.base}{LOGIN}?{urlencode(wanted)}")

    def page(self, ask: Ask) -> Reply:
        """``GET`` the page: show the form."""
        wanted = _wanted(ask)
        refused = self._refused(wanted)
        return refused if refused is not None else self._form(wanted)

    def decide(self, ask: Ask) -> Reply:
        """``POST`` the page: redirect to the app with a code, or with an error."""
        wanted = {name: values[0] for name, values in ask.seen.query.items()}
        refused = self._refused(wanted)
        if refused is not None:
            return refused
        form = ask.seen.body if isinstance(ask.seen.body, dict) else {}
        if form.get("choice") != "authorize":
            return self._back(wanted, error="access_denied")
        person = next(
            (one for one in self.people.everybody if one.handle == form.get("person")),
            None,
        )
        if person is None or person.status != "Enabled":
            return _problem("You can't sign in", "This user's sign-in is not allowed.")
        code = f"code-{secrets.token_urlsafe(24)}"
        self.codes[code] = Code(
            owner=person.extension_id,
            client_id=self.client_id(),
            redirect_uri=wanted.get("redirect_uri", ""),
            challenge=wanted.get("code_challenge", ""),
            method=wanted.get("code_challenge_method", "plain"),
            made_at=ask.now,
        )
        return self._back(wanted, code=code)

    def redeem(self, form: Mapping[str, str], now: float) -> str | Reply:
        """Use up a code; return its person's extension id, or the error.

        The error codes are RingCentral's; which one a wrong verifier gets is not
        documented.
        """
        code = self.codes.get(form.get("code", ""))
        if code is None or code.spent:
            return _not_good("OAU-106", "Invalid authorization code")
        if code.client_id != self.client_id():
            text = "Authorization code was not issued for this application"
            return _not_good("OAU-110", text)
        if now - code.made_at >= CODE_SECONDS:
            return _not_good("OAU-108", "Authorization code is expired")
        if form.get("redirect_uri", "") != code.redirect_uri:
            return _not_good("OAU-109", "Redirect URIs do not match")
        if not code.is_proved_by(form.get("code_verifier", "")):
            return _not_good("OAU-106", "Invalid code verifier")
        code.spent = True
        return code.owner

    def _refused(self, wanted: Mapping[str, str]) -> Reply | None:
        """Return the error, if any; redirect only to a registered address."""
        if wanted.get("client_id") != self.client_id():
            return _problem("Unknown application", "No application has this client ID.")
        if not self._is_registered(wanted.get("redirect_uri", "")):
            return _problem("Redirect URIs do not match", "OAU-109")
        is_code = wanted.get("response_type") == "code"
        if not is_code or not self.is_allowed():
            word = "unauthorized_client" if is_code else "unsupported_response_type"
            return self._back(wanted, error=word)
        challenge = wanted.get("code_challenge")
        method = wanted.get("code_challenge_method")
        if challenge is None and self.is_public:
            return self._back(wanted, error="invalid_request")
        if challenge is not None and not _is_challenge(challenge, method):
            return self._back(wanted, error="invalid_request")
        return None

    def _is_registered(self, uri: str) -> bool:
        if self.redirect_uris:
            is_only = not uri and len(self.redirect_uris) == 1
            return uri in self.redirect_uris or is_only
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        return (parts.scheme == "https" and bool(parts.hostname)) or (
            parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
        )

    def _back(self, wanted: Mapping[str, str], **said: str) -> Reply:
        parts = urlsplit(wanted.get("redirect_uri") or self.redirect_uris[0])
        query = parse_qsl(parts.query, keep_blank_values=True) + list(said.items())
        if "state" in wanted:
            query.append(("state", wanted["state"]))
        return _redirect(parts._replace(query=urlencode(query)).geturl())

    def _form(self, wanted: Mapping[str, str]) -> Reply:
        hint = wanted.get("login_hint", "")
        people = "".join(
            f'<label><input type="radio" name="person" value="{escape(one.handle)}"'
            f"{' checked' if one.handle == hint else ''}> {escape(one.name)},"
            f" extension {escape(one.extension_number)}</label>"
            for one in self.people.everybody
            if one.status == "Enabled"
        )
        body = (
            "<p>An imitation of RingCentral's page: nobody's password is asked for.</p>"
            f'<form method="post"><fieldset><legend>Who are you?</legend>{people}'
            "</fieldset>"
            '<button name="choice" value="authorize">Authorize</button>'
            '<button name="choice" value="cancel">Cancel</button></form>'
        )
        return _page(200, "Sign in to RingCentral", body)


def _is_challenge(challenge: str, method: str | None) -> bool:
    """Whether a challenge fits its method, which RingCentral requires."""
    wanted = {"S256": S256, "plain": VERIFIER}.get(method or "")
    return wanted is not None and wanted.fullmatch(challenge) is not None


def _wanted(ask: Ask) -> dict[str, str]:
    if isinstance(ask.seen.body, dict):
        return dict(ask.seen.body)
    return {name: values[0] for name, values in ask.seen.query.items()}


def _page(status: int, title: str, body: str) -> Reply:
    text = PAGE.format(title=escape(title), body=body)
    return Reply(status=status, text=text, headers={"Cache-Control": "no-store"})


def _problem(title: str, text: str) -> Reply:
    return _page(400, title, f"<p>{escape(text)}</p>")


def _redirect(address: str) -> Reply:
    return Reply(status=302, headers={"Location": address})


def _not_good(code: str, message: str) -> Reply:
    return oauth_error(400, "invalid_grant", code, message)
