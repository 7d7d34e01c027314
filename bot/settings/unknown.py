"""Names in the environment and in ``.env`` that may be misspelled settings.

Only names are looked at, never values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

PREFIX = "RINGOUT_"
TEST_PREFIX = "RINGOUT_TEST_"

MOST_TYPOS = 2
"""A name with more wrong letters than this is not taken for a misspelled setting."""

SHORT_NAME = 4
"""In a setting's name of so many letters (HOST, PORT) only one may be wrong: HOME, PGHOST
and PGPORT, which are two letters off, are common in environments."""

LONGEST_NAME = 64
"""Longer ones are compared by this many letters: the distance takes time."""

_A_NAME = re.compile(r"(?=[A-Z0-9_]{1,64}$)[A-Z]+([0-9]{0,3}|(_[A-Z0-9]+)+_?)")
"""In capitals, and if there is no underscore, with three digits at most: else it may be a
secret."""
_SERVICE_LINK = re.compile(
    r"(.+?)_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)
"""Kubernetes sets such variables in every container, for each service. Those of a service
named "ringout" begin with our prefix."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that is no setting, where it was found, and the setting most like it."""

    name: str
    where: str
    nearest: str

    def __str__(self) -> str:
        name = self.name if self.name.isprintable() else ascii(self.name)
        return f"{name} in {self.where} (the nearest setting is {self.nearest})"


def written(names: Iterable[str], known: Collection[str]) -> list[Unknown]:
    """Return those of the *names* in ``.env`` that are no settings.

    A name that may be a secret is not repeated: if a token stands alone on a line, dotenv
    takes it for a name.
    """
    found = []
    for name in sorted(set(names) - set(known)):
        near = nearest(name.upper(), known)
        wrong = distance(name.upper()[:LONGEST_NAME], near)
        is_safe = _A_NAME.fullmatch(name) or wrong <= MOST_TYPOS
        shown = name if is_safe else "a line that may be a secret"
        found.append(Unknown(shown, ".env", near))
    return found


def set_in(names: Iterable[str], known: Collection[str]) -> list[Unknown]:
    """Return those of the *names* in the environment that may be misspelled settings.

    They begin with our prefix, or differ from a setting by a letter or two.
    """
    there = set(names)
    return [
        Unknown(name, "the environment", nearest(name.upper(), known))
        for name in sorted(there - set(known))
        if not _is_link(name, there)
        and not name.startswith(TEST_PREFIX)
        and (
            name.upper().startswith(PREFIX)
            or (len(name) > SHORT_NAME and name.upper() in known)
            or any(is_slip(name, each) for each in known)
        )
    ]


def _is_link(name: str, there: Collection[str]) -> bool:
    link = _SERVICE_LINK.fullmatch(name)
    return link is not None and f"{link[1]}_SERVICE_HOST" in there


def is_slip(name: str, setting: str) -> bool:
    """Return whether *name* is *setting* with a letter or two wrong."""
    most = 1 if len(setting) <= SHORT_NAME else MOST_TYPOS
    return (  # the first two are quick: an environment may have thousands of names
        abs(len(name) - len(setting)) <= most
        and len(set(name) ^ set(setting)) <= 2 * most
        and 0 < distance(name, setting) <= most
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the one of *known* that differs least from *name*.

    A prefix that was left out, or put before PORT, counts only in a tie.
    """
    name = name[:LONGEST_NAME]

    def difference(each: str) -> tuple[int, int, str]:
        full = bare = distance(name, each)
        if name.startswith(PREFIX) != each.startswith(PREFIX):
            bare = distance(name.removeprefix(PREFIX), each.removeprefix(PREFIX))
        return min(bare, full), full, each

    return min(known, key=difference)


def distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance.

    That is how many letters to add, drop, change, or swap with the next one.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        below = [i]
        for j, wanted in enumerate(other, 1):
            steps = [row[j] + 1, below[-1] + 1, row[j - 1] + (letter != wanted)]
            if i > 1 and j > 1 and (letter, wanted) == (other[j - 2], one[i - 2]):
                steps.append(before[j - 2] + 1)
            below.append(min(steps))
        before, row = row, below
    return row[-1]
