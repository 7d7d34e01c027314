"""How a message names both sides of a call, by who reads it.

In a channel they have names, and numbers are masked unless the operator shows them. A
person's own DM with the app says "you", shows numbers whole, and names from an address
book or from RingCentral's records, which are nobody else's to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.calls.call import Call
from bot.calls.numbers.phone import PhoneNumber
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.text import capital, escape, foreign

_STYLES = re.compile(r"[*~`]")
"""Signs that Slack would take for the end of bold text, or the start of another style."""


@dataclass(frozen=True, slots=True)
class SideNames:
    """Both sides of a call as one message names them; every text is escaped.

    Attributes:
        who: The person who placed the call: ``you``, or a mention.
        whose: ``your``, or a mention with ``'s``.
        phone: The phone that rings first; empty until it is known, and if masking leaves
            no difference between both numbers.
        number: The other party's number.
        name: Their name; empty if there is none that the reader may see.
        is_whole: Whether numbers are shown whole.
        ask: The sentence that says whom to ask where only an admin can help.
    """

    who: str
    whose: str
    phone: str
    number: str
    name: str
    is_whole: bool
    ask: str

    @property
    def other(self) -> str:
        """The other party in full: name and number."""
        return f"{self.name} · {self.number}" if self.name else self.number

    @property
    def them(self) -> str:
        """The other party in short: their name, else their number."""
        return self.name or self.number

    @property
    def is_private(self) -> bool:
        """Whether the person who placed the call reads it alone."""
        return self.who == "you"

    def fill(self, text: str) -> str:
        """Return *text* with the sides' names in it, beginning with a capital letter."""
        said = text.format(
            who=self.who, whose=self.whose, other=self.other, them=self.them
        )
        return capital(said)


def of(
    call: Call,
    *,
    full: bool,
    private: bool | None = None,
    contact: Contact = NO_CONTACT,
) -> SideNames:
    """Return how the sides of *call* are named; *full* shows whole phone numbers.

    *private*: whether the person who placed it reads the message alone. By default, if
    the card is in their DM.
    """
    if private is None:
        private = call.is_in_dm
    mention = f"<@{call.place.user}>"
    name = call.callee_name
    return SideNames(
        who="you" if private else mention,
        whose="your" if private else f"{mention}'s",
        phone=_phone(call, whole=full or private),
        number=_number(call.callee, whole=full or private),
        name=plain_name(name.text) if name and (private or name.is_public) else "",
        is_whole=full or private,
        ask=contact.ask if private else contact.ask_openly,
    )


def _phone(call: Call, *, whole: bool) -> str:
    """Return the caller's phone; nothing if it would read as the other party's number."""
    if call.caller is None:
        return ""
    alike = call.caller.tail == call.callee.tail
    return "" if alike and not whole else _number(call.caller, whole=whole)


def _number(number: PhoneNumber, *, whole: bool) -> str:
    return escape(number.international if whole else number.tail)


def plain_name(name: str) -> str:
    """Return a name that stays as it is between the stars of bold text."""
    return foreign(_STYLES.sub("", name))
