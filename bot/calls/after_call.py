"""What may be added to a call that is over, by whom, and how its card is shown anew.

Pure: each function takes a call and the time, and returns the call to store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.calls.aftermath import (
    LONGEST_CALL_NOTE,
    UNCLAIMED,
    Aftermath,
    CallBack,
    Dispositions,
    Remark,
)
from bot.calls.call import Call, End, Place, State

RANG = frozenset([End.RECORDED, End.UNCONFIRMED, End.LOST])
"""How a call ended of which there is something to say: a phone may have rung."""


def takes_remarks(call: Call) -> bool:
    """Return whether *call* is over, and a phone may have rung."""
    return call.end in RANG


def may_add(call: Call, place: Place, dispositions: Dispositions) -> bool:
    """Return whether the person of *place* may add to *call*, or read its whole note.

    Whoever placed it, and whoever calls back. If the operator allows it, also those who
    press its card in its channel. A call whose result is private stays with who placed it.
    """
    if call.place.person.is_also(place.person):
        return True
    claim = call.aftermath.claim if call.aftermath else None
    if claim is not None and claim.by == place.user:
        return True
    if not dispositions.by_channel or call.hides_result or call.is_in_dm:
        return False
    return bool(place.channel) and place.channel == call.card_channel


def disposed(call: Call, word: str, by: str, now: datetime) -> Call | None:
    """Return *call* with the outcome that somebody chose; None if it takes none.

    An empty *word* removes it, and with it who calls back.
    """
    said = call.aftermath or Aftermath()
    if word == (said.disposition.text if said.disposition else ""):
        return call
    chosen = Remark(word, by, now) if word else None
    return _with(call, replace(said, disposition=chosen, claim=None), now)


def claimed(call: Call, by: str, now: datetime) -> Call | None:
    """Return *call* taken on by somebody who calls back.

    None if no call back is needed, or somebody else has it.
    """
    said = call.aftermath or Aftermath()
    if said.follow_up == by:
        return call
    if said.follow_up != UNCLAIMED:
        return None
    return _with(call, replace(said, claim=Remark(CallBack.TAKEN, by, now)), now)


def released(call: Call, by: str, now: datetime) -> Call | None:
    """Return *call* for others to take on; None if it was not taken on by *by*."""
    said = call.aftermath or Aftermath()
    if said.follow_up != by:
        return None
    return _with(call, replace(said, claim=None), now)


def called_back(call: Call, by: str, now: datetime) -> Call | None:
    """Return *call* with nothing left to do; None if it was not taken on by *by*."""
    said = call.aftermath or Aftermath()
    if said.follow_up != by:
        return None
    return _with(call, replace(said, claim=Remark(CallBack.DONE, by, now)), now)


def noted(
    call: Call, text: str, by: str, now: datetime, seen: datetime | None
) -> Call | None:
    """Return *call* with a note; an empty *text* removes it. None if it takes none.

    Also None if the note is not the one that its writer has *seen*, by its time: nobody
    overwrites what they have not read.
    """
    said = call.aftermath or Aftermath()
    if (said.note.at if said.note else None) != seen:
        return None
    text = text.strip()[:LONGEST_CALL_NOTE]
    if text == (said.note.text if said.note else ""):
        return call
    return _with(call, replace(said, note=Remark(text, by, now) if text else None), now)


def _with(call: Call, said: Aftermath, now: datetime) -> Call | None:
    """Return *call* with what was said, and its card to be shown once more.

    If it is being shown just now, `bot.follow.closing` sees that more was said.
    """
    if not takes_remarks(call):
        return None
    told = replace(call, aftermath=said if said != Aftermath() else None)
    if call.state is not State.DONE:
        return told
    return replace(
        told, state=State.CLOSING, next_at=now, held_by="", tries=0, faults=0
    )
