"""The forms that people can submit, by their callback ids."""

from __future__ import annotations

from bot.slack.entrances import account, dialer
from bot.slack.entrances.services import Handler
from bot.slack.texts import dialer as texts
from bot.slack.texts import forms

FORMS: dict[str, Handler] = {
    forms.JWT_FORM: account.submit_credential,
    forms.SETTINGS_FORM: account.submit_settings,
    texts.DIALER_FORM: dialer.submit,
    texts.QUESTION_FORM: dialer.answer,
}
