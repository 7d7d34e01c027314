"""What the doubles saw of a storm, and what was done to the bot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.slack.messages import Message
from town import Town

ANSWERED = ("answered", "answered")
RESULTS = {
    "answered": ANSWERED,
    "callee-busy": ("answered", "busy"),
    "callee-no-answer": ("answered", "no answer"),
    "caller-no-answer": ("no answer", "not called"),
    "late-record": ANSWERED,
    "other-id": ANSWERED,
    "lost-answer": ANSWERED,
    "lost-answer-502": ANSWERED,
}
"""What the reply must say of the caller and of the callee."""

TAIL = re.compile(r"…(\d{4})")
STOPPED = "canceled"
STORIES = (*RESULTS, "lost-not-executed", "429-post")
CHANCES = (*(10 for _ in RESULTS), 10, 1)


@dataclass(frozen=True)
class Played:
    """What people and the bench did; all *numbers* were typed.

    Attributes:
        accepted: The numbers whose ack promised a call.
        again: Those on whose card ``Call again`` was pressed, once each, even if Slack
            delivered the click twice.
        canceled: Those on whose card ``Cancel`` was pressed.
        broken: How many faults were injected.
        unmet: The kinds of faults that no request has met.
        blind: From when to when a process was dead or paused, or the database away.
    """

    numbers: Sequence[str]
    accepted: set[str]
    again: set[str] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    processes: int = 1
    broken: int = 0
    unmet: Sequence[str] = ()
    blind: Sequence[tuple[float, float]] = ()


class Sight:
    """Everything that the doubles saw, by called number."""

    def __init__(self, town: Town) -> None:
        self._calls: dict[str, list[PlacedCall]] = {}
        for call in town.ringcentral.calls:
            self._calls.setdefault(call.callee, []).append(call)
        self._cards: dict[str, list[Message]] = {}
        self._replies: dict[str, list[Message]] = {}
        self._notes = Counter[str]()
        for message in town.slack.everything():
            if message.via in {"response_url", "chat.postEphemeral"}:
                self._note(message)
            if message.via != "chat.postMessage" or message.metadata is None:
                continue
            kind = message.metadata["event_type"]
            if kind == "ringout_card":
                self._cards.setdefault(tail(message), []).append(message)
            else:
                self._replies.setdefault(whose(message), []).append(message)

    def _note(self, message: Message) -> None:
        """Count the answers to ``Call again`` that promised a call."""
        if message.text.startswith("Calling you on "):
            digits = re.sub(r"\D", "", message.text.partition("then ")[2])
            self._notes[digits[-4:]] += 1

    def calls(self, number: str) -> list[PlacedCall]:
        """Return the calls to a number that rang a phone."""
        return self._calls.get(number, [])

    def cards(self, number: str) -> list[Message]:
        """Return the cards of the calls to a number, found by its last four digits."""
        return self._cards.get(number[-4:], [])

    def replies(self, number: str) -> list[Message]:
        """Return the replies of the calls to a number."""
        return [each for card in self.cards(number) for each in self.under(card)]

    def under(self, card: Message) -> list[Message]:
        """Return the replies of a card's call."""
        return self._replies.get(whose(card), [])

    def promised(self, number: str) -> bool:
        """Say whether somebody who pressed ``Call again`` was told that it rings."""
        return bool(self._notes[number[-4:]])


def untold(town: Town, played: Played) -> list[str]:
    """Return the numbers for which something is missing or not final."""
    sight = Sight(town)
    return [number for number in played.numbers if is_untold(number, sight, played)]


def is_untold(number: str, sight: Sight, played: Played) -> bool:
    """Whether a card is missing, or is not final, or a placed call has no reply."""
    cards = sight.cards(number)
    least = int(number in played.accepted or bool(sight.calls(number)))
    least += number in played.again and sight.promised(number)
    return (
        len(cards) < least
        or not all(is_final(card) for card in cards)
        or len(sight.replies(number)) < len(sight.calls(number))
    )


def is_final(card: Message) -> bool:
    """Say whether a card shows how its call ended."""
    return "call_again" in str(card.blocks) and "onfirmed yet" not in card.text


def whose(message: Message) -> str:
    """Return the id of the call that a message of the bot belongs to."""
    return str((message.metadata or {})["event_payload"]["call"])


def tail(card: Message) -> str:
    """Return the last four digits that a card shows, or an empty string."""
    found = TAIL.search(card.text)
    return found[1] if found else ""


def is_stopped(call: PlacedCall) -> bool:
    """Say whether a Cancel ended the call."""
    state = call.progress()
    return "cancel" in (state.caller.ending, state.callee.ending)


def expected(call: PlacedCall) -> tuple[str, str]:
    """Return what the reply must say of both sides, after the story or a Cancel."""
    if not is_stopped(call):
        return RESULTS[call.story.name]
    if call.progress().caller.ending == "cancel":
        return STOPPED, "not called"
    return "answered", STOPPED
