"""Who calls when the visitor wants a call to come in, and what they say."""

from __future__ import annotations

from bot.sandbox.ringcentral.double import RingCentralDouble
from bot.sandbox.slack.answers import Json

ON_THE_VOICEMAIL = "Hi, it's about the renewal. Could you ring me back today?"
USUAL_CALLER = "+14155550142"
"""Who calls if nobody has called before."""
JUST_CALLED = 45.0
"""Real seconds after a call to a number in which that number does not call in."""


def other_party(ringcentral: RingCentralDouble) -> tuple[str, str]:
    """Return the number, and the name in RingCentral's log, of who calls.

    Whoever called last, but nobody who was just called: RingCentral may log the first leg
    of a RingOut as a call from them, so the bot takes that for no call of theirs.
    """
    came_in = [each["from"] for each, _ in ringcentral.log.past if _is_inbound(each)]
    names = {each["phoneNumber"]: each.get("name", "") for each in came_in}
    callers = [each.caller for each in reversed(ringcentral.incoming.all)]
    callers += [*names, USUAL_CALLER]
    speed = ringcentral.clock.speed
    called = {e.callee for e in ringcentral.calls if e.age < JUST_CALLED * speed}
    number = next((each for each in callers if each not in called), callers[0])
    return number, names.get(number, "")


def _is_inbound(record: Json) -> bool:
    return bool(record["direction"] == "Inbound")
