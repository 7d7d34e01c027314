"""The demo in a terminal: the unmodified bot between doubles of Slack and RingCentral.

The doubles are `bot.sandbox`, on 127.0.0.1. The bot runs as a process of its own and
gets nothing but settings. Nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo import web as demo_web
from bot.demo.screen import Screen, choices
from bot.demo.signals import until_signal
from bot.demo.stage import Stage
from bot.sandbox.slack.double import SlackDouble
from bot.sandbox.slack.messages import Message
from bot.sandbox.stories import ALIASES, STORIES
from bot.sandbox.web.typed import Typed

NORMAL_SPEED, FAST_SPEED = 6.0, 40.0
"""How many times as fast as in life calls go: a minute takes 10 or 1.5 seconds."""

TOUR: tuple[tuple[str, str], ...] = (
    ("", "/ringout help"),
    ("answered", "/ringout (415) 555-0142"),
    ("callee-busy", "/ringout +1 415 555 0143"),
    ("caller-no-answer", "/ringout +1 415 555 0144"),
    ("", "/ringout 911"),
    ("", "/ringout +49 30 901820"),
    ("driven", "/ringout +1 415 555 0145"),
    ("driven", "press Cancel"),
    ("", "/callstatus last 10"),
)
"""Pairs (story, line): Ann types the line, and its call goes by the story, if any."""

ANSWERED_WITHIN = 30.0
"""The most seconds until a command shows something. A busy machine needs a few."""

PROMPT_HELP = """\
  /ringout +14155550142    /callstatus last 10     as Slack takes them
  press Cancel             presses that button on the newest message that has it
  story busy               decides how calls go: {stories}
  as bob, in general       be somebody, somewhere else (ann, bob, carl; sales, general)
  help, quit"""


def play(
    *, tour: bool, story: str | None, fast: bool, web: bool, no_browser: bool
) -> int:
    """Run the demo in a browser or in the terminal; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="ringout-demo-") as folder:
        stage = Stage(Path(folder), FAST_SPEED if fast else NORMAL_SPEED)
        opens = not (tour or no_browser) and demo_web.can_open(os.environ)
        if web or no_browser or opens:
            shown = demo_web.show(stage, story, opens=opens)
        else:
            demo = Demo(stage, story)
            shown = demo.run(tour=tour or not sys.stdin.isatty())
        return asyncio.run(until_signal(shown))


@dataclass
class Demo:
    """One demo in a terminal. It remembers which messages it has drawn."""

    stage: Stage
    story: str | None
    user: str = "ann"
    channel: str = "sales"
    _shown: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.slack, self.ringcentral = self.stage.slack, self.stage.ringcentral
        self.screen = Screen(self.slack.workspace)
        self.typed = Typed(self.slack, commands=())

    async def run(self, *, tour: bool) -> int:
        """Start everything, play, and stop it all at the end; return the exit code."""
        try:
            async with self.stage.opened():
                say(
                    f"It is ready. Calls go {self.stage.speed:g} times as fast as in life."
                )
                watcher = asyncio.create_task(self._watch())
                try:
                    await (self._tour() if tour else self._prompt())
                finally:
                    watcher.cancel()
                    await asyncio.gather(watcher, return_exceptions=True)
        except TimeoutError:
            sys.stderr.write("The bot does not answer:\n" + self.stage.log[-2000:])
            return 1
        say("", "That was the demo. README tells how to put it into a real workspace.")
        return 0

    async def _tour(self) -> None:
        """Play `TOUR`, or a single call if a story was chosen."""
        lines = TOUR
        if self.story is not None:
            lines = (
                ("", "/ringout help"),
                (self.story, "/ringout +1 415 555 0142"),
                ("", "/callstatus last 10"),
            )
        for story, line in lines:
            self.ringcentral.play(story or "answered")
            count = self._cards if story and line[0] == "/" else self._versions
            before = count()
            await self.enter(line)
            if not story or line[0] == "/":
                await self._more(count, before)
            if not story:
                await asyncio.sleep(0.2)
                continue
            card = self.slack.messages(self.channel)[-1]
            await self._quiet(card, ringing=story == "driven" and line[0] == "/")
        self._draw()

    async def _quiet(self, card: Message, *, ringing: bool) -> None:
        """Wait until a call's result is shown; if *ringing*, until its phone rings."""
        if ringing:
            await self.slack.until(lambda: "ringing" in card.text, 30)
        else:
            await self.slack.until(lambda: is_told(self.slack, card), 120)
        await asyncio.sleep(0.2)

    async def _prompt(self) -> None:
        """Read and execute lines until "quit" or the end of the input."""
        say("", PROMPT_HELP.format(stories=", ".join(sorted(ALIASES))))
        if self.story is not None:
            self.ringcentral.play(self.story)
        while True:
            line = (await _read()).strip()
            if line in {"quit", "exit", ""}:
                return
            await self.enter(line)

    async def enter(self, line: str) -> None:
        """Execute one line: a slash command, or one of the commands in `PROMPT_HELP`."""
        word, _, rest = line.partition(" ")
        if line.startswith("/"):
            say(*self.screen.typed(self.user, self.channel, line))
            ack = await self.slack.command(
                self.user, self.channel, word, self.typed.escaped(rest)
            )
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
            say(PROMPT_HELP.format(stories=", ".join(sorted(ALIASES))))

    async def _press(self, label: str) -> None:
        for message in reversed(self.slack.everything()):
            for element in message.elements:
                for text, value in choices(element).items():
                    if text.lower() == label.lower():
                        say("", f"{self.user} presses [{text}]")
                        action = element["action_id"]
                        await self.slack.click(self.user, message, action, value=value)
                        return
        say(f"  There is no [{label}] to press.")

    async def _watch(self) -> None:
        """Draw each message and each edit when it arrives."""
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

    async def _more(self, count: Callable[[], int], before: int) -> None:
        """Wait until *count* returns more than *before*.

        Raises:
            TimeoutError: It does not within `ANSWERED_WITHIN` seconds.
        """
        await self.slack.until(lambda: count() > before, ANSWERED_WITHIN)

    def _cards(self) -> int:
        return len(self.slack.messages(self.channel))

    def _versions(self) -> int:
        """Return how many message versions there are, drawn or not."""
        return sum(len(each.versions) for each in self.slack.everything())

    def _draw(self) -> None:
        for message in self.slack.everything():
            for version in message.versions[self._shown.get(id(message), 0) :]:
                say(*self.screen.message(message, version))
            self._shown[id(message)] = len(message.versions)


def is_told(slack: SlackDouble, card: Message) -> bool:
    """Whether a card is in its final state and has its reply, if it gets one."""
    if "Call again" not in _labels(card) or "onfirmed yet" in card.text:
        return False
    owed = "Not called" not in card.text and "Canceled" not in card.text
    return bool(slack.thread(card)) or not owed


def _labels(message: Message) -> str:
    return " ".join(label for each in message.elements for label in choices(each))


async def _read() -> str:
    """Return a line that a person types; "quit" at the end of the input.

    No thread waits for it: that would keep the demo alive after a signal.
    """
    sys.stdout.write("> ")
    sys.stdout.flush()
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline() or "quit"


def say(*lines: str) -> None:
    """Print lines and flush, also into a pipe."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
