"""Makes a bot process of the tests run at a quicker tempo; Python imports it first.

Nothing of a dead process's lands late here, so nobody needs to wait for it. No look for
user groups comes by itself: what a test waits for, an event or a signal has told. With
``HURRIED_TAKEOVER`` others take its calls over soon, too: a story on PostgreSQL would
wait six seconds until it is taken for dead, and up to forty for what it may have sent.
With ``UNHURRIED_TAKEOVER`` no story lasts that long: slow processes are not declared
dead, so calls move only by handover.
With ``HURRIED_LOG_IN`` its start hardly waits for a sign-in, and with ``HURRIED_STOP``
its stop for a step: these are for stories in which RingCentral answers neither.
"""

import os
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.app.tempo import Tempo
from bot.calls.timing import Waits
from bot.cli import serve
from bot.ringcentral.transport.bounds import AnswerBounds
from bot.slack.entrances.waits import FormWaits
from bot.storage.calls.takeover import Takeover

AT_ONCE = timedelta(seconds=0.2)
# A new process's second round revokes what was still leased in its first.
TEMPO = Tempo(
    takeover=Takeover(post_in_flight=AT_ONCE),
    revocation_lease=AT_ONCE,
    upkeep=1.0,
    homes=0.2,
    groups=3600.0,
    answers=AnswerBounds(again_after=0.02),
    write_every=0.2,
    missed=timedelta(seconds=0.2),
    admit=60.0,
    ack=60.0,
    forms=FormWaits(60.0, 60.0, 60.0, 60.0),
    suggestions=60.0,
    link=60.0,
)

if os.environ.get("HURRIED_TAKEOVER"):
    takeover = replace(
        TEMPO.takeover,
        beat=0.3,
        missed=timedelta(seconds=0.6),
        dead=timedelta(seconds=2),
        unsent=timedelta(seconds=4),
    )
    # The lease must stay longer than the longest wait for a post, and does.
    waits = Waits(answer_lost=timedelta(seconds=3), step_lease=timedelta(seconds=5))
    # Else one unanswered request would block the others for a minute.
    # A dead process's sockets are others' as soon as they look.
    events = replace(TEMPO.events, look=0.3)
    TEMPO = replace(
        TEMPO, takeover=takeover, waits=waits, unanswered=3.0, events=events
    )

if os.environ.get("UNHURRIED_TAKEOVER"):
    missed, dead = timedelta(minutes=2), timedelta(minutes=3)
    TEMPO = replace(TEMPO, takeover=replace(TEMPO.takeover, missed=missed, dead=dead))

if os.environ.get("HURRIED_LOG_IN"):
    TEMPO = replace(TEMPO, log_in=0.2)
if os.environ.get("HURRIED_STOP"):
    TEMPO = replace(TEMPO, finish_steps=0.5)

serve.Bot = partial(serve.Bot, tempo=TEMPO)
