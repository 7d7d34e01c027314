"""What a bot process of the tests runs first.

Nothing of a dead process's lands late here, so nobody needs to wait for it. With
``HURRIED_TAKEOVER`` others take its calls over soon, too: a story on PostgreSQL would
wait six seconds until it is taken for dead, and up to forty for what it may have sent.
"""

import os
from datetime import timedelta

from bot.storage.calls import statements

statements.UNDER_WAY = timedelta(seconds=0.2)  # before those are imported who read it

from bot.storage.calls import store  # noqa: E402 - they read it
from bot.storage.people import revocations  # noqa: E402 - they read it
from bot.storage.shared import processes  # noqa: E402 - they read it

revocations.TURN = timedelta(seconds=0.2)

if os.environ.get("HURRIED_TAKEOVER"):
    # Before those are imported who read them.
    processes.BEAT = 0.3
    processes.MISSED = timedelta(seconds=0.6)
    processes.DEAD_AFTER = timedelta(seconds=2)
    store.TAKEOVER = timedelta(seconds=4)

    from bot.calls import following
    from bot.follow import follower
    from bot.ringcentral import budget

    budget.LONGEST = 3.0  # what it may have asked first may be the only thing asked
    following.SETTLE = timedelta(seconds=3)
    # Still longer than a post waits at most, as it has to be.
    follower.STEP_LEASE = timedelta(seconds=5)
