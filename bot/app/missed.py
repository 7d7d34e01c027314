"""The part of the assembly for missed calls. Unless it is set, no log is read."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.accounts.registry import Accounts
from bot.app.hook import Hook
from bot.app.tempo import Tempo
from bot.calls.call import Call, State
from bot.calls.sessions.session import SessionEvent
from bot.calls.voicemail import VoicemailShow
from bot.clock import Clock
from bot.missed.deeds import MissedDeeds, PlacesCalls
from bot.missed.posting import MissedPosting
from bot.missed.switched_off import forget_syncs
from bot.missed.syncing import MissedSyncing, logged_after
from bot.missed.voicemails import VoicemailReading
from bot.settings.settings import Settings
from bot.slack.posting.marks import Marks
from bot.slack.texts.voicemail import VoicemailTexts
from bot.storage.calls.store import Store
from bot.storage.missed.cards import MissedCards, show_call_back
from bot.storage.missed.syncs import MissedSyncs
from bot.storage.missed.voicemails import VoicemailSyncs
from bot.storage.people.missed_wishes import MissedWishes
from bot.switchboard.policy import Policy
from bot.telemetry.measures import Measures
from bot.workspaces.workspaces import Workspaces


class MissedCalls:
    """Makes these parts, and has a card edited when its call back is over."""

    def __init__(
        self, settings: Settings, clock: Clock, measures: Measures, hook: Hook
    ) -> None:
        self._settings = settings
        self._hook = hook
        self._clock = clock
        self._measures = measures
        self._places = settings.ringout_missed
        self._posting: MissedPosting | None = None
        self._syncing: MissedSyncing | None = None

    def store(
        self, connection: Connection, old: Call, new: Call, now: datetime
    ) -> bool:
        """Have a card show how its call back ended; see `Store.change`."""
        ends = new.state is State.REPORTING and old.state is not State.REPORTING
        if not ends or not self._places.are_any:
            return False
        return show_call_back(connection, new.id, now)

    def wake(self) -> None:
        """Show what was just stored."""
        if self._posting is not None:
            self._posting.wake()

    async def on_event(self, account: str, event: SessionEvent) -> None:
        """Read the log sooner, if an event says that a call was missed. Never raises."""
        if self._syncing is not None and event.is_missed:
            await self._syncing.on_missed(account)

    def _told(self) -> None:
        self.wake()
        self._hook.wake()

    def deeds(
        self, store: Store, switchboard: PlacesCalls, policy: Policy
    ) -> MissedDeeds:
        """Return what people do about missed calls."""
        return MissedDeeds(
            MissedCards(store.writer),
            switchboard,
            policy,
            self._clock,
            changed=self.wake,
        )

    def _voicemails(self, store: Store) -> VoicemailReading | None:
        """Return what reads voicemails; None if none are shown: then nobody asks for any."""
        show, region = self._settings.ringout_voicemail, self._settings.ringout_region
        if show is VoicemailShow.OFF:
            return None
        syncs = VoicemailSyncs(store.writer)
        return VoicemailReading(syncs, self._clock, show, region)

    def tasks(
        self, store: Store, accounts: Accounts, slack: Workspaces, tempo: Tempo
    ) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks that read the logs, and that post, by name.

        If it is off, there is only one, which makes a transaction every ten minutes.
        """
        settings, syncs = self._settings, MissedSyncs(store.writer)
        if not self._places.are_any:
            return {"missed calls off": forget_syncs(syncs, self._clock)}
        self._posting = MissedPosting(
            MissedCards(store.writer),
            store.get,
            Marks(slack.spaces, self._clock),
            self._clock,
            admit=slack.admission.check,
            full=settings.full_numbers,
            voicemails=VoicemailTexts(
                settings.ringout_voicemail, settings.ringout_recording_url
            ),
        )
        self._syncing = MissedSyncing(
            syncs,
            MissedWishes(store.writer),
            accounts,
            self._clock,
            self._places,
            region=settings.ringout_region,
            kept_for=timedelta(days=settings.ringout_retention_days),
            workspace=slack.space_named,
            tell=self._hook.store_missed,
            told=self._told,
            count=self._measures.missed,
            voicemails=self._voicemails(store),
            logged_after=logged_after(settings.ringout_log_delay_seconds),
            every=tempo.missed,
        )
        return {
            "missed calls": self._syncing.run(),
            "missed cards": self._posting.run(),
        }
