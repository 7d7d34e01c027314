"""Why requests are sent to RingCentral, and what share of its limits each reason gets."""

from __future__ import annotations

from enum import Enum


class Purpose(Enum):
    """Why a request is sent. The value: the rate group it should be in, and a name."""

    PLACE = ("heavy", "place")
    CANCEL = ("heavy", "cancel")
    LOG = ("heavy", "log")
    HISTORY = ("heavy", "history")
    ADDRESS_BOOK = ("heavy", "address-book")
    MISSED = ("heavy", "missed")
    STATUS = ("light", "status")
    CONTROL = ("light", "control")
    ACCOUNT = ("light", "account")
    VOICEMAIL = ("light", "voicemail")
    FEATURE = ("medium", "feature")
    DIRECTORY = ("medium", "directory")
    SUBSCRIBE = ("medium", "subscribe")
    TRANSCRIPTION = ("medium", "transcription")
    WATCH = ("light", "watch")
    SIGN_IN = ("auth", "sign-in")
    SOCKET_TOKEN = ("auth", "socket-token")

    @property
    def group(self) -> str:
        """The rate group by RingCentral's documents; an answer's headers correct it."""
        return self.value[0]


PURPOSE_SHARES = {
    Purpose.LOG: 0.4,
    Purpose.HISTORY: 0.3,
    Purpose.ADDRESS_BOOK: 0.2,
    Purpose.MISSED: 0.2,
    Purpose.DIRECTORY: 0.5,
    Purpose.STATUS: 0.9,
    Purpose.WATCH: 0.1,
    Purpose.VOICEMAIL: 0.1,
    Purpose.TRANSCRIPTION: 0.3,
    Purpose.SOCKET_TOKEN: 0.4,
}
"""The share of its group's limit that a purpose may use. Reads of the call log leave the
rest of Heavy to new calls; polls leave some of Light to other questions, and sockets that
open again and again leave most of Auth to sign-ins."""

KEPT_FREE = 3
"""How many requests of Heavy the reads for results leave to new calls even where nobody
else uses any. `PURPOSE_SHARES` holds where others use more of it: five calls that are placed
at once leave one. Three kept beside those would tell the five their results 7 s late at
the median and 15 s at most, instead of 5 and 10 (``lags`` of the bench)."""

LOG_READS = (Purpose.LOG, Purpose.HISTORY)
LOG_READS_SHARE = 0.5
"""The share of the limit that both kinds of call log reads may use together."""

FREE_OF_ADDRESS_BOOK = 3
"""How many requests of Heavy the read of an address book leaves to new calls, once the
limit is known. If it is the first request of all, its answer tells the limit."""

FREE_OF_MISSED = 0.5
"""The share of Heavy that looks for missed calls leave free: they can wait for minutes."""

Cap = tuple[int, tuple[Purpose, ...]]
"""The most requests for these purposes, in a window; for all purposes if none is named."""


def ways_of(purpose: Purpose, limit: int) -> list[list[Cap]]:
    """Return the ways in which *purpose* may be admitted: one needs all of its caps.

    Placing leaves one request to the reads of the call log, so that calls under way get
    their results even while new calls queue up. Reads of the log may use more than their
    share where Heavy is mostly free. Even then a person who asks for a list gets one a
    minute, if need be with a request that was left to new calls.
    """
    if not limit:
        return []
    whole: Cap = (limit, ())
    if purpose is Purpose.PLACE:
        return [[whole, (max(limit - 1, 1), (Purpose.PLACE,))]]
    if purpose not in PURPOSE_SHARES:
        return [[whole]]
    caps: list[Cap] = [whole, (_share(limit, PURPOSE_SHARES[purpose]), (purpose,))]
    if purpose is Purpose.ADDRESS_BOOK:
        caps.append((max(limit - FREE_OF_ADDRESS_BOOK, 0), ()))
    if purpose is Purpose.MISSED:
        caps.append((_share(limit, 1 - FREE_OF_MISSED), ()))
    if purpose not in LOG_READS:
        return [caps]
    caps.append((_share(limit, LOG_READS_SHARE), LOG_READS))
    if purpose is Purpose.LOG:
        return [caps, [(limit - KEPT_FREE, ())]]
    return [caps, [whole, (1, (purpose,))]]


def _share(limit: int, share: float) -> int:
    return max(int(limit * share), 1)
