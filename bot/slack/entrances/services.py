"""What every handler is given, and the types of handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.slack.entrances.handled import Handled
from bot.slack.entrances.ports import (
    AfterCall,
    AskingAdmins,
    Desk,
    DeskPeople,
    DeskRules,
    MissedCalls,
    OwnAccount,
    Questions,
    Reminders,
    Reports,
    Steps,
    Suggesting,
    Switchboard,
)
from bot.slack.entrances.request import Request
from bot.slack.entrances.seals import Seals
from bot.slack.entrances.waits import USUAL_FORM_WAITS, FormWaits
from bot.slack.posting.admission import Admission
from bot.slack.posting.homes import Homes
from bot.slack.posting.permalinks import Permalinks
from bot.slack.posting.presence import Presence
from bot.slack.posting.profiles import Profiles
from bot.slack.posting.views import Views
from bot.slack.texts.contact import NO_CONTACT, Contact
from bot.slack.texts.text import Message


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers use to do their work."""

    switchboard: Switchboard
    questions: Questions
    own_account: OwnAccount
    suggesting: Suggesting
    views: Views
    homes: Homes
    profiles: Profiles
    seals: Seals
    admission: Admission
    steps: Steps
    after_call: AfterCall
    reminders: Reminders
    reports: Reports
    missed: MissedCalls
    permalinks: Permalinks
    presence: Presence
    desk: Desk
    desk_rules: DeskRules
    desk_people: DeskPeople
    asking_admins: AskingAdmins
    contact: Contact = NO_CONTACT
    """Whom people are told to ask."""
    waits: FormWaits = USUAL_FORM_WAITS


Handler = Callable[[Request, Services], Awaitable[Handled]]
"""Handles a command or a form; runs before the ack."""

ButtonHandler = Callable[[Request, Services], Awaitable[Message | None]]
"""Handles a button or a shortcut, after the ack. The person is told its message privately."""
