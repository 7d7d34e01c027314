"""Private calls that were erased here, but that RingCentral's log still has.

The log doesn't know that a call was private, so lists would show it to others. What is kept
to withhold it names no person and holds no number: a hash of each id, the account, and when
the call was sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.calls.lists.work_list import PRIVATE_MARGIN
from bot.calls.log.leg import Entry


@dataclass(frozen=True, slots=True)
class Withheld:
    """One id of an erased call.

    Attributes:
        id: The hash of its id, or of the id of one of its records.
        has_record: Whether all its records were found. If not, only the time tells.
    """

    id: str
    account: str
    sent_at: datetime
    has_record: bool


def hash_of(identity: str) -> str:
    """Return what is kept of an id of RingCentral's."""
    return hashlib.sha256(identity.encode()).hexdigest()


def is_withheld(
    entry: Entry, erased: Collection[Withheld], account: str | None
) -> bool:
    """Return whether *entry* may be one of the *erased* calls; it is none of ours.

    *account*: whose log it is; None for the company's.
    """
    if not erased:
        return False
    ids = {hash_of(each) for each in (*entry.ids, *entry.session_ids)}
    return any(
        each.id in ids
        or (
            not each.has_record
            and entry.is_ring_out
            and account in (None, each.account)
            and abs(entry.started_at - each.sent_at) <= PRIVATE_MARGIN
        )
        for each in erased
    )
