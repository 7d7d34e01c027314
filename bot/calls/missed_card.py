"""Missed-call cards: which call is told on which card, and who calls back. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.calls.call import Place
from bot.calls.numbers.phone import PhoneNumber

JOINS_WITHIN = timedelta(hours=1)
"""How far a call is from the first one on a card of the same caller to join it."""

MOST_CARDS_AT_ONCE = 20
"""In one place by one look at the log; one more card counts the calls beyond these."""

NOT_IN_LOG_YET = timedelta(minutes=10)
"""A call is in the log so long after it has begun at most: it rings, the voicemail takes
two minutes or three, and RingCentral's log is half a minute late."""

_KEY_OF_CARD = "missed "
"""Prefix of a call-back's key."""

TOLD_LATE_AFTER = timedelta(minutes=15)
"""A card that comes so long after its call has rung says so: that is longer than a look at
the log every few minutes, a voicemail, and the log's delay take together."""


@dataclass(frozen=True, slots=True)
class LeftVoicemail:
    """A voicemail that a card shows.

    Attributes:
        id: RingCentral's id of the message.
        length: How long it is; None if RingCentral does not say.
        address: Where RingCentral keeps it; empty if that is not known.
        text: What was said, if the operator has that shown and it is known.
    """

    id: str
    at: datetime
    length: timedelta | None = None
    address: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A missed call with the place that is told of it.

    Attributes:
        at: When it came in, by our clock.
        caller: The caller's number; None if they withheld it, or the log masks it.
        extension: The caller's extension, if they called from within the company.
        name: The caller's name, as logged.
        voicemail: The id of the voicemail that was left, if the log names it.
    """

    keys: frozenset[str]
    place: Place
    at: datetime
    caller: PhoneNumber | None = None
    extension: str = ""
    name: str = ""
    rang: timedelta | None = None
    has_voicemail: bool = False
    voicemail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCard:
    """A message that tells of one missed call, or of several by one caller.

    Attributes:
        account: The name of the RingCentral account whose log it is from.
        place: The channel that is told; or the person, in no channel: their DM is told.
        told_at: When it was stored.
        is_rest: Whether it counts calls of several callers that got no card of their own.
        taken_by: The Slack id of who calls back, and since when.
        call: The id of the call back; empty before that.
        is_over: Whether nobody needs to call back; *taken_by* said so.
        posted_in: The channel that it was posted in, and its ts; empty before that.
        version: Counts the changes that it has to show.
        voicemail: The newest voicemail of its calls, once it was read.
        voicemail_ids: Those of all voicemails of its calls, as far as they are known.
    """

    id: str
    account: str
    place: Place
    first_at: datetime
    last_at: datetime
    told_at: datetime
    count: int = 1
    caller: PhoneNumber | None = None
    extension: str = ""
    name: str = ""
    rang: timedelta | None = None
    has_voicemail: bool = False
    is_rest: bool = False
    is_late: bool = False
    taken_by: str = ""
    taken_at: datetime | None = None
    call: str = ""
    is_over: bool = False
    posted_in: str = ""
    ts: str = ""
    version: int = 1
    voicemail: LeftVoicemail | None = None
    voicemail_ids: tuple[str, ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether it is in a person's DM, where they alone read it."""
        return bool(self.place.user)

    def takes(self, missed: Missed) -> bool:
        """Return whether a call joins this card.

        Nobody would look at a card again that is over, or who has withheld their number.
        """
        same = (self.caller, self.extension) == (missed.caller, missed.extension)
        is_known = self.caller is not None or bool(self.extension)
        is_near = abs(missed.at - self.first_at) < JOINS_WITHIN
        is_open = not (self.is_over or self.is_rest or self.call)
        return same and is_known and is_near and is_open and self.place == missed.place

    def joined(self, missed: Missed, now: datetime) -> MissedCard:
        """Return the card with one call more, which is told *now*, perhaps late."""
        is_last = missed.at >= self.last_at
        return replace(
            self,
            count=self.count + 1,
            last_at=max(self.last_at, missed.at),
            name=self.name or missed.name,
            rang=missed.rang if is_last else self.rang,
            has_voicemail=self.has_voicemail or missed.has_voicemail,
            is_late=self.is_late or _is_late(missed.at, missed.rang, now),
            voicemail_ids=self.voicemail_ids + _id_of(missed),
            version=self.version + 1,
        )


def told(
    found: Iterable[Missed],
    cards: Sequence[MissedCard],
    account: str,
    now: datetime,
    new_id: Callable[[], str],
    began: datetime | None = None,
) -> list[MissedCard]:
    """Return the cards that change, and the new ones, so that each call is on one.

    *cards* are those that a call may join. *began* is set if the log is read further
    back, and is when that began: the calls that came in long before are only counted.
    """
    known = {each.id: each for each in cards}
    made: dict[str, MissedCard] = {}
    for missed in sorted(found, key=lambda each: each.at):
        both = (known | made).values()
        card = next((each for each in both if each.takes(missed)), None)
        if card is None:
            card = _new(missed, account, now, new_id())
        else:
            card = card.joined(missed, now)
        made[card.id] = card
    joined = [each for each in made.values() if each.id in known]
    fresh = [each for each in made.values() if each.id not in known]
    counting = [] if began is None else _counting(cards, began)
    before = None if began is None else began - NOT_IN_LOG_YET
    return joined + _limited(fresh, new_id, counting, before)


def posted_at(card: MissedCard, now: datetime) -> MissedCard:
    """Return *card* as it is posted now: late, if Slack could not be asked before."""
    if card.ts or card.is_late:
        return card
    return replace(card, is_late=_is_late(card.last_at, card.rang, now))


def taken(card: MissedCard, by: str, now: datetime) -> MissedCard | None:
    """Return *card* with who calls back; None if that is another, or nobody needs to."""
    if card.is_over or card.is_rest or card.taken_by not in ("", by):
        return None
    if card.taken_by == by:
        return card
    return _changed(replace(card, taken_by=by, taken_at=now))


def released(card: MissedCard, by: str) -> MissedCard | None:
    """Return *card* for others to take; None if *by* does not have it."""
    if card.is_over or card.taken_by != by:
        return None
    return _changed(replace(card, taken_by="", taken_at=None, call=""))


def dropped(card: MissedCard, by: str, now: datetime) -> MissedCard | None:
    """Return *card* with nothing to do; None if another has taken it, or it is over."""
    found = taken(card, by, now)
    return None if found is None else _changed(replace(found, is_over=True))


def called_back_by(card: MissedCard, by: str, call: str) -> MissedCard | None:
    """Return *card* with its call back; None if *by* does not have it any more."""
    if card.taken_by != by or card.call == call:
        return None
    return _changed(replace(card, call=call))


def key_of_card(card: MissedCard, by: str) -> str:
    """Return the key of the call back: one call until the card is released."""
    taken_at = card.taken_at.timestamp() if card.taken_at else 0.0
    return f"{_KEY_OF_CARD}{card.id} {by} {taken_at:.3f}"


def card_of_key(key: str) -> str:
    """Return the id of the card that is called back; empty if *key* is of no call back."""
    rest = key.removeprefix(_KEY_OF_CARD)
    return "" if rest == key else rest.partition(" ")[0]


def _changed(card: MissedCard) -> MissedCard:
    return replace(card, version=card.version + 1)


def _new(missed: Missed, account: str, now: datetime, card_id: str) -> MissedCard:
    return MissedCard(
        id=card_id,
        account=account,
        place=missed.place,
        first_at=missed.at,
        last_at=missed.at,
        told_at=now,
        caller=missed.caller,
        extension=missed.extension,
        name=missed.name,
        rang=missed.rang,
        has_voicemail=missed.has_voicemail,
        voicemail_ids=_id_of(missed),
        is_late=_is_late(missed.at, missed.rang, now),
    )


def _is_late(at: datetime, rang: timedelta | None, now: datetime) -> bool:
    """Whether a call is told late. Its ringing does not count: queues ring for long."""
    return now - at - (rang or timedelta(0)) > TOLD_LATE_AFTER


def _id_of(missed: Missed) -> tuple[str, ...]:
    return (missed.voicemail,) if missed.voicemail else ()


def _counting(cards: Iterable[MissedCard], began: datetime) -> list[MissedCard]:
    """Return the cards that have counted calls since *began*."""
    return [each for each in cards if each.is_rest and each.told_at >= began]


def _limited(
    cards: list[MissedCard],
    new_id: Callable[[], str],
    counting: Sequence[MissedCard],
    before: datetime | None,
) -> list[MissedCard]:
    """Return the newest cards of each place, and one that counts the calls of the rest.

    Those of calls *before* a moment are only counted, on one of *counting* if it is there.
    """
    by_place: dict[Place, list[MissedCard]] = defaultdict(list)
    for card in cards:
        by_place[card.place].append(card)
    found: list[MissedCard] = []
    for each in by_place.values():
        each.sort(key=lambda card: card.last_at)
        is_old = [before is not None and card.last_at < before for card in each]
        shown = min(MOST_CARDS_AT_ONCE, is_old.count(False))
        rest, newest = each[: len(each) - shown], each[len(each) - shown :]
        if rest:
            known = next((e for e in counting if e.place == rest[0].place), None)
            found.append(_with_rest(known, rest) if known else _rest(rest, new_id()))
        found += newest
    return found


def _with_rest(card: MissedCard, more: Sequence[MissedCard]) -> MissedCard:
    """Return a card that counts calls with those of *more* cards."""
    return replace(
        card,
        first_at=min(card.first_at, *(each.first_at for each in more)),
        last_at=max(card.last_at, *(each.last_at for each in more)),
        count=card.count + sum(each.count for each in more),
        version=card.version + 1,
    )


def _rest(cards: Sequence[MissedCard], card_id: str) -> MissedCard:
    return MissedCard(
        id=card_id,
        account=cards[0].account,
        place=cards[0].place,
        first_at=min(each.first_at for each in cards),
        last_at=max(each.last_at for each in cards),
        told_at=cards[0].told_at,
        count=sum(each.count for each in cards),
        is_rest=True,
        is_late=any(each.is_late for each in cards),
    )
