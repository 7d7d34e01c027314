"""The real bot between doubles of Slack and RingCentral, for end-to-end tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.accounts.subscriptions import USUAL_EVENT_WAITS
from bot.app.bot import Bot
from bot.app.tempo import Tempo
from bot.calls.call import Place
from bot.calls.timing import Waits
from bot.sandbox.ledger import sent_despite_penalty
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.slack.delivery import Ack
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.limits import SlackLimits
from bot.sandbox.slack.messages import Message
from bot.settings.reading import read
from bot.settings.settings import Settings
from bot.slack.entrances.waits import FormWaits
from fakes import AGAIN_SOON
from openapi_check import checker
from patience import LOOK_EVERY, PATIENCE, until
from slack_shapes import checkers

CALLER, CALLEE = "+16505550101", "+14155550142"
MASKED = "0142"
SPEED = 180.0
NEVER = 3600.0
QUICK = Tempo(
    waits=Waits(look=timedelta(seconds=0.2)),
    homes=0.2,
    edit_retry=0.2,
    answers=AGAIN_SOON,
    admit=PATIENCE,
    ack=PATIENCE,
    forms=FormWaits(PATIENCE, PATIENCE, PATIENCE, PATIENCE),
    suggestions=PATIENCE,
    link=PATIENCE,
    upkeep=NEVER,
    events=replace(USUAL_EVENT_WAITS, look=NEVER),
)
"""Short waits for what the doubles do without delay; none for what they always do, and
no look that comes by itself: what a test waits for, an event has told."""

T = TypeVar("T")


@dataclass
class Town:
    """A workspace with Ann, Bob and Carl, and what they can do and see."""

    slack: SlackDouble
    ringcentral: RingCentralDouble
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    bot: Bot | None = None

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the bot's environment in this town, with its intervals sped up."""
        logins = self.ringcentral.logins
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "RC_SERVER_URL": self.ringcentral.url,
            "RC_APP_CLIENT_ID": logins.client_id,
            "RC_APP_CLIENT_SECRET": logins.client_secret,
            "RC_USER_JWT": logins.jwt,
            "DATABASE_URL": f"sqlite:///{self.folder}/calls.db",
            "RINGOUT_POLL_SECONDS": "0.1",
            "RINGOUT_LOG_DELAY_SECONDS": "0.1",
            "RINGOUT_LOG_GIVE_UP_SECONDS": "2",
            "RINGOUT_CALLS_PER_MINUTE": "100",
            "RINGOUT_THROTTLE": "off",
            **self.env,
            **changes,
        }

    def use_http(self) -> None:
        """Have Slack deliver by signed HTTP, to a bot that is not started yet."""
        secret = self.slack.signing_secret
        self.env |= {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret, "PORT": "0"}

    @property
    def database_url(self) -> str:
        """The address of the bot's database."""
        return self.environment()["DATABASE_URL"]

    def settings(self, **changes: str) -> Settings:
        """Return the bot's parsed settings."""
        return read(self.environment(**changes))

    async def open(self, tempo: Tempo = QUICK, **changes: str) -> None:
        """Start the bot."""
        self.bot = Bot(self.settings(**changes), tempo=tempo)
        await self.bot.start()
        if not self.bot.settings.is_socket_mode:
            deliveries = self.slack.deliveries
            deliveries.request_url = self.bot.door.address  # type: ignore[union-attr]
            deliveries.options_url = deliveries.request_url

    async def close(self) -> None:
        """Stop the bot."""
        if self.bot is not None:
            await self.bot.stop()
            self.bot = None

    async def types(
        self,
        text: str = CALLEE,
        *,
        user: str = "ann",
        channel: str = "sales",
        command: str = "/ringout",
        trigger_id: str | None = None,
    ) -> Ack:
        """Have somebody type a command."""
        return await self.slack.command(
            user, channel, command, text, trigger_id=trigger_id
        )

    async def meets(self, user: str = "ann") -> None:
        """Have Slack tell the bot who somebody is, as their first command would."""
        assert self.bot is not None
        assert self.bot.services is not None
        here = self.slack.workspace
        place = Place(here.team, "", here.user(user).id)
        await self.bot.services.admission.check(place)

    async def until(self, seen: Callable[[], T]) -> T:
        """Wait until *seen* returns something true; return that.

        Slack's double asks again at each change of its own; what else *seen* may look at
        (RingCentral's calls, the bot's memory) changes without one.
        """
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(TimeoutError):
                    return await self.slack.until(seen, LOOK_EVERY)

    async def started(self) -> None:
        """Wait until the start has read the shared account's phones, and whose they are."""
        await until(
            lambda: any(
                each.path.endswith("/extension/~") and each.answered_at
                for each in self.ringcentral.requests
            )
        )

    def cards(self, channel: str = "sales") -> list[Message]:
        """Return the cards in a channel."""
        return self.slack.messages(channel)

    async def reply(self, number: int = 0, channel: str = "sales") -> Message:
        """Wait for the reply under a card."""

        def seen() -> Message | None:
            cards = self.slack.messages(channel)
            replies = self.slack.thread(cards[number]) if len(cards) > number else []
            return replies[0] if replies else None

        found = await self.until(seen)
        assert found is not None
        return found

    async def finished(self, number: int = 0, channel: str = "sales") -> Message:
        """Wait until a card offers to call again; return it."""

        def seen() -> Message | None:
            cards = self.slack.messages(channel)
            if len(cards) <= number or "call_again" not in str(cards[number].blocks):
                return None
            return None if "onfirmed yet" in cards[number].text else cards[number]

        found = await self.until(seen)
        assert found is not None
        return found

    @property
    def posts(self) -> int:
        """Count the ring-out POSTs that RingCentral received."""
        return len(self.ringcentral.requests_of("POST", "/ring-out"))

    def check(self) -> None:
        """Assert that all requests are valid and no number is where none belongs.

        A person's DM with the app shows it to that person alone.
        """
        assert self.ringcentral.door.complaints == []
        assert [str(each)[:300] for each in self.slack.complaints] == []
        far = self.ringcentral
        assert sent_despite_penalty(far.requests, far.limits.penalty) == []
        channels = self.slack.workspace.channels
        dms = {each.id for each in channels if each.kind == "app-dm"}
        for message in self.slack.everything():
            if message.via == "chat.postMessage" and message.channel not in dms:
                shown = message.text + str(message.blocks) + str(message.metadata)
                assert CALLEE.removeprefix("+1") not in shown
                assert "415-555-0142" not in shown


def speed_of(speed: float) -> Limits:
    """Return RingCentral's rate limits, sped up *speed* times."""
    window = timedelta(seconds=60) / speed
    return Limits(window=window.total_seconds(), penalty=window.total_seconds())


@asynccontextmanager
async def a_town(folder: Path, **env: str) -> AsyncIterator[Town]:
    """Build a town; the bot is not started."""
    check_call, check_payload = checkers()
    slack = SlackDouble(limits=SlackLimits.off(), ack_timeout=PATIENCE)
    slack.rules.trigger_seconds = PATIENCE
    slack.door.check_call = check_call
    slack.deliveries.check_payload = check_payload
    ringcentral = RingCentralDouble(
        speed=SPEED, limits=Limits.off(), validator=checker()
    )
    ringcentral.logins.expires_in = 3600
    async with slack, ringcentral:
        town = Town(slack, ringcentral, folder, dict(env))
        try:
            yield town
        finally:
            await town.close()
