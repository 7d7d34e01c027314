"""Splits what a person typed after ``/ringout``; `phone.parse` reads the numbers in it."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from bot.calls import emergency
from bot.calls.emergency import EmergencyNumber
from bot.errors import UserError

LONGEST_TYPED = 200
"""Characters of the longest number, with entities and Slack's ``<tel:…|…>`` around it."""

_RIGHT_TO_LEFT_OVERRIDE = "\u202e"
"""Shows digits backward, so that what a person sees is not what was written. It is kept,
and the text is refused because of it. Other invisible marks are dropped: they come with
numbers that are pasted from contacts.
"""

_LOOKALIKES = str.maketrans(
    {
        "\uff0b": "+",  # full-width forms, from East Asian keyboards
        "\ufe62": "+",
        "\uff08": "(",
        "\uff09": ")",
        "\uff3b": "[",
        "\uff3d": "]",
        "\uff0e": ".",
        "\uff0f": "/",
        "\uff03": "#",
        "\uff0a": "*",
        "\u00b7": ".",  # middle dots, from printed numbers
        "\u2024": ".",
        "\u2027": ".",
        "\u2212": "-",  # a minus sign, which is no dash in Unicode
        "\u30fc": "-",  # the Japanese long-vowel mark
    }
)

_WORD = re.compile(r"<[^<>]*>|(?<!\S)(from|as)(?!\S)", re.IGNORECASE)


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


class Slip(Enum):
    """What is wrong with ``from`` or ``as`` in a command."""

    TWICE = "twice"
    NOTHING_BEFORE = "nothing before"
    NOTHING_AFTER = "nothing after"


@dataclass(eq=False, repr=False)
class BadCommand(UserError):
    """``from`` or ``as``, here *word*, is misplaced in the command."""

    typed: str
    word: str
    slip: Slip


@dataclass(frozen=True, slots=True)
class Command:
    """What a ``/ringout`` command asks for. Its numbers are raw, and not in the repr.

    *from_* rings first, *as_* is what the other party sees: a number or a label each.
    """

    kind: Literal["help", "dial", "connect", "disconnect", "settings", "person"]
    to: str = field(default="", repr=False)
    from_: str | None = field(default=None, repr=False)
    as_: str | None = field(default=None, repr=False)


def read_command(text: str) -> Command:
    """Split the text after ``/ringout``; `phone.parse` reads the numbers later.

    If *to* is a Slack mention, ``<@U…>``, the kind is ``person`` and *to* their id.

    Raises:
        BadCommand: ``from`` or ``as`` is there twice, or has nothing before or after it.
        EmergencyNumber: The same, but with an emergency number in the text.
    """
    word = clean(text).lower()
    if word in {"", "help"}:
        return Command("help")
    if word in {"connect", "disconnect", "settings"}:
        return Command(word)  # type: ignore[arg-type]  # one of the words above
    splits = [match for match in _WORD.finditer(text) if match.group(1)]
    ends = [*(match.start() for match in splits[1:]), len(text)]
    to = text[: splits[0].start()].strip() if splits else text.strip()
    said: dict[str, str] = {}
    for match, end in zip(splits, ends if splits else [], strict=True):
        name = match.group(1).lower()
        if name in said:
            raise _bad(text, name, Slip.TWICE)
        said[name] = text[match.end() : end].strip()
    for name, value in said.items():
        if not to or not value:
            slip = Slip.NOTHING_AFTER if to else Slip.NOTHING_BEFORE
            raise _bad(text, name, slip)
    someone = _MENTION.fullmatch(to)
    kind: Literal["dial", "person"] = "person" if someone else "dial"
    return Command(
        kind, someone[1] if someone else to, said.get("from"), said.get("as")
    )


def _bad(text: str, word: str, slip: Slip) -> UserError:
    if urgent := emergency.meant(clean(text), region=""):
        return EmergencyNumber(urgent)
    return BadCommand(text, word, slip)


def clean(text: str) -> str:
    """Return *text* in plain characters, so that texts that look the same are equal.

    Decodes Slack's entities, turns digits of any script, spaces, dashes and brackets into
    ASCII, and drops invisible marks and surrounding back-ticks. Nothing visible is
    dropped. A text longer than `LONGEST_TYPED` is cut; `phone.parse` refuses it.
    """
    decoded = html.unescape(text.strip()[:LONGEST_TYPED]).translate(_LOOKALIKES)
    plain = "".join(_plain(character) for character in decoded)
    return plain.strip().strip("`").strip()


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs" or character.isspace():
        return " "
    if category == "Pd":
        return "-"
    if category == "Cf" and character != _RIGHT_TO_LEFT_OVERRIDE:
        return ""
    return character
