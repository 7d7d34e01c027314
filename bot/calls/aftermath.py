"""What people say of a call that is over: its outcome in their words, and a note.

How RingCentral says that it ended is `Call.outcome`. The person's outcome is another fact
and is never mixed with it; here it has the trade's name, disposition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import phonenumbers

LONGEST_CALL_NOTE = 2_000
"""Characters; what Slack's input takes is more."""

CALL_BACK_WORD = "Call back"
DO_NOT_CALL_WORD = "Do not call"


@dataclass(frozen=True, slots=True)
class Dispositions:
    """What the operator lets people choose; empty: nobody is asked.

    *by_channel*: whoever sees the card in its channel may choose, not only who called.
    """

    words: tuple[str, ...] = ()
    by_channel: bool = False


NO_DISPOSITIONS = Dispositions()


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote of a call, by their Slack id, and when."""

    text: str
    by: str
    at: datetime


class CallBack(StrEnum):
    """How far a call back is that somebody has taken on."""

    TAKEN = "taken"
    DONE = "done"


UNCLAIMED = "open"
"""What `Aftermath.follow_up` says while nobody has taken the call back on."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """All that people have written of one call; the newest of each kind.

    *claim*: who has taken on to call back, its text a `CallBack`.
    """

    disposition: Remark | None = None
    note: Remark | None = None
    claim: Remark | None = None

    @property
    def wants_call_back(self) -> bool:
        """Whether the outcome asks for a call back."""
        said = self.disposition
        return said is not None and said.text.casefold() == CALL_BACK_WORD.casefold()

    @property
    def forbids_calls(self) -> bool:
        """Whether the outcome is that nobody may call the number again."""
        said = self.disposition
        return said is not None and said.text.casefold() == DO_NOT_CALL_WORD.casefold()

    @property
    def follow_up(self) -> str:
        """`UNCLAIMED`, or who calls back; empty if nobody has to, or somebody has."""
        if not self.wants_call_back:
            return ""
        if self.claim is None:
            return UNCLAIMED
        return self.claim.by if self.claim.text == CallBack.TAKEN else ""

    def dump(self) -> str:
        """Return it as the database stores it."""
        kept = {
            "disposition": self.disposition,
            "note": self.note,
            "claim": self.claim,
        }
        return json.dumps(
            {
                kind: [each.text, each.by, each.at.timestamp()]
                for kind, each in kept.items()
                if each is not None
            }
        )

    @classmethod
    def load(cls, text: str | None) -> Aftermath | None:
        """Return what `dump` wrote, in this version or another."""
        data = json.loads(text) if text else {}
        kinds = ("disposition", "note", "claim")
        found = cls(*(_remark(data.get(each)) for each in kinds))
        return found if found != cls() else None

    def without_person(self, user: str) -> Aftermath | None:
        """Return what others than *user* have written; None if that is nothing."""
        left = Aftermath(
            None if _is_by(self.disposition, user) else self.disposition,
            None if _is_by(self.note, user) else self.note,
            None if _is_by(self.claim, user) else self.claim,
        )
        return left if left != Aftermath() else None

    def without_number(self, e164: str) -> Aftermath | None:
        """Return it without a note that has that number in it; None if nothing is."""
        if self.note is None or not holds(self.note.text, e164):
            return self
        left = replace(self, note=None)
        return left if left != Aftermath() else None


def holds(text: str, e164: str) -> bool:
    """Return whether *text* has a number's digits, with or without its country's code.

    Signs between the digits are skipped, so it may find too much, but misses no spelling.
    """
    digits = "".join(str(int(each)) for each in text if each.isdecimal())
    number = phonenumbers.parse(e164)
    return str(number.national_number) in digits


def _remark(data: list[str | float] | None) -> Remark | None:
    if not data:
        return None
    text, by, at = data
    return Remark(str(text), str(by), datetime.fromtimestamp(float(at), UTC))


def _is_by(remark: Remark | None, user: str) -> bool:
    return remark is not None and remark.by == user
