"""Tells before a JSON text is parsed how many values it may hold.

Twenty kilobytes of gzip unpack to megabytes of ``[],``, which are millions of lists. To
parse them takes seconds, in which nothing else runs, and hundreds of megabytes.
"""

from __future__ import annotations

BEFORE_VALUES = (b",", b"[", b"{")
"""Every value but the outermost comes after one of these, or after its own name."""


def weight(text: bytes) -> int:
    """Return how many `BEFORE_VALUES` are in *text*, which counts those in strings, too.

    A JSON text has at most one value more than that, not counting names.
    """
    return sum(map(text.count, BEFORE_VALUES))
