"""Reads voicemails once a missed call was found, and has its card show them.

A look at the log that finds missed calls also looks for voicemails, before their cards are
posted. Where a voicemail or its transcription comes later, the next few looks do, too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.calls.lists.work_list import number_of
from bot.calls.missed_card import MissedCard
from bot.calls.voicemail import (
    VOICEMAIL_WITHIN,
    Transcribed,
    Voicemail,
    VoicemailShow,
    card_of,
    cut,
    wants_text,
)
from bot.clock import Clock
from bot.errors import BotError, RateLimited, Refused, StoreUnavailable, Unreachable
from bot.ringcentral.client import RingCentral
from bot.ringcentral.messages import READ_MESSAGES, VoicemailChanges
from bot.storage.missed.voicemails import VoicemailSync, VoicemailSyncs

log = logging.getLogger(__name__)

AWAIT_VOICEMAILS_FOR = timedelta(minutes=12)
"""From the look that finds a missed call: four more looks. RingCentral transcribes a message
of three minutes in less."""

READ_BACK = timedelta(days=1)
"""How far back the first read of voicemails goes, if no missed call is older."""


class VoicemailReading:
    """Reads the voicemails of all accounts whose logs are read."""

    def __init__(
        self, syncs: VoicemailSyncs, clock: Clock, show: VoicemailShow, region: str
    ) -> None:
        self._syncs = syncs
        self._clock = clock
        self._show = show
        self._region = region
        self._refused: dict[str, frozenset[str]] = {}
        """The accounts that may not read them, with the permissions of their tokens."""

    async def look(
        self, account: str, telephony: RingCentral, found: Sequence[datetime]
    ) -> None:
        """Look for voicemails if a call was *found*, or some are awaited.

        *found* is when the new missed calls came in. Costs one Light request, and one
        Medium for each new transcription.
        """
        sync = await self._syncs.of(account)
        now = self._clock.now()
        if sync is None or self._refused.get(account) == telephony.token_scopes():
            return
        if found:
            sync = replace(sync, until=now + AWAIT_VOICEMAILS_FOR)
            await self._syncs.await_until(account, now + AWAIT_VOICEMAILS_FOR)
        elif sync.until is None or sync.until < now:
            return
        try:
            await self._read(sync, telephony, min(found, default=now))
        except StoreUnavailable:
            raise
        except Refused as error:
            await self._note(account, telephony, error)
        except BotError as error:
            log.info("voicemails can't be read: %s", type(error).__name__)

    async def _note(self, account: str, telephony: RingCentral, error: Refused) -> None:
        """Store why voicemails are refused.

        This process asks again only once there is a token with other permissions.
        """
        log.info("voicemails can't be read: %s", error)
        self._refused[account] = telephony.token_scopes()
        trouble = error.permission or error.feature or error.code or "refused"
        await self._syncs.refused(account, trouble)

    async def _read(
        self, sync: VoicemailSync, telephony: RingCentral, first: datetime
    ) -> None:
        scopes = telephony.token_scopes()
        if scopes and READ_MESSAGES not in scopes:
            raise Refused(403, "CMN-401", permission=READ_MESSAGES)
        changes = await self._changes(sync, telephony, first)
        ahead = timedelta(seconds=telephony.clock_ahead())
        voicemails = [
            replace(e, at=e.at - ahead, caller=number_of(e.by, self._region))
            for e in changes.voicemails
        ]
        cards = await self._syncs.cards(sync.account, voicemails)
        ours = [each for each in voicemails if card_of(each, cards) is not None]
        said, is_waiting = await self._said(ours, cards, telephony)
        now = self._clock.now()
        # RingCentral's log may be later than its voicemails: these come again then.
        recent = [each for each in voicemails if each.at > now - VOICEMAIL_WITHIN]
        is_early = any(each not in ours for each in recent)
        await self._syncs.store(
            sync,
            sync.token if is_waiting or is_early else changes.token,
            [(each, said.get(each.id, "")) for each in ours],
            now,
            is_waiting=is_waiting or self._will_be_transcribed(ours),
        )

    async def _changes(
        self, sync: VoicemailSync, telephony: RingCentral, first: datetime
    ) -> VoicemailChanges:
        found = None
        if sync.token:
            found = await telephony.messages.voicemails_after(sync.token)
        if found is None:
            since = min(first, self._clock.now() - READ_BACK)
            found = await telephony.messages.voicemails_since(since)
        return found

    async def _said(
        self,
        voicemails: Sequence[Voicemail],
        cards: Sequence[MissedCard],
        telephony: RingCentral,
    ) -> tuple[dict[str, str], bool]:
        """Return what was said, by the voicemail's id, and whether some is still to be read."""
        said: dict[str, str] = {}
        if self._show is not VoicemailShow.TRANSCRIPTION:
            return said, False
        for each in voicemails:
            card = card_of(each, cards)
            if card is None or not wants_text(card, each):
                continue
            try:
                said[each.id] = cut(await telephony.messages.transcription(each))
            except (RateLimited, Unreachable) as error:
                log.info("a transcription can't be read yet: %s", type(error).__name__)
                return said, True
            except Refused as error:
                log.info("a transcription can't be read: %s", error)
        return said, False

    def _will_be_transcribed(self, voicemails: Sequence[Voicemail]) -> bool:
        shows_it = self._show is VoicemailShow.TRANSCRIPTION
        return shows_it and any(
            each.transcribed is Transcribed.NOT_YET for each in voicemails
        )
