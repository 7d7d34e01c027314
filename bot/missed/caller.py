"""Who a missed call came from."""

from __future__ import annotations

from datetime import datetime

from bot.calls.call import Place
from bot.calls.lists.work_list import number_of
from bot.calls.log.missed_calls import MissedCall
from bot.calls.missed_card import Missed
from bot.calls.people.names import NameSource, named

LONGEST_KEY_KEPT, LONGEST_EXTENSION_KEPT = 140, 32
"""Characters of columns; RingCentral's own are shorter."""


def known_caller(call: MissedCall, place: Place, at: datetime, region: str) -> Missed:
    """Return a call with its caller's number, read as one of *region*; *at* by our clock.

    A name in which a number stands shows it masked, or is none.
    """
    name = named(call.caller.name, NameSource.RECORD)
    return Missed(
        keys=frozenset(each[:LONGEST_KEY_KEPT] for each in call.keys),
        place=place,
        at=at,
        caller=number_of(call.caller, region),
        extension=call.caller.extension[:LONGEST_EXTENSION_KEPT],
        name=name.text if name else "",
        rang=call.rang,
        has_voicemail=call.has_voicemail,
        voicemail=call.voicemail,
    )
