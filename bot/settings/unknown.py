"""Names that are no settings, though somebody may have meant one.

Only names are looked at, never values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

OURS = "RINGOUT_"
OF_THE_TESTS = "RINGOUT_TEST_"

LETTERS = 2
"""How many letters may be wrong in a name that is taken for a misspelt setting."""

SHORT = 4
"""Letters of HOST and PORT, in which only one may be wrong: with two, HOME, PGHOST and
PGPORT, which most machines have, would be taken for them."""

_A_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LINK = re.compile(
    r"(.+?)_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)
"""Kubernetes tells every container the addresses of all services. Those of one that is
named "ringout" begin as our settings do."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that is no setting, where it was found, and the setting nearest to it."""

    name: str
    where: str
    nearest: str

    def __str__(self) -> str:
        return f"{self.name} in {self.where} (the nearest one is {self.nearest})"


def written(names: Iterable[str], known: Collection[str]) -> list[Unknown]:
    """Return the unknown ones of *names*, which are those in ``.env``.

    What does not look like a name is not repeated: dotenv also takes a secret for a
    name where it stands on a line of its own.
    """
    found = []
    for name in sorted(set(names) - set(known)):
        near = nearest(name.upper(), known)
        is_safe = _A_NAME.fullmatch(name) or distance(name.upper(), near) <= LETTERS
        shown = name if is_safe else "(not repeated: it may be a secret)"
        found.append(Unknown(shown, ".env", near))
    return found


def set_in(names: Iterable[str], known: Collection[str]) -> list[Unknown]:
    """Return those of *names*, the environment's, that may have been meant for the bot.

    They begin as the bot's own settings do, or are a slip away from a setting.
    """
    there = set(names)
    return [
        Unknown(name, "the environment", nearest(name.upper(), known))
        for name in sorted(there - set(known))
        if not _is_link(name, there)
        and not name.startswith(OF_THE_TESTS)
        and (
            name.upper().startswith(OURS) or any(is_slip(name, each) for each in known)
        )
    ]


def _is_link(name: str, there: Collection[str]) -> bool:
    link = _LINK.fullmatch(name)
    return link is not None and f"{link[1]}_SERVICE_HOST" in there


def is_slip(name: str, setting: str) -> bool:
    """Return whether *name* is *setting* with a letter or two wrong."""
    most = 1 if len(setting) <= SHORT else LETTERS
    return (  # the first two are quick: an environment may have thousands of names
        abs(len(name) - len(setting)) <= most
        and len(set(name) ^ set(setting)) <= 2 * most
        and 0 < distance(name, setting) <= most
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the one of *known* that differs least from *name*.

    People forget ``RINGOUT_``, or put it before PORT: so it counts only in a tie.
    """

    def difference(each: str) -> tuple[int, int, str]:
        bare = distance(name.removeprefix(OURS), each.removeprefix(OURS))
        return bare, distance(name, each), each

    return min(known, key=difference)


def distance(one: str, other: str) -> int:
    """Return how many letters to add, drop, change, or swap with the next one.

    This is the optimal string alignment distance.
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
