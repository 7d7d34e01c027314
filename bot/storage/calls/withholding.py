"""What is kept of private calls that are erased, so that lists go on leaving them out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.calls.lists.withheld import hash_of
from bot.storage.calls.tables import IS_PRIVATE, call_records, calls, withheld_calls

MOST_RECORDS = 2
"""RingCentral may log a call as two records. The second may be found later than the first."""


def withhold(connection: Connection, ids: Sequence[str]) -> None:
    """Keep the hashes of the private ones of these calls, which are about to be deleted."""
    its = call_records.c.call.in_(ids)
    records = defaultdict(set)
    for row in connection.execute(select(call_records).where(its)):
        records[row.call].add(row.id)
    sent = calls.c.sent_at.is_not(None)
    private = select(calls).where(calls.c.id.in_(ids), IS_PRIVATE, sent)
    kept = {
        hash_of(identity): {"account": row.account, "sent_at": row.sent_at}
        | {"has_record": len(records[row.id]) >= MOST_RECORDS}
        for row in connection.execute(private)
        for identity in {row.id, row.ringout_id, *records[row.id]} - {""}
    }
    known = withheld_calls.c.id.in_(list(kept))
    connection.execute(delete(withheld_calls).where(known))
    if kept:
        rows = [{"id": each, **values} for each, values in kept.items()]
        connection.execute(insert(withheld_calls), rows)


def delete_before(connection: Connection, before: datetime) -> None:
    """Delete what is older than the calls that lists may show."""
    connection.execute(delete(withheld_calls).where(withheld_calls.c.sent_at < before))
