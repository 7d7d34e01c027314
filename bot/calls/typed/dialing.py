"""Splits what a person typed after ``/ringout``; `phone.parse` reads the numbers in it."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from bot.calls.typed import emergency, labels, verbs, wrapping, written
from bot.calls.typed.emergency import EmergencyNumber
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

_ALREADY_CLEAN = re.compile(r"[!-%'-_a-~](?:[ -%'-_a-~]*[!-%'-_a-~])?")
"""Printable ASCII without entities, back-ticks, or spaces at its ends."""

_CODE_MARKS = re.compile(r"^[`\s]+|`+(?=[`\s.,;:!?\u2026]*$)")
"""Back-ticks at the start and at the end, even before closing punctuation."""

_WORD = re.compile(
    rf"<[^<>]*>|(?<!\S)(from|as|for):?(?!\S)(?:\s+(?:{written.QUOTED})(?!\S))?",
    re.IGNORECASE | re.DOTALL,
)
"""One of the three words, with the quoted text after it, which is not searched for these
words. So is no link or mention of Slack's."""

_MENTION = re.compile(
    rf"(?:(?i:{labels.CALL})\s+)?<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>",
)


_LONGEST_LABELED = 2 * LONGEST_TYPED
"""Characters of a label and a number: in a longer text the search would take long."""

_LABEL_FIRST = re.compile(
    r"""((?:[^<>]*(?:…|•[•\s]*)\d{2,4}[)\]]?|[^\s<>\d][^<>]*?[(\[]\+[\d\s.-]+[)\]]
        |(?!\+\d[\d().-]{0,5}\s[^<>]*$)[^\s<>\d][^<>]*?|<tel:[^<>]*>)) [\s,]+ (?:to\s+)?
        ( <[^<>]*> | (?!\(\d+[a-z]) [+(\[] [\s()\[\]]* \d [^<>]* | \d{3} [^<>a-z]* )""",
    re.IGNORECASE | re.VERBOSE,
)


class Slip(Enum):
    """What is wrong with ``from``, ``as`` or ``for`` in a command."""

    TWICE = "twice"
    NOTHING_BEFORE = "nothing before"
    NOTHING_AFTER = "nothing after"
    NO_WORDS = "no words"


@dataclass(eq=False, repr=False)
class BadCommand(UserError):
    """``from``, ``as`` or ``for``, here *word*, is misplaced in the command."""

    typed: str
    word: str
    slip: Slip


_CHECK = re.compile(r"(?:check|dry[\s-]run)[\s:]+(\S.*)", re.IGNORECASE | re.DOTALL)
"""A dry run: asks what the rules say to a call, and places none."""

CommandKind = verbs.Verb | Literal["dial", "person", "check"]


@dataclass(frozen=True, slots=True)
class Command:
    """What a ``/ringout`` command asks for. Its numbers are raw, and not in the repr.

    For ``status``, *to* is what to list; for ``check``, the number. *from_* rings first,
    *as_* is what the other party sees: a number or a label each. *for_* is whom, or what,
    the call is about: any words. *is_from_loose*: *from_* stands behind words of ``for``
    without quotes, and may be one of them.
    """

    kind: CommandKind
    to: str = field(default="", repr=False)
    from_: str | None = field(default=None, repr=False)
    as_: str | None = field(default=None, repr=False)
    for_: str | None = field(default=None, repr=False)
    is_from_loose: bool = field(default=False, compare=False)


def read_command(text: str) -> Command:
    """Split the text after ``/ringout``; `phone.parse` reads the numbers later.

    If *to* is a Slack mention, ``<@U…>``, the kind is ``person`` and *to* their id.

    Raises:
        BadCommand: ``from``, ``as`` or ``for`` is there twice, or there is no number to
            call, or nothing behind one of the words.
        EmergencyNumber: The same, but with an emergency number in the text.
    """
    if (found := verbs.read(wrapping.unwrapped(clean(text)))) is not None:
        return Command(*found)
    if check := _CHECK.fullmatch(text.strip()):
        return Command("check", check[1])
    to, said = _split(text)
    if not to:
        to = _number_behind_a_label(said)
    someone = _MENTION.fullmatch(to)
    if "for" in said and not someone:
        _refuse_emergency(text)
    for name, value in said.items():
        if not to or not value:
            raise _bad(text, name, _slip(to, name))
    kind: CommandKind = "person" if someone else "dial"
    return Command(
        kind,
        someone[1] if someone else to,
        said.get("from"),
        said.get("as"),
        written.words(said["for"]) if "for" in said else None,
        is_from_loose=_is_loose("from", said),
    )


def _is_loose(name: str, said: dict[str, str]) -> bool:
    """Whether *name* may be one of the words behind ``for``: ``message from 312 …``."""
    names = [each for each in said if each in {name, "for"}]
    return names == ["for", name] and not written.is_quoted(said["for"])


def _split(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first of the three words, and what behind each.

    A second ``for`` belongs to the first one's text.
    """
    splits: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        word = (match[1] or "").lower()
        if word and not (word == "for" and splits and splits[-1][1].lower() == "for"):
            splits.append(match)
    ends = [*(match.start() for match in splits), len(text)]
    said: dict[str, str] = {}
    for match, end in zip(splits, ends[1:], strict=True):
        name = match[1].lower()
        if name in said:
            raise _bad(text, name, Slip.TWICE)
        said[name] = text[match.end(1) : end].removeprefix(":").strip()
    return text[: ends[0]].strip(), said


def _slip(to: str, name: str) -> Slip:
    if not to:
        return Slip.NOTHING_BEFORE
    return Slip.NO_WORDS if name == "for" else Slip.NOTHING_AFTER


def _number_behind_a_label(said: dict[str, str]) -> str:
    """Take the number out of ``mobile 415 555 0142``, where ``from`` came first.

    Returns ``""`` and changes nothing if it is not plain where the number begins: a
    label may end with digits, so a number needs a plus, a bracket, or three digits at
    its start. Words behind ``for`` may have any digits, so these need quotes.
    """
    words, behind = written.split(said.get("for", ""))
    if behind:
        said["for"] = words
        return behind
    both = [
        (name, found)
        for name, value in said.items()
        if name != "for"
        and len(value) <= _LONGEST_LABELED
        and (found := _LABEL_FIRST.fullmatch(value))
    ]
    if len(both) != 1:
        return ""
    name, found = both[0]
    said[name] = found[1]
    return found[2]


def _bad(text: str, word: str, slip: Slip) -> UserError:
    _refuse_emergency(text)
    return BadCommand(text, word, slip)


def _refuse_emergency(text: str) -> None:
    if urgent := emergency.meant(clean(text), region=""):
        raise EmergencyNumber(urgent)


def clean(text: str) -> str:
    """Return *text* in plain characters, so that texts that look the same are equal.

    Decodes Slack's entities, turns digits of any script, spaces, dashes and brackets into
    ASCII, and drops invisible marks and surrounding back-ticks. Nothing visible is
    dropped (a keycap's frame apart), and no mark that reorders digits. A text longer than
    `LONGEST_TYPED` is cut; `phone.parse` refuses it.
    """
    text = text.strip()[:LONGEST_TYPED]
    if _ALREADY_CLEAN.fullmatch(
        text
    ):  # as most is: looking at each character takes long
        return text
    decoded = html.unescape(text)
    plain = "".join(plain_character(each) for each in decoded).rstrip(_REORDERING)
    return _CODE_MARKS.sub("", plain).strip()


def plain_character(character: str) -> str:
    """Return *character* in its plain form; empty for an invisible mark."""
    character = character.translate(_LOOKALIKES)
    if INVISIBLE.match(character):
        return ""
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
