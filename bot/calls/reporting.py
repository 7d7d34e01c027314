"""What a report is about, and since when: days, weeks and months of a person's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bot.calls.figures import Figures


class Period(StrEnum):
    """How far back a report goes."""

    TODAY = "today"
    WEEK = "week"
    """Since Monday."""
    MONTH = "month"
    """Since the first of the month."""


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """Whose calls to sum up; *user* is a Slack id, empty for whoever asks."""

    period: Period = Period.TODAY
    user: str = ""


@dataclass(frozen=True, slots=True)
class CallReport:
    """The sums of one person's calls.

    Attributes:
        user: Whose calls; empty if they are those of whoever asked.
        since: When the period began.
        to_call_back: How many calls wait for this person to call back, of any time.
        kept_days: How long finished calls are kept.
        is_whole: Whether the period began no longer ago than that.
    """

    period: Period
    user: str
    since: datetime
    figures: Figures
    to_call_back: int
    kept_days: int
    is_whole: bool


def begin_of(period: Period, now: datetime, zone: tzinfo) -> datetime:
    """Return when the present day, week or month began in *zone*, as UTC."""
    today = now.astimezone(zone).date()
    match period:
        case Period.TODAY:
            return _midnight(today, zone)
        case Period.WEEK:
            return _midnight(today - timedelta(days=today.weekday()), zone)
        case Period.MONTH:
            return _midnight(today.replace(day=1), zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    """Return when *day* begins: where clocks skip midnight, when they go on after it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
