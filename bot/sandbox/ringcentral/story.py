"""A story: how one call goes, from the POST to the call log.

Times are story seconds. The stories themselves are in `bot.sandbox.stories`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bot.sandbox.ringcentral.answers import Reply
from bot.sandbox.ringcentral.life import RING_LIMIT, CallStage, Moment, Side

Words = tuple[str, str, str]


class StoryGroup(StrEnum):
    """Where a story stands in the demo's menu; the values are what people read."""

    USUAL = "Usual"
    UNLUCKY = "Unlucky"
    FAULTS = "Faults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a call appears in the call log.

    Attributes:
        after: Seconds from the call's end to its record; RingCentral's guide says 15
            to 30. None: the record never appears.
        live_after: Seconds from placing the call to an unfinished record; None for no
            such record.
        split: Seconds by which a second record starts later, as for a RingOut from a
            digital line; None for a single record.
        name: The callee's name as the record has it; empty for none.
        masked: The callee's last four digits read ``XXXX``.
        other_id: The record's telephony session id is not the RingOut's id.
        legs: The sides whose legs the Detailed view shows.
        client: The part of the leg types after ``RingOut``.
        result: The callee leg's result, reason and description, if not the usual ones.
        recorded_after: Seconds from the call's end until its record has its recording;
            None if it was not recorded.
    """

    after: float | None = 18.0
    live_after: float | None = None
    split: float | None = None
    name: str = ""
    masked: bool = False
    other_id: bool = False
    legs: frozenset[Side] = frozenset(Side)
    client: Literal["Client", "Web", "Device"] = "Client"
    result: tuple[str, str, str] | None = None
    recorded_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How one call goes, from the POST to the call log.

    Attributes:
        about: One line for people who choose a story.
        group: Where it stands in their menu.
        moments: What happens on the phones. Without one, a phone rings for `ring_limit`
            seconds, and connected people talk without end.
        ring_limit: Seconds for which RingCentral lets a phone ring.
        words: Status words that replace the usual ones in a stage.
        gone_after: Seconds from the call's end until its status is gone.
        gone_as: The answer then: ``404``, or 200 with ``NoSessionFound``.
        blind: The status is 404 from the start, although the call is placed.
        log: How the call appears in the call log.
        refusal: The answer to the POST; no call is placed.
        penalty: The POST is answered with 429 and starts a penalty.
        executed: Whether the call is placed when the POST's answer is lost.
        loss: How the POST's answer is lost: ``reset``, ``hang``, or a 5xx status.
        loss_seconds: How long a hang lasts, in real seconds.
        decoy: The story of another app's RingOut to the same number, which is placed
            and logged first; empty for none.
        then: The story of the next call to the same number; empty for any.
        off_spec: The status has words that RingCentral's documents don't have.
    """

    name: str
    about: str
    group: StoryGroup = StoryGroup.FAULTS
    moments: tuple[Moment, ...] = ()
    ring_limit: float = RING_LIMIT
    words: Mapping[CallStage, Words] = field(default_factory=dict)
    gone_after: float = 12.0
    gone_as: Literal["404", "NoSessionFound"] = "404"
    blind: bool = False
    log: Shape = Shape()
    refusal: Reply | None = None
    penalty: bool = False
    executed: bool = True
    loss: str = ""
    loss_seconds: float = 0.0
    decoy: str = ""
    then: str = ""
    off_spec: bool = False


def goes(
    caller: str = "answer",
    callee: str = "",
    *,
    first: float = 5.0,
    second: float = 6.0,
    talk: float | None = None,
    hangs_up: Side = Side.CALLEE,
) -> tuple[Moment, ...]:
    """Return the moments of a call.

    Args:
        caller: What happens on the caller's phone, after *first* seconds.
        callee: What happens on the callee's phone, *second* seconds later; empty:
            nothing.
        first: Seconds.
        second: Seconds.
        talk: Seconds from then until somebody hangs up; None: nobody does.
        hangs_up: Who hangs up.
    """
    moments = [Moment(first, Side.CALLER, caller)]
    if callee:
        moments.append(Moment(first + second, Side.CALLEE, callee))
    if talk is not None:
        moments.append(Moment(first + second + talk, hangs_up, "hangup"))
    return tuple(moments)
