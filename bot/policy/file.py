"""A workspace's own rules as a TOML file, for people who keep such things in git.

The keys are the attributes of `PolicyRules` and, in each ``[[section]]``, of `Section`.
A key that is left out stays as the operator has set it.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.policy.id_fields import (
    MOST_IDS,
    NAMED_ID_FORM,
    WHERE_LETTERS,
    WHO_LETTERS,
)
from bot.policy.rule_fields import ID_FIELDS, RULE_FIELDS, RuleField
from bot.policy.rules import PolicyRules, Section

IDS_MUST = "must be a list of Slack ids, such as {example}"
DOUBLED = "this key, or a table, is given twice"
SECTION_CAP_MUST = "must be a whole number, 1 or more"
LARGEST_SECTION_CAP = 1_000_000
LONGEST_FILE = 100_000
"""Characters; a longer file is refused before it is parsed."""

KEYS_MUST = {
    "countries": 'must be a list of ISO codes, such as ["US", "CA"], or "*"',
    "number_types": 'must be a list of "personal" and "shared-cost"',
    "first_time": 'must be "allow", "ask" or "refuse"',
    "foreign": 'must be "allow", "ask" or "refuse"',
    "throttle": 'must be "off", or limits such as "1/60s,3/15m,7/1h", the longest last',
    "quiet_hours": 'must be two different times, such as "21:00-08:00"',
    "calls_per_minute": "must be a whole number from 1 to 1000",
    "calls_at_once": 'must be a whole number for each person, or "5,40" with everybody\'s',
    "calls_per_day": 'must be a whole number for each person, or "60,400" with everybody\'s',
    "minutes_per_month": 'must be minutes for each person, or "60,400" with everybody\'s',
    "guests": "must be true or false",
    "shared_channels": "must be true or false",
    "askable": 'must be a list of "country", "cap", "quiet" and "first"',
}
"""What each key of the file's top must look like."""

SECTION_CAPS = ("calls_at_once", "calls_per_day", "minutes_per_month")
SECTION_FIELDS = ("countries", "number_types")
KIND_OF_PERSON = (WHO_LETTERS, '"U0123ABCD" or a user group\'s "S0123ABCD"')
KIND_OF_CHANNEL = (WHERE_LETTERS, '"C0123ABCD"')

_SECTION_LINE = re.compile(r"\s*\[\[\s*section\s*\]\]")


@dataclass(frozen=True, slots=True)
class FileFlaw:
    """What is wrong with a line; *said* goes behind the key."""

    line: int
    key: str
    said: str

    def __str__(self) -> str:
        """Return a sentence that does not repeat the value."""
        return f"line {self.line}: {self.key} {self.said}".replace("  ", " ")


class PolicyFileError(ValueError):
    """A file of rules with *flaws*, by line."""

    def __init__(self, flaws: Iterable[FileFlaw]) -> None:
        self.flaws = sorted(flaws, key=lambda each: each.line)
        super().__init__("; ".join(map(str, self.flaws)))


def read(text: str, outer: PolicyRules) -> PolicyRules:
    """Return the rules of a file, which are never wider than *outer*.

    Raises:
        PolicyFileError: With every flaw: no TOML, an unknown key, a value that can't be
            read, or one that is wider than the operator's.
    """
    if len(text) > LONGEST_FILE:
        raise PolicyFileError([FileFlaw(1, "", "the file is too long")])
    reader = _FileReader(text, outer)
    rules = reader.rules()
    if reader.flaws:
        raise PolicyFileError(reader.flaws)
    return rules


def narrowed(outer: PolicyRules, text: str) -> PolicyRules:
    """Return the rules of a stored file, which count beside *outer*.

    What was wider when the operator's settings changed later, or was written by a later
    version, is no reason to stop all calls: *outer* counts in its place.
    """
    try:
        return replace(_FileReader(text, outer).rules(), within=outer)
    except PolicyFileError:
        return outer


def ids_in(rules: PolicyRules) -> frozenset[str]:
    """Return the people and user groups that a workspace's own rules name."""
    return rules.users.union(*(each.who for each in rules.sections))


def write(rules: PolicyRules, outer: PolicyRules) -> str:
    """Return the file that `read` turns into *rules*: what differs from *outer*."""
    top = {
        name: value
        for name, value in values(rules).items()
        if value != values(outer)[name]
    }
    lines = [f"{name} = {toml(value)}" for name, value in top.items()]
    lines += section_lines(rules)
    return "\n".join(lines).lstrip("\n") + "\n" if lines else ""


def section_lines(rules: PolicyRules) -> list[str]:
    """Return the lines of the sections, each behind an empty one."""
    lines = []
    for section in rules.sections:
        lines += ["", "[[section]]"]
        lines += [f"{name} = {toml(each)}" for name, each in _of_section(section)]
    return lines


class _FileReader:
    def __init__(self, text: str, outer: PolicyRules) -> None:
        self._text = text
        self._outer = outer
        self.flaws: list[FileFlaw] = []

    def rules(self) -> PolicyRules:
        given = self._parsed()
        sections = given.pop("section", [])
        if not isinstance(sections, list) or not all(
            isinstance(each, dict) for each in sections
        ):
            self._flaw("section", 'must be written "[[section]]"')
            sections = []
        new = {name: self._top(name, value) for name, value in given.items()}
        of_sections = tuple(self._section(at, each) for at, each in enumerate(sections))
        read_ = {name: value[0] for name, value in new.items() if value}
        return replace(self._outer, **read_, sections=of_sections, within=None)

    def _parsed(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else self._text.count("\n") + 1
            said = DOUBLED if _is_doubled(error) else "this is no TOML"
            raise PolicyFileError([FileFlaw(line, "", said)]) from None
        except ValueError:  # of thousands of digits, which Python won't read
            said = "this has a number that is too long"
            raise PolicyFileError(
                [FileFlaw(_longest_line(self._text), "", said)]
            ) from None
        except RecursionError:
            raise PolicyFileError(
                [FileFlaw(1, "", "this is nested too deep")]
            ) from None

    def _top(self, name: str, value: object) -> tuple[Any] | None:
        """Return what a value means, in a tuple because it may be None; else None."""
        if name in ID_FIELDS:
            return (
                self._ids(
                    name, value, KIND_OF_PERSON if name == "users" else KIND_OF_CHANNEL
                ),
            )
        field = RULE_FIELDS.get(name)
        if field is None:
            self._flaw(name, f"is no rule{_meant(name, (*RULE_FIELDS, *ID_FIELDS))}")
            return None
        found = self._field(field, value)
        if found and not field.is_within(getattr(self._outer, name), found[0]):
            self._flaw(name, "allows more than the operator's settings do")
        return found

    def _section(self, at: int, given: Mapping[str, object]) -> Section:
        new: dict[str, Any] = {}
        for name, value in given.items():
            if name in ("who", "where"):
                kind = KIND_OF_PERSON if name == "who" else KIND_OF_CHANNEL
                new[name] = self._ids(name, value, kind, at)
            elif name in SECTION_CAPS:
                new[name] = self._cap(name, value, at)
            elif name in SECTION_FIELDS and value != "*":
                found = self._field(RULE_FIELDS[name], value, at)
                new[name] = found[0] if found else None
            else:
                said = (
                    "is no rule of a section"
                    if name not in SECTION_FIELDS
                    else KEYS_MUST[name]
                )
                self._flaw(name, said.replace(', or "*"', ""), at)
        return Section(**{k: v for k, v in new.items() if k in Section.__slots__})

    def _field(
        self, field: RuleField, value: object, section: int | None = None
    ) -> tuple[Any] | None:
        text = _as_text(value, field.name)
        try:
            if text is not None:
                return (field.read(text),)
        except ValueError:
            pass
        self._flaw(field.name, KEYS_MUST[field.name], section)
        return None

    def _ids(
        self,
        name: str,
        value: object,
        kind: tuple[str, str],
        section: int | None = None,
    ) -> frozenset[str]:
        letters, example = kind
        form = re.compile(NAMED_ID_FORM.format(letters=letters))
        if (
            isinstance(value, list)
            and len(value) <= MOST_IDS
            and all(isinstance(each, str) and form.fullmatch(each) for each in value)
        ):
            return frozenset(value)
        self._flaw(name, IDS_MUST.format(example=example), section)
        return frozenset()

    def _cap(self, name: str, value: object, section: int) -> int | None:
        if type(value) is int and 1 <= value <= LARGEST_SECTION_CAP:
            return value
        self._flaw(name, SECTION_CAP_MUST, section)
        return None

    def _flaw(self, key: str, said: str, section: int | None = None) -> None:
        line = _line_of(self._text, key, section)
        shown = key if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", key) else "this key"
        self.flaws.append(FileFlaw(line, shown, said))


def _is_doubled(error: tomllib.TOMLDecodeError) -> bool:
    return any(word in str(error) for word in ("overwrite", " twice"))


def _meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _longest_line(text: str) -> int:
    lengths = [len(each) for each in text.splitlines()]
    return lengths.index(max(lengths)) + 1


def _line_of(text: str, key: str, section: int | None) -> int:
    """Return the line on which a key stands, in the section of this number or above all."""
    form = re.compile(
        rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]|\s*\[+\s*{re.escape(key)}"
    )
    inside = -1
    wanted = -1 if section is None else section
    for at, line in enumerate(text.splitlines(), 1):
        if form.match(line) and (inside == wanted or key == "section"):
            return at
        inside += bool(_SECTION_LINE.match(line))
    return 1


def _as_text(value: object, name: str) -> str | None:
    """Return a TOML value as the settings have it; None if it can't be one."""
    match value:
        case bool():
            return {True: "on", False: "off"}[value] if name in _SWITCH_KEYS else None
        case int():
            return str(value) if name in _WHOLE_KEYS else None
        case str():
            is_text = name not in _SWITCH_KEYS and name not in _LIST_KEYS
            is_all = name == "countries" and value == "*"
            return value if value and (is_text or is_all) else None
        case list() if name in _LIST_KEYS and all(isinstance(e, str) for e in value):
            plain = all(re.fullmatch(r"[A-Za-z-]+", each) for each in value)
            return ",".join(value) if plain else None
    return None


_SWITCH_KEYS = ("guests", "shared_channels")
_LIST_KEYS = ("countries", "number_types", "askable")
_WHOLE_KEYS = ("calls_per_minute", *SECTION_CAPS)


def values(rules: PolicyRules) -> dict[str, object]:
    """Return the top of a file: the TOML value of each rule by its key."""
    ids = {name: sorted(getattr(rules, name)) for name in ID_FIELDS}
    return ids | {
        name: _written(field, getattr(rules, name))
        for name, field in RULE_FIELDS.items()
        if name not in ID_FIELDS
    }


def _written(field: RuleField, value: Any) -> object:
    text = field.write(value)
    if field.name in _SWITCH_KEYS:
        return text == "on"
    if field.name in _LIST_KEYS and text != "*":
        return [each.strip() for each in text.split(",") if each.strip()]
    return int(text) if field.name in _WHOLE_KEYS and text.isdecimal() else text


def _of_section(section: Section) -> Iterable[tuple[str, object]]:
    for name in ("who", "where"):
        if ids := getattr(section, name):
            yield name, sorted(ids)
    for name in SECTION_FIELDS:
        value = getattr(section, name)
        if value is not None:
            yield name, _written(RULE_FIELDS[name], value)
    for name in SECTION_CAPS:
        if (cap := getattr(section, name)) is not None:
            yield name, cap


_TO_TOML: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    str: json.dumps,
    list: lambda value: "[" + ", ".join(map(json.dumps, value)) + "]",
}


def toml(value: object) -> str:
    """Write a value of `values` as TOML."""
    return _TO_TOML[type(value)](value)
