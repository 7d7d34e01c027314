"""The shortcuts that people can choose, by their callback ids."""

from __future__ import annotations

from bot.slack.entrances.services import ButtonHandler

SHORTCUTS: dict[str, ButtonHandler] = {}
"""Of messages and of the whole workspace. Like a button's, their work follows the ack, and
its answer is told privately: by the response_url, or where there is none in the DM."""
