"""What handlers work with, in one value: the verbs, and what is Slack's own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.entrances.ports import OwnAccount, Switchboard
from bot.slack.posting.homes import Homes
from bot.slack.posting.profiles import Profiles
from bot.slack.posting.views import Views


@dataclass(frozen=True, slots=True)
class Services:
    """Given to every handler of a command, a button, a form or an event."""

    switchboard: Switchboard
    own_account: OwnAccount
    views: Views
    homes: Homes
    profiles: Profiles
