"""Checks of the Slack app, and of the workspace of its bot token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.calls.people.user_group import groups_in, name_groups
from bot.doctor.check import Check, CheckFailed
from bot.errors import ChatBusy, ChatError, ChatOutOfReach, ChatRefused
from bot.settings.settings import Settings
from bot.slack.posting import web
from bot.slack.posting.user_groups import members_of
from bot.workspaces import manifest

PEOPLE_SCOPE = "users:read"
ENTRANCE_SCOPES = {
    "app_mentions:read": "@ringout in a channel",
    "im:history": "numbers that people write in their DM with the app",
}
"""What Slack reports to apps with these scopes alone; the rest works without."""

LISTS_DECIDE = (
    "Until then guests are not kept out: RINGOUT_ALLOWED_USERS and "
    "RINGOUT_ALLOWED_CHANNELS alone decide."
)


STEP_MANIFEST = "ringout-bot manifest --workflow-step"

GRANT_THEM = "Update the app from manifest.yaml, and reinstall it."


def lacking(scopes: Iterable[str]) -> str:
    """Return which entrances do not work without *scopes*."""
    named = [f"{ENTRANCE_SCOPES[each]} ({each})" for each in sorted(scopes)]
    return f"not granted yet, so these do nothing: {'; '.join(named)}"


def told_missing(scopes: Sequence[str]) -> str:
    """Name the required *scopes* that are not granted, and the entrances among them."""
    entrances = set(scopes) & set(ENTRANCE_SCOPES)
    if len(entrances) == len(scopes):
        return lacking(entrances)
    said = f"missing: {', '.join(scopes)}"
    return f"{said}; {lacking(entrances)}" if entrances else said


GROUPS_UNREAD = (
    "missing_scope: add the optional usergroups:read of manifest.yaml and reinstall the "
    "app. no_such_subteam: the group is disabled, or another workspace's; it admits "
    "nobody. plan_upgrade_required: Slack's free plan has none; name people."
)


class SlackChecks:
    """Posts nothing."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._client = web.client(
            settings.slack_bot_token, settings.slack_api_url, session
        )

    def all(self) -> dict[str, Check]:
        """Return the checks by name; without a bot token only that of the delivery."""
        own: dict[str, Check] = {
            "Slack bot token": self._token,
            "Slack scopes": self._scopes,
            "user groups": self._groups,
        }
        if self._settings.is_for_any_workspace:
            own = {}
        return own | {
            "Slack delivery": self._delivery,
            "Place a call": self._dialer,
            "Call a number": self._on_messages,
            "workflow step": self._step,
        }

    async def _token(self) -> str:
        try:
            data = await web.ask(self._client.auth_test())
        except ChatError as error:
            raise CheckFailed(
                str(error),
                _advice(
                    error,
                    "Copy SLACK_BOT_TOKEN again from OAuth & Permissions; reinstall the "
                    "app.",
                ),
            ) from None
        return f"@{data.get('user')} in {data.get('team')}"

    async def _scopes(self) -> str:
        try:
            response = await self._client.auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            raise CheckFailed("not known without a bot token", "See above.") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        granted = {
            each.strip() for each in headers.get("x-oauth-scopes", "").split(",")
        }
        asked = manifest.load()["oauth_config"]["scopes"]
        missing = sorted(set(asked["bot"]) - granted)
        if missing:
            guests = not self._settings.ringout_guests and PEOPLE_SCOPE in missing
            raise CheckFailed(
                told_missing(missing),
                GRANT_THEM + (f" {LISTS_DECIDE}" if guests else ""),
                is_warning=set(missing) <= set(ENTRANCE_SCOPES),
            )
        optional = sorted(set(asked["bot_optional"]) - granted)
        if optional:
            return f"enough; without the optional {', '.join(optional)}"
        return "all of the manifest's"

    async def _groups(self) -> str:
        """Say how many people are in each user group that the settings name."""
        settings = self._settings
        named = settings.ringout_admins | settings.ringout_auditors
        named |= settings.ringout_allowed_users
        if not name_groups(named):
            return "none named in the settings"
        try:
            mine = await web.ask(self._client.auth_test())
            team, org = web.field(mine, "team_id"), web.field(mine, "enterprise_id")
            found = [
                f"{group.id} ({len(await members_of(self._client, group))})"
                for group in sorted(groups_in(named, org, team), key=lambda g: g.key)
            ]
        except ChatError as error:
            raise CheckFailed(str(error), _advice(error, GROUPS_UNREAD)) from None
        return f"with their people: {', '.join(found)}"

    async def _delivery(self) -> str:
        if not self._settings.is_socket_mode:
            return "signed HTTP (try a command to see that Slack reaches it)"
        try:
            await web.ask(
                self._client.apps_connections_open(
                    app_token=self._settings.slack_app_token
                )
            )
        except ChatError as error:
            raise CheckFailed(
                str(error),
                _advice(
                    error,
                    "Make an app-level token with connections:write, and switch on "
                    "Socket Mode.",
                ),
            ) from None
        return "Socket Mode can be opened"

    async def _dialer(self) -> str:
        """Say what the form needs: Slack shows an app's shortcuts and URLs to nobody."""
        said = "on the Home tab; as a shortcut too, once the app is as in manifest.yaml"
        if self._settings.is_socket_mode:
            return said
        return f"{said}; it suggests numbers only with message_menu_options_url"

    async def _on_messages(self) -> str:
        """Say what the shortcut of messages needs."""
        return "in the menu of messages, once the app is as in manifest.yaml"

    async def _step(self) -> str:
        """Say what the step needs; Slack does not tell an app whether it has one."""
        if self._settings.is_for_any_workspace:
            return "none: Slack allows it in an app's own workspace alone (SLACK_CLIENT_ID is set)"
        return f"optional; in Workflow Builder once the app is as printed by {STEP_MANIFEST}"


def _advice(error: ChatError, refused: str) -> str:
    """Return what to do: *refused* only if Slack has refused the token."""
    match error:
        case ChatRefused():
            return refused
        case ChatOutOfReach():
            return (
                "Check the network, DNS and proxy between this machine and slack.com."
            )
        case ChatBusy():
            return "Slack limits this app just now: run the check again in a minute."
    return "Slack gave no usable answer: run the check again, and see status.slack.com."
