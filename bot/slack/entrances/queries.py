"""The menus that are filled while somebody types in them, by their action ids."""

from __future__ import annotations

from bot.slack.entrances import dialer
from bot.slack.entrances.services import Handler
from bot.slack.texts.dialer import DIALER_MENU

QUERIES: dict[str, Handler] = {DIALER_MENU: dialer.suggest}
