"""Check what the doubles saw against the rules, by the doubles' own ledgers."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.sandbox.ledger import TOO_MANY, sent_despite_penalty
from bot.sandbox.ringcentral.calls import PlacedCall
from bot.sandbox.slack.messages import Message
from sight import Played, Sight, expected, is_stopped, is_untold, whose
from town import Town

MASKED = re.compile(r"…\d{4}")

LEAST_ACKED, LEAST_ACKED_BY_SEVERAL = 0.1, 0.3
"""The least shares of commands that must be acked.

One process is often down or paused, and nobody else takes its commands then: a quarter
to two thirds were acked in such storms. With three processes it was two thirds to nine
tenths, and four tenths on a machine with five times the load. Less than half of that
leaves room for a slow machine, but none for an idle bot.
"""

LEAST_PLACED, LEAST_PLACED_BY_SEVERAL = 0.1, 0.3
"""The least shares of acked commands that must be placed.

One story in ten is never carried out. A call is given up if its process dies before
sending it, or if its card can't be posted within fifteen seconds. With one process, which
loses all its calls at once, a quarter to nine tenths were placed; with three, six to nine
tenths.
"""


@dataclass
class Verdict:
    """Counts, and a line for each fault that was found."""

    intents: int = 0
    accepted: int = 0
    again: int = 0
    canceled: int = 0
    placed: int = 0
    placed_again: int = 0
    cards_again: int = 0
    stopped: int = 0
    cards: int = 0
    replies: int = 0
    unplaced: Counter[str] = field(default_factory=Counter)
    """Texts of cards without a call, and how often: each must say "not placed"."""
    losses: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    wrongly_told: list[str] = field(default_factory=list)
    """The numbers whose replies are not right."""
    penalties: list[str] = field(default_factory=list)
    untellable: int = 0
    """Requests during a penalty that other processes could not have known of.

    The process that met it was killed, paused, or without a database.
    """
    hollow: list[str] = field(default_factory=list)
    """Why the storm proves too little."""

    @property
    def is_clean(self) -> bool:
        """Whether no rule was broken, in a storm that was hard enough."""
        broken = self.losses or self.duplicates or self.wrong or self.penalties
        return not (broken or self.hollow)

    def lines(self) -> list[str]:
        """Return the figures, then the faults found."""
        told = (
            f"commands {self.intents}, accepted {self.accepted}, placed {self.placed}, "
            f"cards {self.cards}, replies {self.replies}"
        )
        pressed = (
            f"Call again pressed {self.again}, cards of it {self.cards_again}, placed "
            f"where the first was, too {self.placed_again}; "
            f"Cancel pressed {self.canceled}, stopped by it {self.stopped}"
        )
        broken = (
            f"losses {len(self.losses)}, duplicates {len(self.duplicates)}, "
            f"wrong results {len(self.wrong)}, requests in a penalty "
            f"{len(self.penalties)} ({self.untellable} more that nobody could know of)"
        )
        why = [f"not placed {n}: {said}" for said, n in self.unplaced.most_common()]
        found = (self.losses, self.duplicates, self.wrong, self.penalties, self.hollow)
        return [
            told,
            pressed,
            *why,
            broken,
            *(each for lines in found for each in lines),
        ]


def judge(town: Town, played: Played) -> Verdict:
    """Check what happened against the rules."""
    sight = Sight(town)
    verdict = Verdict(
        intents=len(played.numbers),
        accepted=len(played.accepted),
        again=len(played.again),
        canceled=len(played.canceled),
    )
    _in_penalties(town, played, verdict)
    for number in played.numbers:
        if is_untold(number, sight, played):
            verdict.losses.append(_lost(number, sight))
        _one(number, sight, verdict, once_more=number in played.again)
    known = {number[-4:] for number in played.numbers}
    for call in town.ringcentral.calls:
        if call.callee[-4:] not in known:
            verdict.wrong.append(f"nobody has typed {call.callee[-4:]}")
    verdict.hollow = list(_hollow(verdict, played))
    return verdict


def _in_penalties(town: Town, played: Played, verdict: Verdict) -> None:
    """Find requests that were sent although RingCentral had said to wait."""
    requests, penalty = town.ringcentral.requests, town.ringcentral.limits.penalty
    found = sent_despite_penalty(requests, penalty, played.blind)
    verdict.untellable = len(sent_despite_penalty(requests, penalty)) - len(found)
    for seen in found:
        since = [
            f"{each.answered_at:.2f}"
            for each in requests
            if each.status == TOO_MANY
            and each.group == seen.group
            and 0 < seen.time - each.answered_at < penalty
        ]
        verdict.penalties.append(
            f"in a penalty: {seen.group} {seen.method} at {seen.time:.2f}, by connection "
            f"{seen.connection_id}, after a 429 at {since}"
        )


def _hollow(verdict: Verdict, played: Played) -> Sequence[str]:
    """Say why a storm proves too little, if it does."""
    several = played.processes > 1
    acked = verdict.intents * (LEAST_ACKED_BY_SEVERAL if several else LEAST_ACKED)
    placed = verdict.accepted * (LEAST_PLACED_BY_SEVERAL if several else LEAST_PLACED)
    found = []
    if not verdict.intents or verdict.accepted < acked:
        found.append(f"too few were acked: {verdict.accepted} of {verdict.intents}")
    first = verdict.placed - verdict.placed_again
    if not first or first < placed:
        found.append(f"too few were placed: {first} of {verdict.accepted}")
    if not played.broken:
        found.append("nothing was broken")
    found += [f"no request met: {kind}" for kind in played.unmet]
    return found


def _lost(number: str, sight: Sight) -> str:
    """Say what exists of a call whose card or reply is missing or not final."""
    stories = [call.story.name for call in sight.calls(number)] or ["not placed"]
    cards = [
        f"{len(card.versions)} versions, now {card.text!r}"
        for card in sight.cards(number)
    ]
    now = time.time()
    told = [
        f"{now - float(reply.ts):.0f} s ago {reply.text!r}"
        for reply in sight.replies(number)
    ]
    return f"lost: {number[-4:]} ({stories}): cards {cards}, replies {told}"


def _trace(message: Message) -> str:
    """Say where and when a message was posted, for which call."""
    where = f"call {whose(message)} in {message.channel} at {message.ts}"
    return f"{where}: {message.text[:60]!r}"


def _one(number: str, sight: Sight, verdict: Verdict, *, once_more: bool) -> None:
    last = number[-4:]
    calls, cards = sight.calls(number), sight.cards(number)
    replies = sight.replies(number)
    verdict.placed += len(calls)
    verdict.placed_again += max(len(calls) - 1, 0)
    verdict.cards_again += max(len(cards) - 1, 0)
    verdict.stopped += sum(is_stopped(call) for call in calls)
    verdict.cards += len(cards)
    verdict.replies += len(replies)
    for card in [] if calls else cards:
        verdict.unplaced[MASKED.sub("…", card.text)] += 1
    most = 2 if once_more else 1
    twice = any(len(sight.under(card)) > 1 for card in cards)
    if twice or max(len(calls), len(cards), len(replies)) > most:
        verdict.duplicates.append(
            f"twice: {last}: {len(calls)} calls, {len(cards)} cards, {len(replies)} "
            f"replies: {[_trace(each) for each in cards + replies]}"
        )
    before = len(verdict.wrong)
    _results(last, calls, replies, verdict)
    if len(verdict.wrong) > before:
        verdict.wrongly_told.append(number)


def _results(
    last: str, calls: list[PlacedCall], replies: list[Message], verdict: Verdict
) -> None:
    """Check that each call has its correct reply, and that no reply is left over."""
    left, missing = list(replies), []
    for call in calls:
        right = next((each for each in left if _is_right(each, call)), None)
        if right is None:
            missing.append(expected(call))
        else:
            left.remove(right)
    said = [reply.text for reply in left]
    if missing and len(replies) >= len(calls):  # otherwise it is a loss
        verdict.wrong.append(f"wrong: {last} was {missing}: {said}")
    elif not missing and not all("confirmed" in each for each in said):
        verdict.wrong.append(f"told of a call that was not: {last}: {said}")


def _is_right(reply: Message, call: PlacedCall) -> bool:
    said = re.search(r"Caller: (.*?)\. Callee: (.*)", reply.text)
    caller, callee = expected(call)
    return said is not None and caller in said[1] and callee in said[2]
