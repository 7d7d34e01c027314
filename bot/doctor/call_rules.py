"""The operator's rules on how often, how much and when, in plain English."""

from __future__ import annotations

from collections.abc import Iterable

from bot.doctor.check import Finding, few
from bot.policy import written
from bot.policy.rules import CallCap, Limit, Ruling
from bot.settings.settings import Settings

RULINGS = {
    Ruling.ALLOW: "called like any other",
    Ruling.ASK: "only after a question",
    Ruling.REFUSE: "refused",
}


def call_rules(settings: Settings) -> list[Finding]:
    """Return a line for each of these rules."""
    return [
        Finding("how often a number may be called", _throttle(settings)),
        Finding("how much may be called", _caps(settings)),
        Finding("when nobody is called", _quiet(settings)),
        Finding(
            "numbers that nobody has called yet", RULINGS[settings.ringout_first_time]
        ),
        Finding("numbers outside the home region", RULINGS[settings.ringout_foreign]),
        Finding("what admins may be asked to allow once", _askable(settings)),
        Finding("who may read who did what", _audit(settings)),
    ]


def _throttle(settings: Settings) -> str:
    limits = settings.ringout_throttle
    if not limits:
        return "as often as people like (RINGOUT_THROTTLE is off)"
    asks = [each for each in limits if each.ruling is Ruling.ASK]
    refuses = [each for each in limits if each.ruling is Ruling.REFUSE]
    first = f"people are asked before a call beyond {_limits(asks)}; " if asks else ""
    return f"{first}a call beyond {_limits(refuses)} is refused"


def _limits(limits: Iterable[Limit]) -> str:
    return " or ".join(
        f"{each.most} in {written.span(each.seconds)}" for each in limits
    )


def _caps(settings: Settings) -> str:
    caps = (
        _cap(settings.ringout_calls_at_once, "calls at a time"),
        _cap(settings.ringout_calls_per_day, "calls a day"),
        _cap(settings.ringout_minutes_per_month, "minutes a month"),
    )
    return "; ".join(filter(None, caps)) or "as much as people like"


def _cap(cap: CallCap, what: str) -> str:
    each = f"{cap.person} {what} each" if cap.person else ""
    everybody = (
        f"{cap.everybody} {what} for everybody together" if cap.everybody else ""
    )
    return ", ".join(filter(None, (each, everybody)))


def _quiet(settings: Settings) -> str:
    hours = settings.ringout_quiet_hours
    if hours is None:
        return "there are no quiet hours"
    return f"{written.hours_text(hours)}, in the time zone of whoever is called"


def _askable(settings: Settings) -> str:
    words = few(sorted(settings.ringout_askable))
    channels = few(sorted(settings.ringout_admin_channel))
    if not words:
        return "nothing (RINGOUT_ASKABLE is not set)"
    if not settings.ringout_admins:
        return f"{words}, but nobody could answer: RINGOUT_ADMINS is not set"
    return f"{words}, {f'in {channels}' if channels else _NOWHERE_TO_ASK}"


_NOWHERE_TO_ASK = "but nobody can ask: RINGOUT_ADMIN_CHANNEL is not set"


def _audit(settings: Settings) -> str:
    readers = few(sorted(settings.ringout_admins | settings.ringout_auditors))
    days = settings.ringout_audit_days
    kept = f"kept for {days} days" if days > 1 else "kept for a day"
    return f"{f'only {readers}' if readers else 'nobody'}; {kept}"
