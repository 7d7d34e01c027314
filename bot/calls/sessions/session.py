"""Telephony sessions and their events as values: what RingCentral says of a call's phones.

`bot.ringcentral.transport.telephony` makes these from JSON. The texts in them are
RingCentral's own. A field that is missing there is empty here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RING_OUT_ORIGIN = "RingOut"
"""The origin of a RingOut's session."""

DOWN = frozenset({"disconnected", "gone"})
"""Codes of a party that has left its session: it has hung up, was not reached, or was
transferred to another session."""

UP = frozenset({"answered", "hold", "voicemail", "voicemailscreening", "faxreceive"})
"""Codes of a party that has answered. ``Answered`` is also said when a hold ends."""


class PartyRole(StrEnum):
    """Which side of a RingOut a party is, in RingCentral's words."""

    INITIATOR = "Initiator"
    """The caller: their phone rings first."""
    TARGET = "Target"
    """The callee."""
    NEITHER = ""
    """Not known, or somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionParty:
    """One party of a session.

    Attributes:
        code: The state of its phone, such as ``Proceeding`` or ``Answered``.
        reason: Why it has that state, such as ``TargetBusy``.
        role: Events may lack it.
        caller: ``from``: the number that its phone shows.
        callee: ``to``: its own number.
        extension: The id of its extension; a party outside the account has none.
        has_missed: Whether it is over, and nobody has taken it.
    """

    id: str
    code: str = ""
    reason: str = ""
    role: PartyRole = PartyRole.NEITHER
    caller: str = ""
    callee: str = ""
    extension: str = ""
    has_missed: bool = False

    @property
    def is_down(self) -> bool:
        """Whether it has left the session."""
        return self.code.lower() in DOWN

    @property
    def is_up(self) -> bool:
        """Whether its phone was answered, and it is still there."""
        return self.code.lower() in UP


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonySession:
    """A session as far as it is known: from a request, or from one of its events.

    Attributes:
        origin: What made it; `RING_OUT_ORIGIN` for ours.
        at: A moment of its life by RingCentral's clock: SPEC calls ``creationTime`` the
            time of its latest update.
    """

    id: str
    origin: str = ""
    at: datetime | None = None
    parties: tuple[SessionParty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """A pushed event: a change of one session. Usually it shows one party alone.

    Attributes:
        uuid: The same when the event is delivered once more; empty if it has none.
        sequence: Its place among its session's events; they may arrive in any order.
        at: When it happened, by RingCentral's clock.
    """

    uuid: str
    session_id: str
    sequence: int
    at: datetime | None
    origin: str
    parties: tuple[SessionParty, ...] = ()

    @property
    def is_missed(self) -> bool:
        """Whether a call that came in was missed, as far as this event shows it."""
        is_ours = self.origin == RING_OUT_ORIGIN
        return not is_ours and any(each.has_missed for each in self.parties)

    @property
    def session(self) -> TelephonySession:
        """The session, as far as this event shows it."""
        return TelephonySession(
            id=self.session_id, origin=self.origin, at=self.at, parties=self.parties
        )
