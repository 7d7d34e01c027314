"""Voicemails: which missed-call card each belongs to, and what the card shows of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.calls.log.leg import NO_PARTY, Party
from bot.calls.missed_card import LeftVoicemail, MissedCard
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import one_line

VOICEMAIL_WITHIN = timedelta(minutes=10)
"""From the start of a call until its voicemail is stored at most: it rings, and a message
takes three minutes at most."""

SEEMS_OLDER_BY = timedelta(seconds=30)
"""A voicemail may seem to be so much older than its call."""

MOST_VOICEMAILS_KEPT = 50
"""How many voicemails of one card are known by their ids."""

LONGEST_TRANSCRIPTION = 1000
"""Characters that are kept and shown: a minute of speech. The rest is at RingCentral."""


class VoicemailShow(StrEnum):
    """What the operator has cards show of voicemails."""

    OFF = "off"
    ON = "on"
    """How long each is, and a link to it."""
    TRANSCRIPTION = "transcription"
    """The same, and what was said."""


class Transcribed(StrEnum):
    """How far RingCentral's transcription is."""

    NO = "no"
    NOT_YET = "not yet"
    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """A voicemail of RingCentral's message store.

    Attributes:
        at: When it was left.
        by: Who left it, as RingCentral says; *caller* is their whole number, if it can
            be read.
        length: How long it is, if RingCentral says so.
        address: Where RingCentral keeps it; empty if that is not its media server.
        transcription: The id of the attachment with what was said; empty if there is none.
    """

    id: str
    at: datetime
    by: Party = NO_PARTY
    caller: PhoneNumber | None = None
    length: timedelta | None = None
    address: str = field(default="", repr=False)
    transcribed: Transcribed = Transcribed.NO
    transcription: str = ""


def card_of(voicemail: Voicemail, cards: Sequence[MissedCard]) -> MissedCard | None:
    """Return the card of the call in which a voicemail was left; None if it has none.

    The log names the voicemail of a call; if it does not, caller and time do. A withheld
    number is only taken for that of the one such call in that time.
    """
    for card in cards:
        if voicemail.id in card.voicemail_ids:
            return card
    near = [each for each in cards if _may_be_of(voicemail, each)]
    is_known = voicemail.caller is not None or bool(voicemail.by.extension)
    if not is_known and len(near) > 1:
        return None
    return max(near, key=lambda each: (each.first_at, each.id), default=None)


def with_voicemail(
    card: MissedCard, voicemail: Voicemail, text: str = ""
) -> MissedCard:
    """Return *card* with one of its voicemails; it shows the newest one.

    *text*: what was said, if that is known and may be shown.
    """
    ids = (*card.voicemail_ids, voicemail.id)
    ids = tuple(dict.fromkeys(ids))[:MOST_VOICEMAILS_KEPT]
    old = card.voicemail
    is_same = old is not None and old.id == voicemail.id
    if old is not None and not is_same and voicemail.at < old.at:
        new: LeftVoicemail = old
    else:
        new = LeftVoicemail(
            voicemail.id,
            voicemail.at,
            voicemail.length,
            voicemail.address,
            text or (old.text if old is not None and is_same else ""),
        )
    changed = replace(card, voicemail_ids=ids, voicemail=new, has_voicemail=True)
    if changed == card:
        return card
    return replace(changed, version=card.version + 1)


def wants_text(card: MissedCard, voicemail: Voicemail) -> bool:
    """Return whether *card* would show what was said, and RingCentral has it now."""
    if voicemail.transcribed is not Transcribed.YES or not voicemail.transcription:
        return False
    shown = with_voicemail(card, voicemail).voicemail
    return shown is not None and shown.id == voicemail.id and not shown.text


def cut(transcription: str) -> str:
    """Return what was said as it is kept: on one line, without invisible marks, cut."""
    line = one_line(transcription)
    if len(line) <= LONGEST_TRANSCRIPTION:
        return line
    return f"{line[: LONGEST_TRANSCRIPTION - 1]}…"


def span_of(voicemails: Iterable[Voicemail]) -> tuple[datetime, datetime]:
    """Return from when to when the calls of *voicemails*, of which there are some, began."""
    times = [each.at for each in voicemails]
    return min(times) - VOICEMAIL_WITHIN, max(times) + SEEMS_OLDER_BY


def _may_be_of(voicemail: Voicemail, card: MissedCard) -> bool:
    if card.caller is not None or voicemail.caller is not None:
        same = card.caller == voicemail.caller
    else:
        same = card.extension == voicemail.by.extension
    begins, ends = card.first_at - SEEMS_OLDER_BY, card.last_at + VOICEMAIL_WITHIN
    return same and not card.is_rest and begins <= voicemail.at <= ends
