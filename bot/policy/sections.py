"""Rules for some people and some channels, which stand instead of those for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from bot.policy.places import is_named
from bot.policy.rules import PolicyRules, Section
from bot.policy.wish import Wish

T = TypeVar("T")


def for_wish(wish: Wish, rules: PolicyRules) -> tuple[Section, ...]:
    """Return the sections that are for this person and this channel."""
    return tuple(each for each in rules.sections if _is_for(each, wish))


def united(sets: Iterable[frozenset[T] | None]) -> frozenset[T] | None:
    """Return what is in any of *sets*; None if none of them says anything."""
    given = [each for each in sets if each is not None]
    return frozenset().union(*given) if given else None


def largest(bounds: Iterable[int | None]) -> int | None:
    """Return the most generous of *bounds*; None if none of them says anything."""
    return max((each for each in bounds if each is not None), default=None)


def _is_for(section: Section, wish: Wish) -> bool:
    place = wish.place
    return (
        not section.who or is_named(section.who, place, {place.user, *wish.groups})
    ) and (not section.where or is_named(section.where, place, {place.channel}))
