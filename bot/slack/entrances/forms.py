"""The forms that people can submit, by their callback ids."""

from __future__ import annotations

from bot.slack.entrances import (
    account,
    after,
    asking_admin,
    desk,
    dialer,
    from_message,
    reminders,
)
from bot.slack.entrances.services import Handler
from bot.slack.texts import dialer as texts
from bot.slack.texts import forms
from bot.slack.texts.after import NOTE_FORM
from bot.slack.texts.asking_admin import ASK_ADMIN_FORM
from bot.slack.texts.desk_forms import PAUSE_FORM, RULES_FORM
from bot.slack.texts.desk_lists import ENTRIES_FORM, LIMITS_FORM, PEOPLE_FORM
from bot.slack.texts.message_numbers import MESSAGE_FORM
from bot.slack.texts.reminder import REMINDER_FORM

FORMS: dict[str, Handler] = {
    forms.JWT_FORM: account.submit_credential,
    forms.SETTINGS_FORM: account.submit_settings,
    texts.DIALER_FORM: dialer.submit,
    MESSAGE_FORM: from_message.submit,
    NOTE_FORM: after.write_note,
    REMINDER_FORM: reminders.submit,
    texts.QUESTION_FORM: dialer.answer,
    ASK_ADMIN_FORM: asking_admin.submit,
    PAUSE_FORM: desk.submit_pause,
    RULES_FORM: desk.submit_rules,
    ENTRIES_FORM: desk.submit_entries,
    PEOPLE_FORM: desk.submit_people,
    LIMITS_FORM: desk.submit_limits,
}
