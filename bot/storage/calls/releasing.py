"""Leaves to others the call backs that somebody has taken on who has left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.calls.aftermath import Aftermath
from bot.calls.call import State
from bot.calls.people.person import Person
from bot.storage.calls.statements import INSERT_EVENT
from bot.storage.calls.tables import IS_PRIVATE, calls
from bot.storage.database.person_rows import of_workspace

PERSON_LEFT = "call back released: its person has left"


def release_claims(connection: Connection, person: Person, now: datetime) -> None:
    """Release them in the workspace of *person*, or in all of their organization.

    Those of calls that they kept to themselves are nobody else's to take on.
    """
    here = of_workspace(calls, person.enterprise, person.team)
    theirs = select(calls.c.id, calls.c.state, calls.c.aftermath).where(
        here, calls.c.follow_up == person.user, ~IS_PRIVATE
    )
    ordered = theirs.order_by(calls.c.id).with_for_update()
    for row in connection.execute(ordered).all():
        said = replace(Aftermath.load(row.aftermath) or Aftermath(), claim=None)
        written = {"aftermath": said.dump(), "follow_up": said.follow_up}
        shown = shown_anew(row.state, now)
        mine = update(calls).where(calls.c.id == row.id)
        connection.execute(mine.values(written | shown))
        state = shown.get("state", row.state)
        event = {"call": row.id, "at": now, "state": state, "note": PERSON_LEFT}
        connection.execute(INSERT_EVENT, event)


def shown_anew(state: str, now: datetime) -> dict[str, Any]:
    """Return what has the card of a call in *state* be edited, as `after_call` does.

    That of a call that is not over yet is edited in any case.
    """
    if state != State.DONE:
        return {}
    values = {"state": State.CLOSING, "next_at": now, "held_by": ""}
    return values | {"tries": 0, "faults": 0}
