"""What the pages say, as HTML; what comes from outside is escaped here."""

from __future__ import annotations

import html
import re

ASKED_TITLE = "Connect RingCentral"
CONNECTED_TITLE = "Connected"
NOT_CONNECTED_TITLE = "Not connected"
INSTALLED_TITLE = "RingOut is installed"
NOT_INSTALLED_TITLE = "Not installed"

_BACK_TICKS = re.compile(r"`([^`<>]+)`")


def asked(label: str) -> str:
    """Ask whether it is *label* who is about to sign in at RingCentral."""
    return (
        f"<p><strong>{html.escape(label)}</strong> will be able to place calls with your "
        "RingCentral account. Continue only if this is you.</p>"
        '<form method="post"><button>Sign in to RingCentral</button></form>'
        '<p class="small">RingOut can then ring your phones, place calls, and read your '
        "phones and your call log. Where your company allows it, it also reads your "
        "address book and the company directory, to show names. To end it, type "
        "<code>/ringout disconnect</code> in Slack.</p>"
    )


def connected(name: str) -> str:
    """Say whose account calls use from now on; *name* may be empty."""
    who = f" as <strong>{html.escape(name)}</strong>" if name else ""
    return (
        f"<p>You're calling from Slack{who} now.</p>"
        "<p>You can close this page. To try it, see my message in Slack.</p>"
    )


def installed(name: str, *, everywhere: bool) -> str:
    """Say where the app works now: in a workspace, or *everywhere* in an organization."""
    whom = "every workspace of" if everywhere else "workspace"
    return (
        f"<p>It's ready in {whom} <strong>{html.escape(name)}</strong>.</p><p>You can "
        "close this page. In Slack, type <code>/ringout help</code>.</p>"
    )


def sentence(text: str) -> str:
    """Return a paragraph of plain *text*; what is between back-ticks becomes code."""
    said = _BACK_TICKS.sub(r"<code>\1</code>", html.escape(text))
    return f"<p>{said}</p>"


def begin_again(url: str) -> str:
    """Return the link to the beginning of an installation."""
    return f'<p><a href="{url}">Start again</a></p>'
