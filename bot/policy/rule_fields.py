"""The rules that admins change at their desk: read from forms, held to the outer bound."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import phonenumbers

from bot.calls.numbers.tariff import Tariff
from bot.policy import id_fields, written
from bot.policy.rules import (
    NO_CAP,
    Askable,
    CallCap,
    Limit,
    PolicyRules,
    QuietHours,
    Ruling,
)

ALL_COUNTRIES = "*"
ID_FIELDS = ("users", "channels")
"""Rules that name Slack ids."""
LARGEST_RATE = 1_000
_SEVERITY = list(Ruling)
"""Rulings, from the most lenient to the strictest."""


class RuleGroup(StrEnum):
    """The forms of the desk, each with some of the rules."""

    NUMBERS = "numbers"
    TIMES = "times"
    LIMITS = "limits"
    PLACES = "places"
    ASKING = "asking"


class FieldFlaw(StrEnum):
    """Why a value is not saved."""

    UNREADABLE = "unreadable"
    TOO_WIDE = "too wide"
    """It allows more than the operator's rules do."""


@dataclass(frozen=True, slots=True)
class RuleField:
    """One rule in a form.

    Attributes:
        name: The attribute of `PolicyRules`.
        read: Returns the value of a text, or of chosen words; raises ValueError.
        write: Returns the text, or the words, that stand for a value.
        is_within: Whether a value (the second) allows no more than the operator's.
        is_locked: Whether the operator's value leaves nothing to choose.
    """

    name: str
    group: RuleGroup
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    is_within: Callable[[Any, Any], bool]
    is_locked: Callable[[Any], bool] = lambda _: False


def read_fields(
    given: Mapping[str, str], outer: PolicyRules, old: PolicyRules
) -> tuple[PolicyRules, dict[str, FieldFlaw]]:
    """Return *old* with the given values of fields, and what is wrong, by field.

    What is locked, or not given, stays as it is.
    """
    wrong: dict[str, FieldFlaw] = {}
    new: dict[str, Any] = {}
    for name, text in given.items():
        field = RULE_FIELDS.get(name)
        if field is None or field.is_locked(getattr(outer, name)):
            continue
        try:
            value = field.read(text.strip())
        except ValueError:
            wrong[name] = FieldFlaw.UNREADABLE
            continue
        if field.is_within(getattr(outer, name), value):
            new[name] = value
        else:
            wrong[name] = FieldFlaw.TOO_WIDE
    return replace(old, **new), wrong


def changed_fields(old: PolicyRules, new: PolicyRules) -> list[str]:
    """Return the names of the rules that differ, in the order of the forms."""
    return [name for name in RULE_FIELDS if getattr(old, name) != getattr(new, name)]


def narrowest(outer: PolicyRules, own: PolicyRules) -> PolicyRules:
    """Return what *own* comes to where *outer* counts beside it, as after it was tightened.

    Hours and repeated calls of which neither holds all of the other's stay as they are.
    """
    pairs = {name: (getattr(outer, name), getattr(own, name)) for name in RULE_FIELDS}
    narrowed = {name: _both(RULE_FIELDS[name], *pair) for name, pair in pairs.items()}
    return replace(own, **narrowed)


def _both(field: RuleField, outer: Any, own: Any) -> Any:
    if field.is_within(outer, own):
        return own
    if field.is_within(own, outer):
        return outer
    match outer, own:
        case frozenset(), frozenset() if field.name in ID_FIELDS:
            return (outer & own) or outer  # an empty set would be everybody
        case frozenset(), frozenset():
            return outer & own
        case CallCap(), CallCap():
            return CallCap(
                _lower(outer.person, own.person), _lower(outer.everybody, own.everybody)
            )
    return own


def _lower(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _countries(text: str) -> frozenset[str] | None:
    if text == ALL_COUNTRIES:
        return None
    found = frozenset(each.upper() for each in re.split(r"[\s,;]+", text) if each)
    if not found or not found <= set(phonenumbers.SUPPORTED_REGIONS):
        raise ValueError
    return found


def _countries_text(value: frozenset[str] | None) -> str:
    return ALL_COUNTRIES if value is None else ", ".join(sorted(value))


def _is_in_countries(outer: frozenset[str] | None, own: frozenset[str] | None) -> bool:
    return outer is None or (own is not None and own <= outer)


def _words(kind: type[Any]) -> Callable[[str], frozenset[Any]]:
    return lambda text: frozenset(kind(each) for each in text.split(",") if each)


def _words_text(value: frozenset[Any]) -> str:
    return ",".join(sorted(each.value for each in value))


def _is_subset(outer: frozenset[Any], own: frozenset[Any]) -> bool:
    return own <= outer


def _is_as_strict(outer: Ruling, own: Ruling) -> bool:
    return _SEVERITY.index(own) >= _SEVERITY.index(outer)


def _limits_within(outer: tuple[Limit, ...], own: tuple[Limit, ...]) -> bool:
    """Return whether *own* stops whatever *outer* stops, at least as firmly."""
    return all(
        any(
            mine.most <= theirs.most
            and mine.seconds >= theirs.seconds
            and _is_as_strict(theirs.ruling, mine.ruling)
            for mine in own
        )
        for theirs in outer
    )


def _hours(text: str) -> QuietHours | None:
    return written.hours(text) if text else None


def _hours_text(value: QuietHours | None) -> str:
    return written.hours_text(value) if value else ""


def _hours_within(outer: QuietHours | None, own: QuietHours | None) -> bool:
    """Return whether all of *outer*'s minutes are quiet in *own*, too."""
    if outer is None:
        return True
    return own is not None and _minutes(outer) <= _minutes(own)


def _minutes(hours: QuietHours) -> set[int]:
    begin = hours.begin.hour * 60 + hours.begin.minute
    end = hours.end.hour * 60 + hours.end.minute
    if begin < end:
        return set(range(begin, end))
    return {*range(begin, 24 * 60), *range(end)}


def _rate(text: str) -> int:
    rate = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= rate <= LARGEST_RATE:
        raise ValueError
    return rate


def _cap(text: str) -> CallCap:
    return written.cap(text) if text else NO_CAP


def _cap_within(outer: CallCap, own: CallCap) -> bool:
    pairs = ((outer.person, own.person), (outer.everybody, own.everybody))
    return all(
        theirs is None or (mine is not None and mine <= theirs)
        for theirs, mine in pairs
    )


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError
    return text == "on"


def _switch_text(value: bool) -> str:  # noqa: FBT001 - a rule's value
    return "on" if value else "off"


_RULING_FIELD: dict[str, Any] = {
    "read": Ruling,
    "write": str,
    "is_within": _is_as_strict,
    "is_locked": lambda outer: outer is Ruling.REFUSE,
}
_CAP_FIELD: dict[str, Any] = {
    "read": _cap,
    "write": written.cap_text,
    "is_within": _cap_within,
}
_SWITCH_FIELD: dict[str, Any] = {
    "read": _switch,
    "write": _switch_text,
    "is_within": lambda outer, own: outer or not own,
    "is_locked": lambda outer: not outer,
}


def _set_of(kind: type[Any]) -> dict[str, Any]:
    return {
        "read": _words(kind),
        "write": _words_text,
        "is_within": _is_subset,
        "is_locked": lambda outer: not outer,
    }


_ID_FIELD: dict[str, Any] = {
    "write": id_fields.ids_text,
    "is_within": id_fields.is_within,
    "is_locked": id_fields.is_locked,
}

_RULE_FIELDS = (
    RuleField(
        "countries",
        RuleGroup.NUMBERS,
        _countries,
        _countries_text,
        _is_in_countries,
        lambda outer: outer is not None and len(outer) == 1,
    ),
    RuleField("number_types", RuleGroup.NUMBERS, **_set_of(Tariff)),
    RuleField("first_time", RuleGroup.NUMBERS, **_RULING_FIELD),
    RuleField("foreign", RuleGroup.NUMBERS, **_RULING_FIELD),
    RuleField(
        "throttle",
        RuleGroup.TIMES,
        lambda text: written.throttle(text or written.OFF),
        written.throttle_text,
        _limits_within,
    ),
    RuleField("quiet_hours", RuleGroup.TIMES, _hours, _hours_text, _hours_within),
    RuleField(
        "calls_per_minute",
        RuleGroup.LIMITS,
        _rate,
        str,
        lambda outer, own: own <= outer,
        lambda outer: outer == 1,
    ),
    RuleField("calls_at_once", RuleGroup.LIMITS, **_CAP_FIELD),
    RuleField("calls_per_day", RuleGroup.LIMITS, **_CAP_FIELD),
    RuleField("minutes_per_month", RuleGroup.LIMITS, **_CAP_FIELD),
    RuleField("users", RuleGroup.PLACES, id_fields.people_in, **_ID_FIELD),
    RuleField("channels", RuleGroup.PLACES, id_fields.channels_in, **_ID_FIELD),
    RuleField("guests", RuleGroup.PLACES, **_SWITCH_FIELD),
    RuleField("shared_channels", RuleGroup.PLACES, **_SWITCH_FIELD),
    RuleField("askable", RuleGroup.ASKING, **_set_of(Askable)),
)
RULE_FIELDS = {each.name: each for each in _RULE_FIELDS}
