"""What a story is: how one call goes, from the POST to the call log.

Times are story seconds. `bot.sandbox.stories` has the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.ringcentral.answers import Reply
from bot.sandbox.ringcentral.life import RING_LIMIT, Moment, Side, Stage

Words = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the call log makes of a call.

    Attributes:
        after: Seconds from the end to the record; RingCentral's guide says 15 to 30.
            None: it never comes.
        live_after: Seconds from placing until an unfinished record shows, if at all.
        split: Two records, as for a RingOut from a digital line; None for one.
            The value: how much later the second one starts.
        masked: The other party's last four digits read ``XXXX``.
        other_id: Its telephony session is not the RingOut's id.
        legs: Which legs the Detailed view shows: those to the ``caller`` and to the
            ``callee``, or fewer.
        client: Which of the leg types: ``Client``, ``Web`` or ``Device``.
        result: Replaces the callee leg's result, reason and description.
    """

    after: float | None = 18.0
    live_after: float | None = None
    split: float | None = None
    masked: bool = False
    other_id: bool = False
    legs: frozenset[Side] = frozenset(Side)
    client: Literal["Client", "Web", "Device"] = "Client"
    result: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """How one call goes, from POST to call log.

    Attributes:
        moments: What happens on the phones. A phone that nothing happens on rings
            until `ring_limit`; connected people talk until somebody presses.
        ring_limit: How long RingCentral lets a phone ring.
        words: Live status words that replace the usual ones in a stage.
        gone_after: Seconds from the end until the status is gone.
        gone_as: How it is gone: ``404``, or 200 with ``NoSessionFound``.
        blind: There never is a status but 404, though the call is made.
        refusal: The POST is answered with this, and nothing is placed.
        penalty: The POST is answered 429, and its rate group is closed.
        executed: Whether the call is placed when the POST's answer is lost.
        loss: How the POST's answer is lost: ``reset``, ``hang``, or a 5xx status.
        loss_seconds: How long it hangs, in real seconds.
        decoy: Another app's RingOut to the same number comes with it, and is logged
            first: the name of its story.
        then: The story that the next call to the same number plays.
        off_spec: It has words that RingCentral's documents do not know.
    """

    name: str
    about: str
    moments: tuple[Moment, ...] = ()
    ring_limit: float = RING_LIMIT
    words: Mapping[Stage, Words] = field(default_factory=dict)
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

    The caller's phone rings *first* seconds, then the callee's *second* seconds; they
    talk *talk* seconds. A word that is empty, or None, leaves it open from there.
    """
    moments = [Moment(first, Side.CALLER, caller)]
    if callee:
        moments.append(Moment(first + second, Side.CALLEE, callee))
    if talk is not None:
        moments.append(Moment(first + second + talk, hangs_up, "hangup"))
    return tuple(moments)
