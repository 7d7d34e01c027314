"""The commands that people can type."""

from __future__ import annotations

from bot.slack.entrances.commands import admin, callstatus, ringout
from bot.slack.entrances.services import Handler

COMMANDS: dict[str, Handler] = {
    "/ringout": ringout.handle,
    "/callstatus": callstatus.handle,
    "/ringout-admin": admin.handle,
}
