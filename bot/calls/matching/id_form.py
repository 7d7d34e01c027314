"""Whether two RingOut ids are of one form, so that one can't stand for the other.

RingCentral documents no form. Newer and older ones that were seen have a length that
varies; of any other, its length and its signs are its form.
"""

from __future__ import annotations

import re

_SEEN = tuple(
    map(
        re.compile,
        (
            r"(?i:s-[0-9a-f]+z[0-9a-f]+z[0-9a-f]+)",
            r"(?i:s-[0-9a-f]{32})",
            r"Y3M[A-Za-z0-9_-]{16,}",
        ),
    )
)
_SIGN = re.compile(r"[^0-9A-Za-z]")


def is_another(ours: str, theirs: str) -> bool:
    """Whether *theirs* is an id of the form of *ours*, but not *ours*."""
    if not ours or not theirs or ours.casefold() == theirs.casefold():
        return False
    seen = any(form.fullmatch(ours) and form.fullmatch(theirs) for form in _SEEN)
    return seen or _form(ours) == _form(theirs)


def _form(text: str) -> tuple[int, tuple[tuple[int, str], ...], bool]:
    """Return the length of an id, its signs and their places, and whether it is a number."""
    signs = tuple((found.start(), found.group()) for found in _SIGN.finditer(text))
    return len(text), signs, text.isdecimal()
