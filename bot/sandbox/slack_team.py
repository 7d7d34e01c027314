"""Who is who: ``auth.test``, ``users.info``, ``bots.info``, ``team.info``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack_answers import Args, Json, Method, Problem
from bot.sandbox.slack_people import User, Workspace


@dataclass(slots=True)
class Team:
    """The methods; *ticket* opens a Socket Mode address."""

    workspace: Workspace
    ticket: Callable[[], str]

    def methods(self) -> dict[str, Method]:
        """Return them by name."""
        return {
            "api.test": Method(self._api_test, token="any"),  # noqa: S106 - a kind
            "auth.test": Method(self._auth_test),
            "apps.connections.open": Method(self._connect, token="app"),  # noqa: S106
            "bots.info": Method(self._bot_info, "users:read"),
            "team.info": Method(self._team_info, "team:read"),
            "users.info": Method(self._user_info, "users:read"),
        }

    def _api_test(self, args: Args) -> Json:
        if args.text("error"):
            raise Problem(args.text("error"), args=dict(args.values))
        return {"ok": True, "args": dict(args.values)}

    def _auth_test(self, _: Args) -> Json:
        return {
            "ok": True,
            "url": f"https://{self.workspace.domain}.example/",
            "team": self.workspace.domain.title(),
            "user": self.workspace.bot.name,
            "team_id": self.workspace.team,
            "user_id": self.workspace.bot.id,
            "bot_id": self.workspace.bot_id,
            "is_enterprise_install": False,
        }

    def _connect(self, _: Args) -> Json:
        return {"ok": True, "url": self.ticket()}

    def _bot_info(self, args: Args) -> Json:
        if args.text("bot") not in ("", self.workspace.bot_id):
            raise Problem("bot_not_found")
        bot = {
            "id": self.workspace.bot_id,
            "deleted": False,
            "name": self.workspace.bot.name,
            "app_id": self.workspace.app,
            "user_id": self.workspace.bot.id,
        }
        return {"ok": True, "bot": bot}

    def _team_info(self, _: Args) -> Json:
        team = {
            "id": self.workspace.team,
            "name": self.workspace.domain.title(),
            "domain": self.workspace.domain,
        }
        return {"ok": True, "team": team}

    def _user_info(self, args: Args) -> Json:
        user = self.workspace.user_by_id(args.required("user"))
        if user is None:
            raise Problem("user_not_found")
        return {"ok": True, "user": self._described(user)}

    def _described(self, user: User) -> Json:
        return {
            "id": user.id,
            "team_id": self.workspace.team,
            "name": user.name,
            "deleted": False,
            "real_name": user.real_name,
            "tz": user.tz,
            "tz_label": user.tz.partition("/")[2].replace("_", " "),
            "tz_offset": user.tz_offset,
            "profile": {
                "real_name": user.real_name,
                "display_name": user.name,
                "phone": "",
            },
            "is_bot": user.is_bot,
            "is_app_user": False,
        }
