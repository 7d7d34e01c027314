"""Turns RingCentral's telephony sessions and their events into values.

A webhook's body may be forged: ids have an id's form, words are short words, and no more
than `MOST_PARTIES_READ` parties are read.
"""

from __future__ import annotations

import re
from typing import Any

from bot.calls.sessions.session import (
    PartyRole,
    SessionEvent,
    SessionParty,
    TelephonySession,
)
from bot.ringcentral.transport.shapes import ID_FORM, get, inner, listed, named, text
from bot.ringcentral.transport.wire import moment

MOST_PARTIES_READ = 16
"""Parties. An event usually shows one, a session two."""

WORD_FORM = re.compile(r"[A-Za-z]{1,40}")
"""What a code, a reason and an origin look like."""

ROLES = {each.value: each for each in PartyRole}

MOST_SEQUENCE = 2**63 - 1
"""Its type in RingCentral's OpenAPI document: ``int64``."""


def session(body: Any) -> TelephonySession | None:
    """Return the session of an answer; None if it has no id."""
    identity = named(body)
    if not identity:
        return None
    return TelephonySession(
        id=identity,
        origin=_word(get(body, "origin"), "type"),
        at=moment(get(body, "creationTime")),
        parties=_parties(body),
    )


def session_event(notification: Any) -> SessionEvent | None:
    """Return the event of a notification; None if it is about no session."""
    body = get(notification, "body")
    identity, sequence = text(body, "telephonySessionId"), get(body, "sequence")
    if not ID_FORM.fullmatch(identity):
        return None
    if isinstance(sequence, bool) or not isinstance(sequence, int):
        return None
    uuid = text(notification, "uuid")
    return SessionEvent(
        uuid=uuid if ID_FORM.fullmatch(uuid) else "",
        session_id=identity,
        sequence=min(max(sequence, 0), MOST_SEQUENCE),
        at=moment(get(body, "eventTime")),
        origin=_word(get(body, "origin"), "type"),
        parties=_parties(body),
    )


def _parties(body: Any) -> tuple[SessionParty, ...]:
    shown = listed(body, "parties")[:MOST_PARTIES_READ]
    return tuple(_party(each) for each in shown if named(each))


def _party(data: Any) -> SessionParty:
    status, role = get(data, "status"), text(data, "ringOutRole")
    return SessionParty(
        id=named(data),
        code=_word(status, "code"),
        reason=_word(status, "reason"),
        role=ROLES.get(role, PartyRole.NEITHER),
        caller=inner(data, "from", "phoneNumber"),
        callee=inner(data, "to", "phoneNumber"),
        extension=text(data, "extensionId"),
        has_missed=get(data, "missedCall") is True,
    )


def _word(data: Any, name: str) -> str:
    """Return a field that is one word; empty if it is anything else."""
    found = text(data, name)
    return found if WORD_FORM.fullmatch(found) else ""
