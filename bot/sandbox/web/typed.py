"""Lines that a person types: a message, the app's command, or a command of Slack."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.sandbox.slack.double import Json, SlackDouble
from bot.sandbox.slack.workspace import Channel, User

_NAME = re.compile(r"(?<![\w@#])([@#])([a-z0-9_-]+)")
_NAMED = re.compile(r"(<@\w+)\|[^>]*>")
LONGEST_LINE = 4_000
"""The most characters that Slack's composer accepts."""


@dataclass(slots=True)
class Typed:
    """Executes typed lines as Slack does. A note is an answer from Slackbot."""

    slack: SlackDouble
    commands: Collection[str]

    async def enter(self, user: User, place: Channel, line: str, thread: str) -> Json:
        """Send *line*; return a note to its writer if it was not accepted, else {}."""
        line = line.strip()[:LONGEST_LINE]
        word, _, rest = line.partition(" ")
        if place.kind != "public" and user.id not in place.members:
            return note("You can't write here.")
        if line and not line.startswith("/"):
            await self.slack.write(user.id, place.id, self.written(line), thread)
        if not line.startswith("/"):
            return {}
        if thread:
            return note(f"`{word}` is not supported in threads. Sorry!")
        return await self._command(user, place, word, rest)

    async def _command(self, user: User, place: Channel, word: str, rest: str) -> Json:
        """Execute a line that begins with a slash."""
        if word in ("/invite", "/remove"):
            return self._member(user, place, word, rest)
        if word not in self.commands:
            return note(
                f"`{word}` is not a valid command. In Slack, all messages that start "
                'with the "/" character are interpreted as commands.'
            )
        ack = await self.slack.command(user.id, place.id, word, self.escaped(rest))
        return {} if ack.ok else note(f"{word} failed with the error “{ack.error}”.")

    def _member(self, user: User, place: Channel, word: str, rest: str) -> Json:
        """Add the bot to a channel or remove it, as ``/invite`` and ``/remove`` do."""
        bot = self.slack.workspace.bot
        if rest.strip() != f"@{bot.name}" or place.kind not in ("public", "private"):
            return note(f"Here, `{word} @{bot.name}` works in channels, and no more.")
        is_in = self.slack.workspace.has_bot(place)
        if is_in == (word == "/invite"):
            return note(f"<@{bot.id}> is {'already' if is_in else 'not'} here.")
        if is_in:
            self.slack.kick(place.id)
        else:
            self.slack.invite(place.id)
        done = "removed" if is_in else "added"
        self.slack.say(user.id, place.id, f"_{done} <@{bot.id}>_")
        return {}

    def escaped(self, text: str) -> str:
        """Return *text* as Slack sends it: ids for names, and ``&<>`` escaped."""
        for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(mark, entity)
        return _NAME.sub(self._reference, text)

    def written(self, text: str) -> str:
        """Return a message as Slack stores it: unlike commands, without people's names."""
        return _NAMED.sub(r"\1>", self.escaped(text))

    def _reference(self, found: re.Match[str]) -> str:
        mark, name = found.groups()
        if mark == "@":
            user = self.slack.workspace.find_user(name)
            return f"<@{user.id}|{user.name}>" if user else found[0]
        channel = self.slack.workspace.find_channel(name)
        if channel is None or channel.kind != "public":
            return found[0]
        return f"<#{channel.id}|{channel.name}>"


def note(text: str) -> Json:
    """Return Slackbot's answer to one person, as JSON for the page."""
    return {"note": text}
