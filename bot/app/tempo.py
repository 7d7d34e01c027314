"""The waits of a running bot that no operator can set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.accounts import upkeep
from bot.accounts.names import USUAL_NAME_WAITS, NameWaits
from bot.accounts.subscriptions import USUAL_EVENT_WAITS, EventWaits
from bot.admin import alerts
from bot.calls.timing import USUAL_WAITS, Waits
from bot.missed import syncing
from bot.ringcentral import budget
from bot.ringcentral.sign_in.session import USUAL_SIGN_IN_WAITS, SignInWaits
from bot.ringcentral.transport.bounds import USUAL_BOUNDS, AnswerBounds
from bot.serving import readiness
from bot.serving.connections import USUAL_PATIENCE, Patience
from bot.slack.entrances import adapter, socket
from bot.slack.entrances.waits import USUAL_FORM_WAITS, FormWaits
from bot.slack.posting import admission, homes, pace, permalinks, web
from bot.steps import steps
from bot.storage.calls.takeover import USUAL_TAKEOVER, Takeover
from bot.storage.people import revocations
from bot.switchboard import suggesting
from bot.workspaces import groups, leavers


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Numbers are seconds. Operators run the defaults; tests hand in shorter waits."""

    waits: Waits = USUAL_WAITS
    ping: float = socket.PING_EVERY
    slack: float = web.SLACK_TIMEOUT
    admit: float = admission.ASK_WITHIN
    ack: float = adapter.ACK_WITHIN
    forms: FormWaits = USUAL_FORM_WAITS
    suggestions: float = suggesting.READ_WITHIN
    link: float = permalinks.LINK_WITHIN
    card_gap: float = pace.CARD_GAP
    edit_retry: float = pace.EDIT_RETRY
    edits_per_minute: int = pace.EDITS_PER_MINUTE
    homes: float = homes.HOME_DELAY
    upkeep: float = upkeep.UPKEEP_EVERY
    leavers: float = leavers.LOOK_EVERY
    alerts: float = alerts.LOOK_FOR_ALERTS_EVERY
    groups: float = groups.LOOK_FOR_GROUPS_EVERY
    names: NameWaits = USUAL_NAME_WAITS
    missed: timedelta = syncing.LOOK_EVERY_MISSED
    events: EventWaits = USUAL_EVENT_WAITS
    sign_in: SignInWaits = USUAL_SIGN_IN_WAITS
    log_in: float = 3.0
    """How long a start waits for the sign-in; a refusal within it ends the start."""
    patience: Patience = USUAL_PATIENCE
    finish_steps: float = 4.0
    """For the steps in flight at a stop; the next start resumes the rest."""
    finish_edits: float = 2.0
    finish_answers: float = 1.0
    """For edits of cards and for answers; a whole stop has ten."""
    write_every: float = readiness.WRITE_EVERY
    write_within: float = readiness.WRITE_WITHIN
    unanswered: float = budget.UNANSWERED_AFTER
    answers: AnswerBounds = USUAL_BOUNDS
    """What an answer of RingCentral's may take."""
    takeover: Takeover = USUAL_TAKEOVER
    steps: timedelta = steps.LOOK_AT_CALLS_EVERY
    revocation_lease: timedelta = revocations.REVOCATION_LEASE


USUAL_TEMPO = Tempo()
