"""What leaves the bot about missed calls: the data of a hook's event."""

from __future__ import annotations

from bot.calls.exported import Exported, ShownNumbers, moment, shown_number
from bot.calls.missed_card import MissedCard

MISSED_EXPORTED = (
    "missed",
    "enterprise",
    "team",
    "channel",
    "user",
    "private",
    "calls",
    "several_callers",
    "first_at",
    "last_at",
    "caller",
    "caller_extension",
    "caller_name",
    "rang_seconds",
    "voicemail",
    "taken_by",
    "call",
)
"""The names, in their order; docs/hooks.md explains them."""


def exported_missed(
    card: MissedCard, numbers: ShownNumbers, *, with_private: bool
) -> Exported:
    """Return what is told of the calls on *card*; *with_private* also of a person's own."""
    told: Exported = {
        "caller": shown_number(card.caller, numbers),
        "caller_extension": card.extension or None,
        "caller_name": card.name or None,
        "rang_seconds": None if card.rang is None else round(card.rang.total_seconds()),
        "voicemail": card.has_voicemail,
        "taken_by": card.taken_by or None,
        "call": card.call or None,
    }
    if card.is_private and not with_private:
        told = dict.fromkeys(told)
    about: Exported = {
        "missed": card.id,
        "enterprise": card.place.enterprise,
        "team": card.place.team,
        "channel": card.place.channel,
        "user": card.place.user,
        "private": card.is_private,
        "calls": card.count,
        "several_callers": card.is_rest,
        "first_at": moment(card.first_at),
        "last_at": moment(card.last_at),
    }
    return about | told
