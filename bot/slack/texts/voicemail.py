"""What a missed-call card says of the voicemail: how long it is, a link, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.calls.missed_card import MissedCard
from bot.calls.people.names import masked
from bot.calls.voicemail import LONGEST_TRANSCRIPTION, VoicemailShow
from bot.slack.texts.media_link import media_link
from bot.slack.texts.text import Block, passage, section


@dataclass(frozen=True, slots=True)
class VoicemailTexts:
    """Says what the operator has shown.

    Attributes:
        show: What that is.
        address: What stands before the address of a voicemail in a link; empty: no link.
    """

    show: VoicemailShow = VoicemailShow.OFF
    address: str = ""

    def fact(self, card: MissedCard) -> str:
        """Return a few words about the voicemails of a card's calls; empty without any."""
        left = card.voicemail
        if left is None or self.show is VoicemailShow.OFF:
            return "went to voicemail" if card.has_voicemail else ""
        length = clock(left.length) if left.length else ""
        count = len(card.voicemail_ids)
        if count > 1:
            last = f"the last {length}" if length else ""
            return ", ".join(filter(None, (f"left {count} voicemails", last)))
        return ", ".join(filter(None, ("left a voicemail", length)))

    def blocks(self, card: MissedCard, *, full: bool) -> Sequence[Block]:
        """Return what was said, and the link. *full*: with whole phone numbers."""
        left = card.voicemail
        if left is None or self.show is VoicemailShow.OFF:
            return ()
        found: list[Block] = []
        if left.text and self.show is VoicemailShow.TRANSCRIPTION:
            text = left.text if full or card.is_private else masked(left.text)
            said = passage(text, LONGEST_TRANSCRIPTION * 2)
            found.append(section(f"> {said}"))
        return [*found, *media_link(self.address, left.address, "Voicemail")]


def clock(length: timedelta) -> str:
    """Return a length as minutes and seconds: ``0:42``."""
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


NO_VOICEMAILS = VoicemailTexts()
