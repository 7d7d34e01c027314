"""The part of the assembly for admins: their desk."""

from __future__ import annotations

from bot.admin.desk import Desk
from bot.clock import Clock
from bot.slack.posting.homes import Homes
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy


def desk_of(policy: Policy, store: Store, clock: Clock, homes: Homes) -> Desk:
    """Return what admins do, which other processes hear of."""
    return Desk(
        PolicyStates(store.writer, store.me),
        DoNotCallList(store.writer),
        Audit(store.writer),
        policy,
        clock,
        changed=lambda place: homes.changed(place.person),
    )
