"""Makes a bot process of the tests run at a quicker tempo; Python imports it first.

Nothing of a dead process's lands late here, so nobody needs to wait for it. With
``HURRIED_TAKEOVER`` others take its calls over soon, too: a story on PostgreSQL would
wait six seconds until it is taken for dead, and up to forty for what it may have sent.
"""

import os
from datetime import timedelta
from functools import partial

from bot.storage.calls import statements

is_takeover = bool(os.environ.get("HURRIED_TAKEOVER"))
statements.UNDER_WAY = timedelta(seconds=0.2)  # before its readers are imported

from bot.storage.calls import store  # noqa: E402 - they read it
from bot.storage.people import revocations  # noqa: E402 - they read it
from bot.storage.shared import processes  # noqa: E402 - they read it

revocations.REVOCATION_LEASE = timedelta(seconds=0.2)
if is_takeover:
    processes.BEAT = 0.3
    processes.MISSED = timedelta(seconds=0.6)
    processes.DEAD_AFTER = timedelta(seconds=2)
    store.TAKEOVER = timedelta(seconds=4)

    from bot.ringcentral import budget

    budget.UNANSWERED_AFTER = 3.0  # else one unanswered request blocks the others

from bot.app.tempo import Tempo  # noqa: E402 - what it imports reads the above
from bot.calls.timing import Waits  # noqa: E402 - as the others
from bot.cli import serve  # noqa: E402 - as the others

# The lease must stay longer than the longest wait for a post, and does.
SOON = Waits(answer_lost=timedelta(seconds=3), step_lease=timedelta(seconds=5))
serve.Bot = partial(serve.Bot, tempo=Tempo(waits=SOON) if is_takeover else Tempo())
