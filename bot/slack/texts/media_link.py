"""Links to what RingCentral has recorded. Who opens one has to sign in there."""

from __future__ import annotations

from urllib.parse import quote

from bot.slack.texts.text import Block, context


def media_link(before: str, address: str, label: str) -> list[Block]:
    """Return a link to *address*, which stands behind *before*; none if either is empty."""
    if not before or not address:
        return []
    link = f"<{before}{quote(address, safe='')}|{label}>"
    return [context(f"{link} · opens at RingCentral, with your own rights")]
