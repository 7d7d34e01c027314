"""Keeps in a view's ``private_metadata`` who it was opened for, and in which workspace.

In an organization that installed the app as a whole, a submitted form names no workspace,
or another one than the command from which the form was opened. Slack sends
``private_metadata`` back as it is, with a submission, a closed form and a pressed button
(Slack docs, "Modals"; "Reference: view objects"). Nobody but the app can write it.
"""

from __future__ import annotations

import json
from typing import Any

from bot.calls.call import Place
from bot.slack.texts.text import Block

LONGEST_METADATA = 3000
"""Characters (Slack docs, "views.open", ``private_metadata``)."""

FIELDS = ("enterprise", "team", "user")
HELD = "held"


def stamped(view: Block, place: Place, held: str = "") -> Block:
    """Return *view* with *place* in its metadata; the channel is left out.

    *held* is a text that the view keeps beside it; see `held_by`.
    """
    kept = {name: getattr(place, name) for name in FIELDS}
    kept |= {HELD: held} if held else {}
    text = json.dumps(kept, separators=(",", ":"))
    return view if len(text) > LONGEST_METADATA else view | {"private_metadata": text}


def stamp_of(view: Any) -> Place | None:
    """Return the place in a view that Slack sent back; None if it has none of ours."""
    try:
        held = json.loads(view["private_metadata"])
        enterprise, team, user = (held[name] for name in FIELDS)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    if not all(isinstance(each, str) for each in (enterprise, team, user)):
        return None
    return Place(team, "", user, enterprise) if team and user else None


def held_by(view: Any) -> str:
    """Return the text that `stamped` put into a view; empty if there is none."""
    try:
        held = json.loads(view["private_metadata"])[HELD]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return ""
    return held if isinstance(held, str) else ""
