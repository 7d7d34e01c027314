"""Whether a telephony session is a call's. Nothing is done to a session before this is sure.

RingCentral does not say whether a RingOut's id is its session's id. A session with that
id has to be a RingOut with our callee all the same. One with another id has to ring the
caller's phone too, after our POST, and to fit no other call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.calls.call import Call
from bot.calls.matching.id_form import is_another
from bot.calls.numbers.digits import Likeness, compare
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.sessions.session import (
    RING_OUT_ORIGIN,
    PartyRole,
    SessionParty,
    TelephonySession,
)

BEFORE_ANSWER = timedelta(seconds=5)
"""How long before RingCentral's answer to the POST its session may have begun."""

LONGEST_SESSION = timedelta(hours=12)
"""No call is followed for longer."""


def session_owner(session: TelephonySession, calls: Iterable[Call]) -> Call | None:
    """Return the one of an account's *calls* whose session this is; None if unsure.

    Pass all calls that may have one, also those that are over: a late event of a call
    must not be taken for the next one's. A call whose RingOut's id is not known yet, or
    never will be, may have any session with its callee that has no known id.
    """
    calls = list(calls)
    own = [each for each in calls if is_session_of(session, each)]
    for has_id in (_has_learned, _has_same_id):
        sure = [each for each in own if has_id(session, each)]
        if sure:
            return sure[0] if len(sure) == 1 else None
    if any(each.is_lost and _shows(session, each.callee) for each in calls):
        return None
    return own[0] if len(own) == 1 else None


def is_session_of(session: TelephonySession, call: Call) -> bool:
    """Whether *session* is *call*'s, as far as the two can tell."""
    if call.session_id:
        return _has_learned(session, call)
    if not call.ringout_id or session.origin != RING_OUT_ORIGIN:
        return False
    if not _shows(session, call.callee):
        return False
    if _has_same_id(session, call):
        return True
    return (
        not is_another(call.ringout_id, session.id)
        and _is_in_time(session, call)
        and _rings_caller(session, call)
    )


def roles_in(session: TelephonySession, call: Call) -> Mapping[str, PartyRole]:
    """Return which side of *call* each party of its *session* is, by the party's id."""
    return {each.id: _role(each, call) for each in session.parties}


def _role(party: SessionParty, call: Call) -> PartyRole:
    """Return a party's side by its own number, else by what RingCentral says."""
    if compare(party.callee, call.callee.e164) >= Likeness.LIKE:
        return PartyRole.TARGET
    if call.caller and compare(party.callee, call.caller.e164) >= Likeness.LIKE:
        return PartyRole.INITIATOR
    return party.role


def _has_learned(session: TelephonySession, call: Call) -> bool:
    return bool(call.session_id) and call.session_id == session.id


def _has_same_id(session: TelephonySession, call: Call) -> bool:
    return bool(call.ringout_id) and call.ringout_id == session.id


def _shows(session: TelephonySession, number: PhoneNumber) -> bool:
    """Whether a party has *number*, or is shown it."""
    return any(
        compare(each, number.e164) >= Likeness.LIKE
        for party in session.parties
        for each in (party.caller, party.callee)
    )


def _rings_caller(session: TelephonySession, call: Call) -> bool:
    """Whether the caller's own phone is in it, as the first that rang."""
    if call.caller is None:
        return False
    first = [
        party.callee
        for party in session.parties
        if _role(party, call) is PartyRole.INITIATOR
    ]
    likely = [compare(each, call.caller.e164) for each in first]
    return Likeness.DIFFERENT not in likely and any(
        each >= Likeness.LIKE for each in likely
    )


def _is_in_time(session: TelephonySession, call: Call) -> bool:
    """Whether it lives after the call was placed, both by RingCentral's clock."""
    if session.at is None or call.placed_at is None:
        return False
    since = session.at - call.placed_at
    return -BEFORE_ANSWER <= since <= LONGEST_SESSION
