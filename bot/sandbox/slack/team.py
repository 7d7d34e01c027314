"""``users.info``, ``users.profile.get``, ``bots.info`` and ``team.info``."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.slack.answers import Args, Json, Method, Problem
from bot.sandbox.slack.workspace import User, Workspace


@dataclass(slots=True)
class Team:
    """The methods about people and the workspace."""

    workspace: Workspace

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {
            "bots.info": Method(self._bot_info, "users:read"),
            "team.info": Method(self._team_info, "team:read"),
            "users.info": Method(self._user_info, "users:read"),
            "users.profile.get": Method(self._profile, "users.profile:read"),
        }

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
            "name": self.workspace.name,
            "domain": self.workspace.domain,
        }
        if self.workspace.enterprise is not None:
            team["enterprise_id"] = self.workspace.enterprise.id
            team["enterprise_name"] = self.workspace.enterprise.name
        return {"ok": True, "team": team}

    def _user_info(self, args: Args) -> Json:
        user = self._user(args)
        shown = user_entry(self.workspace, user)
        if args.flag("include_locale"):
            shown["locale"] = user.locale
        return {"ok": True, "user": shown}

    def _profile(self, args: Args) -> Json:
        """Return the profile of ``user``, which a bot token must give."""
        return {"ok": True, "profile": profile(self._user(args)) | {"fields": {}}}

    def _user(self, args: Args) -> User:
        user = self.workspace.user_by_id(args.required("user"))
        if user is None:
            raise Problem("user_not_found")
        return user


def profile(user: User) -> Json:
    """Return a user's profile, the phone as they typed it."""
    first, _, last = user.real_name.partition(" ")
    return {
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "first_name": first,
        "last_name": last,
        "phone": user.phone,
        "title": "",
        "status_text": "",
        "status_emoji": "",
    }


def user_entry(workspace: Workspace, user: User) -> Json:
    """Return a user as in ``users.info`` and ``user_change``.

    A deactivated user has no time zone there.
    """
    shown: Json = {
        "id": user.id,
        "team_id": user.home or workspace.team,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "profile": profile(user),
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": user.updated,
    }
    if user.deleted:
        return shown | {"is_forgotten": False}
    zone = {
        "tz": user.tz,
        "tz_label": user.tz.partition("/")[2].replace("_", " "),
        "tz_offset": user.tz_offset,
    }
    told = {
        "is_admin": False,
        "is_owner": False,
        "is_restricted": bool(user.guest),
        "is_ultra_restricted": user.guest == "single",
    }
    return shown | zone | told | _elsewhere(workspace, user)


def _elsewhere(workspace: Workspace, user: User) -> Json:
    """Return what is said of a stranger, or of somebody in an organization."""
    if user.home:
        return {"is_stranger": True}
    org = workspace.enterprise
    if org is None:
        return {}
    teams = [workspace.team]
    known = {"id": user.id, "enterprise_id": org.id, "enterprise_name": org.name}
    return {"enterprise_user": known | {"is_admin": False, "teams": teams}}
