"""How long the steps of a call wait: the operator's settings, and the fixed waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits that no operator can set: RingCentral and Slack decide them."""

    answer_lost: timedelta = timedelta(seconds=25)
    """Longer than a POST can take with all its time-outs: after this its answer is lost."""

    silent: timedelta = timedelta(minutes=3)
    """How long RingCentral may be silent before the card says so: most outages are
    shorter, and Slack limits edits."""

    unanswered: timedelta = timedelta(hours=2)
    """How long a status is polled without an answer. Few calls last longer, so that by
    then the record should be there, and the person hears the result on the same day."""

    look: timedelta = timedelta(seconds=5)
    """The wait after the answer to a post was lost before looking for the message: Slack
    may still be working on it, and looking too soon would post it twice. With the
    time-out of ten seconds that makes fifteen after the request, as long as
    `bot.storage.calls.takeover.Takeover.post_in_flight`."""

    edit_in_flight: timedelta = timedelta(seconds=30)
    """After this long an edit whose answer was lost can no longer land on the card. A
    process that was paused sends an edit at most `bot.slack.posting.pace.EDIT_WITHIN`
    after others have taken over, and Slack has ten seconds to answer; this is twice the
    sum."""

    step_lease: timedelta = timedelta(seconds=40)
    """Longer than a step can take with all its time-outs."""


USUAL_WAITS = Waits()


@dataclass(frozen=True, slots=True)
class Timing:
    """The intervals that an operator can set, and the other waits."""

    poll: timedelta = timedelta(seconds=2)
    log_delay: timedelta = timedelta(seconds=20)
    log_give_up: timedelta = timedelta(seconds=900)
    waits: Waits = USUAL_WAITS

    @property
    def log_spacing(self) -> timedelta:
        """The shortest time between two reads of the log: one read serves many calls.

        By default four reads a minute, which leaves six of the ten Heavy requests to
        new calls.
        """
        return min(timedelta(seconds=15), self.log_delay * 0.75)
