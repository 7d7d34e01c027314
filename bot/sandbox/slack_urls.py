"""``response_url``: five posts in half an hour, and never a ``ts`` in the answer.

Source: Slack docs, "Handling user interaction", "Message responses".
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field

from bot.sandbox.slack_answers import Args, Problem, Reply
from bot.sandbox.slack_content import Checker
from bot.sandbox.slack_messages import Message, Messages

MOST_USES = 5
SECONDS = 1800.0


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """One address: whose it is, and what it may replace."""

    user: str
    channel: str
    made: float
    origin: Message | None = None
    uses: int = 0
    last: Message | None = None


@dataclass(slots=True)
class ResponseUrls:
    """Every address that was handed out."""

    messages: Messages
    checker: Checker
    all: dict[str, ResponseUrl] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def make(self, user: str, channel: str, origin: Message | None = None) -> str:
        """Return the name of a new address."""
        name = f"{channel}{next(self._numbers)}"
        self.all[name] = ResponseUrl(
            user=user, channel=channel, made=time.monotonic(), origin=origin
        )
        return name

    def use(self, name: str, args: Args) -> Reply:
        """Post, replace or delete, as *args* say."""
        url = self.all.get(name)
        if url is None or url.uses >= MOST_USES:
            return Reply(status=404, text="used_url")
        if time.monotonic() - url.made > SECONDS:
            return Reply(status=404, text="expired_url")
        try:
            self._use(url, args)
        except Problem as problem:
            return Reply(status=400, text=problem.word)
        url.uses += 1
        return Reply(text="ok")

    def _use(self, url: ResponseUrl, args: Args) -> None:
        target = url.last or url.origin
        if args.flag("delete_original"):
            if target is not None:
                target.deleted = True
            return
        content = self.checker.content(args)
        if args.flag("replace_original") and target is not None:
            target.change(content.text, content.blocks)
            return
        thread = args.text("thread_ts")
        if args.text("response_type") == "in_channel":
            self.messages.post(
                url.channel, content.text, content.blocks, via="response_url",
                thread_ts=thread,
            )  # fmt: skip
            return
        url.last = self.messages.whisper(
            url.user, url.channel, content.text, content.blocks, via="response_url"
        )
