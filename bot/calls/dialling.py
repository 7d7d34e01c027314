"""Splits what a person typed after ``/ringout``; `phone.parse` reads the numbers in it."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from bot.calls import emergency, wrapping
from bot.calls.emergency import EmergencyNumber
from bot.errors import UserError

LONGEST_TYPED = 200
"""Characters of the longest number, with entities and Slack's ``<tel:…|…>`` around it."""

_REORDERING = "\u202b\u202e\u2067\u200f\u061c"
"""Marks that show digits or groups of digits from right to left, so that what a person
sees is not what was written. They are kept, and the text is refused because of them;
at its very end they move nothing, and are dropped.
"""

INVISIBLE = re.compile(
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180f\u034f\u17b4\u17b5\u2800\ufffc"
    "\u115f\u1160\u3164\uffa0\u2065\ufff0-\ufff8\u20e3]"
)
"""Marks that Unicode does not class as format characters, and that order no text: they
come with numbers that are pasted. The last one frames a digit (keycap emoji).
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

_WORD = re.compile(r"<[^<>]*>|(?<!\S)(from|as):?(?!\S)", re.IGNORECASE)


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


_LABEL_FIRST = re.compile(
    r"""((?:[^\s<>\d][^<>]*?|<tel:[^<>]*>)) [\s,]+ (?:to\s+)?
        ( <[^<>]*> | [+(\[] [\s()\[\]]* \d [^<>]* | \d{3} [^<>a-z]* )""",
    re.IGNORECASE | re.VERBOSE,
)

_HELP = re.compile(
    r"""(?:[-/]{0,2}(?:help|usage|info|commands)|[-/]?[?h]+|(?:please\s+)?help(?:\s+me)?(?:\s+please)?
        |(?:(?:call\s*)?(?:status|history|log|list)|last|recent|again|call\s+again|redial
        |cancel|stop|hang\s?up|end)(?:\s+(?:call|calls|last|\d{1,2}))*)?""",
    re.VERBOSE,
)
"""Help, and what another command or a button does; help names those."""


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
        BadCommand: ``from`` or ``as`` is there twice, or there is no number to call, or
            nothing behind one of the words.
        EmergencyNumber: The same, but with an emergency number in the text.
    """
    word = wrapping.unwrapped(clean(text)).lower()
    if _HELP.fullmatch(word):
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
    if said and not to:
        to = _number_behind_a_label(said)
    for name, value in said.items():
        if not to or not value:
            slip = Slip.NOTHING_AFTER if to else Slip.NOTHING_BEFORE
            raise _bad(text, name, slip)
    someone = _MENTION.fullmatch(to)
    kind: Literal["dial", "person"] = "person" if someone else "dial"
    return Command(
        kind, someone[1] if someone else to, said.get("from"), said.get("as")
    )


def _number_behind_a_label(said: dict[str, str]) -> str:
    """Take the number out of ``mobile 415 555 0142``, where ``from`` came first.

    Returns ``""`` and changes nothing if it is not plain where the number begins: a
    label may end with digits, so a number needs a plus, a bracket, or three digits at
    its start.
    """
    both = [
        (name, found)
        for name, value in said.items()
        if (found := _LABEL_FIRST.fullmatch(value))
    ]
    if len(both) != 1:
        return ""
    name, found = both[0]
    said[name] = found[1]
    return found[2]


def _bad(text: str, word: str, slip: Slip) -> UserError:
    if urgent := emergency.meant(clean(text), region=""):
        return EmergencyNumber(urgent)
    return BadCommand(text, word, slip)


def clean(text: str) -> str:
    """Return *text* in plain characters, so that texts that look the same are equal.

    Decodes Slack's entities, turns digits of any script, spaces, dashes and brackets into
    ASCII, and drops invisible marks and surrounding back-ticks. Nothing visible is
    dropped (a keycap's frame apart), and no mark that reorders digits. A text longer than `LONGEST_TYPED` is cut; `phone.parse` refuses it.
    """
    decoded = html.unescape(text.strip()[:LONGEST_TYPED]).translate(_LOOKALIKES)
    marked = INVISIBLE.sub("", decoded)
    plain = "".join(_plain(character) for character in marked).rstrip(_REORDERING)
    return plain.strip().strip("`").strip()


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs" or character.isspace():
        return " "
    if category == "Pd":
        return "-"
    if category in {"Cf", "Cc"} and character not in _REORDERING:
        return ""
    return character
