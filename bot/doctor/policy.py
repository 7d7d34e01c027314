"""The operator's policy in plain English: who may call, where to, what is kept."""

from __future__ import annotations

from bot.calls.exported import ShownNumbers
from bot.calls.numbers.tariff import Tariff
from bot.doctor.call_rules import call_rules
from bot.doctor.check import Finding, few
from bot.settings.settings import Settings
from bot.slack.texts.countries import name as country_name

NUMBERS_TOLD = {
    ShownNumbers.NONE: "without phone numbers",
    ShownNumbers.MASKED: "with the last digits of phone numbers",
    ShownNumbers.FULL: "with whole phone numbers",
}


def policy(settings: Settings) -> list[Finding]:
    """Return the policy that the settings make, a line for each part of it."""
    return [
        Finding("who may call", _who(settings)),
        Finding("guests and people of other companies", _guests(settings)),
        Finding("who may read the company's call log", _admins(settings)),
        Finding("what may be dialed", _countries(settings)),
        Finding("what rings first", _first(settings)),
        Finding("what messages show", _shown(settings)),
        Finding("what people may say came of a call", _outcomes(settings)),
        Finding("what is kept", _kept(settings)),
        Finding("what another system is told", _hook(settings)),
        Finding("whom people are told to ask", _contact(settings)),
        *call_rules(settings),
    ]


def _hook(settings: Settings) -> str:
    if not settings.ringout_hook_url:
        return "nothing (RINGOUT_HOOK_URL is not set)"
    hides = not settings.ringout_hook_private_calls
    notes = "with their text" if settings.ringout_hook_notes else "without their text"
    return (
        f"of each call how it goes, {NUMBERS_TOLD[settings.ringout_hook_numbers]}; that "
        f"there is a note, {notes}; of calls that people keep to themselves "
        f"{'only that there was one' if hides else 'all of this, too'}"
    )


def _who(settings: Settings) -> str:
    people = few(sorted(settings.ringout_allowed_users))
    channels = few(sorted(settings.ringout_allowed_channels))
    where = f"only in {channels}" if channels else "in every channel"
    calls = settings.ringout_calls_per_minute
    often = f"{calls} calls a minute" if calls > 1 else "one call a minute"
    return f"{f'only {people}' if people else 'everyone'}, {where}; {often} each"


def _guests(settings: Settings) -> str:
    return "like members" if settings.ringout_guests else "kept out"


def _admins(settings: Settings) -> str:
    admins = few(sorted(settings.ringout_admins))
    return f"only {admins}" if admins else "nobody (RINGOUT_ADMINS is not set)"


def _contact(settings: Settings) -> str:
    contact = settings.ringout_admin_contact
    return contact or "“your RingOut admin” (RINGOUT_ADMIN_CONTACT is not set)"


def _countries(settings: Settings) -> str:
    countries = settings.ringout_countries
    home = country_name(settings.ringout_region)
    where = (
        "numbers in every country"
        if countries is None
        else f"numbers in {few(sorted(map(country_name, countries)))}"
    )
    more = " and ".join(
        f"{each.value} numbers"
        for each in Tariff
        if each in settings.ringout_number_types
    )
    return (
        f"{where}{f', {more} too' if more else ''}, but no emergency and no premium-rate "
        "number; one without a country "
        f"code is taken for one in {home}"
    )


def _first(settings: Settings) -> str:
    if not settings.ringout_shared_account:
        return "a phone of each person's own account"
    first, others = settings.ringout_from, settings.ringout_from_numbers
    usual = first.masked if first else "its first phone that can ring"
    more = few([each.masked for each in others or ()])
    chosen = f"among its own phones{f' and {more}' if more else ''}"
    return (
        f"with the shared account {usual}; people may choose "
        f"{'any number' if others is None else chosen}"
    )


def _shown(settings: Settings) -> str:
    if settings.full_numbers:
        return "whole phone numbers, to everybody in the channel"
    return "phone numbers masked except for the last digits"


def _outcomes(settings: Settings) -> str:
    given = settings.ringout_outcomes
    if not given.words:
        return "nothing: nobody is asked (RINGOUT_OUTCOMES is not set)"
    who = "everybody who sees its card" if given.by_channel else "who placed it"
    return f"{few(list(given.words))}; asked of {who}"


def _kept(settings: Settings) -> str:
    days = settings.ringout_retention_days
    return f"finished calls for {days} days" if days > 1 else "finished calls for a day"
