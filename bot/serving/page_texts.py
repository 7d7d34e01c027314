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
        f"<p>You are about to let <strong>{html.escape(label)}</strong> in Slack place "
        "calls by your RingCentral account. Go on only if that is you.</p>"
        '<form method="post"><button>Sign in at RingCentral</button></form>'
        '<p class="small">The bot can then ring your phones, place calls and read your '
        "call log, nothing else. <code>/ringout disconnect</code> ends it.</p>"
    )


def connected(name: str) -> str:
    """Say whose account calls use from now on; *name* may be empty."""
    who = html.escape(name or "your account")
    return (
        f"<p>Calls that you place from Slack now run as <strong>{who}</strong>.</p>"
        "<p>You can close this page; Slack has a message for you, with a test call.</p>"
    )


def installed(name: str, *, everywhere: bool) -> str:
    """Say where the app works now: in a workspace, or *everywhere* in an organization."""
    whom = "every workspace of" if everywhere else "workspace"
    return (
        f"<p>It works in {whom} <strong>{html.escape(name)}</strong> now.</p><p>You can "
        "close this page. In Slack, type <code>/ringout help</code>.</p>"
    )


def sentence(text: str) -> str:
    """Return a paragraph of plain *text*; what is between back-ticks becomes code."""
    said = _BACK_TICKS.sub(r"<code>\1</code>", html.escape(text))
    return f"<p>{said}</p>"


def begin_again(url: str) -> str:
    """Return the link to the beginning of an installation."""
    return f'<p><a href="{url}">Begin again</a></p>'
