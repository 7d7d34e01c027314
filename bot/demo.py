"""``ringout-bot demo``: the unmodified bot between two doubles, in a terminal.

Slack and RingCentral are imitated on 127.0.0.1 by `bot.sandbox`; the bot runs as a
process of its own with nothing but its settings. Nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.demo_screen import Screen
from bot.sandbox.limits import Limits
from bot.sandbox.ringcentral import RingCentralDouble
from bot.sandbox.slack import SlackDouble
from bot.sandbox.slack_messages import Message
from bot.sandbox.stories import ALIASES, STORIES

PLEASANT, FAST = 6.0, 40.0
"""How many times as fast as real calls; a call of a minute takes ten seconds, or two."""

READY_WITHIN = 20.0
STOP_WITHIN = 10.0
UNKNOWN_STORY = 2

TOUR: tuple[tuple[str, str], ...] = (
    ("answered", "/ringout help"),
    ("answered", "/ringout (415) 555-0142"),
    ("callee-busy", "/ringout +1 415 555 0143"),
    ("caller-no-answer", "/ringout +1 415 555 0144"),
    ("answered", "/ringout 911"),
    ("answered", "/ringout +44 20 7946 0958"),
    ("driven", "/ringout +1 415 555 0145"),
    ("driven", "press Cancel"),
    ("answered", "/callstatus last 10"),
)
"""A story each, and what Ann types while calls go that way."""

HELP = """\
  /ringout +14155550142    /callstatus last 10     as Slack takes them
  press Cancel             presses that button on the newest message that has it
  story busy               decides how calls go: {stories}
  as bob, in general       be somebody, somewhere else (ann, bob, carl; sales, general)
  help, quit"""


def play(*, tour: bool, story: str | None, fast: bool) -> int:
    """Run the demo; return the exit code."""
    if story is not None and story not in STORIES and story not in ALIASES:
        known = ", ".join(sorted({*STORIES, *ALIASES}))
        sys.stderr.write(f"There is no story {story!r}. There are: {known}\n")
        return UNKNOWN_STORY
    with tempfile.TemporaryDirectory(prefix="ringout-demo-") as folder:
        demo = Demo(Path(folder), FAST if fast else PLEASANT, story)
        try:
            return asyncio.run(demo.run(tour=tour or not sys.stdin.isatty()))
        except KeyboardInterrupt:
            return 0


@dataclass
class Demo:
    """One demo: the two doubles, the bot's process, and what was shown so far."""

    folder: Path
    speed: float
    story: str | None
    user: str = "ann"
    channel: str = "sales"
    slack: SlackDouble = field(default_factory=SlackDouble)
    _shown: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        window = 60 / self.speed
        self.ringcentral = RingCentralDouble(
            speed=self.speed, limits=Limits(window=window, penalty=window)
        )
        self.screen = Screen(self.slack.workspace)

    async def run(self, *, tour: bool) -> int:
        """Start everything, play, and clean up whatever happens."""
        say(
            "Slack and RingCentral are imitated on this machine; no phone rings.",
            f"Calls go {self.speed:g} times as fast as in life.",
        )
        for minutes in (50, 95):
            self.ringcentral.add_record(
                "missed", caller="+14155550171", callee="+16505550101",
                ago=timedelta(minutes=minutes),
            )  # fmt: skip
        async with self.slack, self.ringcentral:
            process = await self._start()
            watcher = asyncio.create_task(self._watch())
            try:
                await self.slack.until(lambda: self.slack.sockets.open, READY_WITHIN)
                await (self._tour() if tour else self._prompt())
            except TimeoutError:
                log = (self.folder / "bot.log").read_text(encoding="utf-8")
                sys.stderr.write("The bot does not answer:\n" + log[-2000:])
                return 1
            finally:
                await stop(process)
                watcher.cancel()
                await asyncio.gather(watcher, return_exceptions=True)
        say("", "That was the demo. README tells how to put it into a real workspace.")
        return 0

    async def _start(self) -> Process:
        """Start the bot as an operator would, with settings alone."""
        logins = self.ringcentral.logins
        settings = {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "RC_SERVER_URL": self.ringcentral.url,
            "RC_APP_CLIENT_ID": logins.client_id,
            "RC_APP_CLIENT_SECRET": logins.client_secret,
            "RC_USER_JWT": logins.jwt,
            "DATABASE_URL": f"sqlite:///{self.folder}/demo.db",
            "RINGOUT_POLL_SECONDS": f"{2 / self.speed:.3f}",
            "RINGOUT_LOG_DELAY_SECONDS": f"{20 / self.speed:.3f}",
            "RINGOUT_LOG_GIVE_UP_SECONDS": f"{900 / self.speed:.3f}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ", "LANG")
                if name in os.environ}  # fmt: skip
        kept |= {n: v for n, v in os.environ.items() if n.startswith("COVERAGE_")}
        with (self.folder / "bot.log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                env=kept | settings, cwd=self.folder, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    async def _tour(self) -> None:
        """Play the tour, or one call of the story that was asked for."""
        lines = TOUR
        if self.story is not None:
            lines = (
                ("", "/ringout help"),
                (self.story, "/ringout +1 415 555 0142"),
                ("", "/callstatus last 10"),
            )
        for story, line in lines:
            self.ringcentral.play(story or "answered")
            before = self.slack.messages(self.channel)
            await self.enter(line)
            await asyncio.sleep(0.3)
            cards = self.slack.messages(self.channel)
            if len(cards) > len(before) or line.startswith("press"):
                await self._quiet(cards[-1], ringing=story == "driven" and "/" in line)

    async def _quiet(self, card: Message, *, ringing: bool) -> None:
        """Wait until a call is told, or just until its phone rings."""
        if ringing:
            await self.slack.until(lambda: "ringing" in card.text, 30)
        else:
            await self.slack.until(lambda: is_told(self.slack, card), 120)
        await asyncio.sleep(0.2)

    async def _prompt(self) -> None:
        """Read lines until the end; the channel is drawn as it changes."""
        say("", HELP.format(stories=", ".join(sorted(ALIASES))))
        if self.story is not None:
            self.ringcentral.play(self.story)
        while True:
            line = (await asyncio.to_thread(_read)).strip()
            if line in {"quit", "exit", ""}:
                return
            await self.enter(line)

    async def enter(self, line: str) -> None:
        """Do what a line says."""
        word, _, rest = line.partition(" ")
        if line.startswith("/"):
            say(*self.screen.typed(self.user, self.channel, line))
            ack = await self.slack.command(self.user, self.channel, word, rest)
            if not ack.ok:
                say(f"  Slack says: {word} failed with the error “{ack.error}”")
        elif word == "press":
            await self._press(rest)
        elif word == "story" and (rest in STORIES or rest in ALIASES):
            self.ringcentral.play(rest)
        elif word == "as" and self.slack.workspace.find_user(rest):
            self.user = rest
        elif word == "in" and self.slack.workspace.find_channel(rest):
            self.channel = rest
        else:
            say(HELP.format(stories=", ".join(sorted(ALIASES))))

    async def _press(self, label: str) -> None:
        for message in reversed(self.slack.everything()):
            for element in message.elements:
                if element["text"]["text"].lower() == label.lower():
                    say("", f"{self.user} presses [{element['text']['text']}]")
                    await self.slack.click(self.user, message, element["action_id"])
                    return
        say(f"  There is no [{label}] to press.")

    async def _watch(self) -> None:
        """Draw each message and each edit as it comes."""
        while True:
            self._draw()
            try:
                await self.slack.until(self._is_new, 3600)
            except TimeoutError:
                continue

    def _is_new(self) -> bool:
        return any(
            len(each.versions) > self._shown.get(id(each), 0)
            for each in self.slack.everything()
        )

    def _draw(self) -> None:
        for message in self.slack.everything():
            for version in message.versions[self._shown.get(id(message), 0) :]:
                say(*self.screen.message(message, version))
            self._shown[id(message)] = len(message.versions)


def is_told(slack: SlackDouble, card: Message) -> bool:
    """Whether a card shows its last state, with the reply that it owes."""
    if "Call again" not in _labels(card) or "looked up" in card.text:
        return False
    owed = "refused" not in card.text and "not placed" not in card.text
    return bool(slack.thread(card)) or not owed


def _labels(message: Message) -> str:
    return " ".join(str(each["text"]["text"]) for each in message.elements)


def _read() -> str:
    try:
        return input("> ")
    except EOFError:
        return "quit"


def say(*lines: str) -> None:
    """Print lines."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


async def stop(process: Process) -> None:
    """End the bot as an operator would; by force if it takes too long."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), timeout=STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
