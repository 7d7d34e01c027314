"""The check of missed calls: who is told, and whether the log can be read. Asks nobody."""

from __future__ import annotations

from bot.calls.voicemail import VoicemailShow
from bot.doctor.check import Check, CheckFailed
from bot.errors import StoreUnavailable
from bot.settings.settings import Settings
from bot.storage.calls.store import Store
from bot.storage.missed.cards import MissedCards
from bot.storage.missed.syncs import MissedSyncs
from bot.storage.missed.voicemails import VoicemailSyncs


class MissedChecks:
    """Reads what a running bot has stored."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> dict[str, Check]:
        """Return the check by its name; none if nobody is told."""
        on = self._settings.ringout_missed.are_any
        return {"missed calls": self._missed} if on else {}

    async def _missed(self) -> str:
        store = Store(self._settings.database_url)
        try:
            await store.open()
            troubles = await MissedSyncs(store.writer).troubles()
            closed = await MissedCards(store.writer).closed_channels()
            unread = await VoicemailSyncs(store.writer).troubles()
        except StoreUnavailable as error:
            raise CheckFailed(str(error), "See above.") from None
        finally:
            store.close()
        return missed_in_words(self._settings, troubles, closed, unread)


def missed_in_words(
    settings: Settings, troubles: list[str], closed: list[str], unread: list[str]
) -> str:
    """Return who is told. Raises `CheckFailed`, a warning, if somebody can't be."""
    if troubles:
        raise CheckFailed(
            f"RingCentral refuses {len(troubles)} call logs ({', '.join(sorted(set(troubles)))})",
            "Give the app Read Call Log, and the user ReadCallLog.",
            is_warning=True,
        )
    if closed:
        raise CheckFailed(
            f"Slack lets the bot not post in {', '.join(closed)}",
            "Invite the bot there (`/invite @ringout`), or correct RINGOUT_MISSED.",
            is_warning=True,
        )
    show = settings.ringout_voicemail
    if unread and show is not VoicemailShow.OFF:
        raise CheckFailed(
            f"RingCentral does not let {_counted(unread)} read voicemails",
            "Give the app Read Messages and restart the bot, or set RINGOUT_VOICEMAIL=off.",
            is_warning=True,
        )
    places = settings.ringout_missed
    told = (
        [f"{len(places.by_extension)} extensions in channels"]
        if places.by_extension
        else []
    )
    told += ["people who ask for it"] if places.lets_people else []
    voicemail = {
        VoicemailShow.OFF: "",
        VoicemailShow.ON: "; with voicemails",
        VoicemailShow.TRANSCRIPTION: "; with voicemails and what was said",
    }
    return f"told of: {', '.join(told)}{voicemail[show]}"


def _counted(troubles: list[str]) -> str:
    accounts = "1 account" if len(troubles) == 1 else f"{len(troubles)} accounts"
    return f"{accounts} ({', '.join(sorted(set(troubles)))})"
