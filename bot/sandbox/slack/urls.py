"""``response_url``: five posts within 30 minutes; the answers have no ``ts``.

Source: Slack docs, "Handling user interaction", "Message responses".
"""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.slack.answers import Args, Problem, Reply
from bot.sandbox.slack.content import Checker
from bot.sandbox.slack.messages import Message, Messages

MOST_USES = 5
LIFETIME = 1800.0

Origin = Literal["commands", "actions"]


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """One response_url.

    Attributes:
        user: The person who acted. They alone see an ephemeral answer.
        made: When it was made, in seconds of the monotonic clock.
        origin: The message of an action; None for a command.
        shown: The last answer to a command, which can be replaced.
    """

    user: str
    channel: str
    made: float
    origin: Message | None = None
    uses: int = 0
    shown: Message | None = None


@dataclass(slots=True)
class ResponseUrls:
    """All response_urls of a workspace, whose id is part of each name.

    A post that is refused does not count as a use.
    """

    messages: Messages
    checker: Checker
    lifetime: float = LIFETIME
    team: str = ""
    base: str = ""
    all: dict[str, ResponseUrl] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def make(
        self, user: str, channel: str, kind: Origin, origin: Message | None = None
    ) -> str:
        """Return the name of a new response_url."""
        name = f"{kind}/{self.team}/{next(self._numbers)}/{secrets.token_hex(4)}"
        self.all[name] = ResponseUrl(
            user=user, channel=channel, made=time.monotonic(), origin=origin
        )
        return name

    def address(self, name: str) -> str:
        """Return the full URL."""
        return f"{self.base}/{name}"

    def show(self, name: str, message: Message) -> None:
        """Record *message* as what the ack of a command has shown."""
        self.all[name].shown = message

    def use(self, name: str, args: Args) -> Reply:
        """Answer a post: add, replace or delete a message, as *args* say."""
        url = self.all.get(name)
        if url is None or time.monotonic() - url.made > self.lifetime:
            return Reply(status=404, text="expired_url")
        if url.uses >= MOST_USES:
            return Reply(status=404, text="used_url")
        try:
            self._use(url, args)
        except Problem as problem:
            return Reply(status=400, text=problem.word)
        url.uses += 1
        return Reply(text="ok")

    def _use(self, url: ResponseUrl, args: Args) -> None:
        target = url.origin or url.shown
        if args.flag("delete_original"):
            if target is not None:
                target.deleted = True
            return
        content = self.checker.content(args)
        if args.flag("replace_original") and target is not None:
            target.change(content.text, content.blocks)
        elif args.text("response_type") == "in_channel":
            self.messages.post(
                url.channel,
                content.text,
                content.blocks,
                via="response_url",
                thread_ts=args.text("thread_ts"),
            )
        else:
            url.shown = self.messages.whisper(
                url.user,
                url.channel,
                content.text,
                content.blocks,
                via="response_url",
                thread_ts=args.text("thread_ts"),
            )
