"""What is known of the shared account: its phones and its extension number."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.calls.people.phones import Phone
from bot.errors import BotError, Refused
from bot.ringcentral.client import RingCentral

log = logging.getLogger(__name__)

NOT_LISTED_YET = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class SharedAccount:
    """Kept in memory: each process reads it anew.

    Attributes:
        extension: Its extension number, by which the call log may name it; empty while it
            is not known.
    """

    phones: tuple[Phone, ...] = ()
    listed_at: datetime = NOT_LISTED_YET
    extension: str = ""
    _is_refused: bool = False

    async def read_extension(self, telephony: RingCentral) -> None:
        """Read the number once, by one Light request; never raises.

        Without it lists are as they were: the phones alone tell which end is its own.
        """
        if self.extension or self._is_refused:
            return
        try:
            self.extension = (await telephony.account.user()).number
        except BotError as error:
            self._is_refused = isinstance(error, Refused)
            log.info("the shared account's extension can't be read: %s", error)
