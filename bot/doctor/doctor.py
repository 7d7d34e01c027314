"""``ringout-bot doctor``: what works, and what to do where something does not.

Each check is a coroutine that returns what it found or raises `Ill`; a line is
printed for each, and none stops the next. Nothing is posted, nothing is dialled.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts.clients import network_of
from bot.calls.phone import parse
from bot.doctor.account_checks import PeopleChecks
from bot.doctor.check import Ill
from bot.doctor.trace import traced
from bot.doctor.workspace_checks import Check, WorkspaceChecks
from bot.errors import (
    BotError,
    ChatError,
    CredentialsRefused,
    Refused,
    StoreUnavailable,
    UserError,
)
from bot.ringcentral.client import RingCentral, by_jwt
from bot.ringcentral.transport.network import Network
from bot.settings.settings import Settings
from bot.slack.posting import web
from bot.storage.calls.store import Store
from bot.workspaces import manifest

NEEDED = ("RingOut", "ReadCallLog", "ReadAccounts")
FEW = 10
SKEW = timedelta(seconds=5)
"""Matching allows 30 s; Slack refuses signatures at 300 s; NTP keeps below 1 s."""


async def examine(settings: Settings, *, trace: str | None) -> int:
    """Print a line for each check; return 1 if any failed, else 0."""
    if trace is not None:
        return await _trace(settings, trace)
    async with web.session() as session:
        client = web.client(settings.slack_bot_token, settings.slack_api_url, session)
        network = network_of(settings)
        workspaces = WorkspaceChecks(settings, session).all()
        people = PeopleChecks(settings, network).all()
        doctor = Doctor(settings, client, network, workspaces, people)
        return await doctor.examine()


async def _trace(settings: Settings, call_id: str) -> int:
    store = Store(settings.database_url)
    try:
        await store.open()
        lines = await traced(store, call_id)
    except StoreUnavailable as error:
        lines = []
        sys.stdout.write(f"FAIL  database: {error}\n")
        return 1
    finally:
        store.close()
    if not lines:
        sys.stdout.write(f"No call {call_id} is in the database.\n")
        return 1
    sys.stdout.write("\n".join(printable(line) for line in lines) + "\n")
    return 0


def printable(text: str) -> str:
    """Return *text* without what a terminal would obey: names come from outside."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _few(found: Sequence[str]) -> str:
    """Return the first ten, and how many more there are."""
    more = [f"{len(found) - FEW} more"] if len(found) > FEW else []
    return ", ".join([*found[:FEW], *more])


class Doctor:
    """Runs the checks, one after the other."""

    def __init__(
        self,
        settings: Settings,
        client: AsyncWebClient,
        network: Network,
        workspaces: Mapping[str, Check],
        people: Mapping[str, Check],
    ) -> None:
        self._settings = settings
        self._client = client
        self._network = network
        self._workspaces = workspaces
        self._people = people
        self._telephony = RingCentral(network, by_jwt(settings.rc_user_jwt))
        self._failed = 0

    async def examine(self) -> int:
        """Run every check; return the exit code."""
        self._say("ok  ", "settings", "complete and well-formed")
        await self._check("database", self._database)
        if self._settings.is_for_any_workspace:
            for name, check in self._workspaces.items():
                await self._check(name, check)
        else:
            await self._check("Slack bot token", self._slack)
            await self._check("Slack scopes", self._scopes)
        await self._check("Slack delivery", self._delivery)
        for name, check in self._people.items():
            await self._check(name, check)
        shared = self._settings.ringout_shared_account
        if shared and await self._check("RingCentral sign-in", self._sign_in):
            await self._check("RingCentral app permissions", self._permissions)
            await self._check("RingOut feature", self._feature)
            await self._check("phones for from", self._phones)
            await self._check("numbers for callerId", self._caller_ids)
            await self._check("call log", self._call_log)
            await self._check("clock", self._clock)
        self._network.close()
        return 1 if self._failed else 0

    async def _check(self, name: str, check: Callable[[], Awaitable[str]]) -> bool:
        try:
            self._say("ok  ", name, await check())
        except Ill as ill:
            self._fail(name, str(ill), ill.then)
        except (BotError, OSError) as error:
            self._fail(name, str(error), "Check the address and the network.")
        else:
            return True
        return False

    def _fail(self, name: str, what: str, then: str) -> None:
        self._failed += 1
        self._say("FAIL", name, what)
        sys.stdout.write(f"      -> {printable(then)}\n")

    @staticmethod
    def _say(mark: str, name: str, what: str) -> None:
        sys.stdout.write(f"{mark}  {name}: {printable(what)}\n")

    async def _database(self) -> str:
        store = Store(self._settings.database_url)
        try:
            await store.open()
        except StoreUnavailable as error:
            raise Ill(str(error), "Check DATABASE_URL, its folder or server.") from None
        finally:
            store.close()
        return "can be opened and written"

    async def _slack(self) -> str:
        try:
            data = await web.ask(self._client.auth_test())
        except ChatError as error:
            raise Ill(
                str(error),
                "Copy SLACK_BOT_TOKEN again from OAuth & Permissions; reinstall the app.",
            ) from None
        return f"@{data.get('user')} in {data.get('team')}"

    async def _scopes(self) -> str:
        try:
            response = await self._client.auth_test()
        except SlackApiError:
            raise Ill("not known without a bot token", "See above.") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        granted = {
            each.strip() for each in headers.get("x-oauth-scopes", "").split(",")
        }
        asked = manifest.load()["oauth_config"]["scopes"]
        missing = sorted(set(asked["bot"]) - granted)
        if missing:
            raise Ill(
                f"missing: {', '.join(missing)}",
                "Update the app from manifest.yaml, and reinstall it.",
            )
        optional = sorted(set(asked["bot_optional"]) - granted)
        if optional:
            return f"enough; without the optional {', '.join(optional)}"
        return "all of the manifest's"

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
            raise Ill(
                str(error),
                "Make an app-level token with connections:write, and switch on Socket "
                "Mode.",
            ) from None
        return "Socket Mode can be opened"

    async def _sign_in(self) -> str:
        try:
            await self._telephony.start()
        except CredentialsRefused as error:
            raise Ill(
                str(error),
                "The JWT may be good as it is: try again when the app may use it."
                if error.lacks_grant
                else "Check RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT: the "
                "JWT must be for this app and this RC_SERVER_URL, and not expired.",
            ) from None
        user = await self._telephony.extension()
        return f"extension {user.number or user.id}"

    async def _permissions(self) -> str:
        granted = self._telephony.token_scopes()
        missing = [each for each in NEEDED if each not in granted]
        if missing:
            raise Ill(
                f"missing: {', '.join(missing)}",
                "Add them to the app at developers.ringcentral.com.",
            )
        return ", ".join(NEEDED)

    async def _feature(self) -> str:
        available, reason = await self._telephony.ring_out_available()
        if not available:
            raise Ill(
                f"not available ({reason or 'no reason given'})",
                "Ask a RingCentral administrator to enable RingOut for this user.",
            )
        return "available"

    async def _phones(self) -> str:
        found = [
            f"{self._masked(each.number)} ({each.type})"
            for each in await self._telephony.forwarding_numbers()
            if each.can_ring
        ]
        configured = self._settings.ringout_from
        if configured is not None:
            return f"RINGOUT_FROM {configured.masked}; listed: {_few(found) or '-'}"
        if not found:
            raise Ill(
                "none that can ring",
                "Add a forwarding number in RingCentral, or set RINGOUT_FROM.",
            )
        return _few(found)

    async def _caller_ids(self) -> str:
        found = [
            self._masked(each.number)
            for each in await self._telephony.phone_numbers()
            if "CallerId" in each.features
        ]
        return _few(found) or "none; RingCentral shows its main number"

    async def _call_log(self) -> str:
        now = datetime.now(UTC)
        try:
            records = await self._telephony.recent_calls(
                since=now - timedelta(days=7), until=now, limit=10, company=False
            )
        except Refused as error:
            raise Ill(str(error), "Give the user the permission ReadCallLog.") from None
        ours = sum(1 for each in records if each.is_ring_out)
        return f"readable; {len(records)} recent calls, {ours} of them RingOuts"

    async def _clock(self) -> str:
        ahead = timedelta(seconds=self._telephony.clock_ahead())
        if abs(ahead) > SKEW:
            raise Ill(
                f"RingCentral's is {ahead.total_seconds():+.0f} s from ours",
                "Switch on time synchronisation (NTP) on this machine.",
            )
        return f"within {SKEW.seconds} s of RingCentral's"

    def _masked(self, number: str) -> str:
        try:
            return parse(number, region=self._settings.ringout_region).masked
        except UserError:
            return "a number that can't be read"
