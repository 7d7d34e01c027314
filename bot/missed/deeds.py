"""What people do about missed calls: take one, release it, call back, drop it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.calls.call import Place
from bot.calls.missed_card import (
    MissedCard,
    called_back_by,
    dropped,
    key_of_card,
    released,
    taken,
)
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource, named
from bot.clock import Clock
from bot.errors import BotError, MayBeStored, UserError
from bot.policy.added import Added, Verdict
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance
from bot.storage.missed.cards import MissedCards
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule, OutdatedButton, UnknownCall

log = logging.getLogger(__name__)


class PlacesCalls(Protocol):
    """Places a call, as `bot.switchboard.calls.Switchboard` does."""

    async def note_refusal(
        self, place: Place, entrance: CallEntrance, error: UserError
    ) -> None: ...

    async def place(
        self,
        key: str,
        place: Place,
        to: str | PhoneNumber,
        *,
        entrance: CallEntrance,
        answered: frozenset[Rule],
        grant: str,
        again: bool,
        sure: bool,
        name: Name | None,
        result_in_dm: bool,
    ) -> Added: ...


class MissedDeeds:
    """Each checks who asks, and raises `UserError`; *changed* is told of each change."""

    def __init__(
        self,
        cards: MissedCards,
        switchboard: PlacesCalls,
        policy: Policy,
        clock: Clock,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._cards = cards
        self._switchboard = switchboard
        self._policy = policy
        self._clock = clock
        self._changed = changed

    def now(self) -> datetime:
        """Return the time from which somebody is told who switches this on."""
        return self._clock.now()

    async def take(self, place: Place, card_id: str) -> MissedCard:
        """Have the person of *place* call back, if nobody else does already.

        Of two at the same moment one gets it; the other is told who.
        """
        return await self._change(place, card_id, taken)

    async def release(self, place: Place, card_id: str) -> MissedCard:
        """Leave a call back that this person has taken to others."""
        return await self._change(place, card_id, lambda c, by, _: released(c, by))

    async def drop(self, place: Place, card_id: str) -> MissedCard:
        """Say that nobody needs to call back."""
        return await self._change(place, card_id, dropped)

    async def call_back(
        self,
        place: Place,
        card_id: str,
        answered: frozenset[Rule] = frozenset(),
        grant: str = "",
    ) -> Added:
        """Take a card and place its call, by the account and rules of who asks.

        However often it is pressed, it is one call until the card is released. *answered*
        are the rules that they were asked about, *grant* is an admin's answer.
        """
        try:
            before = await self._here(place, card_id)
        except UserError as error:
            entrance = CallEntrance.CALL_BACK
            await self._switchboard.note_refusal(place, entrance, error)
            raise
        card = await self.take(place, card_id)
        if card.caller is None or card.taken_at is None:
            raise OutdatedButton
        key = key_of_card(card, place.user)
        try:
            added = await self._switchboard.place(
                key,
                place,
                card.caller,
                entrance=CallEntrance.CALL_BACK,
                answered=answered,
                grant=grant,
                again=True,
                sure=True,
                name=named(card.name, NameSource.RECORD),
                result_in_dm=True,
            )
        except MayBeStored:
            raise  # it may be placed: the card stays theirs
        except BotError:
            await self._give_back(before, place)
            raise
        if added.verdict is Verdict.TOO_MANY:
            await self._give_back(before, place)
        else:
            by, call = place.user, added.call.id
            await self._stored(card_id, lambda c: called_back_by(c, by, call))
        return added

    async def _give_back(self, before: MissedCard, place: Place) -> None:
        """Release a card that was taken only for a call that was not placed."""
        if before.taken_by != place.user:
            await self._stored(before.id, lambda c: released(c, place.user))

    async def _change(
        self,
        place: Place,
        card_id: str,
        decide: Callable[[MissedCard, str, datetime], MissedCard | None],
    ) -> MissedCard:
        await self._here(place, card_id)
        now = self._clock.now()
        changed = await self._stored(card_id, lambda c: decide(c, place.user, now))
        if changed is not None:
            log.info("missed card %s: changed by %s", card_id, place.user)
            return changed
        card = await self._here(place, card_id)
        if card.is_over or card.taken_by in ("", place.user):
            raise OutdatedButton
        raise AccessDenied(AccessRule.CLAIMED, card.taken_by)

    async def _stored(
        self, card_id: str, decide: Callable[[MissedCard], MissedCard | None]
    ) -> MissedCard | None:
        changed = await self._cards.change(card_id, decide, self._clock.now())
        if changed is not None:
            self._changed()
        return changed

    async def _here(self, place: Place, card_id: str) -> MissedCard:
        """Return a card that this person may act on: in its channel, or their own DM.

        Only who is in a channel can press a card there.
        """
        self._policy.check_user(place)
        card = await self._cards.get(card_id)
        if card is None or not _is_of_space(card.place, place):
            raise UnknownCall
        if card.is_private and card.place.user == place.user:
            return card
        if card.is_private or not card.posted_in or card.posted_in != place.channel:
            raise UnknownCall
        return card


def _is_of_space(card: Place, place: Place) -> bool:
    """Whether both are in one organization; or workspace, if one of them names none."""
    if card.enterprise and place.enterprise:
        return card.enterprise == place.enterprise
    return card.team == place.team
