"""How long the steps of a call wait: the operator's settings, and the fixed waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits that no operator can set: RingCentral and Slack decide them."""

    answer_lost: timedelta = timedelta(seconds=40)
    """Longer than `bot.follow.placer.SEND_DEADLINE` and the deadline of an answer
    together: after this the answer to a POST is lost."""

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

    step_lease: timedelta = timedelta(seconds=75)
    """Longer than a step can take: a sign-in and a request, each up to its deadline."""


USUAL_WAITS = Waits()
USUAL_POLL = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Timing:
    """The intervals that an operator can set, and the other waits."""

    poll: timedelta = USUAL_POLL
    log_delay: timedelta | None = None
    """The longest time from the end of a call to the first read of the log; None leaves
    it to what the account has shown."""
    log_give_up: timedelta = timedelta(seconds=900)
    waits: Waits = USUAL_WAITS

    @property
    def tempo(self) -> float:
        """The factor of all usual waits for the log: 1, or less where tests poll faster."""
        return min(self.poll / USUAL_POLL, 1.0)

    @property
    def log_unit(self) -> timedelta:
        """The wait for a record that may come at any time; doubled from read to read."""
        unit = timedelta(seconds=20) * self.tempo
        return unit if self.log_delay is None else min(unit, self.log_delay)
