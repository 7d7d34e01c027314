"""Which pages may send a request that changes something."""

from __future__ import annotations

import pytest

from bot.serving.origin import is_own_page

HERE = "https://bot.example"


@pytest.mark.parametrize(
    ("site", "origin", "public_url", "is_own"),
    [
        ("same-origin", HERE, HERE, True),
        ("same-origin", "null", HERE, True),  # Chromium: our Referrer-Policy hides it
        ("same-origin", "", HERE, True),
        ("", HERE, HERE, True),  # Safari before 16.4 has no Sec-Fetch-Site
        ("", HERE, "https://Bot.Example:443", True),
        ("", "https://bot.example:8443", "https://bot.example:8443", True),
        ("", "http://127.0.0.1:3000", "http://127.0.0.1:3000", True),
        ("", "", HERE, False),
        ("", "null", HERE, False),
        ("cross-site", HERE, HERE, False),
        ("same-site", HERE, HERE, False),
        ("none", HERE, HERE, False),
        ("Same-Origin", HERE, HERE, False),
        ("same-origin", "https://evil.example", HERE, False),
        ("", "https://evil.example", HERE, False),
        ("", "http://bot.example", HERE, False),
        ("", "https://bot.example:444", HERE, False),
        ("", "https://bot.example.evil.example", HERE, False),
        ("", "https://sub.bot.example", HERE, False),
        ("", f"{HERE}, https://evil.example", HERE, False),
    ],
)
def test_a_form_is_ours_only_if_all_that_the_browser_says_agrees(
    site: str, origin: str, public_url: str, *, is_own: bool
) -> None:
    """Each header that is there must be right, and one has to be there."""
    assert is_own_page(site, origin, public_url) is is_own
