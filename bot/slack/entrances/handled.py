"""What a handler answers: in the ack and after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.calls.call import Place
from bot.slack.texts.text import Block, Message

FollowUp = Callable[[], Awaitable[Message | None]]
"""Work for after the ack. The person is told its message privately."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A handler's answer.

    Attributes:
        ack: The arguments of Bolt's ``ack``; a form closes if there are none.
        later: Runs after the ack.
        place: Where the person is told its message, if that is not where they acted.
    """

    ack: Mapping[str, Any] = field(default_factory=dict, repr=False)
    later: FollowUp | None = None
    place: Place | None = None

    async def told(self) -> Message | None:
        """Return what a command answers, in the ack or after it."""
        if self.later is not None:
            return await self.later()
        if not self.ack:
            return None
        return Message(self.ack["text"], tuple(self.ack["blocks"] or ()))

    @classmethod
    def say(cls, message: Message | None) -> Handled:
        """Answer a command with *message*, for the person who typed it alone."""
        if message is None:
            return cls()
        return cls(
            {
                "response_type": "ephemeral",
                "text": message.text,
                "blocks": list(message.blocks) or None,
            }
        )

    @classmethod
    def complain(cls, errors: dict[str, str]) -> Handled:
        """Keep a form open and show *errors* under its inputs, by block id."""
        return cls({"response_action": "errors", "errors": errors})

    @classmethod
    def show(cls, view: Block, later: FollowUp | None = None) -> Handled:
        """Replace a submitted form by *view*."""
        return cls({"response_action": "update", "view": view}, later)

    @classmethod
    def push(cls, view: Block) -> Handled:
        """Show *view* on top of a submitted form, which stays below it."""
        return cls({"response_action": "push", "view": view})

    @classmethod
    def clear(
        cls, later: FollowUp | None = None, place: Place | None = None
    ) -> Handled:
        """Close a submitted form, and all forms below it."""
        return cls({"response_action": "clear"}, later, place)

    @classmethod
    def suggest(cls, options: Sequence[Block]) -> Handled:
        """Answer the query of a menu that is filled while somebody types."""
        return cls({"options": list(options)})
