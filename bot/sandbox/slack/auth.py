"""The methods about tokens: ``auth.*``, ``apps.*``, ``oauth.v2.access``.

Source: Slack docs, "auth.test", "auth.teams.list", "auth.revoke", "apps.uninstall".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.answers import Args, Json, Method, Problem
from bot.sandbox.slack.app import SlackApp, team_entry
from bot.sandbox.slack.grants import Grant, TokenRefusal

MOST_TEAMS = 1000


@dataclass(slots=True)
class Auth:
    """The methods that are not about one workspace.

    Attributes:
        ticket: Returns a new Socket Mode URL.
        exchange: Answers ``oauth.v2.access``.
        end: Ends an installation and sends the app the events; takes the error word
            for its token.
    """

    app: SlackApp
    ticket: Callable[[], str]
    exchange: Callable[[Args], Json]
    end: Callable[[Grant, TokenRefusal], None]

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "api.test": Method(_api_test, token="any"),  # noqa: S106 - a kind of token
            "oauth.v2.access": Method(self.exchange, token="any"),  # noqa: S106
            "auth.test": Method(self._test),
            "auth.teams.list": Method(self._teams),
            "auth.revoke": Method(self._revoke),
            "apps.uninstall": Method(self._uninstall),
            "apps.connections.open": Method(self._connect, token="app"),  # noqa: S106
        }

    def _test(self, args: Args) -> Json:
        grant = self._grant(args)
        workspace = self.app.space_of(grant, {}).workspace
        answer = {
            "ok": True,
            "url": f"https://{workspace.domain}.example/",
            "team": workspace.name,
            "user": workspace.bot.name,
            "team_id": workspace.team,
            "user_id": workspace.bot.id,
            "bot_id": workspace.bot_id,
            "is_enterprise_install": grant.is_org_wide,
        }
        if grant.enterprise is not None:
            answer["enterprise_id"] = grant.enterprise.id
        if grant.enterprise is not None and grant.is_org_wide:
            answer |= {"team": grant.enterprise.name, "team_id": grant.enterprise.id}
        return answer

    def _teams(self, args: Args) -> Json:
        """Return the workspaces in which the token is valid, page by page."""
        teams = [one.workspace for one in self.app.within(self._grant(args))]
        most = args.number("limit", 100, MOST_TEAMS)
        begin = args.text("cursor") or "0"
        if not begin.isdigit():
            raise Problem("invalid_cursor")
        end = int(begin) + most
        return {
            "ok": True,
            "teams": [team_entry(one) for one in teams[int(begin) : end]],
            "response_metadata": {
                "next_cursor": str(end) if end < len(teams) else "",
            },
        }

    def _revoke(self, args: Args) -> Json:
        """Revoke the token; the app stays, and its bot leaves all channels."""
        if args.flag("test"):
            return {"ok": True, "revoked": False}
        self.end(self._grant(args), "token_revoked")
        return {"ok": True, "revoked": True}

    def _uninstall(self, args: Args) -> Json:
        self.app.check_credentials(args)
        self.end(self._grant(args), "account_inactive")
        return {"ok": True}

    def _connect(self, _: Args) -> Json:
        return {"ok": True, "url": self.ticket()}

    def _grant(self, args: Args) -> Grant:
        return self.app.grants[args.token]


def _api_test(args: Args) -> Json:
    if args.text("error"):
        raise Problem(args.text("error"), args=dict(args.values))
    return {"ok": True, "args": dict(args.values)}
