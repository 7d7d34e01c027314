"""Installing the app by OAuth: authorization, code, token.

Source: Slack docs, "Installing with OAuth", "oauth.v2.access".
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bot.sandbox.slack.answers import Args, Json, Problem
from bot.sandbox.slack.app import SlackApp, enterprise_entry, scope_list, team_entry

CODE_SECONDS = 600.0
SCOPE = re.compile(r"[a-z][a-z._]*(:[a-z._]+)*")


@dataclass(frozen=True, slots=True)
class InstallRequest:
    """What the app asks for: the query of the authorize URL.

    Attributes:
        redirect_uri: The address to redirect to; the registered one if none was sent.
        is_sent: Whether one was sent.
        team: The workspace that the page preselects.
    """

    scopes: tuple[str, ...]
    redirect_uri: str
    is_sent: bool
    state: str = field(repr=False)
    team: str

    def back(self, **answer: str) -> str:
        """Return the redirect URI with *answer* and the state in its query."""
        parts = urlsplit(self.redirect_uri)
        query = [*parse_qsl(parts.query, keep_blank_values=True), *answer.items()]
        query.append(("state", self.state))
        return urlunsplit(parts._replace(query=urlencode(query)))


@dataclass(slots=True)
class Code:
    """One code. `place` is the id of a workspace or organization."""

    asked: InstallRequest
    place: str
    person: str
    scopes: tuple[str, ...]
    made: float
    is_used: bool = False


@dataclass(slots=True, kw_only=True)
class OAuth:
    """The OAuth flow, from "Add to Slack" to the token.

    Attributes:
        redirect_urls: The registered redirect URLs; empty accepts any. An address is
            accepted if it is one of them, or below one on the same host and port.
        is_org_ready: Whether the app can be installed for a whole organization.
        code_seconds: How long a code is valid.
    """

    app: SlackApp
    redirect_urls: list[str] = field(default_factory=list)
    is_org_ready: bool = True
    code_seconds: float = CODE_SECONDS
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    _pages: dict[str, InstallRequest] = field(default_factory=dict)

    def read(self, query: Mapping[str, str]) -> InstallRequest:
        """Return what the query of the authorize URL asks for.

        Raises:
            Problem: It is invalid; Slack shows the error instead of the page.
        """
        if query.get("client_id") != self.app.client_id:
            raise Problem("invalid_client_id")
        scopes = [each for each in re.split(r"[,\s]+", query.get("scope", "")) if each]
        if query.get("user_scope") or not all(map(SCOPE.fullmatch, scopes)):
            raise Problem("invalid_scope")
        if not scopes:
            raise Problem("no_scopes")
        sent = query.get("redirect_uri", "")
        return InstallRequest(
            scopes=tuple(dict.fromkeys(scopes)),
            redirect_uri=self._way_back(sent),
            is_sent=bool(sent),
            state=query.get("state", ""),
            team=query.get("team", ""),
        )

    def _way_back(self, sent: str) -> str:
        if not sent:
            if not self.redirect_urls:
                raise Problem("bad_redirect_uri")
            return self.redirect_urls[0]
        known = not self.redirect_urls or any(
            _is_under(sent, each) for each in self.redirect_urls
        )
        if not known or urlsplit(sent).scheme not in ("http", "https"):
            raise Problem("bad_redirect_uri")
        return sent

    def open(self, asked: InstallRequest) -> str:
        """Return the name of a new page, which can be answered once."""
        name = secrets.token_urlsafe(16)
        self._pages[name] = asked
        return name

    def deny(self, page: str) -> str:
        """Return where to redirect the browser of a person who has declined."""
        return self._take(page).back(error="access_denied")

    def allow(
        self, page: str, place: str, person: str, without: tuple[str, ...] = ()
    ) -> str:
        """Return where to redirect the browser of a person who has allowed the app.

        Args:
            page: The name of the page that they saw.
            place: The id of the workspace or organization.
            person: Their id or name there.
            without: Scopes that they did not allow.

        Raises:
            Problem: They cannot install it there, or the page was answered before.
        """
        enterprise = self.app.enterprises.get(place)
        if enterprise is not None and not self.is_org_ready:
            raise Problem("org_login_required")
        spaces = [
            space
            for space in self.app.spaces.values()
            if place == space.workspace.team
            or (enterprise is not None and space.workspace.enterprise == enterprise)
        ]
        user = spaces[0].workspace.find_user(person) if spaces else None
        if user is None or user.is_bot or user.deleted:
            raise Problem("access_denied")
        asked = self._take(page)
        name = f"{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        scopes = tuple(one for one in asked.scopes if one not in without)
        self.codes[name] = Code(asked, place, user.id, scopes, time.monotonic())
        return asked.back(code=name)

    def _take(self, page: str) -> InstallRequest:
        asked = self._pages.pop(page, None)
        if asked is None:
            raise Problem("expired_page")
        return asked

    def exchange(self, args: Args) -> Json:
        """Answer ``oauth.v2.access``: install the app and return the token."""
        self.app.check_credentials(args)
        if args.text("grant_type") not in ("", "authorization_code"):
            raise Problem("invalid_grant_type")
        code = self.codes.get(args.text("code"))
        if code is None or time.monotonic() - code.made > self.code_seconds:
            raise Problem("invalid_code")
        if code.is_used:
            raise Problem("code_already_used")
        sent = code.asked.redirect_uri if code.asked.is_sent else ""
        if args.text("redirect_uri") != sent and (
            sent or args.text("redirect_uri") != code.asked.redirect_uri
        ):
            raise Problem("bad_redirect_uri")
        code.is_used = True
        return self._installed(code)

    def _installed(self, code: Code) -> Json:
        grant = self.app.install(code.place, code.scopes, code.person)
        space = self.app.within(grant)[0]
        return {
            "ok": True,
            "app_id": self.app.id,
            "authed_user": {"id": code.person},
            "scope": scope_list(space.rules.scopes),
            "token_type": "bot",
            "access_token": grant.token,
            "bot_user_id": grant.bot,
            "team": None if grant.is_org_wide else team_entry(space.workspace),
            "enterprise": enterprise_entry(grant.enterprise),
            "is_enterprise_install": grant.is_org_wide,
        }


def _is_under(sent: str, registered: str) -> bool:
    here, there = urlsplit(sent), urlsplit(registered)
    is_same_host = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    below = f"{there.path.rstrip('/')}/"
    return is_same_host and (here.path == there.path or here.path.startswith(below))
