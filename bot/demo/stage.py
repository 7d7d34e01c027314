"""The two doubles, and the bot as a process between them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from bot.accounts.connecting import SIGN_IN_CALLBACK
from bot.demo.signals import ending_with_parent
from bot.sandbox.hook import HookDouble
from bot.sandbox.limits import Limits
from bot.sandbox.ports import free_port
from bot.sandbox.ringcentral.contacts import READ_CONTACTS, contact
from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.messages import READ_MESSAGES
from bot.sandbox.ringcentral.telephony import READ_PRESENCE
from bot.sandbox.slack.double import Json, SlackDouble
from bot.vault import new_key

READY_SECONDS = 20.0
STOP_SECONDS = 10.0
DEAD_SECONDS = 1.0
"""Seconds between a kill and the restart, so that people can see the bot dead."""

TOLD_CHANNEL = "sales"
"""The channel that is told of missed calls, and gets digests."""

ADMINS = ("bob", "carl")
ADMINS_CHANNEL = "admins"
"""Where people's requests to call come: its members are the admins alone."""

BOBS_PHONE = "(415) 555-0117"
"""The number in Bob's Slack profile, for ``/ringout @bob``. Nobody else has one."""

LONDONER = "carl"
"""Whose RingCentral account is in another country."""
IN_LONDON = {
    "mobile": "+447700900103",
    "desk": "+441632960103",
    "direct": "+442079460103",
    "country": "GB",
}
"""Numbers that Ofcom reserves for fiction."""

ANNS_CONTACTS = (
    contact("Nora", "Lind", company="Northwind Traders", businessPhone="+14155550142"),
    contact("Milo", "Hart", mobilePhone="+14155550171", homePhone="+14155550172"),
)
"""Ann's address book at RingCentral: she sees these names once she has connected."""

NORTHWIND = {"phoneNumber": "+14155550142", "name": "NORTHWIND TRADERS"}


@dataclass
class Stage:
    """Everything that runs in a demo; the bot's database and log are in *folder*."""

    folder: Path
    speed: float
    slack: SlackDouble = field(default_factory=SlackDouble)
    ringcentral: RingCentralDouble = field(init=False)
    hook: HookDouble = field(default_factory=HookDouble)
    starts: int = 0
    port: int = field(default_factory=free_port)
    """The port of the bot's own pages. It is the same after a restart."""
    key: str = field(default_factory=new_key, repr=False)
    _process: Process | None = None

    def __post_init__(self) -> None:
        window = 60 / self.speed
        self.ringcentral = RingCentralDouble(
            speed=self.speed, limits=Limits(window=window, penalty=window)
        )
        for user in self.slack.workspace.users:
            if not user.is_bot:
                numbers = IN_LONDON if user.name == LONDONER else {}
                self.ringcentral.add_person(
                    user.name, full_name=user.real_name, **numbers
                )
        self.slack.workspace.user("bob").phone = BOBS_PHONE
        self.slack.workspace.add_channel(ADMINS_CHANNEL, "private", *ADMINS)
        self.slack.invite(ADMINS_CHANNEL)
        self.ringcentral.logins.scopes |= {READ_CONTACTS, READ_MESSAGES, READ_PRESENCE}
        self.ringcentral.push.permit()
        self.ringcentral.person("ann").contacts.extend(ANNS_CONTACTS)
        self.ringcentral.logins.redirect_uris.append(
            f"{self.address}{SIGN_IN_CALLBACK}"
        )

    @property
    def address(self) -> str:
        """The URL of the bot's own pages."""
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Start everything, and stop it at the end, also after an exception.

        Raises:
            TimeoutError: The bot did not connect to Slack in time; see `log`.
        """
        self.fill_log()
        async with self.slack, self.ringcentral:
            try:
                await self.hook.open()
                await self.start()
                await self.slack.connected(seconds=READY_SECONDS)
                yield
            finally:
                await self.stop()
                await self.hook.close()

    def fill_log(self) -> None:
        """Add the morning's calls of the shared account: with names and without."""
        add, rings = self.ringcentral.add_record, "+16505550101"
        for minutes in (50, 95):
            ago = timedelta(minutes=minutes)
            number = NORTHWIND["phoneNumber"]
            record = add("missed", caller=number, callee=rings, ago=ago)
            record["from"] = NORTHWIND
        add("missed", caller="+14155550171", callee=rings, ago=timedelta(minutes=70))
        ago = timedelta(minutes=120)
        add("outbound", caller=rings, callee="+442079460958", ago=ago, talk=187)
        ago = timedelta(hours=26)
        add("inbound", caller="+14155550186", callee=rings, ago=ago, talk=64)

    @property
    def log(self) -> str:
        """Everything that the bot has written to standard error."""
        return (self.folder / "bot.log").read_text(encoding="utf-8")

    @property
    def shown(self) -> Json:
        """The state of the process, as JSON for the demo's page."""
        process = self._process
        if process is None or process.returncode is not None:
            state = "dead"
        else:
            state = "running" if self.slack.connections else "starting"
        pid = process.pid if process is not None else 0
        return {"state": state, "pid": pid, "restarts": max(0, self.starts - 1)}

    async def kill_and_restart(self) -> None:
        """Kill the bot with SIGKILL, and start it again on the same database."""
        process = self._process
        if process is None or process.returncode is not None:
            return  # another request has killed it and is about to restart it
        process.kill()
        await process.wait()
        self.slack.changes.tell()
        await asyncio.sleep(DEAD_SECONDS)
        await self.start()

    async def post_digest(self) -> None:
        """Post a digest of the last day's calls in the channel that gets them."""
        post = await asyncio.to_thread(_digest_poster)
        channel = self.slack.channel(TOLD_CHANNEL).id
        await post(self._database_url, self.slack, channel)

    @property
    def _database_url(self) -> str:
        return f"sqlite:///{quote(str(self.folder))}/demo.db"

    async def start(self) -> None:
        """Start the bot. It gets nothing but settings, as from an operator."""
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "TZ", "LANG")
            if name in os.environ
        }
        kept |= {n: v for n, v in os.environ.items() if n.startswith("COVERAGE_")}
        with (self.folder / "bot.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *ending_with_parent(),
                sys.executable,
                "-m",
                "bot",
                "run",
                env=kept | self._settings(),
                cwd=self.folder,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    def _settings(self) -> dict[str, str]:
        logins = self.ringcentral.logins
        admins = (self.slack.workspace.user(each).id for each in ADMINS)
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "RC_SERVER_URL": self.ringcentral.url,
            "RC_APP_CLIENT_ID": logins.client_id,
            "RC_APP_CLIENT_SECRET": logins.client_secret,
            "RC_USER_JWT": logins.jwt,
            "RINGOUT_SECRET_KEY": self.key,
            "RINGOUT_COUNTRIES": "US,GB",
            "RINGOUT_THROTTLE": "off",
            "RINGOUT_ADMIN_CONTACT": self.slack.workspace.user("bob").id,
            "RINGOUT_ADMINS": ",".join(admins),
            "RINGOUT_ADMIN_CHANNEL": self.slack.channel(ADMINS_CHANNEL).id,
            "RINGOUT_ASKABLE": "country,cap,quiet,first",
            "RINGOUT_OUTCOMES": "default",
            "PORT": str(self.port),
            "PUBLIC_URL": self.address,
            "DATABASE_URL": self._database_url,
            "RINGOUT_MISSED": f"*={self.slack.channel(TOLD_CHANNEL).id}",
            "RINGOUT_VOICEMAIL": "transcription",
            "RINGOUT_HOOK_URL": self.hook.url,
            "RINGOUT_HOOK_SECRET": self.hook.secret,
            "RINGOUT_HOOK_ALLOW_PRIVATE": "on",
            "RINGOUT_POLL_SECONDS": f"{2 / self.speed:.3f}",
            "RINGOUT_LOG_DELAY_SECONDS": f"{20 / self.speed:.3f}",
            "RINGOUT_LOG_GIVE_UP_SECONDS": f"{900 / self.speed:.3f}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }

    async def stop(self) -> None:
        """Stop the bot with SIGTERM; kill it if it takes longer than `STOP_SECONDS`."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _digest_poster() -> Callable[[str, SlackDouble, str], Awaitable[None]]:
    """Import what posts a digest, which loads the database's library: that takes a while."""
    from bot.demo.digest import post_digest

    return post_digest
