"""Builds an installation of the app, as the database stores it."""

from __future__ import annotations

from dataclasses import replace

from bot.calls.people.installation import Installation
from intents import NOON


def in_(team: str, enterprise: str = "", **changes: object) -> Installation:
    """Return an installation in a workspace or an enterprise."""
    made = Installation(
        enterprise=enterprise,
        team=team,
        token=f"xoxb-{enterprise}-{team}",
        bot_user="UBOT",
        bot_id="BBOT",
        name="Acme",
        scopes="commands,chat:write",
        installed_by="U1",
        installed_at=NOON,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
