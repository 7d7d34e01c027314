"""The shortcuts that people can choose, by their callback ids."""

from __future__ import annotations

from bot.slack.entrances import dialer, from_message
from bot.slack.entrances.services import ButtonHandler
from bot.slack.texts.dialer import PLACE_CALL
from bot.slack.texts.message_numbers import CALL_IN_MESSAGE

SHORTCUTS: dict[str, ButtonHandler] = {
    CALL_IN_MESSAGE: from_message.open_form,
    PLACE_CALL: dialer.open_form,
}
"""Of messages and of the whole workspace. Like a button's, their work follows the ack, and
its answer is told privately: by the response_url, or where there is none in the DM."""
