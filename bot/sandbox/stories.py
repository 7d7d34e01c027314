"""The stories: ways in which a call can go, by name, for the demo and the tests.

Most are documented or were reported by users. Where RingCentral's documents say
nothing, the story is a plausible guess.
"""

from __future__ import annotations

from bot.sandbox.ringcentral.answers import error, invalid, no_feature
from bot.sandbox.ringcentral.life import CallStage, Moment, Side
from bot.sandbox.ringcentral.story import Shape, Story, StoryGroup, goes

CONVERSATION = goes("answer", "answer", talk=42)

_FUNDS = error(
    403, "NotEnoughFunds", "There is not enough calling credit for this call"
)

_ALL = (
    Story(
        name="driven",
        group=StoryGroup.USUAL,
        about="you hold both phones",
    ),
    Story(
        name="answered",
        about="both answer and talk",
        group=StoryGroup.USUAL,
        moments=CONVERSATION,
    ),
    Story(
        name="named-record",
        about="both talk, and the call log has the other side's name",
        group=StoryGroup.USUAL,
        moments=CONVERSATION,
        log=Shape(name="NORTHWIND TRADERS"),
    ),
    Story(
        name="callee-busy",
        group=StoryGroup.USUAL,
        about="the other side is busy",
        moments=goes("answer", "busy", second=3),
    ),
    Story(
        name="callee-no-answer",
        group=StoryGroup.USUAL,
        about="the other side does not answer",
        moments=goes("answer", "no-answer", second=30),
        log=Shape(client="Web"),
    ),
    Story(
        name="callee-declined",
        group=StoryGroup.USUAL,
        about="the other side declines",
        moments=goes("answer", "reject", second=7),
    ),
    Story(
        name="caller-no-answer",
        group=StoryGroup.USUAL,
        about="your own phone is not answered, so nobody else is rung",
        moments=goes("no-answer", first=30),
    ),
    Story(
        name="caller-busy",
        group=StoryGroup.UNLUCKY,
        about="your own phone is busy, so nobody else is rung",
        moments=goes("busy", first=2),
    ),
    Story(
        name="caller-voicemail",
        group=StoryGroup.UNLUCKY,
        about="your own voicemail answers: without the press-1 prompt it is put through",
        moments=(
            Moment(20, Side.CALLER, "voicemail"),
            Moment(26, Side.CALLEE, "answer"),
            Moment(50, Side.CALLEE, "hangup"),
        ),
    ),
    Story(
        name="caller-hung-up",
        group=StoryGroup.USUAL,
        about="you hang up while the other side still rings",
        moments=(*goes("answer"), Moment(14, Side.CALLER, "hangup")),
    ),
    Story(
        name="canceled",
        group=StoryGroup.USUAL,
        about="canceled elsewhere while your own phone rings",
        moments=goes("cancel", first=4),
    ),
    Story(
        name="long-talk",
        group=StoryGroup.USUAL,
        about="both answer and talk for half an hour",
        moments=goes("answer", "answer", talk=1800, hangs_up=Side.CALLER),
        log=Shape(client="Web"),
    ),
    Story(
        name="voicemail",
        group=StoryGroup.USUAL,
        about="a machine takes the call, and the log says so",
        moments=goes("answer", "voicemail", second=20, talk=15),
    ),
    Story(
        name="voicemail-connected",
        group=StoryGroup.UNLUCKY,
        about="a machine takes the call, and the log says connected",
        moments=goes("answer", "voicemail", second=20, talk=15),
        log=Shape(
            result=(
                "Call connected",
                "Connected",
                "The call was connected, but nobody accepted it: a voicemail greeting",
            )
        ),
    ),
    Story(
        name="contradiction",
        about="your phone is offline, yet the status calls the other side a success",
        moments=goes("offline", first=3),
        words={CallStage.OVER: ("CannotReach", "GenericError", "Success")},
    ),
    Story(
        name="late-record",
        group=StoryGroup.UNLUCKY,
        about="the call log has it only minutes later",
        moments=CONVERSATION,
        log=Shape(after=150),
    ),
    Story(
        name="never-record",
        about="the call log never has it",
        moments=CONVERSATION,
        log=Shape(after=None),
    ),
    Story(
        name="two-records",
        group=StoryGroup.UNLUCKY,
        about="the call log has it as two records",
        moments=CONVERSATION,
        log=Shape(split=0),
    ),
    Story(
        name="two-records-apart",
        about="two records that start some seconds apart",
        moments=CONVERSATION,
        log=Shape(split=14),
    ),
    Story(
        name="masked",
        group=StoryGroup.UNLUCKY,
        about="the call log hides the other side's last digits",
        moments=CONVERSATION,
        log=Shape(masked=True, other_id=True),
    ),
    Story(
        name="one-leg-shown",
        about="the call log shows the other side's leg alone, its number masked",
        moments=CONVERSATION,
        log=Shape(masked=True, legs=frozenset({Side.CALLEE})),
    ),
    Story(
        name="no-legs",
        about="the call log shows no legs",
        moments=CONVERSATION,
        log=Shape(legs=frozenset()),
    ),
    Story(
        name="other-id",
        about="the call log knows it by another id",
        moments=CONVERSATION,
        log=Shape(other_id=True, client="Device"),
    ),
    Story(
        name="decoy",
        about="another app's RingOut to the same number is logged first",
        moments=CONVERSATION,
        log=Shape(after=30),
        decoy="callee-busy",
    ),
    Story(
        name="in-progress-record",
        group=StoryGroup.UNLUCKY,
        about="the call log first has an unfinished record",
        moments=CONVERSATION,
        log=Shape(after=50, live_after=10),
    ),
    Story(
        name="no-session-found",
        about="the status ends with NoSessionFound, not with a 404",
        moments=CONVERSATION,
        gone_after=4,
        gone_as="NoSessionFound",
    ),
    Story(
        name="early-404",
        about="there never is a status, though the call is made",
        moments=CONVERSATION,
        blind=True,
    ),
    Story(
        name="unknown-status",
        about="the status has words that nobody documented",
        moments=CONVERSATION,
        words={CallStage.CONNECTED: ("Bridging", "Success", "Bridging")},
        off_spec=True,
    ),
    Story(
        name="no-credit-status",
        group=StoryGroup.UNLUCKY,
        about="no credit: said by the status, after your phone was answered",
        moments=goes("answer", "no-credit", second=1),
    ),
    Story(
        name="international-status",
        group=StoryGroup.UNLUCKY,
        about="international calls off: said by the status",
        moments=goes("answer", "international", second=1),
    ),
    Story(
        name="from-refused",
        group=StoryGroup.UNLUCKY,
        about="your number may not be rung: said by the status",
        moments=goes("from-refused", first=1),
    ),
    Story(
        name="invalid-number",
        group=StoryGroup.UNLUCKY,
        about="RingCentral does not take the number",
        refusal=invalid("to.phoneNumber"),
    ),
    Story(
        name="bad-caller-id",
        group=StoryGroup.UNLUCKY,
        about="RingCentral does not take the caller ID",
        refusal=invalid("callerId.phoneNumber", 403),
    ),
    Story(
        name="international-refused",
        group=StoryGroup.UNLUCKY,
        about="international calls are off",
        refusal=no_feature("InternationalCalls"),
    ),
    Story(
        name="feature-missing",
        group=StoryGroup.UNLUCKY,
        about="RingOut is not in the plan",
        refusal=no_feature("RingOut"),
    ),
    Story(
        name="no-credit",
        about="no calling credit is left",
        group=StoryGroup.UNLUCKY,
        refusal=_FUNDS,
    ),
    Story(
        name="429-post",
        about="RingCentral's limit is reached for now; the next try goes through",
        penalty=True,
        then="answered",
    ),
    Story(
        name="lost-answer",
        about="the call is placed, but RingCentral's answer is lost",
        moments=CONVERSATION,
        loss="reset",
    ),
    Story(
        name="lost-answer-500",
        about="the call is placed, but RingCentral answers with an error",
        moments=CONVERSATION,
        loss="500",
    ),
    Story(
        name="lost-answer-502",
        about="the call is placed, but a proxy answers with an error",
        moments=CONVERSATION,
        loss="502",
    ),
    Story(
        name="lost-not-executed",
        about="the connection breaks, and nothing was placed",
        executed=False,
        loss="reset",
    ),
    Story(
        name="hang",
        about="the call is placed, but no answer comes for a long time",
        moments=CONVERSATION,
        loss="hang",
        loss_seconds=60,
    ),
)

STORIES = {story.name: story for story in _ALL}
"""Every story, by name."""

ALIASES = {
    "busy": "callee-busy",
    "no-answer": "callee-no-answer",
    "declined": "callee-declined",
    "late": "late-record",
    "lost": "lost-answer",
    "limit": "429-post",
    "international": "international-refused",
}
"""Shorter names, to type."""


def find(name: str) -> Story:
    """Return the story with this name or alias; the KeyError lists all names."""
    story = STORIES.get(ALIASES.get(name, name))
    if story is None:
        raise KeyError(f"no story {name!r}; there are {', '.join(sorted(STORIES))}")
    return story
