"""A workspace's rules as a text that people can keep in git: a TOML file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.calls.numbers.tariff import Tariff
from bot.policy import written
from bot.policy.rules import Askable, PolicyRules, Ruling, Section

EVERY_COUNTRY = "*"
SECTION_TABLE = "section"

ReadAndWrite = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How a value is read, and how it is written."""

_ID_LIST: ReadAndWrite = (frozenset, sorted)
_ITSELF: ReadAndWrite = (lambda value: value, lambda value: value)
_CAP_TEXT: ReadAndWrite = (
    lambda text: written.cap(text) if text else PolicyRules().calls_per_day,
    written.cap_text,
)
_RULING_WORD: ReadAndWrite = (Ruling, lambda ruling: ruling.value)
_COUNTRY_LIST: ReadAndWrite = (
    lambda given: None if given == EVERY_COUNTRY else frozenset(given),
    lambda found: EVERY_COUNTRY if found is None else sorted(found),
)


def _words(kind: Callable[[str], Any]) -> ReadAndWrite:
    return (
        lambda given: frozenset(kind(each) for each in given),
        lambda found: sorted(each.value for each in found),
    )


_RULE_KEYS: dict[str, ReadAndWrite] = {
    "users": _ID_LIST,
    "channels": _ID_LIST,
    "guests": _ITSELF,
    "shared_channels": _ITSELF,
    "countries": _COUNTRY_LIST,
    "number_types": _words(Tariff),
    "calls_per_minute": _ITSELF,
    "throttle": (written.throttle, written.throttle_text),
    "quiet_hours": (
        lambda text: written.hours(text) if text else None,
        lambda hours: written.hours_text(hours) if hours else "",
    ),
    "calls_at_once": _CAP_TEXT,
    "calls_per_day": _CAP_TEXT,
    "minutes_per_month": _CAP_TEXT,
    "first_time": _RULING_WORD,
    "foreign": _RULING_WORD,
    "askable": _words(Askable),
}
_SECTION_KEYS: dict[str, ReadAndWrite] = {
    "who": _ID_LIST,
    "where": _ID_LIST,
    "countries": (frozenset, sorted),
    "number_types": _words(Tariff),
    "calls_at_once": _ITSELF,
    "calls_per_day": _ITSELF,
    "minutes_per_month": _ITSELF,
}


def dump(rules: PolicyRules) -> str:
    """Return the rules as TOML, without admins and auditors, which settings name alone."""
    lines = [
        _line(name, pair, getattr(rules, name)) for name, pair in _RULE_KEYS.items()
    ]
    for section in rules.sections:
        lines += ["", f"[[{SECTION_TABLE}]]"]
        for name, pair in _SECTION_KEYS.items():
            value = getattr(section, name)
            if value is not None:
                lines.append(_line(name, pair, value))
    return "\n".join([*lines, ""])


def load(text: str, base: PolicyRules) -> PolicyRules:
    """Return the rules in *text*; what it leaves out is as in *base*.

    Raises:
        ValueError: It is no TOML, or a value can't be read.
        TypeError, KeyError: A value has another type, or a key is unknown.
    """
    found = tomllib.loads(text)
    sections = tuple(
        Section(**_values(each, _SECTION_KEYS)) for each in found.pop(SECTION_TABLE, ())
    )
    return replace(base, **_values(found, _RULE_KEYS), sections=sections)


def _values(given: dict[str, Any], keys: dict[str, ReadAndWrite]) -> dict[str, Any]:
    return {name: keys[name][0](value) for name, value in given.items()}


def _line(name: str, pair: ReadAndWrite, value: object) -> str:
    return f"{name} = {json.dumps(pair[1](value))}"
