"""A phone number by which calls are listed: whole, masked, or its last digits alone."""

from __future__ import annotations

import re

from bot.calls.numbers import reading
from bot.calls.numbers.phone import parse
from bot.errors import UserError

ENDING_DIGITS = 4
"""The last digits by which a number may be looked for: as many as a masked one shows. With
more, masked digits could be guessed one by one."""

NUMBERS_OF_A_PAIR = 2

_LAST_DIGITS = re.compile(r"[0-9]{3,4}")
_MASK = r"(?:[•…]|(?<![^\s+(])\.{2,}|\*{2,}|[xX]{2,})"
_MASKED = re.compile(rf"(.*){_MASK}[\s-]*([0-9]{{2,4}})[)\]]?", re.DOTALL)
_ENDS_BEFORE = re.compile(rf"[0-9]{{4}}\W*|.*{_MASK}[\s-]*[0-9]{{2,4}}\b.*", re.DOTALL)
"""Another end of a number, in front of a mask."""

_PIECE = re.compile(r"<[^<>]*>|[^\s<>,;/&|]+")
"""A link of Slack's, or digits between spaces and what people put between two numbers."""


def is_masked(typed: str) -> bool:
    """Whether only the last digits of a number can be read in it."""
    return _MASKED.fullmatch(typed) is not None


def read(typed: str, region: str) -> tuple[str, str] | None:
    """Return what was typed as a whole number, or as the end of one; None if it is neither."""
    masked = _MASKED.fullmatch(typed)
    if masked:
        return None if _has_number(masked[1], region) else ("", masked[2])
    if _LAST_DIGITS.fullmatch(typed):
        return "", typed
    e164 = _whole([typed], region)
    return (e164, "") if e164 else None


def are_several(typed: str, region: str) -> bool:
    """Whether what is no number begins with one, and ends with another.

    Three digits and four are one number without its area code, so ends of numbers have
    to be equally long. Of three digits, extensions, there are two, with which no number
    of *region* begins: ``415 555`` is one that is cut short. Beside a whole number an end
    has four digits, and no prefix for calls abroad.
    """
    if is_masked(typed):
        return True
    words = _PIECE.findall(typed)
    if any(not each.startswith("<") and re.search(r"[^\W\d_]", each) for each in words):
        return False
    lengths = {len(each) if _LAST_DIGITS.fullmatch(each) else 0 for each in words}
    if len(lengths) == 1 < len(words) and 0 not in lengths:
        is_pair = len(words) == NUMBERS_OF_A_PAIR and not _is_start(
            "".join(words), region
        )
        return lengths == {ENDING_DIGITS} or is_pair
    cuts = range(1, len(words))
    first = [at for at in cuts if _whole(words[:at], region)]
    second = [at for at in cuts if _whole(words[at:], region)]
    if first and second:
        return first[0] <= second[-1]
    return bool((first and _is_end(words[-1])) or (second and _is_end(words[0])))


def _is_start(digits: str, region: str) -> bool:
    """Whether a usual number of *region* begins with these digits, its trunk prefix apart."""
    lengths = reading.lengths(region)
    missing = {length + trunk - len(digits) for length in lengths for trunk in (0, 1)}
    tried = (f"{digits}{fill * more}" for more in missing for fill in "0123456789")
    return any(reading.one(each, region) for each in tried)


def _has_number(before: str, region: str) -> bool:
    """Whether what stands before a mask is more than the start of a masked number."""
    another_end = _ENDS_BEFORE.fullmatch(before)
    return another_end is not None or bool(_whole(_PIECE.findall(before), region))


def _whole(words: list[str], region: str) -> str:
    try:
        return parse(" ".join(words), region=region).e164
    except UserError:
        return ""


def _is_end(word: str) -> bool:
    is_short = _LAST_DIGITS.fullmatch(word) and len(word) == ENDING_DIGITS
    return bool(is_short) and not word.startswith("00")
