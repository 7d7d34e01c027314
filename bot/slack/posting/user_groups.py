"""Asks Slack who is in a user group."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from bot.calls.people.user_group import UserGroup
from bot.errors import ChatUnknown
from bot.slack.posting.web import SLACK_ID, ask

NO_SUCH_GROUP = "no_such_subteam"
"""Slack's word for a group that is not there, or is disabled."""


async def members_of(client: AsyncWebClient, group: UserGroup) -> frozenset[str]:
    """Return the ids of the people in a group, by one request (Tier 2: 20 a minute).

    An organization's token needs the workspace; any other token ignores it (Slack docs,
    "usergroups.users.list").

    Raises:
        ChatRefused: ``no_such_subteam``; ``missing_scope``; ``plan_upgrade_required`` on
            Slack's free plan.
        ChatBusy, ChatUnknown: It can't be read at the moment.
    """
    data = await ask(
        client.usergroups_users_list(usergroup=group.id, team_id=group.team or None)
    )
    users = data.get("users")
    if not isinstance(users, list):
        raise ChatUnknown("an answer without users")
    return frozenset(
        each for each in users if isinstance(each, str) and SLACK_ID.fullmatch(each)
    )
