"""The actions on the page: as a person in Slack, on a phone, on the demo itself."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.ringcentral.life import RING_LIMIT, Side
from bot.sandbox.ringcentral.story import Story, StoryGroup
from bot.sandbox.slack import inputs
from bot.sandbox.slack.double import Ack, Json, SlackDouble
from bot.sandbox.slack.ledger import RESPONSE_URL
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import User
from bot.sandbox.stories import STORIES, find
from bot.sandbox.web.calling_in import ON_THE_VOICEMAIL, other_party
from bot.sandbox.web.typed import Typed, note

DRIVEN = "driven"
STORM_METHODS = ("chat.update", "chat.postMessage", RESPONSE_URL)
"""The Slack methods that answer 429 in a storm."""
STORM_SECONDS = 6.0
"""How long a storm lasts at Slack. At RingCentral it is a penalty of usual length."""


class BotProcess(Protocol):
    """What runs the bot's process: the demo, or a test."""

    @property
    def shown(self) -> Json: ...

    async def kill_and_restart(self) -> None: ...

    async def post_digest(self) -> None: ...


class BadDeed(Exception):
    """The page sent an unknown action, or one on something that does not exist."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The values that the page sent with an action."""

    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return a string; empty if it was not sent."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            raise BadDeed(f"{name} is no text")
        return value

    def object(self, name: str) -> Json:
        """Return an object; empty if it was not sent."""
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            raise BadDeed(f"{name} is no object")
        return value


@dataclass(slots=True, kw_only=True)
class Deeds:
    """The table of actions. Each one returns JSON for the page."""

    slack: SlackDouble
    ringcentral: RingCentralDouble
    crew: BotProcess
    typed: Typed
    story: str = DRIVEN
    _table: dict[str, Callable[[Ask], Awaitable[Json]]] = field(init=False)

    def __post_init__(self) -> None:
        self._table = {
            "type": self._type,
            "click": self._click,
            "shortcut": self._shortcut,
            "view click": self._view_click,
            "query": self._query,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "phone": self._phone,
            "ring": self._ring,
            "story": self._story,
            "storm": self._storm,
            "kill": self._kill,
            "digest": self._digest,
        }
        self.play(self.story)

    async def do(self, values: Mapping[str, object]) -> Json:
        """Execute the action ``values["deed"]``; return its JSON for the page.

        Raises:
            BadDeed: The action is unknown, or acts on something that does not exist.
        """
        ask = Ask(values)
        deed = self._table.get(ask.text("deed"))
        if deed is None:
            raise BadDeed("no such deed")
        try:
            return await deed(ask)
        except KeyError as missing:
            raise BadDeed(f"there is no {missing}") from missing

    def play(self, name: str) -> None:
        """Set the story of the next calls."""
        story = find(name)
        self.story = story.name
        self.ringcentral.play(self._patient(story))

    def _patient(self, story: Story) -> Story:
        """Return *story*; phones that people act on ring for `RING_LIMIT` real seconds."""
        if story.name != DRIVEN:
            return story
        return replace(story, ring_limit=RING_LIMIT * self.ringcentral.clock.speed)

    # In Slack

    async def _type(self, ask: Ask) -> Json:
        return await self.typed.enter(
            self._person(ask),
            self.slack.channel(ask.text("channel")),
            ask.text("text"),
            ask.text("thread"),
        )

    async def _click(self, ask: Ask) -> Json:
        person, message = self._person(ask), self._message(ask.text("ts"))
        block = ask.text("block")
        ack = await self.slack.click(
            person.id,
            message,
            ask.text("action"),
            block_id=block,
            value=ask.text("value"),
            blocks=_seen(message, block),
        )
        return _told(ack)

    async def _shortcut(self, ask: Ask) -> Json:
        """Choose a shortcut: of the message *ts*, or a global one where there is none."""
        person, callback = self._person(ask), ask.text("callback")
        if ask.text("ts"):
            message = self._message(ask.text("ts"))
            ack = await self.slack.choose_on(person.id, message, callback)
        else:
            place = ask.text("channel")
            ack = await self.slack.choose(person.id, callback, channel=place)
        return _told(ack, "shortcut")

    async def _view_click(self, ask: Ask) -> Json:
        return _told(
            await self.slack.click_in_view(
                self._view(ask),
                ask.text("action"),
                ask.object("values"),
                value=ask.text("value"),
                block_id=ask.text("block"),
            )
        )

    async def _query(self, ask: Ask) -> Json:
        """Return what the app suggests for what stands in a menu now."""
        view, name = self._view(ask), ask.text("action")
        ack = await self.slack.query(view, name, ask.text("typed"))
        if not ack.ok:
            return _told(ack, "menu")
        block, element = inputs.find(view.source["blocks"], name)
        return {"options": view.offered(block, element)["options"]}

    async def _submit(self, ask: Ask) -> Json:
        view = self._view(ask)
        ack = await self.slack.submit(view, ask.object("values"))
        errors = view.errors or dict(ack.json.get("errors") or {})
        return {"errors": errors} if errors else _told(ack)

    async def _close(self, ask: Ask) -> Json:
        await self.slack.close_view(self._view(ask))
        return {}

    async def _home(self, ask: Ask) -> Json:
        await self.slack.open_home(self._person(ask).id)
        return {}

    def _person(self, ask: Ask) -> User:
        person = self.slack.workspace.user(ask.text("as"))
        if person.is_bot:
            raise BadDeed("nobody can act as the app")
        return person

    def _message(self, ts: str) -> Message:
        for message in self.slack.everything():
            if message.ts == ts and not message.deleted:
                return message
        raise KeyError(ts)

    def _view(self, ask: Ask) -> View:
        person, shown = self._person(ask), self.slack.views.find(ask.text("view"))
        if shown is None or shown.user != person.id or not shown.is_open:
            raise KeyError(ask.text("view"))
        return shown

    # On the phones

    async def _phone(self, ask: Ask) -> Json:
        try:
            call, side, what = (ask.text(name) for name in ("call", "side", "what"))
            if self.ringcentral.incoming.find(call) is not None:
                return {"done": self._press_incoming(call, side, what)}
            return {"done": self.ringcentral.press(call, side, what)}
        except ValueError as error:
            raise BadDeed(str(error)) from error

    def _press_incoming(self, call_id: str, side: str, what: str) -> bool:
        """Act on a phone of a call that came in; the other party's is the callee's."""
        incoming = self.ringcentral.incoming
        gives_up = side == Side.CALLEE and incoming.press(call_id, "gave-up")
        return gives_up or incoming.press(call_id, what)

    async def _ring(self, _ask: Ask) -> Json:
        """Have the other party call the shared account, and wait for somebody's hand."""
        number, name = other_party(self.ringcentral)
        self.ringcentral.incoming.ring(
            number,
            name=name,
            rings_for=RING_LIMIT * self.ringcentral.clock.speed,
            says=ON_THE_VOICEMAIL,
        )
        return {}

    # On the demo itself

    async def _story(self, ask: Ask) -> Json:
        self.play(ask.text("story"))
        return {}

    async def _storm(self, _ask: Ask) -> Json:
        """Make Slack and RingCentral answer 429 for a while."""
        limiter, now = self.ringcentral.door.limiter, self.ringcentral.clock.real()
        for group in ("Light", "Heavy"):
            limiter.penalize(group, now)
        until = time.monotonic() + STORM_SECONDS
        for method in STORM_METHODS:
            self.slack.door.limiter.close(method, until)
        return {}

    async def _kill(self, _ask: Ask) -> Json:
        await self.crew.kill_and_restart()
        return {}

    async def _digest(self, _ask: Ask) -> Json:
        await self.crew.post_digest()
        return {}


def stories() -> list[Json]:
    """Return every story with its description, by groups: the usual ones first."""
    return [
        {"name": one.name, "about": one.about, "group": group.value}
        for group in StoryGroup
        for one in STORIES.values()
        if one.group is group
    ]


def _seen(message: Message, block_id: str) -> Sequence[Json]:
    """Return the blocks of the newest version with this block.

    A person may press what an edit has replaced meanwhile; Slack sends what they saw.
    """
    for version in reversed(message.versions):
        if block_id in [each.get("block_id") for each in version.blocks]:
            return version.blocks
    return message.blocks


def _told(ack: Ack, what: str = "button") -> Json:
    if ack.ok:
        return {}
    return note(f"The app did not answer that {what}: {ack.error}.")
