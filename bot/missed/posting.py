"""Posts missed-call cards, each once, and edits them when something has changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.calls.call import Call, Place
from bot.calls.missed_card import MissedCard, posted_at
from bot.clock import Clock
from bot.errors import ChatBusy, ChatRefused, ChatUnknown, UserError
from bot.rounds import Rounds, work_if_due
from bot.slack.posting.marks import Mark, Marks
from bot.slack.texts import missed as texts
from bot.slack.texts.text import Message
from bot.slack.texts.voicemail import NO_VOICEMAILS, VoicemailTexts
from bot.storage.missed.cards import LeasedCard, MissedCards
from bot.user_errors import StandingUnknown, UnknownCall

log = logging.getLogger(__name__)

LOOK_AT_MISSED_WITHIN = 60.0
"""Seconds until a card is seen that another process has stored, or left."""

TELL_WITHIN = 20.0
"""Seconds from the last look at a card's lease until its post is sent at the latest."""

SHOWS_UP_WITHIN = 20.0
"""Seconds until a post whose answer was lost is in Slack's history: within the lease."""

TELL_AGAIN = timedelta(seconds=20)
"""After Slack could not be asked, and surely has no message, or a call back that only a
newer version of the bot can read."""

CHANNEL_CLOSED_AGAIN = timedelta(minutes=10)
CHANNEL_CLOSED_FOR = timedelta(days=1)
"""How often a card is tried in a channel that does not let the bot post, and how long."""


class MissedPosting:
    """Missed-call cards of all workspaces.

    *call_of* finds a call by its id, *admit* raises `UserError` for who is kept out. *full*:
    whether channels show whole numbers. A card is not edited while its call back can only
    be read by a newer version of the bot. *voicemails* says what is shown of them.
    """

    def __init__(
        self,
        cards: MissedCards,
        call_of: Callable[[str], Awaitable[Call | None]],
        marks: Marks,
        clock: Clock,
        *,
        admit: Callable[[Place], Awaitable[None]],
        full: bool,
        voicemails: VoicemailTexts = NO_VOICEMAILS,
    ) -> None:
        self._cards = cards
        self._call_of = call_of
        self._marks = marks
        self._clock = clock
        self._admit = admit
        self._full = full
        self._voicemails = voicemails
        self._rounds = Rounds("posting missed-call cards")

    def wake(self) -> None:
        """Look at once: this process has stored a change."""
        self._rounds.wake()

    async def run(self) -> None:
        """Post and edit cards when they are due, forever."""
        await self._rounds.run(self.post_due)

    async def post_due(self) -> float:
        """Post and edit the cards that are due; return the seconds until the next look."""
        return await work_if_due(
            self._cards.first_due, self._settle_due, self._clock, LOOK_AT_MISSED_WITHIN
        )

    async def _settle_due(self, now: datetime) -> None:
        for leased in await self._cards.lease_due(now):
            await self._settle(leased)

    async def _settle(self, leased: LeasedCard) -> None:
        """Show a card that this process has leased, or see to it later."""
        now, is_tried = self._clock.now(), leased.is_tried
        if now + timedelta(seconds=TELL_WITHIN + SHOWS_UP_WITHIN) > leased.leased_until:
            # The cards before it took long: another process may have this one by now.
            await self._cards.later(leased, now, is_tried=is_tried)
            return
        before = self._clock.monotonic() + TELL_WITHIN
        try:
            await self._show(leased, before)
        except (StandingUnknown, UnknownCall):
            await self._cards.later(leased, now + TELL_AGAIN, is_tried=is_tried)
        except ChatBusy as error:
            wait = max(timedelta(seconds=error.retry_after), TELL_AGAIN)
            await self._cards.later(leased, now + wait, is_tried=is_tried)
        except ChatUnknown:
            return  # it may be there: looked for once its lease is over
        except UserError:
            log.info("missed card %s: its person may not use the bot", leased.card.id)
            await self._cards.shown(leased)
        except ChatRefused as error:
            await self._refused(leased, error)

    async def _refused(self, leased: LeasedCard, error: ChatRefused) -> None:
        now, card = self._clock.now(), leased.card
        again = now + CHANNEL_CLOSED_AGAIN
        if error.is_operators:  # all else that the bot posts is refused, too
            await self._cards.later(leased, again, is_tried=leased.is_tried)
            return
        if not card.ts and now - card.told_at < CHANNEL_CLOSED_FOR:
            log.warning("a missed call can't be told: Slack refuses: %s", error.error)
            await self._cards.later(leased, again, is_tried=leased.is_tried)
            return
        log.info("missed card %s: Slack refuses it: %s", card.id, error.error)
        await self._cards.shown(leased)

    async def _show(self, leased: LeasedCard, before: float) -> None:
        card = leased.card
        if card.ts:
            message = await self._message(card)
            await self._marks.edit(
                card.place, card.posted_in, card.ts, message, before=before
            )
            await self._cards.shown(leased)
            return
        if card.is_private:
            await self._admit(card.place)
        channel, ts = await self._found(leased)
        if not ts:
            channel, ts = await self._post(leased, before)
        await self._cards.posted(leased, channel, ts)

    async def _post(self, leased: LeasedCard, before: float) -> tuple[str, str]:
        card = posted_at(leased.card, self._clock.now())
        if card.is_late and not leased.card.is_late:
            await self._cards.mark_late(leased)
        return await self._marks.post(
            card.place,
            card.place.channel or card.place.user,
            await self._message(card),
            _mark(card),
            before=before,
        )

    async def _message(self, card: MissedCard) -> Message:
        """Return how a card looks. Raises `UnknownCall` if its call back can't be read."""
        call = await self._call_of(card.call) if card.call else None
        if card.call and call is None:
            raise UnknownCall
        return texts.missed_card(
            card, call, full=self._full, voicemails=self._voicemails
        )

    async def _found(self, leased: LeasedCard) -> tuple[str, str]:
        """Return where a card is that was posted before, and its ts; empty if it is not."""
        card = leased.card
        if not leased.is_tried:
            return "", ""
        channel = card.place.channel or await self._marks.open_dm(card.place)
        found = await self._marks.find(
            card.place, channel, _mark(card), since=card.told_at
        )
        return channel, found or ""


def _mark(card: MissedCard) -> Mark:
    return Mark("ringout_missed", "card", card.id)
