"""What the doubles saw, held against the law: by their own ledgers, not the bot's."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field

from town import Town

from bot.sandbox.ledger import heedless
from bot.sandbox.slack_messages import Message

RESULTS = {
    "answered": ("(Accepted)", "(Call connected)"),
    "callee-busy": ("(Accepted)", "(Busy)"),
    "callee-no-answer": ("(Accepted)", "(No Answer)"),
    "caller-no-answer": ("(No Answer)", "not dialled"),
    "late-record": ("(Accepted)", "(Call connected)"),
    "other-id": ("(Accepted)", "(Call connected)"),
    "lost-answer": ("(Accepted)", "(Call connected)"),
    "lost-answer-502": ("(Accepted)", "(Call connected)"),
}
"""What the reply must say of the caller and of the callee."""

STORIES = (*RESULTS, "lost-not-executed", "429-post")
CHANCES = (*(10 for _ in RESULTS), 10, 1)
MASKED = re.compile(r"(?:\+\d+ )?••• \d{4}")


@dataclass
class Verdict:
    """Counts, and a line for everything that was not as it must be."""

    intents: int = 0
    accepted: int = 0
    placed: int = 0
    cards: int = 0
    replies: int = 0
    unplaced: Counter[str] = field(default_factory=Counter)
    """What cards say that have no call, and how many: each must own up to it."""
    losses: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    penalties: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether the law was held."""
        return not (self.losses or self.duplicates or self.wrong or self.penalties)

    def lines(self) -> list[str]:
        """Return the figures, then the faults found."""
        told = (
            f"commands {self.intents}, accepted {self.accepted}, placed {self.placed}, "
            f"cards {self.cards}, replies {self.replies}"
        )
        broken = (
            f"losses {len(self.losses)}, duplicates {len(self.duplicates)}, "
            f"wrong results {len(self.wrong)}, requests in a penalty {len(self.penalties)}"
        )
        why = [f"not placed {n}: {said}" for said, n in self.unplaced.most_common()]
        found = (self.losses, self.duplicates, self.wrong, self.penalties)
        return [told, *why, broken, *(line for lines in found for line in lines)]


class Sight:
    """Everything that the doubles saw, by the number that was called."""

    def __init__(self, town: Town) -> None:
        self.placed = Counter(call.callee for call in town.ringcentral.calls)
        self.stories = {c.callee: c.story.name for c in town.ringcentral.calls}
        self._cards: dict[str, list[Message]] = {}
        self._replies: dict[str, list[Message]] = {}
        for message in town.slack.everything():
            if message.via != "chat.postMessage" or message.metadata is None:
                continue
            kind = message.metadata["event_type"]
            of = self._cards if kind == "ringout_card" else self._replies
            of.setdefault(message.metadata["event_payload"]["call"], []).append(message)

    def cards(self, number: str) -> list[Message]:
        """Return the cards of the calls to a number: by its last four digits."""
        shown = f"••• {number[-4:]}"
        return [c for cards in self._cards.values() for c in cards if shown in c.text]

    def replies(self, number: str) -> list[Message]:
        """Return the replies of the calls to a number."""
        ids = {
            str((c.metadata or {})["event_payload"]["call"]) for c in self.cards(number)
        }
        return [reply for each in ids for reply in self._replies.get(each, [])]


def untold(town: Town, accepted: set[str]) -> list[str]:
    """Return the accepted numbers whose card is not final, or whose reply is missing."""
    sight = Sight(town)
    return [
        number
        for number in sorted(accepted | set(sight.placed))
        if not any("call_again" in str(c.blocks) for c in sight.cards(number))
        or "looked up" in sight.cards(number)[0].text
        or (sight.placed[number] and not sight.replies(number))
    ]


def judge(town: Town, numbers: list[str], accepted: set[str]) -> Verdict:
    """Hold what happened against the law."""
    sight = Sight(town)
    verdict = Verdict(intents=len(numbers), accepted=len(accepted))
    verdict.penalties = [
        f"in a penalty: {seen.group} {seen.method} at {seen.time:.2f}"
        for seen in heedless(town.ringcentral.requests, town.ringcentral.limits.penalty)
    ]
    verdict.losses = [_lost(each, sight) for each in untold(town, accepted)]
    for number in numbers:
        _one(number, sight, verdict, accepted=number in accepted)
    return verdict


def _lost(number: str, sight: Sight) -> str:
    """Say what there is of a call that was not told to its end."""
    story = sight.stories.get(number, "not placed")
    cards = [
        f"{len(card.versions)} versions, now {card.text!r}"
        for card in sight.cards(number)
    ]
    now = time.time()
    told = [
        f"{now - float(reply.ts):.0f} s ago {reply.text!r}"
        for reply in sight.replies(number)
    ]
    return f"lost: {number[-4:]} ({story}): cards {cards}, replies {told}"


def _trace(message: Message) -> str:
    """Say where and when a message was posted, for which call."""
    call = (message.metadata or {})["event_payload"]["call"]
    return f"call {call} in {message.channel} at {message.ts}: {message.text[:60]!r}"


def _one(number: str, sight: Sight, verdict: Verdict, *, accepted: bool) -> None:
    last = number[-4:]
    cards, replies = sight.cards(number), sight.replies(number)
    placed = sight.placed[number]
    verdict.placed += placed
    verdict.cards += len(cards)
    verdict.replies += len(replies)
    for card in [] if placed else cards:
        verdict.unplaced[MASKED.sub("•••", card.text)] += 1
    if placed > 1 or len(cards) > 1 or len(replies) > 1:
        verdict.duplicates.append(
            f"twice: {last}: {placed} calls, {len(cards)} cards, {len(replies)} replies"
            f": {[_trace(each) for each in cards + replies]}"
        )
    if accepted and not cards:
        verdict.losses.append(f"no card: {last}")
    if placed and replies:
        said = re.search(r"Caller: (.*?)\. Callee: (.*)", replies[0].text)
        caller, callee = RESULTS[sight.stories[number]]
        if said is None or caller not in said[1] or callee not in said[2]:
            verdict.wrong.append(
                f"wrong: {last} was {sight.stories[number]}: {replies[0].text!r}"
            )
    if replies and not placed and "confirmed" not in replies[0].text:
        verdict.wrong.append(
            f"told of a call that was not: {last}: {replies[0].text!r}"
        )
