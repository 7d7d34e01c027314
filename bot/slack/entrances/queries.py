"""The menus that are filled while somebody types in them, by their action ids."""

from __future__ import annotations

from bot.slack.entrances import dialer
from bot.slack.entrances.services import Handler
from bot.slack.texts.dialer import DIALER_MENU

SUGGEST_WITHIN = 0.9
"""Seconds for a query, with the question who the person is. Slack waits three, and people
do not; what is chosen is checked again."""

KNOW_WITHIN = 0.4
"""Seconds of these for who the person is. Later, what was known last counts."""

QUERIES: dict[str, Handler] = {DIALER_MENU: dialer.suggest}
