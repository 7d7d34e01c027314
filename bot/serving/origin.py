"""Whether a browser's request was made by one of the bot's own pages.

Source: W3C, "Fetch Metadata Request Headers"; WHATWG, "Fetch", on the ``Origin`` header.
"""

from __future__ import annotations

from yarl import URL

SAME_ORIGIN = "same-origin"
"""``Sec-Fetch-Site`` of a request by a page of the address that it goes to."""

HIDDEN_ORIGIN = "null"
"""``Origin`` of a form on a page whose ``Referrer-Policy`` is ``no-referrer``, as ours."""


def is_own_page(site: str, origin: str, public_url: str) -> bool:
    """Return whether a page at *public_url* has sent a request that changes something.

    *site* is the request's ``Sec-Fetch-Site``, *origin* its ``Origin``; empty if it has
    none. Each that is there must be right. A request without both is refused, since every
    browser sends at least one. The Host header is not looked at: behind a proxy it is not
    the address that people see.
    """
    if site and site != SAME_ORIGIN:
        return False
    if origin == HIDDEN_ORIGIN:
        return bool(site)
    if origin:
        return origin == str(URL(public_url).origin())
    return bool(site)
