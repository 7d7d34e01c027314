"""Whether the bot is in the channels of digests, and in the admins'. Posts nothing."""

from __future__ import annotations

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.check import Check, CheckFailed, few
from bot.errors import ChatError, ChatRefused, StoreUnavailable
from bot.settings.settings import Settings
from bot.slack.posting import web
from bot.storage.calls.store import Store
from bot.storage.people.installations import Installations
from bot.vault import Undecryptable, Vault

CANT_BE_SEEN = "missing_scope"
"""Slack's error if the app may not read channels, which is optional."""

HAVE_IT_IN = (
    "In Slack, type /invite @ringout in the channel, or correct RINGOUT_DIGEST."
)

HAVE_IT_ASK = (
    "In Slack, type /invite @ringout in the channel, or correct RINGOUT_ADMIN_CHANNEL."
)


class ChannelChecks:
    """Reads one message of each channel, and forgets it: that shows whether it may post."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session

    def all(self) -> dict[str, Check]:
        """Return the checks by their names, of what is set."""
        checks: dict[str, Check] = {}
        if self._settings.ringout_digest:
            checks["digest"] = self._digest
        if self._settings.ringout_admin_channel:
            checks["asking admins"] = self._asking
        return checks

    async def _asking(self) -> str:
        channels = sorted(self._settings.ringout_admin_channel)
        said = {each: await self._trouble(*_apart(each)) for each in channels}
        wrong = [f"{each}: {why}" for each, why in said.items() if why]
        unseen = [each for each in wrong if each.endswith(f": {CANT_BE_SEEN}")]
        if len(wrong) > len(unseen):
            bad = [each for each in wrong if each not in unseen]
            raise CheckFailed(
                f"nobody can be asked in {few(bad)}", HAVE_IT_ASK, is_warning=True
            )
        if unseen:
            return "whether the bot is in the admins' channel can't be seen"
        return f"the bot is in {few(channels)}"

    async def _digest(self) -> str:
        plans = self._settings.ringout_digest
        said = {
            each.channel: await self._trouble(each.workspace, each.channel)
            for each in plans
        }
        wrong = [f"{channel}: {why}" for channel, why in said.items() if why]
        unseen = [each for each in wrong if each.endswith(f": {CANT_BE_SEEN}")]
        if len(wrong) > len(unseen):
            bad = [each for each in wrong if each not in unseen]
            raise CheckFailed(
                f"can't be posted in {few(bad)}", HAVE_IT_IN, is_warning=True
            )
        if unseen:
            return (
                f"{len(plans)} set; whether the bot is in their channels can't be seen"
            )
        return f"{len(plans)} set, and the bot is in their channels"

    async def _trouble(self, workspace: str, channel: str) -> str:
        """Return why the bot can't post there; empty if it can."""
        client = await self._client_for(workspace)
        if client is None:
            return "the app is not installed in its workspace"
        try:
            if workspace and not self._settings.is_for_any_workspace:
                me = await web.ask(client.auth_test())
                mine = (me.get("team_id"), me.get("enterprise_id"))
                if workspace not in mine:
                    return "its workspace is not the bot's"
            one = client.conversations_history(channel=channel, limit=1)
            await web.ask(one)
        except ChatRefused as error:
            return error.error
        except ChatError as error:
            return str(error)
        return ""

    async def _client_for(self, workspace: str) -> AsyncWebClient | None:
        settings = self._settings
        token = settings.slack_bot_token
        if settings.is_for_any_workspace:
            token = await self._installed_token(workspace)
        if not token:
            return None
        return web.client(token, settings.slack_api_url, self._session)

    async def _installed_token(self, workspace: str) -> str:
        store = Store(self._settings.database_url)
        try:
            await store.open()
            vault = Vault(self._settings.ringout_secret_key)
            installations = Installations(store.writer, vault)
            space = await installations.space_named(workspace)
            found = await installations.find(*space) if space else None
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        except Undecryptable:
            return ""
        finally:
            store.close()
        return found.token if found else ""


def _apart(channel: str) -> tuple[str, str]:
    """Return the workspace and the id of a channel of the settings."""
    workspace, _, id_ = channel.rpartition(":")
    return workspace, id_
