"""What pushed events have said of a call's session, whatever their order.

Events may be lost, doubled and late. For each party the event with the highest
``sequence`` counts, so that what is kept is never further than the truth. Nobody's number
is kept: a party is the caller, the callee, or somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.calls.sessions.session import PartyRole, SessionEvent, SessionParty

MOST_PARTIES = 8
"""Parties of a session that are kept: a RingOut has two, and a transfer adds some."""

MOST_UUIDS = 16
"""The latest events whose uuids are kept. A session has about six."""


@dataclass(frozen=True, slots=True)
class PushedParty:
    """The newest that was heard of a party.

    Attributes:
        at: Since when it has this state, by our own clock.
        up_at: When it was first heard to have answered; None if it was not.
    """

    id: str
    role: PartyRole
    code: str
    reason: str
    sequence: int
    at: datetime
    up_at: datetime | None = None

    @property
    def _party(self) -> SessionParty:
        return SessionParty(id=self.id, code=self.code)

    @property
    def is_down(self) -> bool:
        """Whether it has left the session."""
        return self._party.is_down

    @property
    def is_up(self) -> bool:
        """Whether its phone was answered, and it is still there."""
        return self._party.is_up


@dataclass(frozen=True, slots=True)
class Pushed:
    """All that was heard of a call's session."""

    parties: tuple[PushedParty, ...] = ()
    uuids: tuple[str, ...] = ()

    def of(self, role: PartyRole) -> PushedParty | None:
        """Return the party that plays *role*: of several, the one heard of last."""
        own = [each for each in self.parties if each.role is role]
        return max(own, key=lambda each: each.sequence, default=None)

    def dump(self) -> str:
        """Return it as JSON for the database."""
        parties = [
            [
                each.id,
                each.role,
                each.code,
                each.reason,
                each.sequence,
                each.at.timestamp(),
                each.up_at.timestamp() if each.up_at else None,
            ]
            for each in self.parties
        ]
        return json.dumps({"parties": parties, "uuids": self.uuids})

    @classmethod
    def load(cls, text: str | None) -> Pushed | None:
        """Return what `dump` wrote; None for no text."""
        if not text:
            return None
        data = json.loads(text)
        parties = tuple(_loaded(each) for each in data["parties"])
        return cls(parties, tuple(data["uuids"]))


NOTHING_PUSHED = Pushed()


def drops(pushed: Pushed, event: SessionEvent) -> bool:
    """Whether *event* tells nothing: it was heard before, or newer ones of its parties."""
    if event.uuid and event.uuid in pushed.uuids:
        return True
    newest = _newest(pushed)
    return all(_is_old(each, event, newest) for each in event.parties)


def after_event(
    pushed: Pushed,
    event: SessionEvent,
    roles: Mapping[str, PartyRole],
    now: datetime,
) -> Pushed:
    """Return *pushed* with what *event* adds; itself if that is nothing.

    *roles* has the role of each party by its id. An earlier event may have told more of
    it: a role stays.
    """
    if drops(pushed, event):
        return pushed
    newest = _newest(pushed)
    for party in event.parties:
        if _is_old(party, event, newest):
            continue
        if party.id not in newest and len(newest) >= MOST_PARTIES:
            continue
        newest[party.id] = _heard(party, event, roles, newest.get(party.id), now)
    uuids = (*pushed.uuids, event.uuid)[-MOST_UUIDS:] if event.uuid else pushed.uuids
    return replace(pushed, parties=tuple(newest.values()), uuids=uuids)


def _newest(pushed: Pushed) -> dict[str, PushedParty]:
    return {each.id: each for each in pushed.parties}


def _is_old(
    party: SessionParty, event: SessionEvent, newest: Mapping[str, PushedParty]
) -> bool:
    known = newest.get(party.id)
    return known is not None and event.sequence <= known.sequence


def _heard(
    party: SessionParty,
    event: SessionEvent,
    roles: Mapping[str, PartyRole],
    before: PushedParty | None,
    now: datetime,
) -> PushedParty:
    role = roles.get(party.id, PartyRole.NEITHER)
    if before is not None and before.role is not PartyRole.NEITHER:
        role = before.role
    same = before is not None and before.code == party.code
    at = before.at if before is not None and same else now
    up_at = (before.up_at if before else None) or (now if party.is_up else None)
    return PushedParty(
        party.id, role, party.code, party.reason, event.sequence, at, up_at
    )


def _loaded(data: list[Any]) -> PushedParty:
    identity, role, code, reason, sequence, at, up_at = data
    return PushedParty(
        identity,
        PartyRole(role),
        code,
        reason,
        sequence,
        datetime.fromtimestamp(at, UTC),
        datetime.fromtimestamp(up_at, UTC) if up_at else None,
    )
